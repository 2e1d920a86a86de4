"""What every source of raw records is held to. tests/logs/test_sources.py holds each of them to it.

A source knows where parts of records are (files, objects, pages of an API), says what there is and what is not, and
brings a part to this machine. What is in a part is the containers' and the formats' business.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.logs.containers.encoding import Encoding


class MissingLogs(UserError):
    """A day has no part of its own."""


class ChangedPart(UserError):
    """A part was written to while it was read."""


@dataclass(frozen=True)
class Part:
    """Something that holds records.

    `label` names it in tables, `place` is where it is, as an error says it; both are its own in its source. `version`
    is another whenever its content is (of a file, size and time of writing).
    """

    label: str
    place: str
    encoding: Encoding
    version: str


@dataclass(frozen=True)
class DayPart(Part):
    """A part that is read for a day. `part_day` is the day that it is kept under; if that is the one read, it is `own`."""

    part_day: date
    own: bool


class Source(ABC):
    """Where parts are, and how one comes to this machine."""

    @abstractmethod
    def bring(self, part: Part, directory: Path) -> Path:
        """A file on this machine with a part's bytes: its own, or a copy in `directory`. Raises UnreadableFile."""

    @abstractmethod
    def version(self, part: Part) -> str:
        """The part's version as it is now. Raises UnreadableFile when it is gone."""

    def refuse_changed(self, part: Part) -> None:
        """Raise ChangedPart if a part is no longer what it was when it was listed."""
        if self.version(part) != part.version:
            raise ChangedPart(
                f"{part.place}: was written to while it was read, so its account would not add up. Run the day again "
                "when the file is whole; night.at and night.wait_hours say when a night begins"
            )


class FixedSource(Source):
    """Parts that belong to no day: a cold eval, human labels."""

    @abstractmethod
    def parts(self) -> list[Part]:
        """All parts, in an order that stays; none when there are none. Raises UnreadableFile."""

    @property
    @abstractmethod
    def looked_for(self) -> str:
        """Where parts are looked for, as an error says it."""


class DaySource(Source):
    """Parts that are kept by day. A source of another kind says `has`, `find`, `looked_for` and `missing`."""

    def __init__(self, feature: Feature):
        self.feature = feature

    @abstractmethod
    def has(self, day: date) -> bool:
        """Whether any part is kept under a day."""

    @abstractmethod
    def find(self, day: date) -> list[Part]:
        """The parts that are kept under a day. Raises UnreadableFile."""

    @abstractmethod
    def looked_for(self, day: date) -> str:
        """Where the parts of a day are looked for, as an error says it."""

    @abstractmethod
    def missing(self, day: date) -> str:
        """The error about a day without parts: what was looked for, what is there instead, and how to mend it."""

    def day_parts(self, day: date) -> list[DayPart]:
        """The parts that may hold a day's logs, each once, sorted by label: the day's own and its neighbours'.

        A part that is found under several days belongs to `day` if it is found under that, else to the nearest.
        Raises MissingLogs when the day has none of its own.
        """
        by_place: dict[str, DayPart] = {}
        for part_day in sorted(self._days_read(day), key=lambda other: (abs(other - day), other)):
            for part in self.find(part_day):
                by_place.setdefault(part.place, DayPart(**vars(part), part_day=part_day, own=part_day == day))
        if not any(part.own for part in by_place.values()):
            raise MissingLogs(self.missing(day))
        return sorted(by_place.values(), key=lambda part: part.label)

    def missing_neighbours(self, day: date) -> list[str]:
        """Where no part of a neighbouring day was found: rows of the day may be missing."""
        return [self.looked_for(other) for other in self._days_read(day) if other != day and not self.has(other)]

    def is_ready(self, day: date) -> bool:
        """Whether a night can begin: the day's own parts are there, and the later ones that hold rows of it."""
        return all(self.has(other) for other in self._days_read(day) if other >= day)

    def _days_read(self, day: date) -> list[date]:
        reach = self.feature.read_days()
        return [day + timedelta(days=offset) for offset in range(-reach.before, reach.after + 1)]
