"""Which store the lake is kept in, and the way to its files: every access makes sure that they are of this version."""

from pipelines.data_directory import data_directory
from pipelines.lake import upgrades
from pipelines.lake.local_disk import LocalDisk
from pipelines.lake.store import Store


def lake_store() -> Store:
    """The store that the lake is kept in, as it is."""
    return LocalDisk(data_directory() / "lake")


def open_lake(writes: bool = False) -> Store:
    """The lake's store, with files of this version. Who `writes` marks a new one.

    Raises UserError for a lake of a newer version.
    """
    store = lake_store()
    upgrades.bring_up_to_date(store)
    if writes:
        upgrades.mark_new(store)
    return store
