"""A lake that an older version made, brought up to date when it is first used; one of a newer version is refused.

The lake's version is in its file schema.json, written before its first table. Each step leads from one version to the
next; it is run under a lock, may be killed anywhere, and is run again from its beginning then. A step says what files
looked like in its own two versions, whatever the tables have become since.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines import lake
from pipelines.catalogue.tables import folders
from pipelines.errors import UserError
from pipelines.lake.schema_version import SCHEMA_VERSION, refuse_newer, tell_upgrade

MARK = "schema.json"
FIELD = "schema_version"
UNMARKED = 1

# The marks of lakes that are of this version, as they were when they were read: asking again costs one stat.
_read: dict[Path, tuple[int, int]] = {}


def bring_up_to_date(root: Path) -> None:
    """Make sure that the lake in a folder is of this version. One without any table is new, and is left as it is.

    Raises NewerSchema for a lake of a newer version, UserError for a mark that is none.
    """
    mark = root / MARK
    try:
        state = mark.stat()
    except FileNotFoundError:
        if _has_tables(root):
            _upgrade(root)
        return
    if _read.get(mark) != (state.st_mtime_ns, state.st_ino):
        if _version(root) < SCHEMA_VERSION:
            _upgrade(root)
        _read[mark] = (state.st_mtime_ns, state.st_ino)


def mark_new(root: Path) -> None:
    """Write a new lake's mark. It is called before any of its tables is begun, so that tables without one are old."""
    if not (root / MARK).exists():
        _mark(root, SCHEMA_VERSION)


def _has_tables(root: Path) -> bool:
    try:
        return any(entry.is_dir() for entry in os.scandir(root))
    except FileNotFoundError:
        return False


def _version(root: Path) -> int:
    """The version of a lake that has tables. Raises NewerSchema, and UserError for a mark that cannot be read."""
    mark = root / MARK
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))[FIELD]
    except FileNotFoundError:
        return UNMARKED
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f'{mark}: cannot be read as the lake\'s version: {error}; it must be as in {{"{FIELD}": {SCHEMA_VERSION}}}'
        ) from error
    if not isinstance(found, int) or found < UNMARKED:
        raise UserError(f"{mark}: {FIELD} is {found!r}; it must be a whole number from {UNMARKED} on")
    refuse_newer(str(mark), found, lake.DATA_VARIABLE)
    return found


def _mark(root: Path, version: int) -> None:
    with lake.appearing_whole(root / MARK) as temporary:
        temporary.write_text(json.dumps({FIELD: version}) + "\n", encoding="utf-8")


def _upgrade(root: Path) -> None:
    with lake.lock("schema"):
        found = _version(root)  # of two that come here, the second finds it done
        said = []
        for version in range(found, SCHEMA_VERSION):
            said += STEPS[version](root)
            _mark(root, version + 1)
    if found < SCHEMA_VERSION:
        tell_upgrade(str(root), found, said or ["nothing in it had to change"])


def _stage_record_and_months(root: Path) -> list[str]:
    """From 1 to 2: the stage record is one file an entry, gate_log is filed by day, and the longest histories by month.

    History is made again from the days, so its old files go.
    """
    said = []
    for old in sorted((root / "stage_history").glob("feature=*/data.parquet")):
        feature = old.parent.name.removeprefix("feature=")
        try:
            entries = _write_stage_entries(old)
        except duckdb.Error as error:
            said.append(f"{old} cannot be read ({error}), so the stage record of {feature} begins anew")
            continue
        old.unlink()
        said.append(f"the stage record of {feature} has {entries} entr{'y' if entries == 1 else 'ies'}")
    issued = sorted((root / "gate_log").glob("feature=*/decision_id=*/data.parquet"))
    for old in issued:
        _move_issued(old)
    if issued:
        said.append(f"{len(issued)} issued decisions of gate_log are filed by their days")
    again = []
    for folder in folders().values():
        if folder.name != "stage_history" and folder.keys[0] == "feature" and len(folder.keys) > 1:
            old_files = list((root / folder.name).glob("feature=*/*.parquet"))
            again += [folder.name] if old_files else []
            for old in old_files:
                old.unlink(missing_ok=True)
    if again:
        said.append(f"{', '.join(again)} will be made again from the days, by the next night or `prod-evals run`")
    return said


def _write_stage_entries(old: Path) -> int:
    """Write a feature's stages as entries beside their old file, recorded when that was written; returns how many."""
    recorded_at = datetime.fromtimestamp(old.stat().st_mtime, UTC)
    with lake.connect() as connection:
        query = "SELECT stage, from_day, actor, reason FROM read_parquet($file) ORDER BY from_day"
        changes = connection.execute(query, {"file": str(old)}).fetchall()
        for number, (stage, from_day, actor, reason) in enumerate(changes, start=1):
            entry = old.parent / f"entry={number:04}" / lake.FILE_NAME
            with lake.appearing_whole(entry, once=True) as temporary:
                connection.execute(
                    "CREATE OR REPLACE TEMP TABLE entry AS SELECT $stage AS stage, CAST($from_day AS DATE) AS from_day, "
                    "$actor AS actor, $reason AS reason, CAST($recorded_at AS TIMESTAMPTZ) AS recorded_at, "
                    "CAST(NULL AS VARCHAR) AS decision_id",
                    {
                        "stage": stage,
                        "from_day": from_day,
                        "actor": actor,
                        "reason": reason,
                        "recorded_at": recorded_at,
                    },
                )
                connection.table("entry").write_parquet(str(temporary), compression="zstd")
    return len(changes)


def _move_issued(old: Path) -> None:
    """File a decision that was issued under its day, which is then no column of the file itself."""
    with lake.connect() as connection:
        rows = {"file": str(old)}
        day = connection.execute("SELECT day FROM read_parquet($file, hive_partitioning = false)", rows).fetchall()[0][
            0
        ]
        new = old.parent.parent / f"day={day}" / old.parent.name / lake.FILE_NAME
        with lake.appearing_whole(new, once=True) as temporary:
            query = "CREATE OR REPLACE TEMP TABLE issued AS SELECT * EXCLUDE (day) FROM read_parquet($file, hive_partitioning = false)"
            connection.execute(query, rows)
            connection.table("issued").write_parquet(str(temporary), compression="zstd")
    old.unlink()
    old.parent.rmdir()


# What leads from each version to the next: a function of the lake's folder, which says what it did.
STEPS: dict[int, Callable[[Path], list[str]]] = {1: _stage_record_and_months}
