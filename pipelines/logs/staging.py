"""Bring a part of any source and container to plain JSON lines, one a record, and quote records as they stood.

So one reader reads them all, and what it must have seen has been counted by something else.
"""

import shutil
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.data_directory import private_directory
from pipelines.logs.containers import CONTAINERS
from pipelines.logs.containers.encoding import EncodedFile, UnreadableFile, zstd
from pipelines.logs.containers.jsonl import lines_of
from pipelines.logs.sources.source import Part, Source


@dataclass(frozen=True)
class StagedPart:
    """A part as JSON lines at `path`, with the count of its physical lines (CSV: records, Parquet: rows)."""

    part: Part
    file: EncodedFile
    path: Path
    lines: int
    blank: int


@dataclass(frozen=True)
class RawRecord:
    """A record as a line of JSON, and its text as it stands in the part. `line` counts from 1."""

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


def stage(
    connection: duckdb.DuckDBPyConnection, source: Source, parts: Iterable[Part], directory: Path
) -> list[StagedPart]:
    """Bring parts to JSON lines: `0.jsonl`, `1.jsonl` ... of `directory`, in their order.

    The connection must keep row order. Raises UnreadableFile.
    """
    return [_stage(connection, source, part, directory / f"{index}.jsonl") for index, part in enumerate(parts)]


def _stage(connection: duckdb.DuckDBPyConnection, source: Source, part: Part, path: Path) -> StagedPart:
    try:
        file = EncodedFile(source.bring(part, path.parent), part.encoding)
        count = CONTAINERS[part.encoding.format].unpack(connection, file, path)
    except (OSError, EOFError, UnicodeDecodeError, zstd.ZstdError, zlib.error, duckdb.Error) as error:
        raise UnreadableFile(
            f"{part.place}: cannot be read as {part.encoding}: {error}. "
            "Bring a whole file, or one whose ending says what it is"
        ) from error
    return StagedPart(part, file, path, count.lines, count.blank)


def raw_records(staged: StagedPart, records: Iterable[int]) -> Iterator[RawRecord]:
    """The records at some positions: from 0, blank lines not counted, ascending."""
    wanted = iter(records)
    record = next(wanted, None)
    originals = CONTAINERS[staged.part.encoding.format].originals(staged.file)
    seen = line = 0
    with open(staged.path, "rb") as stream:
        for lines in lines_of(stream):
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
