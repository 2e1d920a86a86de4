"""What a file's name says of how it is to be read: the container that its records are in, and what packs it."""

import gzip
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from pipelines.errors import UserError
from pipelines.feature import FileFormat

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT_OF_ENDING = {
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".json": FileFormat.JSONL,
    ".csv": FileFormat.CSV,
    ".parquet": FileFormat.PARQUET,
}


class UnreadableFile(UserError):
    """A file that is there cannot be read as what it is said to be."""


class Compression(StrEnum):
    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"


@dataclass(frozen=True)
class Encoding:
    format: FileFormat
    compression: Compression

    def __str__(self) -> str:
        return f"{self.format}{self.compression}"


@dataclass(frozen=True)
class EncodedFile:
    """A file on this machine, and how its bytes become records."""

    path: Path
    encoding: Encoding

    def open(self) -> BinaryIO:
        """Its bytes, unpacked."""
        match self.encoding.compression:
            case Compression.GZIP:
                return cast(BinaryIO, gzip.open(self.path, "rb"))
            case Compression.ZSTD:
                return cast(BinaryIO, zstd.open(self.path, "rb"))
            case _:
                return open(self.path, "rb")


def encoding_of(place: str, declared: FileFormat | None, otherwise: FileFormat | None, mend: str) -> Encoding:
    """How a file or an object is read: by the declared format, by the ending of its name, or by what it is otherwise.

    `mend` says where in which file a format can be declared. Raises UnreadableFile when nothing tells the format, or
    the ending says a compression that the format does not take.
    """
    packings = (packing for packing in (Compression.GZIP, Compression.ZSTD) if place.lower().endswith(packing))
    compression = next(packings, Compression.NONE)
    ending = Path(place[: len(place) - len(compression)]).suffix.lower()
    format_ = declared or FORMAT_OF_ENDING.get(ending) or otherwise
    if format_ is None:
        raise UnreadableFile(
            f"{place}: its ending does not tell its format; {', '.join(FORMAT_OF_ENDING)} do, the text ones also "
            f"with .gz or .zst. Else add `format: jsonl` (or csv, parquet) {mend}"
        )
    if format_ is FileFormat.PARQUET and compression is not Compression.NONE:
        raise UnreadableFile(
            f"{place}: Parquet is compressed inside; unpack the file, or write it without {compression}"
        )
    return Encoding(format_, compression)
