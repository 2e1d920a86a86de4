"""What a decision rests on: everything that is known about a day of a feature, gathered once and plainly typed."""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import dict_rows
from pipelines.errors import UserError
from pipelines.feature import Feature, Uncertainty, signals_of
from pipelines.ramp.record import stages_of
from pipelines.statistics.drift import Drift
from pipelines.statistics.verdict import Verdict

READS = ("nights", "divergence", "signals", "baseline", "judge_drift")


class UnknownSignal(UserError):
    """A day's file holds a signal that is in no catalogue: what it means is not known, so nothing is decided on it."""


class NightState(StrEnum):
    """How far a night has come: all the way; some of it, because it failed or is under way; or it never began."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


class SignalStatus(StrEnum):
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNEXPECTED = "unexpected"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    INFORMATIONAL = "informational"


@dataclass(frozen=True)
class SignalReading:
    """One signal of the whole feature, by its name. `measured_before`: some earlier day had a value for it."""

    signal: str
    value: float | None
    reference: float | None
    band_low: float | None
    band_high: float | None
    status: SignalStatus
    measured_before: bool


@dataclass(frozen=True)
class Quality:
    """One slice's overall score against the cold eval, over the epoch. Scores and errors are points of 0 to 1, `band`
    and what is called relative are relative to the cold mean; a number that is none is None. `alarm`: its last
    `alarm_nights` alone are far below the band, by `alarm_difference`, which is relative."""

    slice_kind: str
    slice: str
    verdict: Verdict
    baseline_mean: float | None
    difference: float | None
    relative_difference: float | None
    ci_low: float | None
    ci_high: float | None
    band: float | None
    standard_error: float | None
    baseline_standard_error: float | None
    baseline_items: int
    adjusted_p: float | None
    nights: int
    items: int
    more_nights: int | None
    missing_share: float | None
    standardised_difference: float | None
    alarm_difference: float | None
    alarm_nights: int
    alarm: bool
    baseline_uncertainty: Uncertainty | None

    @property
    def measured(self) -> "MeasuredQuality | None":
        """The same, where every number is there that the interval and the band are made of; else None."""
        if any(getattr(self, name) is None for name in MeasuredQuality.__annotations__):
            return None
        return MeasuredQuality(**vars(self))


@dataclass(frozen=True)
class MeasuredQuality(Quality):
    """A comparison of which every number is there that the interval and the band are made of."""

    baseline_mean: float
    difference: float
    relative_difference: float
    ci_low: float
    ci_high: float
    band: float
    standard_error: float
    baseline_standard_error: float


@dataclass(frozen=True)
class JudgeReading:
    """One criterion of the judge on its anchors, as of a date: scores now less scores when the cold eval was judged."""

    criterion: str
    judged_on: date
    anchors: int
    difference: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Evidence:
    """All that is known about a day. `scored` are the items of its own night with an overall score. `nights` (complete
    ones, with scores), `judged` (their items) and the window are those of the epoch up to the day. `failed_share` is the
    share of sampled items on which the judge failed, over the epoch or on the night alone, whichever is more.
    `drifted` are the criteria on which the judge had drifted when verdicts of the epoch were made, each as read
    last."""

    day: date
    stage: str
    state: NightState
    scored: int
    nights: int
    judged: int
    failed_share: float
    window_start: date | None
    window_end: date | None
    quality: Quality | None
    slices: tuple[Quality, ...]
    signals: tuple[SignalReading, ...]
    drifted: tuple[JudgeReading, ...]
    rubric_id: str | None
    baseline_id: str | None

    def digest(self) -> str:
        """The hash of the evidence: equal rows give an equal hash, whenever they were computed."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def gather(connection: duckdb.DuckDBPyConnection, feature: Feature, since: date, through: date) -> list[Evidence]:
    """The evidence of every day from `since` to `through`, in order; days without any are there too."""
    lake.read(connection, *READS, feature=feature.name)
    lake.read(connection, "signals", feature=feature.name, days=_days(since, through))
    lake.read(connection, "divergence", feature=feature.name, days=_days(since, through))
    qualities = _by_day(_rows(connection, "gate/gate_qualities", since=since, through=through))
    lake.read(connection, "divergence", feature=feature.name)  # which days make an epoch, from the first
    signals = _by_day(_rows(connection, "gate/gate_signals", since=since, through=through))
    judge = readings_by_day(connection, feature, through)
    known = {signal.name for signal in signals_of(feature)}
    stages = stages_of(feature)
    window = _Window()
    evidence = []
    for night in _rows(connection, "gate/gate_nights", start=feature.start, through=through):
        stage = stages.stage_on(night["day"]).name
        window.add(night, stage, judge.get(night["day"], ()))
        if night["day"] < since:
            continue
        slices = [_quality(row) for row in qualities.get(night["day"], ())]
        evidence.append(
            Evidence(
                day=night["day"],
                stage=stage,
                state=NightState(night["state"]),
                scored=night["items"],
                nights=window.nights,
                judged=window.judged,
                failed_share=max(_share(window.failed, window.sampled), _share(night["failed"], night["sampled"])),
                window_start=window.start,
                window_end=window.end,
                quality=next((quality for quality in slices if quality.slice_kind == "overall"), None),
                slices=tuple(quality for quality in slices if quality.slice_kind != "overall"),
                signals=tuple(_reading(row, known) for row in signals.get(night["day"], ())),
                drifted=tuple(window.drifted[criterion] for criterion in sorted(window.drifted)),
                rubric_id=night["rubric_id"],
                baseline_id=night["baseline_id"],
            )
        )
    return evidence


