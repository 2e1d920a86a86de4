"""What a feature's page shows, out of the lake, as plain values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import duckdb

from pipelines import clock, lake
from pipelines.catalogue.reasons import next_step
from pipelines.catalogue.signals import Signal, by_name
from pipelines.duckdb_rows import dict_rows
from pipelines.feature import Feature, PublishText, Uncertainty, signals_of
from pipelines.judging.providers import provider_named, provider_names
from pipelines.lake import LakeFile
from pipelines.publishing.code_version import code_version
from pipelines.publishing.ramp_gate import expiry
from pipelines.publishing.redacted import redacted_copies
from pipelines.ramp.record import stages_of

NIGHTS_LISTED = 14
NIGHTS_CHARTED = 90
ITEMS_LISTED = 10
TEXT_CHARACTERS = 8_000  # of one text; who needs more has the lake


@dataclass(frozen=True)
class Decision:
    """The newest day's decision, and until when it stands."""

    day: date
    decision: str
    reason_codes: list[str]
    explanation: str
    from_stage: str | None
    to_stage: str | None
    nights: int | None
    min_nights: int | None
    window_start: date | None
    window_end: date | None
    judged: int | None
    rubric_id: str | None
    baseline_id: str | None
    policy_hash: str | None
    evidence_digest: str | None
    restated: bool | None
    expires_at: datetime


@dataclass(frozen=True)
class Step:
    """One stage of the ramp, and the last time that it began, if it has."""

    name: str
    from_day: date | None
    current: bool


@dataclass(frozen=True)
class ScoredNight:
    """The overall score of a night and of its epoch so far, 0 to 1, with 90 % intervals, cold mean and band."""

    day: date
    stage: str | None
    epoch_start: date | None
    night_mean: float | None
    night_low: float | None
    night_high: float | None
    epoch_mean: float | None
    epoch_low: float | None
    epoch_high: float | None
    baseline_mean: float | None
    band_low: float | None
    band_high: float | None


@dataclass(frozen=True)
class Comparison:
    """A slice against the cold eval over the epoch. Means and bounds are 0 to 1; difference, low, high, band,
    minimum_detectable and standardised are relative."""

    day: date
    slice_kind: str
    slice: str
    criterion: str
    prod_mean: float | None
    baseline_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    band: float | None
    verdict: str
    nights: int | None
    items: int | None
    minimum_detectable: float | None
    missing_share: float | None
    bound_low: float | None
    bound_high: float | None
    standardised: float | None
    baseline_uncertainty: str | None


@dataclass(frozen=True)
class JudgeReading:
    """One criterion of the judge on its anchors, on the newest date by the day of the page. Scores are 0 to 1."""

    criterion: str
    judged_on: date
    anchors: int
    mean_first: float | None
    mean_now: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    status: str


@dataclass(frozen=True)
class JudgeNight:
    """How judging went on one criterion, on the last night that was judged. `flip_rate` is of all nights' votes by lot."""

    day: date
    criterion: str
    models: str | None
    scored: int
    not_applicable: int
    pending: int
    failed: int
    injections: int
    cut: int
    redacted: int
    cost_usd: float | None
    votes: int | None
    flip_rate: float | None


@dataclass(frozen=True)
class JudgeSpending:
    """How many logs sample.n asked for and the budget allowed on the last night, and what judging has cost in all."""

    wanted: int
    sampled: int
    total_usd: float | None


@dataclass(frozen=True)
class SignalOnDay:
    """What a signal of one cohort was on a day."""

    day: date
    cohort: str
    signal: Signal
    value: float | None
    reference: float | None
    band_low: float | None
    band_high: float | None
    status: str


@dataclass(frozen=True)
class Night:
    """What became of a night: a row of sql/publishing/night_outcomes.sql."""

    day: date
    stage: str | None
    lines: int | None
    logs: int | None
    rejected: int | None
    sampled: int | None
    scored: int | None
    failed: int | None
    night_mean: float | None
    decision: str
    reason_codes: list[str]
    restated: bool | None


@dataclass(frozen=True)
class Verdict:
    criterion: str
    level: int | None
    rationale: str | None


@dataclass(frozen=True)
class ScoredItem:
    """A log with its overall score; its texts are None where `publish.text` keeps them back."""

    day: date
    item_id: str
    overall: float
    category: str | None
    cohort: str | None
    locale: str | None
    input: str | None
    output: str | None
    verdicts: list[Verdict]


@dataclass(frozen=True)
class Ruler:
    criterion: str
    ruler_id: str
    weight: float
    judge: str | None
    judge_model: str | None


@dataclass(frozen=True)
class BesidePeople:
    """One criterion of the judge beside human labels; for `overall` there is no kappa. Means are 0 to 1, those corrected
    by labels with their 95 % intervals."""

    criterion: str
    items: int
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None
    people_kappa: float | None
    prod_raw: float | None
    prod_corrected: float | None
    prod_low: float | None
    prod_high: float | None
    cold_raw: float | None
    cold_corrected: float | None
    cold_low: float | None
    cold_high: float | None


