"""JSON lines: read where they are if DuckDB reads them rightly, else copied."""

import codecs
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb

from pipelines.logs.containers.container import MAX_LINE_BYTES, RAW_BYTES, Container, Count
from pipelines.logs.containers.encoding import Compression, EncodedFile

_CHUNK_BYTES = 256 * 1024


class JsonLines(Container):
    def unpack(self, connection: duckdb.DuckDBPyConnection, file: EncodedFile, target: Path) -> Count:
        """Count the lines and link to the file, or copy it where it is packed or the reader would take it wrongly.

        DuckDB takes a byte order mark for a part of the first line, stops at a line of more than about 32 MB, and can
        lose a last line that has no end (a file of one byte).
        """
        if file.encoding.compression is Compression.NONE:
            with file.open() as stream:
                count, longest = _count(lines_of(stream))
                stream.seek(0)
                begins_well = stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8
                stream.seek(-1 if count.lines else 0, os.SEEK_END)
                ends_well = stream.read() in (b"\n", b"")
            if begins_well and ends_well and longest <= MAX_LINE_BYTES:
                target.symlink_to(file.path.absolute())
                return count
        with file.open() as stream, open(target, "wb") as copy:
            count, _ = _count(_copied(lines_of(stream), copy))
        return count


def lines_of(stream: BinaryIO) -> Iterator[list[bytes]]:
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


def _count(chunks: Iterable[list[bytes]]) -> tuple[Count, int]:
    """Lines, those of nothing but white space, and the longest one's length as far as it matters.

    A line can only be too long if it spans chunks, and then it is a chunk's first.
    """
    count = blank = longest = 0
    for lines in chunks:
        count += len(lines)
        blank += sum(map(bytes.isspace, lines))
        longest = max(longest, len(lines[0]))
    return Count(count, blank), longest


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