def readings_by_day(
    connection: duckdb.DuckDBPyConnection, feature: Feature, through: date
) -> dict[date, list[dict[str, Any]]]:
    """The readings of the judge on its anchors that count for each day up to one: rows of sql/gate/gate_drift.sql."""
    lake.read(connection, "nights", "judge_drift", feature=feature.name)
    return _by_day(_rows(connection, "gate/gate_drift", through=through))


class _Window:
    """The running epoch: what has come together of it up to a night. Nights without scores neither end it nor count."""

    def __init__(self) -> None:
        self.stage: str | None = None
        self.epoch_start: date | None = None
        self._clear()

    def _clear(self) -> None:
        self.start: date | None = None
        self.end: date | None = None
        self.nights = self.judged = self.failed = self.sampled = 0
        self.drifted: dict[str, JudgeReading] = {}

    def add(self, night: dict[str, Any], stage: str, judge: Iterable[dict[str, Any]]) -> None:
        begun = night["epoch_start"]
        if stage != self.stage or (begun is not None and begun != self.epoch_start):
            self._clear()
        self.stage = stage
        self.epoch_start = begun or self.epoch_start
        if night["state"] == NightState.COMPLETE:
            self.failed += night["failed"]
            self.sampled += night["sampled"]
        if night["items"]:
            self.start = self.start or night["day"]
            self.end = night["day"]
            self.nights += 1
            self.judged += night["items"]
            for row in judge:
                if Drift(row["status"]) is Drift.DRIFTED:
                    self.drifted[row["criterion"]] = _judge_reading(row)


def _quality(row: dict[str, Any]) -> Quality:
    numbers = (
        "baseline_mean",
        "difference",
        "relative_difference",
        "ci_low",
        "ci_high",
        "band",
        "standard_error",
        "baseline_standard_error",
        "adjusted_p",
        "missing_share",
        "standardised_difference",
        "alarm_difference",
    )
    uncertainty = row["baseline_uncertainty"]
    return Quality(
        slice_kind=row["slice_kind"],
        slice=row["slice"],
        verdict=Verdict(row["verdict"]),
        baseline_items=row["baseline_items"],
        nights=row["nights"],
        items=row["items"],
        more_nights=row["more_nights"],
        alarm=row["alarm"],
        alarm_nights=row["alarm_nights"],
        baseline_uncertainty=None if uncertainty is None else Uncertainty(uncertainty),
        **{name: _finite(row[name]) for name in numbers},
    )


def _reading(row: dict[str, Any], known: set[str]) -> SignalReading:
    """A row of `signals`. Raises UnknownSignal when the feature has no signal of that name."""
    if row["signal"] not in known:
        raise UnknownSignal(
            f"the signals of {row['day']} name {row['signal']!r}, which is none of {', '.join(sorted(known))}; run "
            "that day again, or declare the signal again in sql/signals/"
        )
    return SignalReading(
        signal=row["signal"],
        status=SignalStatus(row["status"]),
        measured_before=row["measured_before"],
        **{name: _finite(row[name]) for name in ("value", "reference", "band_low", "band_high")},
    )


def _judge_reading(row: dict[str, Any]) -> JudgeReading:
    return JudgeReading(
        criterion=row["criterion"],
        judged_on=row["judged_on"],
        anchors=row["anchors"],
        **{name: _finite(row[name]) for name in ("difference", "ci_low", "ci_high")},
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _days(since: date, through: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((through - since).days + 1)]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _by_day(rows: Iterable[dict[str, Any]]) -> dict[date, list[dict[str, Any]]]:
    rows_by_day: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        rows_by_day.setdefault(row["day"], []).append(row)
    return rows_by_day


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> list[dict[str, Any]]:
    return dict_rows(lake.run(connection, name, **parameters))
