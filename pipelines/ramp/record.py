"""The stage record: which stage of the ramp a day belongs to, since when, by whom and why.

The table `stage_history` is that record. It is only ever added to, and whatever wants to know a stage asks it. It is
begun by importing `ramp.history` of the feature file; a line that is added there later is imported too. A line that says
otherwise than the record is an error that shows both, because nights have been judged by what is recorded.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pipelines import clock
from pipelines.feature import Feature, FeatureError, Stage, place_of
from pipelines.lake.entries import append_entry, read_entries

TABLE = "stage_history"
FEATURE_FILE = "feature file"  # who changes the stage by a line of it
HISTORY = "ramp.history"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StageChange:
    """A stage that begins on a day. `entry` is its number in the record and `recorded_at` when it got there; both are
    None for a line of the feature file that is not recorded yet. `decision_id` names the decision that led to it."""

    stage: str
    from_day: date
    actor: str
    reason: str
    decision_id: str | None = None
    entry: int | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class StageRecord:
    """The changes of a feature's stage by their first days; of one day, in the order of their entries. `stages` are the
    ramp's, from first to last."""

    stages: tuple[Stage, ...]
    changes: tuple[StageChange, ...]

    def change_on(self, day: date) -> StageChange | None:
        """The change that a day's stage rests on: the last on or before it."""
        begun = [change for change in self.changes if change.from_day <= day]
        return begun[-1] if begun else None

    def stage_on(self, day: date) -> Stage:
        """The stage a day belongs to; before any change the first."""
        change = self.change_on(day)
        return self.stages[0] if change is None else next(stage for stage in self.stages if stage.name == change.stage)

    def began(self, stage: Stage, by: date) -> date | None:
        """The last time that a stage began, up to a day; None when it has not."""
        days = [change.from_day for change in self.changes if change.stage == stage.name and change.from_day <= by]
        return days[-1] if days else None


def stages_of(feature: Feature) -> StageRecord:
    """What the record says of a feature, together with the lines of its file that will be imported. Writes nothing.

    Raises FeatureError when the file contradicts the record.
    """
    recorded = _recorded(feature)
    return _record(feature, [*recorded, *_new_lines(feature, recorded)])


def keep_stages(feature: Feature) -> tuple[StageRecord, list[StageChange]]:
    """Import what the feature file has and the record has not. Returns the record, and the changes that were added.

    Without `ramp.history`, a record begins with the first stage on the feature's start. Raises FeatureError when the
    file contradicts the record.
    """
    added: list[StageChange] = []
    while True:
        recorded = _recorded(feature)
        record, new = _record(feature, recorded), _new_lines(feature, recorded)
        if not new:
            return record, added
        number = max((change.entry or 0 for change in recorded), default=0) + 1
        change = replace(new[0], entry=number, recorded_at=clock.now())
        if append_change(feature, change):
            log.info(
                "%s: recorded the stage %s from %s, a line of its file", feature.name, change.stage, change.from_day
            )
            added.append(change)


def append_change(feature: Feature, change: StageChange) -> bool:
    """Append a change as the entry that it names. False when another process has written that entry: read again."""
    if change.entry is None:
        raise ValueError(
            f"{feature.name}: a change is appended as an entry of its record, and this names none: {change}"
        )
    values = {
        name: getattr(change, name) for name in ("stage", "from_day", "actor", "reason", "recorded_at", "decision_id")
    }
    return append_entry(TABLE, feature.name, change.entry, values)


def _recorded(feature: Feature) -> list[StageChange]:
    rows = read_entries(TABLE, feature.name)
    changes = [StageChange(**{name: value for name, value in row.items() if name != "feature"}) for row in rows]
    return sorted(changes, key=lambda change: change.from_day)  # stable: of one day, in the order of entries


def _record(feature: Feature, changes: list[StageChange]) -> StageRecord:
    """Raises FeatureError for a recorded stage that the ramp no longer has."""
    names = {stage.name for stage in feature.ramp.stages}
    gone = [
        f"{place_of(feature, 'ramp', 'stages')}: ramp.stages has no stage {change.stage!r}, which is in the record: "
        f"{_as_recorded(change)}. Add it to ramp.stages again; a stage that is recorded keeps its name"
        for change in changes
        if change.stage not in names
    ]
    if gone:
        raise FeatureError("\n".join(dict.fromkeys(gone)))
    return StageRecord(feature.ramp.stages, tuple(changes))


def _new_lines(feature: Feature, recorded: list[StageChange]) -> list[StageChange]:
    """The lines of the feature file that begin something after all that is recorded. Raises FeatureError."""
    if not feature.ramp.history:
        first = StageChange(feature.ramp.stages[0].name, feature.start, FEATURE_FILE, HISTORY)
        return [] if recorded else [first]
    written = {(line.stage, line.from_) for line in feature.ramp.history}
    new: list[StageChange] = []
    wrong: list[str] = []
    for number, written_line in enumerate(feature.ramp.history):
        line = StageChange(written_line.stage, written_line.from_, FEATURE_FILE, HISTORY)
        begun = [change for change in (*recorded, *new) if change.from_day <= line.from_day]
        in_force = begun[-1] if begun else None
        if any((change.stage, change.from_day) == (line.stage, line.from_day) for change in recorded):
            continue
        if in_force and in_force.stage == line.stage and (in_force.stage, in_force.from_day) in written:
            continue  # it says again what a line before it has said
        if not recorded and not new and line.from_day > feature.start:
            wrong.append(
                f"{place_of(feature, 'ramp', 'history', number)}: ramp.history begins on {line.from_day}, after start ({feature.start}); "
                "the first stage must begin on start or before"
            )
        elif recorded and (line.from_day <= recorded[-1].from_day or (in_force and in_force.stage == line.stage)):
            place = place_of(feature, "ramp", "history", number)
            wrong.append(_contradiction(place, line, _other_side(line, recorded)))
        else:
            new.append(line)
    if wrong:
        raise FeatureError("\n".join(wrong))
    return new


def _other_side(line: StageChange, recorded: list[StageChange]) -> StageChange:
    """What the record has in the place of a line: what began on its day; else its stage, begun on another; else what
    was in force."""
    for alike in (
        lambda change: change.from_day == line.from_day,
        lambda change: change.stage == line.stage,
        lambda change: change.from_day < line.from_day,
    ):
        if alike_changes := [change for change in recorded if alike(change)]:
            return alike_changes[-1]
    return recorded[0]


def _contradiction(place: str, line: StageChange, change: StageChange) -> str:
    return (
        f"{place}: ramp.history says that the stage {line.stage} began on {line.from_day}, and the record says "
        f"otherwise: {_as_recorded(change)}. What is recorded stays: write the line as the record has it, or leave it "
        "out; a stage that began since is a line with a later date"
    )


def _as_recorded(change: StageChange) -> str:
    """An entry with who, when and why."""
    when = f"{change.recorded_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if change.recorded_at else "an unknown time"
    return (
        f"entry {change.entry}, the stage {change.stage} from {change.from_day}, recorded by {change.actor} at {when} "
        f"({change.reason})"
    )
