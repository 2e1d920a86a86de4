"""Where the lake's files are on the local disk, for tests that look at them, break them, or take them away."""

from pathlib import Path
from typing import Any

from pipelines import lake


def path_of(table: str, **keys: Any) -> Path:
    """The one file of a table's partition."""
    return Path(lake.partition(table, **keys).location)
