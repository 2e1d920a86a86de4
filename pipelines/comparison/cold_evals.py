"""The record of cold evals: which one each day is compared with.

A day keeps the cold eval that was in force when it was judged first. Were it compared with the one of its last run, a
single old day that is made again after the cold eval has changed would cut its epoch in two, and the ramp would lose the
epoch's nights. So the table `cold_eval_history` says from which day on each stands. It is only ever added to: a cold eval
that the record does not end with stands from the day after the last that has been judged.
"""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines import clock, lake
from pipelines.data_directory import lock
from pipelines.feature import Feature
from pipelines.lake.entries import append_entry, read_entries

TABLE = "cold_eval_history"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InForce:
    """A cold eval, None for none, and the first day that is compared with it."""

    from_day: date
    baseline_id: str | None


@dataclass(frozen=True)
class ColdEvals:
    """Which cold evals came into force, in the order in which they were recorded; none of a feature without a night."""

    in_order: tuple[InForce, ...]

    def on(self, day: date) -> str | None:
        """The cold eval that a day is compared with: the last that was recorded of those that stand on it. A day before
        them all, of a feature whose start was moved back, has the first. None for no cold eval."""
        standing = [entry for entry in self.in_order if entry.from_day <= day] or self.in_order[:1]
        return standing[-1].baseline_id if standing else None


def cold_evals_of(feature: Feature) -> ColdEvals:
    """What the record says of a feature; while there is none, what its judgments say. Writes nothing."""
    return ColdEvals(tuple(_recorded(feature) or _from_judgments(feature)))


def note_cold_eval(feature: Feature, baseline_id: str | None, day: date) -> None:
    """Record the cold eval that is there while `day` is judged, before that day's judgments are written.

    Where the record does not end with it, it stands from the day after the last that has been judged already: `day`
    itself, when it is new; never one of those that were compared with another. After days without any cold eval it
    stands from the first of these.
    """
    with lock(f"record-{feature.name}"):
        recorded = _recorded(feature) or _begin(feature, baseline_id)
        if recorded[-1].baseline_id == baseline_id:
            return
        entry = InForce(_stands_from(feature, recorded[-1]), baseline_id)
        _append(feature, len(recorded) + 1, entry)
        log.info(
            "%s: days from %s on are compared with the cold eval %s, as of the night of %s",
            *(feature.name, entry.from_day, baseline_id or "(none)", day),
        )


def _stands_from(feature: Feature, newest: InForce) -> date:
    """The first day of a cold eval that comes after the newest that is recorded.

    The first one that a feature gets is the first that its days can be compared with at all: it takes their place.
    """
    if newest.baseline_id is None:
        return newest.from_day
    judged = lake.days("judgments", feature.name)
    return max(judged[-1] + timedelta(days=1) if judged else feature.start, newest.from_day)


def _begin(feature: Feature, baseline_id: str | None) -> list[InForce]:
    """Begin the record: with what the judgments say, made by a version without it; else with what is there now."""
    entries = _from_judgments(feature) or [InForce(feature.start, baseline_id)]
    for number in range(
        len(entries), 0, -1
    ):  # without its first entry a record is none: a kill on the way costs nothing
        _append(feature, number, entries[number - 1])
    return entries


def _recorded(feature: Feature) -> list[InForce]:
    rows = read_entries(TABLE, feature.name)
    if not rows or rows[0]["entry"] != 1:
        return []
    return [InForce(row["from_day"], row["baseline_id"]) for row in rows]


def _append(feature: Feature, number: int, entry: InForce) -> None:
    """Append under the feature's lock: nobody else can have written that entry, unless it was begun and killed."""
    values = {"from_day": entry.from_day, "baseline_id": entry.baseline_id, "recorded_at": clock.now()}
    append_entry(TABLE, feature.name, number, values)


def _from_judgments(feature: Feature) -> list[InForce]:
    """What the judgments of production say, each with the cold eval that was there when it was made.

    In the order of the last day on which each was seen, one stands from the day after the last of the one before it. One
    that was only seen between days of another stands on none: days were made again, while the other was in force.
    """
    with lake.unchanging(feature.name), lake.connect() as connection:
        lake.read(connection, "judgments", feature=feature.name)
        seen = lake.run(connection, "comparison/baselines_seen").fetchall()
    in_order: list[tuple[str | None, date]] = []
    begun = date.max
    for baseline_id, first_day, last_day in seen:
        if first_day < begun:
            in_order.insert(0, (baseline_id, last_day))
            begun = first_day
    starts = [feature.start, *(last_day + timedelta(days=1) for _, last_day in in_order[:-1])]
    return [InForce(start, baseline_id) for start, (baseline_id, _) in zip(starts, in_order, strict=False)]
