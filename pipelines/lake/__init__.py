"""The lake: where each table's Parquet files are kept, how they get there whole, and how SQL files see them.

tables          partitions of tables: written, listed, read by SQL
statements      the SQL files of sql/
connection      the DuckDB connections that both are used on
entries         records that are only ever appended to, an entry a file
misfits         files with values that are not of their declared types
upgrades        lakes of older versions; schema_version says which there are
store           the contract of what keeps the files; opening says which store that is
local_disk      the one store there is: a folder of a disk

The rest of the program says `lake.read(...)`, and knows of no path, lock or folder of the lake.
"""

from pipelines.catalogue.tables import columns
from pipelines.lake.connection import connect
from pipelines.lake.statements import materialise, run, statement, view
from pipelines.lake.tables import (
    DAY_KEYS,
    MONTH_KEY,
    ROW_GROUP_SIZE,
    Days,
    LakeFile,
    StoredFile,
    count,
    days,
    exists,
    features,
    files,
    month_of,
    notes,
    partition,
    read,
    remove,
    remove_feature,
    rows,
    scan,
    scan_all,
    unchanging,
    version,
    versions,
    write,
    write_first,
    writing,
    writing_redacted,
)

__all__ = [
    "DAY_KEYS",
    "MONTH_KEY",
    "ROW_GROUP_SIZE",
    "Days",
    "LakeFile",
    "StoredFile",
    "columns",
    "connect",
    "count",
    "days",
    "exists",
    "features",
    "files",
    "materialise",
    "month_of",
    "notes",
    "partition",
    "read",
    "remove",
    "remove_feature",
    "rows",
    "run",
    "scan",
    "scan_all",
    "statement",
    "unchanging",
    "version",
    "versions",
    "view",
    "write",
    "write_first",
    "writing",
    "writing_redacted",
]