@dataclass(frozen=True)
class PageData:
    """Everything on a page. `decision` is None before the first night; then all else is empty too."""

    feature: Feature
    decision: Decision | None
    steps: list[Step]
    scored_nights: list[ScoredNight]
    comparisons: list[Comparison]
    judge_readings: list[JudgeReading]
    judge_nights: list[JudgeNight]
    spending: JudgeSpending
    signals: list[SignalOnDay]
    nights: list[Night]
    lowest: list[ScoredItem]
    rulers: list[Ruler]
    beside_people: list[BesidePeople]
    made_at: datetime
    code_version: str

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The codes of the decision's reasons, each with what to do next."""
        if self.decision is None:
            return []
        return [(code, next_step(code, self.feature.name, self.decision.day)) for code in self.decision.reason_codes]

    @property
    def caveats(self) -> list[tuple[str, str]]:
        """Whoever judged and needs a caveat, by its provider's name, with that caveat."""
        judges = {ruler.judge for ruler in self.rulers} or {self.feature.judge.kind}
        caveats = ((name, provider_named(name).caveat) for name in provider_names() if name in judges)
        return [(name, caveat) for name, caveat in caveats if caveat is not None]

    @property
    def night_usd(self) -> float | None:
        """What the last night's verdicts cost; None without a model."""
        costs = [row.cost_usd for row in self.judge_nights if row.cost_usd is not None]
        return sum(costs) if costs else None

    @property
    def yardstick(self) -> bool:
        """Whether the cold eval is taken as the yardstick itself, without an error of its own."""
        return any(row.baseline_uncertainty == Uncertainty.FIXED for row in self.comparisons)

    @property
    def text_shown(self) -> bool:
        return self.feature.publish.text is not PublishText.NONE

    @property
    def text_redacted(self) -> bool:
        return self.feature.publish.text is PublishText.REDACTED

    @property
    def compared_on(self) -> date | None:
        """The night that the comparisons end with; earlier than the decision's day when that day has none."""
        return self.comparisons[0].day if self.comparisons else None

    def compared(self, slice_kind: str) -> list[Comparison]:
        """The comparisons of one kind: each criterion, overall first, or each slice by its overall score."""
        rows = [row for row in self.comparisons if row.slice_kind == slice_kind]
        if slice_kind == "overall":
            return sorted(rows, key=lambda row: (row.criterion != "overall", row.criterion))
        return [row for row in rows if row.criterion == "overall"]

    @property
    def measured_on(self) -> date | None:
        """The last day that has signals."""
        return self.signals[-1].day if self.signals else None

    @property
    def signals_of_all(self) -> list[SignalOnDay]:
        """The last day's signals over all cohorts, in the catalogue's order."""
        order = [signal.name for signal in signals_of(self.feature)]
        rows = [row for row in self.signals if row.day == self.measured_on and row.cohort == "all"]
        return sorted(rows, key=lambda row: order.index(row.signal.name))

    @property
    def signals_of_cohorts(self) -> list[SignalOnDay]:
        """The last day's signals of single cohorts, of those only that ask for attention."""
        quiet = ("healthy", "informational", "missing")
        return [
            row
            for row in self.signals
            if row.day == self.measured_on and row.cohort != "all" and row.status not in quiet
        ]

    def signal_history(self, signal: Signal) -> list[SignalOnDay]:
        """One signal over all cohorts, day by day."""
        return [row for row in self.signals if row.signal == signal and row.cohort == "all"]


def page_data(feature: Feature) -> PageData:
    """Ask the lake for everything that the feature's page shows.

    Raises RedactionUnavailable when its text is to be shown redacted, and the extra is not installed.
    """
    with lake.connect() as connection:
        lake.read(
            connection, "judge_drift", "rubrics", "judge_flips", "judge_costs", "calibration", feature=feature.name
        )
        lake.read(connection, "rulers")
        decision = _decision(connection, feature)
        until = decision.day if decision else feature.start
        # a page of two years of nights would say nothing more
        begin = until - timedelta(days=NIGHTS_CHARTED - 1)
        first_listed = until - timedelta(days=NIGHTS_LISTED - 1)
        lake.read(connection, "gate_decisions", "funnel", feature=feature.name, since=first_listed, until=until)
        lake.read(connection, "divergence", "signals", feature=feature.name, since=begin, until=until)
        _read_last_night(connection, feature, until)
        lake.view(connection, "judging/item_scores")
        return PageData(
            feature=feature,
            decision=decision,
            steps=_steps(feature, decision),
            scored_nights=[
                night
                for night in _rows(ScoredNight, connection, "publishing/quality_by_night", until=until)
                if night.day >= begin
            ],
            comparisons=_comparisons(connection, feature, until),
            judge_readings=_rows(
                JudgeReading,
                connection,
                "publishing/judge_readings",
                until=until + timedelta(days=1),  # the night after the day
                rubric_id=decision.rubric_id if decision else None,
            ),
            judge_nights=_rows(JudgeNight, connection, "publishing/judge_by_criterion", until=until),
            spending=_rows(JudgeSpending, connection, "publishing/judge_spending", until=until)[0],
            signals=_signals(connection, feature, begin, until),
            nights=_rows(Night, connection, "publishing/night_outcomes")[-NIGHTS_LISTED:][::-1],
            lowest=_lowest(connection, feature, until),
            rulers=_rows(
                Ruler, connection, "publishing/rulers_of_rubric", rubric_id=decision.rubric_id if decision else None
            ),
            beside_people=_rows(
                BesidePeople, connection, "publishing/beside_people", rubric_id=decision.rubric_id if decision else None
            ),
            made_at=clock.now(),
            code_version=code_version(),
        )


