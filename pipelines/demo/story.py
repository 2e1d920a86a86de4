"""The five weeks: which day is at which stage, how many drafts it has, and what was planted where."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

FEATURE = "support_drafts"
TIME_ZONE = "America/New_York"


class Week(NamedTuple):
    """One stage of the ramp, seven days long. `drafts` is what was planned for a mid-week day."""

    stage: str
    drafts: int
    agents: int
    min_nights: int
    spanish: float  # share of tickets at the Spanish desk


WEEKS = (
    Week("internal", 180, 8, 3, 0.0),
    Week("5%", 600, 30, 5, 0.08),
    Week("25%", 3_000, 150, 3, 0.08),
    Week("50%", 6_000, 300, 3, 0.08),
    Week("100%", 12_000, 600, 3, 0.08),
)
DAYS = 7 * len(WEEKS)
WEEKDAY_VOLUME = (1.07, 1.03, 1.0, 0.98, 0.93, 0.25, 0.2)  # Monday to Sunday

# What was planned and measured before launch: the feature file's forecast.
PLANNED_USD_PER_DRAFT = 0.015
P50_MS, P95_MS = 1_900, 3_600


class Planted(NamedTuple):
    """Something that was put into the logs, when, and where the results should show it."""

    what: str
    first_day: date
    last_day: date
    where: str


@dataclass(frozen=True)
class Story:
    """The calendar of a demo that ends on the day before `as_of`."""

    as_of: date

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(self.as_of - timedelta(days=DAYS - k) for k in range(DAYS))

    def week(self, day: date) -> Week:
        return WEEKS[(day - self.days[0]).days // 7]

    @cached_property
    def stage_starts(self) -> dict[str, date]:
        return {week.stage: self.days[7 * k] for k, week in enumerate(WEEKS)}

    @cached_property
    def new_prompt(self) -> date:
        """The working day on which the prompt that ends raw Markdown ships: day 4 or just before."""
        return _working_day_until(self.days[3])

    @cached_property
    def new_button(self) -> date:
        """The working day on which the regenerate button, which was too easy to hit, is moved: day 5 or just before."""
        return _working_day_until(self.days[4])

    @cached_property
    def deprecated_cited(self) -> tuple[date, date]:
        """The two days with a draft that cites a deprecated page: the internal week's first two working days."""
        first, second = [day for day in self.days[:7] if day.weekday() < 5][:2]
        return first, second

    @cached_property
    def spike(self) -> date:
        """The Monday of the last week, whose morning peak overflows to an expensive model; tiered routing follows."""
        return next(day for day in self.days[-7:] if day.weekday() == 0)

    @cached_property
    def planted(self) -> tuple[Planted, ...]:
        last = self.days[-1]
        before_prompt, before_button = self.new_prompt - timedelta(days=1), self.new_button - timedelta(days=1)
        return (
            Planted(
                "Raw Markdown in plain-text drafts, until the prompt change ends it",
                self.days[0],
                before_prompt,
                "divergence, criterion tone; a new epoch begins with the new prompt_version",
            ),
            Planted(
                "Two drafts that cite deprecated help pages",
                *self.deprecated_cited,
                "judgments, criterion grounded_in_sources: level 2 or less, the rationale names the page",
            ),
            Planted(
                "A regenerate button that is too easy to hit",
                self.days[0],
                before_button,
                "signals, regenerated_rate over its band",
            ),
            Planted(
                "Spanish tickets for which retrieval finds English pages only",
                self.stage_starts["5%"],
                last,
                "divergence, cohort spanish_desk, criterion grounded_in_sources",
            ),
            Planted(
                "A Monday morning peak that overflows to an expensive model; tiered routing follows",
                self.spike,
                self.spike,
                "signals, daily_cost_usd against its forecast",
            ),
        )


def _working_day_until(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
