"""prod_evals.duckdb: every table of the contract for analysts, replaced whole.

A new file begins as a copy of the one before, in which only what comes from files of the lake that are new, changed or
gone is exchanged: what a night costs depends on that night, not on the years before it. It is built from nothing where
that could hold other rows: after a change of the contract, the code or whose text is shown, where the lake is another
one, where a feature has gone, or where somebody else has written to the file; and where deleted rows have left it
larger than MOST_GROWTH times what it would be.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines import clock, lake
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Published
from pipelines.data_directory import Lock, appearing_whole, data_directory, lock, private_directory
from pipelines.errors import UserError
from pipelines.feature import FeatureError, PublishText, feature_files, load_feature
from pipelines.judging.ruler import digest
from pipelines.lake import LakeFile, StoredFile
from pipelines.publishing import holdings, redacted
from pipelines.publishing.code_version import code_version
from pipelines.publishing.holdings import DAYS_INSIDE, Holding, wanted
from pipelines.publishing.redacted import WITHHELD_ERROR, redacted_copies
from pipelines.publishing.views import ALL_DAYS, comment_on_recent_days, make_views
from pipelines.redaction.redactor import RedactionUnavailable, redactor
from pipelines.sql_quoting import literal

FILE_NAME = "prod_evals.duckdb"
SCHEMA_VERSION = 2  # 1 held every day of every table, and did not say its version
STORAGE_VERSION = "v1.5.0"  # clients from DuckDB 1.5 on can open the file; without it, only 2.0 and later
MOST_GROWTH = 3.0  # times the size that a file built from nothing would have; deletes leave it at about twice that
SMALL = 32 * 2**20  # bytes: a file up to this size may be as large as it likes

log = logging.getLogger(__name__)


class NewerFile(UserError):
    """The published file was written by a newer version of the program, which this one must not replace."""


class _Mismatch(Exception):
    """The file before cannot be gone on with."""


@dataclass(frozen=True)
class Database:
    """A published file: its path, and for each feature a digest of its files in the lake as they were read."""

    path: Path
    files_read: Mapping[str, str]


def publish_database(from_nothing: bool = False) -> Path:
    """Build prod_evals.duckdb in the data directory from all features' files of the lake, and return its path."""
    return build_database(from_nothing).path


def build_database(from_nothing: bool = False) -> Database:
    """Build prod_evals.duckdb, from the file before or from nothing.

    It is built beside its place and renamed into it, under one lock between processes. Who has the old file open keeps
    it. Each feature's files are read while they are unchanging, one feature after the other. A file of the lake that cannot
    be read is left out, logged, and named in the table `publication`. Raises NewerFile.
    """
    target = data_directory() / FILE_NAME
    with publishing_lock():
        _refuse_newer(target)
        with appearing_whole(target) as temporary:
            files_read = None if from_nothing or not target.exists() else _from_the_one_before(target, temporary)
            if files_read is None:
                temporary.unlink(missing_ok=True)
                with lake.connect() as connection:
                    files_read = _Build(connection, temporary).from_nothing()
        _remember(target)
    return Database(target, files_read)


def publishing_lock() -> Lock:
    """The lock of whoever publishes, for all features together."""
    return lock("publishing")


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


def _from_the_one_before(target: Path, temporary: Path) -> dict[str, str] | None:
    """Build from the file that is there; None when that cannot be."""
    shutil.copyfile(target, temporary)
    # looked at after the copy: nobody has written to it before or meanwhile
    untouched = _sidecar().get("file") == _identity(target)
    try:
        with lake.connect() as connection:
            return _Build(connection, temporary).from_copy(untouched)
    except _Mismatch as why:
        log.info("%s is built from nothing: %s", FILE_NAME, why)
    except duckdb.Error as error:
        log.warning("%s is built from nothing: the one before cannot be used: %s", FILE_NAME, error)
    return None


