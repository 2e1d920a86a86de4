"""The cold eval's items. A cold eval is curated, so one bad item is an error: none may silently be left out."""

import hashlib
import json

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.errors import UserError
from pipelines.feature import ColdColumn, Feature
from pipelines.logs.records import column_paths, keeping_order, record_reader, show_cells, show_records
from pipelines.logs.sources import cold_source
from pipelines.logs.staging import RawRecord, StagedPart, raw_records, stage, staging_directory

BASELINE_ID_DIGITS = 16
_SHOWN_MISTAKES = 5


class ColdEvalError(UserError):
    """A cold eval that cannot be used as it is."""


def read_cold_items(connection: duckdb.DuckDBPyConnection, feature: Feature) -> str:
    """Read `baseline.path` into the temporary table `cold_eval`, and return its baseline_id.

    The table has the columns of cold_items that are no keys: item_id, category, input, output, sources. The baseline_id
    hashes what the items hold, whatever file format and order they are in.

    Raises ColdEvalError when the file is missing or empty, or for items without id, input or output, with an id that
    another has, or that are malformed; UnreadableFile for a damaged file; PathError for a wrong field.
    """
    baseline, source = feature.baseline, cold_source(feature)
    if baseline is None or source is None:
        raise ColdEvalError(
            f"{feature.name}: has no baseline in its feature file; add baseline.path, where the cold eval's items are"
        )
    parts = source.parts()
    if not parts:
        raise ColdEvalError(
            f"{feature.name}: no cold eval: looked for {source.looked_for}. Bring the file, or correct baseline.path in "
            f"{feature.name}'s file"
        )
    paths = column_paths(feature, "baseline", ColdColumn, baseline.fields)
    with staging_directory() as directory, keeping_order(connection):
        (staged,) = stage(connection, source, parts, directory)
        show_cells(connection, paths["sources"].parts)
        show_records(connection, [staged.path], record_reader(paths))
        lake.run(connection, "logs/cold_eval")
        _refuse_mistakes(connection, feature, staged)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE cold_eval AS SELECT item_id, category, input, output, sources FROM cold_records"
    )
    return _baseline_id(connection)


def baseline_id_of(connection: duckdb.DuckDBPyConnection, feature: Feature) -> str | None:
    """The id of a feature's cold eval as it is now; None when it has none. Raises as read_cold_items does."""
    return read_cold_items(connection, feature) if feature.baseline else None


def _refuse_mistakes(connection: duckdb.DuckDBPyConnection, feature: Feature, staged: StagedPart) -> None:
    (items,) = one_row(connection.execute("SELECT count(*) FROM cold_records"))
    if not items:
        raise ColdEvalError(
            f"{feature.name}: the cold eval {staged.part.place} has no items, so there is nothing to compare with; "
            "fill it, or leave baseline out of the feature file"
        )
    (count,) = one_row(connection.execute("SELECT count(*) FROM cold_mistakes"))
    if not count:
        return
    first = connection.execute(f"SELECT record, item_id, mistake FROM cold_mistakes LIMIT {_SHOWN_MISTAKES}").fetchall()
    texts = raw_records(staged, (record for record, _, _ in first))
    shown = [
        f"  line {text.line}: {_explained(mistake, item_id, text)}"
        for (_, item_id, mistake), text in zip(first, texts, strict=True)
    ]
    if count > len(shown):
        shown.append(f"  and {count - len(shown)} more")
    raise ColdEvalError(
        f"{feature.name}: {count} of the {items} items of the cold eval {staged.part.place} cannot be used; "
        "mend them, or correct baseline.fields if their fields are called otherwise:\n" + "\n".join(shown)
    )


def _explained(mistake: str, item_id: str | None, text: RawRecord) -> str:
    named = json.dumps(item_id)  # escaped: it is printed on a terminal
    match mistake:
        case "missing_id" if not _is_object(text.json):
            return "is malformed"
        case "missing_id":
            return "has no item_id"
        case "duplicate":
            return f"has the item_id {named}, which an item before it has"
        case "empty_input":
            return f"item {named} has no input"
        case "empty_output":
            return f"item {named} has no output"
        case _:
            return f"item {named} has sources that are neither a list nor a text"


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _baseline_id(connection: duckdb.DuckDBPyConnection) -> str:
    """sha256 of the items in the order of their ids, each as JSON: id, category, input, output, sources."""
    digest = hashlib.sha256()
    items = connection.execute("SELECT item_id, category, input, output, sources FROM cold_eval ORDER BY item_id")
    while rows := items.fetchmany(1000):
        for *texts, sources in rows:
            # no sources and an empty list of them are one thing: CSV cannot tell them apart
            parts = [[source["id"], source["title"], source["text"]] for source in sources or ()]
            digest.update(json.dumps([*texts, parts], ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()[:BASELINE_ID_DIGITS]
