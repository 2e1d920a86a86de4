"""The views of the published file: what is too large to copy, and the days that are too old for the tables inside.

A view is made when its statement is another one than before, since making it reads the footer of every file it is on.
Its statement names a glob, which sees later days too, as long as all of its files can be read.
"""

from collections.abc import Callable, Mapping

import duckdb

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Published
from pipelines.data_directory import data_directory
from pipelines.publishing.holdings import DAYS_INSIDE, Holding
from pipelines.sql_quoting import literal

ALL_DAYS = "lake"  # the schema of the views on every day of the tables that hold recent ones


def make_views(
    connection: duckdb.DuckDBPyConnection, held: Mapping[str, Holding], withholding: Callable[[str], str]
) -> None:
    """Make the views of the file attached as `published` that are not as they should be.

    `withholding` gives the select list of a table that keeps back what may not be shown.
    """
    made = dict(connection.execute("SELECT name, definition FROM published.publishing.views").fetchall())
    for name, table in catalogue.tables().items():
        if table.published not in (Published.LAKE, Published.RECENT):
            continue
        view = f"published.{'main' if table.published is Published.LAKE else ALL_DAYS}.{name}"
        parts = [_scan(folder.name, held) for folder in table.folders]
        query = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
        definition = f"CREATE OR REPLACE VIEW {view} AS SELECT {withholding(name)} FROM ({query})"
        if made.get(view) != definition:
            _make(connection, view, definition, _comment(name))


def comment_on_recent_days(connection: duckdb.DuckDBPyConnection) -> None:
    """Say in the comments of the tables of recent days, which have just been declared, what they hold."""
    for name, table in catalogue.tables().items():
        if table.published is Published.RECENT:
            said = (
                f"{catalogue.comments(name)[0]} Of each feature's last {DAYS_INSIDE} days: {ALL_DAYS}.{name} has all."
            )
            connection.execute(f"COMMENT ON TABLE published.main.{name} IS {literal(said)}")


def _scan(folder: str, held: Mapping[str, Holding]) -> str:
    """The query of a view on a folder: of its files whichever they are, or file by file when some cannot be read."""
    of_folder = [holding for holding in held.values() if holding.file.folder == folder]
    if of_folder and all(holding.rows is not None for holding in of_folder):
        return lake.scan_all(folder)
    readable = [holding.file for holding in of_folder if holding.rows is not None]
    return lake.scan(folder, sorted(readable, key=lambda file: file.key))


def _make(connection: duckdb.DuckDBPyConnection, view: str, definition: str, comment: str) -> None:
    connection.execute(definition)
    connection.execute(f"COMMENT ON VIEW {view} IS {literal(comment)}")
    for column, said in catalogue.comments(view.rpartition(".")[2])[1].items():
        connection.execute(f'COMMENT ON COLUMN {view}."{column}" IS {literal(said)}')
    connection.execute("DELETE FROM published.publishing.views WHERE name = $view", {"view": view})
    connection.execute(
        "INSERT INTO published.publishing.views VALUES ($view, $definition)", {"view": view, "definition": definition}
    )


def _comment(name: str) -> str:
    table = catalogue.tables()[name]
    said = [catalogue.comments(name)[0]]
    if table.published is Published.RECENT:
        said.append(f"Every day there is; the table {name} holds the last {DAYS_INSIDE}.")
        if table.text and not table.never_redacted:
            said.append("Text that is published redacted is in the table alone.")
    said.append(f"A view on the files in {data_directory()}: it works only where that folder is.")
    return " ".join(said)
