"""A data directory of three nights, as the first version left it: `unpack` puts it where the tests' own is."""

import tarfile
from pathlib import Path

from pipelines.data_directory import data_directory

ARCHIVE = Path(__file__).with_name("first.tar.xz")


def unpack() -> None:
    """Unpack data/ and features/ beside each other, where the test's directories are."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(data_directory().parent, filter="data")
