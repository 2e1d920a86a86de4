"""Bring a file of any format to plain JSON lines, one a record, and count its lines on the way.

A plain file of JSON lines is read where it is. Every other is copied: unpacked, or turned from CSV or Parquet. So one
reader reads them all, and what it must have seen has been counted by something else.
"""

import codecs
import csv
import gzip
import io
import json
import os
import shutil
import sys
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
from filelock import FileLock, Timeout

from pipelines.data_directory import private_directory
from pipelines.duckdb_rows import one_row
from pipelines.feature import FileFormat
from pipelines.logs.files import Compression, InputFile, UnreadableFile
from pipelines.logs.paths import literal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_LINE_BYTES = 16 * 1024 * 1024
RAW_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024

# What stands for a CSV record in the copy when it cannot be one: no JSON, and JSON that says nothing.
_MALFORMED = "malformed"
_EMPTY = "{}"


@dataclass(frozen=True)
class StagedFile:
    """A file as JSON lines at `path`. `lines` are the file's physical lines (CSV: records, Parquet: rows)."""

    source: InputFile
    path: Path
    lines: int
    blank: int


@dataclass(frozen=True)
class RawRecord:
    """A record as a line of JSON, and its text as it stands in the file. `line` counts from 1."""

    line: int
    json: bytes
    text: bytes


@contextmanager
def staging_directory() -> Iterator[Path]:
    """A folder of the data directory for one reading, removed at its end; killed processes' ones are removed first."""
    parent = private_directory("staging")
    for left in parent.glob("*.lock"):
        try:
            with FileLock(left, timeout=0):
                shutil.rmtree(left.with_suffix(""), ignore_errors=True)
                left.unlink(missing_ok=True)
        except Timeout:
            continue  # in use
    directory = parent / uuid.uuid4().hex
    with FileLock(parent / f"{directory.name}.lock"):
        directory.mkdir(mode=0o700)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)
            (parent / f"{directory.name}.lock").unlink(missing_ok=True)


def stage(connection: duckdb.DuckDBPyConnection, source: InputFile, path: Path) -> StagedFile:
    """Bring `source` to JSON lines at `path`. The connection must keep row order. Raises UnreadableFile."""
    try:
        if source.format is FileFormat.PARQUET:
            lines, blank = _stage_parquet(connection, source, path), 0
        elif source.format is FileFormat.CSV:
            lines, blank = _stage_csv(source, path)
        else:
            lines, blank = _stage_lines(source, path)
    except (OSError, EOFError, UnicodeDecodeError, zstd.ZstdError, zlib.error, duckdb.Error) as error:
        kind = f"{source.format}{source.compression}"
        raise UnreadableFile(
            f"{source.path}: cannot be read as {kind}: {error}. Bring a whole file, or one whose ending says what it is"
        ) from error
    return StagedFile(source, path, lines, blank)


def raw_records(staged: StagedFile, records: Iterable[int]) -> Iterator[RawRecord]:
    """The records at some positions: from 0, blank lines not counted, ascending."""
    wanted = iter(records)
    record = next(wanted, None)
    originals = _original_records(staged)
    seen = line = 0
    with open(staged.path, "rb") as stream:
        for lines in _lines(stream):
            for as_json in lines:
                if record is None:
                    return
                line += 1
                text = next(originals) if originals else as_json
                if as_json.isspace():
                    continue
                if seen == record:
                    yield RawRecord(line, _without_end(as_json), _without_end(text))
                    record = next(wanted, None)
                seen += 1


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _stage_lines(source: InputFile, path: Path) -> tuple[int, int]:
    """Count a file of JSON lines and link to it, or copy it where it is packed or the reader would take it wrongly.

    DuckDB takes a byte order mark for a part of the first line, stops at a line of more than about 32 MB, and can lose
    a last line that has no end (a file of one byte).
    """
    if source.compression is Compression.NONE:
        with open(source.path, "rb") as stream:
            count, blank, longest = _count(_lines(stream))
            stream.seek(0)
            begins_well = stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8
            stream.seek(-1 if count else 0, os.SEEK_END)
            ends_well = stream.read() in (b"\n", b"")
        if begins_well and ends_well and longest <= MAX_LINE_BYTES:
            path.symlink_to(source.path.absolute())
            return count, blank
    with _open(source) as stream, open(path, "wb") as copy:
        count, blank, _ = _count(_copied(_lines(stream), copy))
    return count, blank


def _lines(stream: BinaryIO) -> Iterator[list[bytes]]:
    """A stream's lines with their ends, by the chunk. Of a line that is too long, a little more than is allowed."""
    rest = b""
    while chunk := stream.read(_CHUNK_BYTES):
        lines = io.BytesIO(chunk).readlines()  # twice as fast as to split the chunk
        if len(rest) <= MAX_LINE_BYTES:
            lines[0] = rest + lines[0]
        else:
            lines[0] = rest + lines[0][len(lines[0].rstrip(b"\n")) :]
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        if lines:
            yield lines
    if rest:
        yield [rest]


