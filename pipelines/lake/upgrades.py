"""A lake that an older version made, brought up to date when it is first used; one of a newer version is refused.

The lake's version is in its file schema.json, written before its first table. Each step leads from one version to the
next; it is run under a lock, may be killed anywhere, and is run again from its beginning then. A step says what files
looked like in its own two versions, whatever the tables have become since.
"""

import json
from collections.abc import Callable
from typing import Any

import duckdb

from pipelines.catalogue.tables import folders
from pipelines.data_directory import DATA_VARIABLE
from pipelines.errors import UserError
from pipelines.lake.schema_version import SCHEMA_VERSION, refuse_newer, tell_upgrade
from pipelines.lake.store import Store

MARK = "schema.json"
FIELD = "schema_version"
UNMARKED = 1

# The marks of lakes that are of this version, as they were when they were read: asking again costs one look.
_read: dict[str, str] = {}


def bring_up_to_date(store: Store) -> None:
    """Make sure that the lake in a store is of this version. One without any table is new, and is left as it is.

    Raises NewerSchema for a lake of a newer version, UserError for a mark that is none.
    """
    mark = store.location(MARK)
    marks = store.listing(MARK)
    if not marks:
        if store.names(""):
            _upgrade(store)
        return
    if _read.get(mark) != marks[0].version:
        if _version(store) < SCHEMA_VERSION:
            _upgrade(store)
        _read[mark] = marks[0].version


def mark_new(store: Store) -> None:
    """Write a new lake's mark. It is called before any of its tables is begun, so that tables without one are old."""
    if not store.listing(MARK):
        _mark(store, SCHEMA_VERSION)


def _version(store: Store) -> int:
    """The version of a lake that has tables. Raises NewerSchema, and UserError for a mark that cannot be read."""
    mark = store.location(MARK)
    try:
        version = json.loads(store.read(MARK).decode("utf-8"))[FIELD]
    except FileNotFoundError:
        return UNMARKED
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f'{mark}: cannot be read as the lake\'s version: {error}; it must be as in {{"{FIELD}": {SCHEMA_VERSION}}}'
        ) from error
    if not isinstance(version, int) or version < UNMARKED:
        raise UserError(f"{mark}: {FIELD} is {version!r}; it must be a whole number from {UNMARKED} on")
    refuse_newer(mark, version, DATA_VARIABLE)
    return version


def _mark(store: Store, version: int) -> None:
    with store.writing(MARK) as path:
        path.write_text(json.dumps({FIELD: version}) + "\n", encoding="utf-8")
        store.put(MARK, path)


def _upgrade(store: Store) -> None:
    with store.lease("schema"):
        old_version = _version(store)  # of two that come here, the second finds it done
        changes = []
        for version in range(old_version, SCHEMA_VERSION):
            changes += STEPS[version](store)
            _mark(store, version + 1)
    if old_version < SCHEMA_VERSION:
        tell_upgrade(str(store), old_version, changes or ["nothing in it had to change"])


def _stage_record_and_months(store: Store) -> list[str]:
    """From 1 to 2: the stage record is one file an entry, gate_log is filed by day, and the longest histories by month.

    History is made again from the days, so its old files go.
    """
    changes = []
    for old in store.listing("stage_history/feature=*/data.parquet"):
        feature = old.key.split("/")[1].removeprefix("feature=")
        try:
            entries = _write_stage_entries(store, old.key)
        except duckdb.Error as error:
            changes.append(
                f"{store.location(old.key)} cannot be read ({error}), so the stage record of {feature} begins anew"
            )
            continue
        store.remove(old.key)
        changes.append(f"the stage record of {feature} has {entries} entr{'y' if entries == 1 else 'ies'}")
    issued = store.listing("gate_log/feature=*/decision_id=*/data.parquet")
    for old in issued:
        _move_issued(store, old.key)
    if issued:
        changes.append(f"{len(issued)} issued decisions of gate_log are filed by their days")
    again = []
    for folder in folders().values():
        if folder.name != "stage_history" and folder.keys[0] == "feature" and len(folder.keys) > 1:
            old_files = [old.key for old in store.listing(f"{folder.name}/feature=*/*") if old.key.endswith(".parquet")]
            again += [folder.name] if old_files else []
            for key in old_files:
                store.remove(key)
    if again:
        changes.append(f"{', '.join(again)} will be made again from the days, by the next night or `prod-evals run`")
    return changes


def _write_stage_entries(store: Store, old: str) -> int:
    """Write a feature's stages as entries beside their old file, recorded when that was written; returns how many."""
    recorded_at = store.written_at(old)
    with _connection(store) as connection:
        query = "SELECT stage, from_day, actor, reason FROM read_parquet($file) ORDER BY from_day"
        changes = connection.execute(query, {"file": store.location(old)}).fetchall()
        for number, (stage, from_day, actor, reason) in enumerate(changes, start=1):
            entry = {
                "stage": stage,
                "from_day": from_day,
                "actor": actor,
                "reason": reason,
                "recorded_at": recorded_at,
            }
            query = (
                "SELECT $stage AS stage, CAST($from_day AS DATE) AS from_day, $actor AS actor, $reason AS reason, "
                "CAST($recorded_at AS TIMESTAMPTZ) AS recorded_at, CAST(NULL AS VARCHAR) AS decision_id"
            )
            key = f"{_folder(old)}entry={number:04}/data.parquet"
            _write_first(store, connection, key, query, entry)
    return len(changes)


def _move_issued(store: Store, old: str) -> None:
    """File a decision that was issued under its day, which is then no column of the file itself."""
    with _connection(store) as connection:
        file = {"file": store.location(old)}
        days = connection.execute("SELECT day FROM read_parquet($file, hive_partitioning = false)", file).fetchall()
        table, feature, decision, name = old.split("/")
        new = f"{table}/{feature}/day={days[0][0]}/{decision}/{name}"
        query = "SELECT * EXCLUDE (day) FROM read_parquet($file, hive_partitioning = false)"
        _write_first(store, connection, new, query, file)
    store.remove(old)


def _write_first(
    store: Store, connection: duckdb.DuckDBPyConnection, key: str, query: str, parameters: dict[str, Any]
) -> None:
    with store.writing(key) as path:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {query}", parameters)
        connection.table("moved").write_parquet(str(path), compression="zstd")
        store.put_first(key, path)


def _connection(store: Store) -> duckdb.DuckDBPyConnection:
    """A connection that reads the store; `lake.connect` rests on this module."""
    connection = duckdb.connect(config={"TimeZone": "UTC", "autoinstall_known_extensions": False})
    store.prepare(connection)
    return connection


def _folder(key: str) -> str:
    return key[: key.rfind("/") + 1]


# What leads from each version to the next: a function of the store, which says what it did.
STEPS: dict[int, Callable[[Store], list[str]]] = {1: _stage_record_and_months}
