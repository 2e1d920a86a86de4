"""prod_evals.duckdb: every table of the contract for analysts, built afresh from the lake and replaced whole."""

import logging
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines import clock, lake
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Published
from pipelines.feature import FeatureError, PublishText, feature_files, load_feature
from pipelines.judging.redaction import RedactionUnavailable, redactor
from pipelines.publishing.code_version import code_version
from pipelines.publishing.redacted import WITHHELD_ERROR, redacted_copies

FILE_NAME = "prod_evals.duckdb"
STORAGE_VERSION = "v1.5.0"  # clients from DuckDB 1.5 on can open the file; without it, only 2.0 and later

log = logging.getLogger(__name__)


def publish_database() -> Path:
    """Build prod_evals.duckdb in the data directory from all features' files of the lake, and return its path.

    It is built beside its place and renamed into it. Listing, building and renaming happen under one lock between
    processes: of two builders at once, the later lists what the earlier wrote. Who has the old file open keeps it. A
    file of the lake that cannot be read is left out, logged, and named in the table `publication`.
    """
    target = lake.data_directory() / FILE_NAME
    with lake.lock("published"), lake.appearing_whole(target) as temporary:
        try:
            with lake.connect() as connection:
                _build(connection, temporary)
        finally:
            # closing writes everything into the file itself; only a build that failed leaves a write-ahead log
            temporary.with_name(f"{temporary.name}.wal").unlink(missing_ok=True)
    return target


def features_with_text() -> dict[PublishText, list[str]]:
    """The features whose text may leave the lake, in full and redacted.

    A feature whose file is broken or gone is not among them, nor is one whose text nothing here can redact.
    """
    shown: dict[PublishText, list[str]] = {PublishText.FULL: [], PublishText.REDACTED: []}
    for name, path in feature_files().items():
        try:
            text = load_feature(path).publish.text
        except FeatureError:
            continue  # what the file allows cannot be known, so nothing is
        if text in shown:
            shown[text].append(name)
    if shown[PublishText.REDACTED]:
        try:
            redactor()
        except RedactionUnavailable as error:
            log.warning("no text of %s is published: %s", ", ".join(shown[PublishText.REDACTED]), error)
            shown[PublishText.REDACTED] = []
    return shown


def _build(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    connection.execute(f"ATTACH {_literal(str(place))} AS published (STORAGE_VERSION {_literal(STORAGE_VERSION)})")
    text = features_with_text()
    full, redacted = text[PublishText.FULL], text[PublishText.REDACTED]
    unreadable: list[Path] = []
    connection.execute("USE published")
    for name, table in catalogue.tables().items():
        if table.published is Published.LAKE and (readable := _readable(connection, name, unreadable)):
            _create_view(connection, name, readable, full)
        elif table.published is not Published.NOT:
            connection.execute(catalogue.declaration(name))
    connection.execute(lake.statement("published/publication"))
    connection.execute("USE memory")
    for name in catalogue.folders():
        table = catalogue.table_of(name)
        if table.published in (Published.LAKE, Published.NOT):
            continue
        files = lake.files(name)
        if redacted and table.text and not table.never_redacted:
            files = _with_copies(connection, name, files, redacted, unreadable)
            unreadable += _insert(connection, name, files, [*full, *redacted])
        else:
            unreadable += _insert(connection, name, files, full)
    connection.execute(
        "INSERT INTO published.publication BY NAME SELECT $at AS published_at, $code AS code_version, "
        "$full AS text_published, $redacted AS text_redacted, $unreadable AS unreadable_files",
        {
            "at": clock.now(),
            "code": code_version(),
            "full": full,
            "redacted": redacted,
            "unreadable": [str(file.relative_to(lake.data_directory())) for file in unreadable],
        },
    )
    connection.execute("DETACH published")  # writes the file out: from here on it is complete without its log


def _with_copies(
    connection: duckdb.DuckDBPyConnection, table: str, files: list[Path], redacted: list[str], unreadable: list[Path]
) -> list[Path]:
    """A table's files, those of features that publish redacted text exchanged for their copies."""
    originals = [file for file in files if lake.key(file, "feature") in redacted]
    copies, without_copy = redacted_copies(connection, table, originals)
    unreadable += without_copy
    return [*(file for file in files if file not in set(originals)), *copies]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, files: list[Path], shown: list[str]) -> list[Path]:
    """Copy a table's files into the published table; returns those that cannot be read."""
    declared = catalogue.folders()[table].table
    selected = _withholding(declared, shown)

    def copy(some: Iterable[Path]) -> None:
        connection.execute(
            f"INSERT INTO published.{declared} BY NAME SELECT {selected} FROM ({lake.scan(table, some)})"
        )

    try:
        copy(files)
        return []
    except duckdb.Error:
        pass  # one file is enough to fail them all: find it
    unreadable = []
    for file in files:
        try:
            copy([file])
        except duckdb.Error as error:
            if file.exists():  # else a night has just replaced what it belonged to
                log.warning("left out of %s: %s cannot be read: %s", FILE_NAME, file, error)
                unreadable.append(file)
    return unreadable


def _readable(connection: duckdb.DuckDBPyConnection, table: str, unreadable: list[Path]) -> list[str]:
    """What a view on a table's files may name: the glob of them all, or file by file when some cannot be read."""
    files = lake.files(table)
    if not files:
        return []
    footers = "SELECT count(*) FROM parquet_file_metadata($files)"
    try:
        connection.execute(footers, {"files": [str(file) for file in files]})
        return [lake.pattern(table)]
    except duckdb.Error:
        pass
    readable = []
    for file in files:
        try:
            connection.execute(footers, {"files": [str(file)]})
            readable.append(str(file))
        except duckdb.Error as error:
            log.warning("left out of %s: %s cannot be read: %s", FILE_NAME, file, error)
            unreadable.append(file)
    return readable


def _create_view(connection: duckdb.DuckDBPyConnection, table: str, files: list[str], shown: list[str]) -> None:
    """A view on the lake that looks like the table: its columns, comments, and only the text that may be shown."""
    query = lake.scan(table, files)
    connection.execute(f"CREATE VIEW {table} AS SELECT {_withholding(table, shown)} FROM ({query})")
    of_table, of_columns = catalogue.comments(table)
    connection.execute(f"COMMENT ON VIEW {table} IS {_literal(of_table)}")
    for column, comment in of_columns.items():
        connection.execute(f'COMMENT ON COLUMN {table}."{column}" IS {_literal(comment)}')


def _withholding(table: str, shown: list[str]) -> str:
    """A select list that is `*`, with the text of features that are not `shown` made null."""
    allowed = f"list_contains([{', '.join(map(_literal, shown))}]::VARCHAR[], feature)"
    replaced = [
        f"CASE WHEN {allowed} THEN error WHEN error IS NOT NULL THEN {_literal(WITHHELD_ERROR)} END AS error"
        if column == "error"
        else f'CASE WHEN {allowed} THEN "{column}" END AS "{column}"'
        for column in catalogue.tables()[table].text
    ]
    return f"* REPLACE ({', '.join(replaced)})" if replaced else "*"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