def _refuse_newer(target: Path) -> None:
    for version in (_sidecar().get("schema_version"), _schema_version(target)):
        if version is not None and version > SCHEMA_VERSION:
            raise NewerFile(
                f"{target} has schema version {version}, and this program knows up to {SCHEMA_VERSION}: a newer one "
                "wrote it. Publish with that one, or move the file and the folder `publishing` beside it away"
            )


def _schema_version(target: Path) -> int | None:
    """The version that a published file says; None when there is none, or it says none, or it cannot be opened."""
    if not target.exists():
        return None
    try:
        with lake.connect() as connection:
            connection.execute(f"ATTACH {literal(str(target))} AS published (READ_ONLY)")
            row = connection.execute("SELECT schema_version FROM published.publication").fetchone()
    except duckdb.Error:
        return None
    return row[0] if row else None


def _sidecar_path() -> Path:
    return private_directory("publishing") / "file.json"


def _sidecar() -> dict:
    """What is known of the published file from outside: its schema version, and what tells that it is untouched."""
    try:
        sidecar = json.loads(_sidecar_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return sidecar if isinstance(sidecar, dict) else {}


def _remember(target: Path) -> None:
    known = {"schema_version": SCHEMA_VERSION, "file": _identity(target)}
    with appearing_whole(_sidecar_path()) as temporary:
        temporary.write_text(json.dumps(known), encoding="utf-8")


def _identity(file: Path) -> list[int]:
    stat = os.stat(file)
    return [stat.st_ino, stat.st_size, stat.st_mtime_ns]


class _Build:
    """One building of the file at `place`, which nobody else sees."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: Path):
        self._connection = connection
        # what is here is thrown away should this process be killed: no log of it is needed
        options = f"STORAGE_VERSION {literal(STORAGE_VERSION)}, RECOVERY_MODE NO_WAL_WRITES"
        connection.execute(f"ATTACH {literal(str(place))} AS published ({options})")
        text = features_with_text()
        self._full, self._redacted = text[PublishText.FULL], text[PublishText.REDACTED]
        self._held: dict[str, Holding] = {}
        self._touched: set[str] = set()  # tables
        self._read: dict[str, str] = {}

    def from_nothing(self) -> dict[str, str]:
        """Declare every table, and copy what there is. Returns digests of the features' files."""
        connection = self._connection
        connection.execute("USE published")
        for name, table in catalogue.tables().items():
            if table.published in (Published.WHOLE, Published.RECENT):
                connection.execute(catalogue.declaration(name))
        connection.execute(lake.statement("publishing/publication"))
        connection.execute("USE memory")
        connection.execute("CREATE SCHEMA published.publishing")
        connection.execute(f"CREATE SCHEMA published.{ALL_DAYS}")
        for name in ("publishing/files", "publishing/basis", "publishing/views"):
            connection.execute(lake.statement(name))
        comment_on_recent_days(connection)
        self._bring_up_to_date()
        connection.execute("CHECKPOINT published")  # for its size
        inside = sum(holding.file.size for holding in self._held.values() if holding.inside)
        connection.execute(
            "INSERT INTO published.publishing.basis VALUES ($basis, $size, $inside)",
            {"basis": self._basis(), "size": self._size(), "inside": inside},
        )
        return self._finish()

    def from_copy(self, untouched: bool) -> dict[str, str]:
        """Exchange what is another one now. Raises _Mismatch when the file must be built from nothing."""
        if not untouched:
            raise _Mismatch("this version of the program has not written the one before, or somebody else has as well")
        basis = "SELECT basis, file_bytes, lake_bytes FROM published.publishing.basis"
        basis_row = self._connection.execute(basis).fetchone()
        if basis_row is None or basis_row[0] != self._basis():
            raise _Mismatch("the contract, the code, whose text is shown or the place of the lake is another one")
        self._held = holdings.load(self._connection)
        inside = sum(holding.file.size for holding in self._held.values() if holding.inside)
        expected = basis_row[1] * max(1.0, inside / max(1, basis_row[2]))
        if self._size() > max(SMALL, MOST_GROWTH * expected):
            raise _Mismatch(f"deleted rows have left it {self._size() / expected:.1f} times as large as it would be")
        gone = _features(self._held.values()) - set(lake.features())
        if gone:  # what was published of it must not stay between the rows of others
            raise _Mismatch(f"{', '.join(sorted(gone))} has gone")
        self._bring_up_to_date()
        self._check_account()
        return self._finish()

    def _basis(self) -> str:
        contract = {name: catalogue.declaration(name) for name in catalogue.tables()}
        text = [self._full, self._redacted, redacted.VERSION, WITHHELD_ERROR]
        layout = [SCHEMA_VERSION, STORAGE_VERSION, DAYS_INSIDE]
        return digest([contract, text, layout, code_version(), str(data_directory())])

    def _size(self) -> int:
        row = self._connection.execute(
            "SELECT total_blocks * block_size FROM pragma_database_size() WHERE database_name = 'published'"
        ).fetchone()
        return int(row[0]) if row else 0

    def _bring_up_to_date(self) -> None:
        """Exchange the rows of every feature's files, then of those that are of no feature, then the views."""
        held: dict[str | None, dict[str, Holding]] = {}
        for place, holding in self._held.items():
            held.setdefault(_feature(holding.file), {})[place] = holding
        of_features = holdings.published_folders(with_feature=True)
        for feature in sorted({*lake.features(), *(name for name in held if name)}):
            with lake.unchanging(feature):
                files = [file for name in of_features for file in lake.files(name, feature=feature)]
                self._read[feature] = digest([[file.key, file.version] for file in files])
                self._exchange(files, held.get(feature, {}))
        files = [file for name in holdings.published_folders(with_feature=False) for file in lake.files(name)]
        self._exchange(files, held.get(None, {}))
        make_views(self._connection, self._held, lambda table: _withholding(table, self._full))

    def _exchange(self, files: Sequence[StoredFile], held: Mapping[str, Holding]) -> None:
        """Have the rows of files, and no longer those of the holdings that are not among them as they are."""
        now = wanted(files)
        new = [holding for place, holding in now.items() if not holding.is_as(held.get(place))]
        exchanged = {holding.file.key for holding in new}
        old = [holding for place, holding in held.items() if place in exchanged or place not in now]
        for name in dict.fromkeys(holding.file.folder for holding in (*old, *new)):
            table = catalogue.folders()[name].table
            stale = [holding.file for holding in old if holding.file.folder == name and holding.inside]
            if stale:
                holdings.delete(self._connection, f"published.main.{table}", stale)
            counted = self._counted([holding for holding in new if holding.file.folder == name])
            inside = [holding for holding in counted if holding.inside and holding.rows is not None]
            unreadable = self._insert(name, [holding.file for holding in inside])
            for holding in old:
                if holding.file.folder == name:
                    del self._held[holding.file.key]
            for holding in counted:
                if holding.file.key in unreadable:
                    holding = replace(holding, rows=None)
                if holding.rows is not None or holding.file.is_stored():
                    self._held[holding.file.key] = replace(holding, inside=holding.inside and holding.rows is not None)
            self._touched.add(table)
        places = [holding.file.key for holding in (*old, *new)]
        entries = [self._held[holding.file.key] for holding in new if holding.file.key in self._held]
        holdings.replace(self._connection, places, entries)

    def _counted(self, new: Sequence[Holding]) -> list[Holding]:
        """Holdings with the numbers of their rows, as the footers say; without, and logged, those without a footer."""
        try:
            rows = lake.rows(self._connection, (holding.file for holding in new))
        except duckdb.Error:  # one file is enough to fail them all: find it
            rows = {}
            for holding in new:
                try:
                    rows |= lake.rows(self._connection, [holding.file])
                except duckdb.Error as error:
                    self._left_out(holding.file, error)
        return [replace(holding, rows=rows.get(holding.file.key)) for holding in new]

    def _insert(self, folder: str, files: Sequence[StoredFile]) -> set[str]:
        """Copy files of a folder into its table, redacted where they must be; returns the places of unreadable ones."""
        table = catalogue.table_of(folder)
        scanned: list[LakeFile] = list(files)
        unreadable: list[LakeFile] = []
        places: dict[LakeFile, str] = {file: file.key for file in files}
        shown = self._full
        if self._redacted and table.text and not table.never_redacted:
            shown = [*self._full, *self._redacted]
            originals = [file for file in files if _feature(file) in self._redacted]
            copies, unreadable = redacted_copies(self._connection, folder, originals)
            scanned = [*(file for file in files if _feature(file) not in self._redacted), *copies]
            places |= {original.redacted: original.key for original in originals}
        selected = _withholding(table.name, shown)

        def copy(sources: Iterable[LakeFile]) -> None:
            self._connection.execute(
                f"INSERT INTO published.main.{table.name} BY NAME SELECT {selected} FROM ({lake.scan(folder, sources)})"
            )

        try:
            if scanned:
                copy(scanned)
        except duckdb.Error:  # one file is enough to fail them all: find it
            for file in scanned:
                try:
                    copy([file])
                except duckdb.Error as error:
                    unreadable.append(file)
                    self._left_out(file, error)
        return {places[file] for file in unreadable}

    def _left_out(self, file: LakeFile, error: duckdb.Error) -> None:
        if file.is_stored():  # else what it belonged to has just gone
            log.warning("left out of %s: %s cannot be read: %s", FILE_NAME, file.location, error)

    def _check_account(self) -> None:
        """Every table has as many rows as the files that are inside. Raises _Mismatch: then a file's rows could not be
        told from another's."""
        for table in sorted(self._touched):
            if catalogue.tables()[table].published is Published.LAKE:
                continue
            folders = {folder.name for folder in catalogue.tables()[table].folders}
            mine = (holding for holding in self._held.values() if holding.inside and holding.file.folder in folders)
            expected = sum(holding.rows or 0 for holding in mine)
            (rows,) = self._connection.execute(f"SELECT count(*) FROM published.main.{table}").fetchone() or (0,)
            if rows != expected:
                raise _Mismatch(f"{table} has {rows} rows where its files have {expected}")

    def _finish(self) -> dict[str, str]:
        """Say what the file is, and write it out."""
        self._connection.execute("DELETE FROM published.publication")
        self._connection.execute(
            "INSERT INTO published.publication BY NAME SELECT $at AS published_at, $code AS code_version, "
            "$schema AS schema_version, $days AS days_inside, $data AS data_directory, $full AS text_published, "
            "$redacted AS text_redacted, $unreadable AS unreadable_files",
            {
                "at": clock.now(),
                "code": code_version(),
                "schema": SCHEMA_VERSION,
                "days": DAYS_INSIDE,
                "data": str(data_directory()),
                "full": self._full,
                "redacted": self._redacted,
                "unreadable": sorted(
                    holding.file.location.removeprefix(f"{data_directory()}/")
                    for holding in self._held.values()
                    if holding.rows is None
                ),
            },
        )
        self._connection.execute("DETACH published")  # writes everything into the file
        return self._read


def _feature(file: StoredFile) -> str | None:
    return file.keys[0] if catalogue.folders()[file.folder].keys[0] == "feature" else None


def _features(held: Iterable[Holding]) -> set[str]:
    return {feature for holding in held if (feature := _feature(holding.file)) is not None}


def _withholding(table: str, shown: list[str]) -> str:
    """A select list that is `*`, with the text of features that are not `shown` made null."""
    allowed = f"list_contains([{', '.join(map(literal, shown))}]::VARCHAR[], feature)"
    replaced = [
        f"CASE WHEN {allowed} THEN error WHEN error IS NOT NULL THEN {literal(WITHHELD_ERROR)} END AS error"
        if column == "error"
        else f'CASE WHEN {allowed} THEN "{column}" END AS "{column}"'
        for column in catalogue.tables()[table].text
    ]
    return f"* REPLACE ({', '.join(replaced)})" if replaced else "*"
