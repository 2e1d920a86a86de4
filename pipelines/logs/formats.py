"""A format at work: staged parts become the view log_cells, a text for each canonical column of each log.

There are two readings, as ingest.py says. A format that reads fields is run in both, over the parts and over the chosen
copies besides. One that reads raw records is run in the first alone, and what it gives is kept: its statement may cut,
join and group as it likes, and need not give its rows in the same order again.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines import lake
from pipelines.catalogue.formats import LogsARecord, Reads
from pipelines.errors import UserError
from pipelines.feature import CanonicalColumn, Feature
from pipelines.logs.records import column_paths, record_reader, show_cells, show_raw, show_records
from pipelines.sql_quoting import identifier, literal

_COLUMNS = ", ".join(identifier(column.value) for column in CanonicalColumn)
_NUMBERS = "CAST(NULL AS BIGINT) AS record, CAST(NULL AS BIGINT) AS log_number"


class FormatError(UserError):
    """A format whose statement does not give what it must, told with its file."""


class FormatReader(ABC):
    """A feature's format over a day's staged parts. `filled_from` says where each column is from, for people."""

    def __init__(self, session: duckdb.DuckDBPyConnection, feature: Feature, parts: Sequence[Path], directory: Path):
        self._session = session
        self._format = feature.logs.log_format
        self._paths = column_paths(feature, "logs", CanonicalColumn, feature.logs.mapped())
        self._parts = parts
        self._directory = directory
        self.filled_from = {column: path.written for column, path in self._paths.items()}
        self._may_hold_any = self._format.logs_a_record is LogsARecord.NONE_TO_MANY
        session.execute(f"SET VARIABLE may_hold_any = {self._may_hold_any}")
        show_cells(session, self._paths["sources"].parts)

    @abstractmethod
    def read_first(self) -> None:
        """Make log_cells of all logs, and the view left_out_records: file, record of those that hold none, as they may."""

    @abstractmethod
    def read_again(self, chosen: Sequence[Path]) -> None:
        """Make log_cells anew, in any order, so that `chosen` tells the copy of repeated logs that stays.

        The chosen copies that logs/wanted_records asked for are in files of their own.
        """

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        """Run what holds the format's statement. Raises FormatError."""
        try:
            return self._session.execute(query)
        except (duckdb.ProgrammingError, duckdb.NotSupportedError, duckdb.DataError) as error:
            raise FormatError(f"{self._format.path}: its statement cannot be run: {error}") from error


class FieldsReader(FormatReader):
    """A format that reads `fields`: as many rows as there are records, in their order."""

    def read_first(self) -> None:
        self.read_again(())
        self._session.execute(
            "CREATE OR REPLACE TEMP VIEW left_out_records AS "
            "SELECT CAST(NULL AS USMALLINT) AS file, CAST(NULL AS BIGINT) AS record WHERE false"
        )

    def read_again(self, chosen: Sequence[Path]) -> None:
        show_records(self._session, [*self._parts, *chosen], record_reader(self._paths))
        self._run(
            f"CREATE OR REPLACE TEMP VIEW log_cells AS "
            f"SELECT file, {_NUMBERS}, chosen, {_COLUMNS} FROM (\n{self._format.statement}\n)"
        )


class RawReader(FormatReader):
    """A format that reads `raw`: any number of rows for a record, each with the JSON that `fields` look into."""

    def __init__(self, session: duckdb.DuckDBPyConnection, feature: Feature, parts: Sequence[Path], directory: Path):
        super().__init__(session, feature, parts, directory)
        self._mapped_by_user = {column.value for column in feature.logs.fields}

    def read_first(self) -> None:
        show_raw(self._session, self._parts)
        statement = f"(\n{self._format.statement}\n)"
        types = {name: type_ for name, type_, *_ in self._run(f"DESCRIBE FROM {statement}").fetchall()}
        cells = self._cells(types)
        reader = record_reader({column: self._paths[column] for column in self._looked_up(types)})
        looked_up = f"from_json(json, {reader.structure()})" if reader.texts or reader.documents else "NULL"
        cells |= reader.expressions("looked_up")
        selected = ", ".join(f"{cells[column.value]} AS {identifier(column.value)}" for column in CanonicalColumn)
        self._run(
            f"COPY (SELECT CAST(file AS USMALLINT) AS file, CAST(record AS BIGINT) AS record, {selected} "
            f"FROM (SELECT *, {looked_up} AS looked_up FROM {statement})) "
            f"TO {literal(str(self._cells_file))} (FORMAT parquet, COMPRESSION lz4_raw, "
            f"ROW_GROUP_SIZE {lake.ROW_GROUP_SIZE})"
        )
        self._session.execute(
            "CREATE OR REPLACE TEMP VIEW found_logs AS SELECT * EXCLUDE (file_row_number), "
            f"file_row_number AS log_number FROM read_parquet({literal(str(self._cells_file))}, file_row_number = true)"
        )
        self._show(chosen="false")
        self._session.execute(
            "CREATE OR REPLACE TEMP VIEW left_out_records AS SELECT file, record FROM record_numbers "
            f"ANTI JOIN found_logs USING (file, record) WHERE is_object AND {self._may_hold_any}"
        )

    def read_again(self, chosen: Sequence[Path]) -> None:
        self._show(chosen="log_number IN (SELECT log_number FROM repeated_logs WHERE copy = 1)")

    def _show(self, chosen: str) -> None:
        self._session.execute(
            f"CREATE OR REPLACE TEMP VIEW log_cells AS SELECT *, {chosen} AS chosen FROM found_logs "
            "UNION ALL BY NAME SELECT file, record, false AS chosen FROM record_numbers WHERE NOT is_object"
        )

    @property
    def _cells_file(self) -> Path:
        return self._directory / "log_cells.parquet"

    def _cells(self, types: dict[str, str]) -> dict[str, str]:
        """The columns that come out of the statement itself, as texts, and sources as JSON. Raises FormatError."""
        if not {"file", "record", "json"} <= types.keys():
            raise FormatError(
                f"{self._format.path}: its statement gives {', '.join(types)}; it must give file, record and json"
            )
        if types["json"] != "JSON":
            raise FormatError(
                f"{self._format.path}: its statement gives json as {types['json']}; it must be JSON, as `->` takes it "
                "out of a record (`->>` gives a text)"
            )
        cells: dict[str, str] = {}
        for column in CanonicalColumn:
            if column.value in types and column.value not in self._mapped_by_user:
                name = identifier(column.value)
                as_json = name if types[column.value] == "JSON" else f"to_json({name})"
                cells[column.value] = as_json if column == "sources" else f"json_extract_string({as_json}, '$')"
                self.filled_from[column.value] = f"sql/formats/{self._format.name}.sql"
        return cells

    def _looked_up(self, types: dict[str, str]) -> list[str]:
        return [column for column in self._paths if column not in types or column in self._mapped_by_user]


def format_reader(
    session: duckdb.DuckDBPyConnection, feature: Feature, parts: Sequence[Path], directory: Path
) -> FormatReader:
    """The reader of a feature's format. Raises PathError for a wrong field."""
    readers: dict[Reads, type[FormatReader]] = {Reads.FIELDS: FieldsReader, Reads.RAW: RawReader}
    return readers[feature.logs.log_format.reads](session, feature, parts, directory)