def _read_last_night(connection: duckdb.DuckDBPyConnection, feature: Feature, until: date) -> None:
    """Let SQL on this connection see `sample` and `judgments` of the last night that has rows of each, as they may be
    shown; of the night that was judged last, its sample as well."""
    judged = _last_with_rows(connection, "judgments", feature, until)
    sampled = _last_with_rows(connection, "sample", feature, until)
    for table, days in (("judgments", {judged}), ("sample", {judged, sampled})):
        files: list[LakeFile] = [
            file for day in days if day for file in lake.files(table, feature=feature.name, day=day)
        ]
        if feature.publish.text is PublishText.REDACTED:
            files, _ = redacted_copies(connection, table, files)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {lake.scan(table, files)}")


def _last_with_rows(connection: duckdb.DuckDBPyConnection, table: str, feature: Feature, until: date) -> date | None:
    """The last day up to one of which a table of days has rows that can be read."""
    for file in reversed(lake.files(table, lake.Days(until=until), feature=feature.name)):
        try:
            has_rows = any(lake.rows(connection, [file]).values())
        except duckdb.Error:
            continue  # the published file names it
        if has_rows:
            return date.fromisoformat(file.partition["day"])
    return None


def _comparisons(connection: duckdb.DuckDBPyConnection, feature: Feature, until: date) -> list[Comparison]:
    comparisons: list[Comparison] = _rows(Comparison, connection, "publishing/comparisons", until=until)
    if not comparisons:  # the last night with scores may be long ago
        lake.read(connection, "divergence", feature=feature.name)
        comparisons = _rows(Comparison, connection, "publishing/comparisons", until=until)
    return comparisons


def _decision(connection: duckdb.DuckDBPyConnection, feature: Feature) -> Decision | None:
    decisions: Sequence[dict[str, Any]] = []
    # where decisions are cut by month, the newest month has the newest of them
    for file in reversed(lake.files("gate_decisions", feature=feature.name)):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW gate_decisions AS {lake.scan('gate_decisions', [file])}")
        if decisions := _dicts(lake.run(connection, "publishing/newest_decision")):
            break
    if not decisions:
        return None
    row = decisions[0] | {"expires_at": expiry(feature, decisions[0]["day"])}
    return Decision(**{field.name: row[field.name] for field in fields(Decision)})


def _steps(feature: Feature, decision: Decision | None) -> list[Step]:
    stages = stages_of(feature)
    current = decision.from_stage if decision else stages.stage_on(feature.start).name
    return [
        Step(stage.name, stages.began(stage, decision.day) if decision else None, stage.name == current)
        for stage in stages.stages
    ]


def _signals(connection: duckdb.DuckDBPyConnection, feature: Feature, begin: date, until: date) -> list[SignalOnDay]:
    """The feature's signals from day to day. Those of older days that it has no more are left out."""
    known = by_name(signals_of(feature))
    rows = _dicts(lake.run(connection, "publishing/signals_by_day", until=until))
    return [
        SignalOnDay(**row | {"signal": known[row["signal"]]})
        for row in rows
        if row["day"] >= begin and row["signal"] in known
    ]


def _lowest(connection: duckdb.DuckDBPyConnection, feature: Feature, until: date) -> list[ScoredItem]:
    rows = _dicts(
        lake.run(
            connection,
            "publishing/lowest_scored_items",
            until=until,
            items=ITEMS_LISTED,
            text=feature.publish.text is not PublishText.NONE,
            characters=TEXT_CHARACTERS,
        )
    )
    items = []
    for _, group in groupby(rows, key=lambda row: row["item_id"]):
        verdicts = list(group)
        of_item = {field.name: verdicts[0][field.name] for field in fields(ScoredItem) if field.name != "verdicts"}
        of_verdict = [field.name for field in fields(Verdict)]
        items.append(
            ScoredItem(**of_item, verdicts=[Verdict(**{name: row[name] for name in of_verdict}) for row in verdicts])
        )
    return items


def _rows(kind: type, connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> list:
    """The rows of a SQL file as dataclasses; columns that the class does not have are left out."""
    names = [field.name for field in fields(kind)]
    return [kind(**{name: row[name] for name in names}) for row in _dicts(lake.run(connection, name, **parameters))]


def _dicts(result: duckdb.DuckDBPyConnection) -> Sequence[dict[str, Any]]:
    return [{name: _known(value) for name, value in row.items()} for row in dict_rows(result)]


def _known(value: Any) -> Any:
    """A number that is none or infinite is one that is not known."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
