"""CSV with a header: each record below it becomes an object of texts."""

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from pipelines.logs.containers.container import MAX_LINE_BYTES, RAW_BYTES, Container, Count, is_utf8
from pipelines.logs.containers.encoding import EncodedFile, UnreadableFile

# What stands for a record in the copy when it cannot be one: no JSON, and JSON that says nothing.
_MALFORMED = "malformed"
_EMPTY = "{}"


class Csv(Container):
    def unpack(self, connection: duckdb.DuckDBPyConnection, file: EncodedFile, target: Path) -> Count:
        count = blank = 0
        with open(target, "w", encoding="utf-8", newline="\n") as copy:
            for text, _ in _records(file):
                count += 1
                blank += not text
                copy.write(text + "\n")
        return Count(count, blank)

    def originals(self, file: EncodedFile) -> Iterator[bytes]:
        return (raw for _, raw in _records(file))


def _records(file: EncodedFile) -> Iterator[tuple[str, bytes]]:
    """Each record below the header as a line of JSON, and as it stands in the file.

    The delimiter is whichever of comma, semicolon, tab and bar the header has most of. A blank record gives an empty
    line. A record that breaks the quoting, or has more or fewer cells than the header, is malformed.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    with file.open() as stream:
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
            raise UnreadableFile(f"{file.path}: its header is not CSV: {error}") from error
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
