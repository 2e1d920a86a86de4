"""What every container of records is held to: its records as JSON lines, counted, and as they stood."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.logs.containers.encoding import EncodedFile

MAX_LINE_BYTES = 16 * 1024 * 1024
RAW_BYTES = 64 * 1024  # of a record's text, what is kept to be shown


@dataclass(frozen=True)
class Count:
    """The physical lines of a file (CSV: records, Parquet: rows), and how many of them are blank."""

    lines: int
    blank: int


class Container(ABC):
    """How the records of a file become JSON lines, one a record, in the file's order.

    The lines are counted by something else than DuckDB's reader of JSON, so that what it must have seen is known.
    """

    @abstractmethod
    def unpack(self, connection: duckdb.DuckDBPyConnection, file: EncodedFile, target: Path) -> Count:
        """Write the records to `target`, or link it to the file where that is JSON lines already.

        A blank record is a blank line, and one that cannot be read a line that is no JSON object. The connection must
        keep row order. Raises what opening and decoding raise.
        """

    def originals(self, file: EncodedFile) -> Iterator[bytes] | None:
        """The text of each record, blank ones too, as it stands in the file; None where `unpack` keeps the text."""
        return None


def is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
