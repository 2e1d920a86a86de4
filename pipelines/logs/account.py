"""The account of a day's input: where each line went, and what each column was filled from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipelines.feature import CanonicalColumn


class Reason(StrEnum):
    """Why a line is not in prod_logs; a line has the first that applies."""

    MALFORMED = "malformed"
    INVALID_UTF8 = "invalid_utf8"
    MISSING_ID = "missing_id"
    UNREADABLE_TIME = "unreadable_time"
    EMPTY_INPUT = "empty_input"
    EMPTY_OUTPUT = "empty_output"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class FileAccount:
    """Where the lines of one file went; a row of log_files."""

    file: str
    file_day: date
    physical_lines: int
    prod_logs: int
    rejected: int
    other_day: int
    blank: int
    unreadable_cells: int
    left_out: int
    further_logs: int

    @property
    def unaccounted(self) -> int:
        """Lines that were counted and went nowhere; below 0 if more went somewhere than were counted. 0, or a bug.

        A record may hold no log, and is left out, or several, and then each of them went somewhere.
        """
        ended = self.prod_logs + self.rejected + self.other_day + self.blank + self.left_out
        return self.physical_lines + self.further_logs - ended


@dataclass(frozen=True)
class ColumnFill:
    """What a canonical column was filled from, and in what share of the day's logs it is empty; None without logs."""

    column: CanonicalColumn
    path: str
    empty_share: float | None


@dataclass(frozen=True)
class DayReading:
    """What a day's files hold."""

    files: tuple[FileAccount, ...]
    rejected: dict[Reason, int]
    columns: tuple[ColumnFill, ...]
    missing_neighbours: tuple[str, ...]

    @property
    def prod_logs(self) -> int:
        return sum(file.prod_logs for file in self.files)

    @property
    def physical_lines(self) -> int:
        return sum(file.physical_lines for file in self.files)

    @property
    def other_day(self) -> int:
        return sum(file.other_day for file in self.files)

    @property
    def blank(self) -> int:
        return sum(file.blank for file in self.files)

    @property
    def left_out(self) -> int:
        return sum(file.left_out for file in self.files)

    @property
    def further_logs(self) -> int:
        return sum(file.further_logs for file in self.files)

    @property
    def unaccounted(self) -> tuple[FileAccount, ...]:
        """The files whose account does not add up: data was lost or made up, so nothing may rest on it."""
        return tuple(file for file in self.files if file.unaccounted)

    def accounts(self) -> tuple[tuple[str, ...], list[tuple[str, *tuple[int, ...]]]]:
        """A table for people: its header, and a row for each file. What only nested formats count is shown if any is."""
        columns = {
            "lines": "physical_lines",
            "prod_logs": "prod_logs",
            "rejected": "rejected",
            "other day": "other_day",
            "blank": "blank",
        }
        if self.left_out or self.further_logs:
            columns |= {"left out": "left_out", "further logs": "further_logs"}
        rows = [(file.file, *(getattr(file, field) for field in columns.values())) for file in self.files]
        return ("file", *columns), rows
