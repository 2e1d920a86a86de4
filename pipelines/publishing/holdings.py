"""Which files of the lake a published file holds, and how the rows of one of them are told from all others.

A file is known by its place, its size and its version. What a published file holds is written in itself,
so that the next one can begin as its copy and exchange only what is another one now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Published
from pipelines.judging.judge import ItemKind
from pipelines.lake import StoredFile
from pipelines.sql_quoting import literal

DAYS_INSIDE = 92  # of each feature, in the tables of recent days; the comments of those tables and `publication` say so

# Tables with several folders: the rows of each have an item_kind of their own.
KINDS = {"judgments": ItemKind.PROD, "cold_judgments": ItemKind.COLD, "anchor_judgments": ItemKind.ANCHOR}


@dataclass(frozen=True, slots=True)
class Holding:
    """A file of the lake as a published file knows it. `inside`: its rows are copied in, else only views see them.

    `rows` is null for a file that could not be read: nothing of it is inside then.
    """

    file: StoredFile
    inside: bool
    rows: int | None = None

    def is_as(self, other: "Holding | None") -> bool:
        """Whether nothing is to be done to have this one where the other is. What could not be read is tried again."""
        return other is not None and other.rows is not None and (self.file, self.inside) == (other.file, other.inside)


def wanted(files: Iterable[StoredFile]) -> dict[str, Holding]:
    """What a published file is to hold of a feature's files, by place.

    Of tables of recent days, the files with rows of the last DAYS_INSIDE days, the newest of which is the newest that
    any of these tables has.
    """
    files = list(files)
    recent = {name for name in catalogue.folders() if catalogue.table_of(name).published is Published.RECENT}
    whole = {name for name in catalogue.folders() if catalogue.table_of(name).published is Published.WHOLE}
    last = {file.key: file.days[1] for file in files if file.folder in recent and file.days}
    begin = max(last.values(), default=date.max) - timedelta(days=DAYS_INSIDE - 1)
    return {
        file.key: Holding(file, file.folder in whole or file.folder in recent and last.get(file.key, begin) >= begin)
        for file in files
    }


def published_folders(with_feature: bool) -> list[str]:
    """The folders of all tables that are published in any way, of those cut by feature or of the others."""
    return [
        name
        for name, folder in catalogue.folders().items()
        if catalogue.table_of(name).published is not Published.NOT and (folder.keys[0] == "feature") is with_feature
    ]


def delete(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[StoredFile]) -> None:
    """Delete the rows of files of one folder from `table`, which holds them."""
    folder = catalogue.folders()[files[0].folder]
    columns = catalogue.columns(folder.name)
    keys = [_column(key, columns) for key in folder.keys]
    values = ", ".join("(" + ", ".join(map(literal, file.keys)) + ")" for file in files)
    kind = f" AND item_kind = {literal(KINDS[folder.name])}" if folder.name in KINDS else ""
    connection.execute(f"DELETE FROM {table} WHERE ({', '.join(keys)}) IN (VALUES {values}){kind}")


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of holdings in a published file that is attached as `published`."""
    connection.execute(lake.statement("publishing/files"))


def load(connection: duckdb.DuckDBPyConnection) -> dict[str, Holding]:
    """What the attached file holds, by place."""
    records = connection.execute(
        "SELECT folder, keys, place, bytes, version, inside, rows FROM published.publishing.files"
    ).fetchall()
    return {
        place: Holding(StoredFile(folder, tuple(keys), place, size, version), inside, rows)
        for folder, keys, place, size, version, inside, rows in records
    }


def replace(connection: duckdb.DuckDBPyConnection, gone: Sequence[str], new: Sequence[Holding]) -> None:
    """Write down that places are held no longer, and what is held now."""
    if gone:
        connection.execute(
            "DELETE FROM published.publishing.files WHERE place IN (SELECT unnest($gone))", {"gone": list(gone)}
        )
    if new:
        connection.execute(
            "INSERT INTO published.publishing.files BY NAME SELECT unnest($folders) AS folder, unnest($keys) AS keys, "
            "unnest($places) AS place, unnest($sizes) AS bytes, unnest($versions) AS version, "
            "unnest($inside) AS inside, unnest($rows::BIGINT[]) AS rows",
            {
                "folders": [holding.file.folder for holding in new],
                "keys": [list(holding.file.keys) for holding in new],
                "places": [holding.file.key for holding in new],
                "sizes": [holding.file.size for holding in new],
                "versions": [holding.file.version for holding in new],
                "inside": [holding.inside for holding in new],
                "rows": [holding.rows for holding in new],
            },
        )


def _column(key: str, columns: dict[str, str]) -> str:
    """What a row has, as text, where its file's place has a key. Raises KeyError for a key that no column can tell."""
    if key in columns:
        return f'CAST("{key}" AS VARCHAR)'
    if key == lake.MONTH_KEY and "day" in columns:
        return "strftime(day, '%Y-%m')"
    if key in lake.DAY_KEYS and "day" in columns:
        return "CAST(day AS VARCHAR)"
    raise KeyError(f"{key} is no column, so that the rows of one file cannot be told from another's")