def _count(chunks: Iterable[list[bytes]]) -> tuple[int, int, int]:
    """Lines, those of nothing but white space, and the longest one's length as far as it matters.

    A line can only be too long if it spans chunks, and then it is a chunk's first.
    """
    count = blank = longest = 0
    for lines in chunks:
        count += len(lines)
        blank += sum(map(bytes.isspace, lines))
        longest = max(longest, len(lines[0]))
    return count, blank, longest


def _copied(chunks: Iterable[list[bytes]], copy: BinaryIO) -> Iterator[list[bytes]]:
    """The same lines, written to `copy` without a byte order mark, the last one with an end, and too long ones cut.

    A line that is cut is malformed, or had nothing but white space behind its JSON.
    """
    begun = False
    for lines in chunks:
        if not begun:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
            begun = True
        if len(lines[0]) > MAX_LINE_BYTES:
            lines[0] = lines[0][:RAW_BYTES] + b"\n"
        copy.writelines(lines)
        yield lines
    copy.write(b"\n")  # one more after the last line's own is no line to the reader


def _stage_parquet(connection: duckdb.DuckDBPyConnection, source: InputFile, path: Path) -> int:
    plain = path.with_suffix(".parquet")
    plain.symlink_to(source.path.absolute())  # a name without characters that mean something in a glob
    connection.execute(f"COPY (FROM read_parquet({literal(str(plain))})) TO {literal(str(path))} (FORMAT json)")
    (rows,) = one_row(connection.execute("SELECT num_rows FROM parquet_file_metadata($file)", {"file": str(plain)}))
    return rows


def _stage_csv(source: InputFile, path: Path) -> tuple[int, int]:
    count = blank = 0
    with open(path, "w", encoding="utf-8", newline="\n") as copy:
        for text, _ in _csv_records(source):
            count += 1
            blank += not text
            copy.write(text + "\n")
    return count, blank


def _original_records(staged: StagedFile) -> Iterator[bytes] | None:
    """Each record as it stands in the file, where the copy does not have it."""
    if staged.source.format is not FileFormat.CSV:
        return None
    return (raw for _, raw in _csv_records(staged.source))


def _csv_records(source: InputFile) -> Iterator[tuple[str, bytes]]:
    """Each record below the header as a line of JSON, and as it stands in the file.

    The delimiter is whichever of comma, semicolon, tab and bar the header has most of. A blank record gives an empty
    line. A record that breaks the quoting, or has more or fewer cells than the header, is malformed.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    with _open(source) as stream:
        # bytes that are not UTF-8 become lone surrogates, so that they neither stop the reading nor get lost
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        remembered = _Remembering(iter(partial(text.readline, MAX_LINE_BYTES), ""))
        first = next(remembered, "")
        delimiter = max(",;\t|", key=first.count)
        remembered.put_back(first)
        reader = csv.reader(remembered, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            raise UnreadableFile(f"{source.path}: its header is not CSV: {error}") from error
        remembered.take()
        while True:
            try:
                cells = next(reader)
                line = _as_json(header, cells)
            except StopIteration:
                return
            except csv.Error:
                line = _MALFORMED
            raw = remembered.take().encode("utf-8", "surrogateescape")
            yield (line if line == _MALFORMED or is_utf8(raw) else _EMPTY), raw


def _as_json(header: list[str], cells: list[str]) -> str:
    if not cells or (len(header) > 1 and len(cells) == 1 and not cells[0].strip()):
        return ""
    if len(cells) != len(header):
        return _MALFORMED
    return json.dumps(dict(zip(header, cells, strict=True)), ensure_ascii=False)


class _Remembering:
    """An iterator of lines that remembers those that were taken from it, up to what is kept as a record's raw text."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines
        self._returned: list[str] = []
        self._taken: list[str] = []
        self._length = 0

    def __iter__(self) -> "_Remembering":
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._lines)
        if self._length < RAW_BYTES:
            self._taken.append(line)
            self._length += len(line)
        return line

    def put_back(self, line: str) -> None:
        self._returned.append(line)
        self.take()

    def take(self) -> str:
        """What was taken since the last time."""
        text = "".join(self._taken)
        self._taken.clear()
        self._length = 0
        return text


def _open(source: InputFile) -> BinaryIO:
    if source.compression is Compression.GZIP:
        return cast(BinaryIO, gzip.open(source.path, "rb"))
    if source.compression is Compression.ZSTD:
        return cast(BinaryIO, zstd.open(source.path, "rb"))
    return open(source.path, "rb")
