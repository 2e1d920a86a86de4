"""The feature file: what a user writes about one AI feature, and the errors that tell them how to mend it."""

import difflib
import os
import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import ErrorDetails

from pipelines import clock
from pipelines.catalogue.formats import CANONICAL, LogFormat, find_format
from pipelines.catalogue.headers import CatalogueError
from pipelines.catalogue.signals import Signal, bands, forecasts, signals, triggers
from pipelines.checkout import CHECKOUT
from pipelines.errors import UserError

FEATURES_VARIABLE = "PROD_EVALS_FEATURES"
ON_QUALITY = "quality"  # the band and the trigger of a roll-back that belong to no signal


class FeatureError(UserError):
    """A feature file that cannot be used; one line per mistake."""


class CanonicalColumn(StrEnum):
    """What `logs.fields` may fill: the columns of a canonical log."""

    LOG_ID = "log_id"
    TS = "ts"
    CATEGORY = "category"
    COHORT = "cohort"
    USER_ID = "user_id"
    CONVERSATION_ID = "conversation_id"
    LOCALE = "locale"
    MODEL = "model"
    PROMPT_VERSION = "prompt_version"
    INPUT = "input"
    OUTPUT = "output"
    SOURCES = "sources"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    COST_USD = "cost_usd"
    LATENCY_MS = "latency_ms"
    ERROR = "error"
    FEEDBACK = "feedback"
    REGENERATED = "regenerated"
    FALLBACK = "fallback"
    INJECTION_FLAG = "injection_flag"


class ColdColumn(StrEnum):
    """What `baseline.fields` may fill: the columns of a cold-eval item."""

    ITEM_ID = "item_id"
    CATEGORY = "category"
    INPUT = "input"
    OUTPUT = "output"
    SOURCES = "sources"


class LabelColumn(StrEnum):
    """What `human_labels.fields` may fill: the columns of a label."""

    ITEM_ID = "item_id"
    CRITERION = "criterion"
    LABEL = "label"
    RATER = "rater"
    DAY = "day"


class SliceColumn(StrEnum):
    """A column of the canonical log with few values, by which logs can be grouped."""

    CATEGORY = "category"
    COHORT = "cohort"
    LOCALE = "locale"
    MODEL = "model"
    PROMPT_VERSION = "prompt_version"


class FileFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class JudgeKind(StrEnum):
    OFFLINE = "offline"
    ANTHROPIC = "anthropic"


class JudgeMode(StrEnum):
    """How a model is asked: in batches, at half the price and within hours, or one by one, at once."""

    BATCH = "batch"
    LIVE = "live"


class Provider(StrEnum):
    """Who serves the model: the Messages API itself (or a gateway that speaks it), or a cloud."""

    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    VERTEX = "vertex"
    FOUNDRY = "foundry"


class Effort(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


class PublishText(StrEnum):
    """What the published file and the page may show of inputs, outputs and what quotes them."""

    FULL = "full"
    REDACTED = "redacted"
    NONE = "none"


class Uncertainty(StrEnum):
    """What a cold eval is taken for: a sample of what it stands for, or the yardstick itself."""

    SAMPLED = "sampled"
    FIXED = "fixed"


def _clock_time(value: Any) -> Any:
    if isinstance(value, int):
        raise ValueError('YAML reads 04:30 without quotes as a number; write "04:30"')
    if isinstance(value, str) and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('it must be a time of day as in "04:30"')
    return time.fromisoformat(value) if isinstance(value, str) else value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        near = difflib.get_close_matches(value, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ", as in America/New_York"
        raise ValueError(f"it must be an IANA time zone{hint}")
    return value


def _plain_date(value: Any) -> Any:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("it must be a date as in 2026-10-19")
    return value


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([hms])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("it must be a number of hours, minutes or seconds, as in 2h, 30m or 45s")
    return timedelta(seconds=float(match[1]) * {"h": 3600, "m": 60, "s": 1}[match[2]])


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _some_and_different(value: tuple) -> tuple:
    if not value or len(set(value)) < len(value):
        wrong = "a column twice" if value else "no column"
        raise ValueError(f"names {wrong}; name one, or several as in [category, locale]")
    return value


def _trigger(value: Any) -> Any:
    known = (ON_QUALITY, *triggers(signals()))
    if value not in known:
        *first, last = map(repr, known)
        raise ValueError(f"it must be {', '.join(first)} or {last}")
    return value


def _preset(value: str) -> str:
    try:
        _format_fields(find_format(value))
    except CatalogueError as error:
        raise ValueError(str(error)) from error
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Day = Annotated[date, BeforeValidator(_plain_date)]
Preset = Annotated[str, AfterValidator(_preset)]
RollBackTrigger = Annotated[str, BeforeValidator(_trigger)]
StratifyBy = Annotated[tuple[SliceColumn, ...], BeforeValidator(_listed), AfterValidator(_some_and_different)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Night(_Section):
    at: ClockTime = Field(time(4, 30), description="when the day's logs are usually there")
    wait_hours: float = Field(6, ge=0, le=20, description="how long after `at` to wait for logs that are late")
    decide_by: ClockTime = Field(time(11, 0), description="when to decide whatever happened")
    scheduled: bool = Field(
        True, description="whether the schedules are on from the start; the UI turns them on and off"
    )


class ReadDays(_Section):
    before: int = Field(0, ge=0, le=3, description="how many earlier files may hold this day's rows")
    after: int = Field(0, ge=0, le=3, description="how many later files may hold this day's rows")


class SourceFields(_Section):
    """Where a retrieved source's parts are, when they are not called id, title and text."""

    path: str = Field(min_length=1, description="the list of sources in a record")
    id: str = Field("id", min_length=1, description="a source's id, inside the list")
    title: str = Field("title", min_length=1, description="a source's title, inside the list")
    text: str = Field("text", min_length=1, description="a source's text, inside the list")


class Logs(_Section):
    path: str = Field(
        min_length=1,
        description="where a day's files are; {{ day }} stands for the date, globs are allowed, relative to this file",
    )
    format: FileFormat | None = Field(None, description="only where the file name's ending does not tell it")
    timezone: TimeZone = Field("UTC", description="the zone of times that are written without an offset")
    read_days: ReadDays | None = Field(None, description="neighbouring files that may hold this day's rows")
    preset: Preset = Field(CANONICAL, description="a file of sql/formats/")
    fields: dict[CanonicalColumn, str | SourceFields] = Field(
        default_factory=dict,
        description="where each canonical column is in a record, as in `input: request.prompt`",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Logs":
        if not re.search(r"\{\{.*\bday\b.*\}\}", self.path):
            raise ValueError("path has no {{ day }}, so no day could be told from another")
        _only_sources_may_be_mappings(self.fields)
        return self

    @property
    def log_format(self) -> LogFormat:
        """What `preset` names."""
        return find_format(self.preset)

    def mapped(self) -> dict[CanonicalColumn, str | SourceFields]:
        """Where each column is in a record: as `fields` says, else as the format does, else under its own name."""
        own_names = {column: column.value for column in CanonicalColumn}
        return own_names | _format_fields(self.log_format) | self.fields


def _format_fields(format_: LogFormat) -> dict[CanonicalColumn, str | SourceFields]:
    """The fields of a format's header as a feature file would have them. Raises CatalogueError for what is no column."""
    fields: dict[CanonicalColumn, str | SourceFields] = {}
    parts: dict[str, str] = {}
    for name, path in format_.fields.items():
        if name in ("sources.id", "sources.title", "sources.text") and "sources" in format_.fields:
            parts[name.removeprefix("sources.")] = path
        elif name in list(CanonicalColumn):
            fields[CanonicalColumn(name)] = path
        else:
            raise CatalogueError(f"{format_.path}: its Fields name {name!r}, which is no column of a log")
    if parts:
        fields[CanonicalColumn.SOURCES] = SourceFields(path=format_.fields["sources"], **parts)
    return fields


class Allocation(StrEnum):
    """How the sample is shared out over strata, beyond their floors."""

    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"  # more where scores spread more: the least error of the overall mean
    POWER = "power"  # by the square root of the size: more for small strata, which matter for themselves


class Sample(_Section):
    n: int = Field(200, ge=1, le=100_000, description="how many logs to judge a night; 200 is usual")
    stratify_by: StratifyBy = Field(
        (SliceColumn.CATEGORY,), description="the column, or columns, that strata are made of"
    )
    floor: int = Field(10, ge=1, description="the fewest logs of a stratum that are judged; 10 is usual")
    allocation: Allocation = Field(Allocation.PROPORTIONAL, description="how n is shared out over strata")
    spread: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict, description="the standard deviation of scores within each stratum, for neyman"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Sample":
        if self.allocation is Allocation.NEYMAN and not self.spread:
            raise ValueError(
                "allocation is neyman, which needs spread; begin with proportional, and after some nights "
                "`prod-evals check` prints the spread that they had"
            )
        return self


class Votes(_Section):
    """Verdicts asked for again, to see how often the judge changes its mind."""

    count: int = Field(2, ge=1, le=9, description="how often a chosen item is judged again")
    share: float = Field(0.05, ge=0, le=1, description="the share of items that are chosen by lot")
    borderline: bool = Field(True, description="whether items with a level of 3 are chosen besides")


class Prices(_Section):
    """What a model costs: US dollars per million tokens, and what caching and batches do to that."""

    input: float = Field(ge=0, description="US dollars per million tokens that the model reads")
    output: float = Field(ge=0, description="US dollars per million tokens that the model writes")
    cache_write_5m: float = Field(
        1.25, ge=0, description="of what is written to the cache for 5 minutes, times `input`"
    )
    cache_write_1h: float = Field(2.0, ge=0, description="of what is written to the cache for an hour, times `input`")
    cache_read: float = Field(0.1, ge=0, description="of what is read from the cache, times `input`")
    batch: float = Field(0.5, gt=0, le=1, description="of everything in a batch, times its price")


class JudgeConfig(_Section):
    kind: JudgeKind = Field(JudgeKind.OFFLINE, description="offline: transparent rules, no model; anthropic: a model")
    model: str | None = Field(None, min_length=1, description="the model that judges, as in claude-haiku-5-5")
    mode: JudgeMode = Field(JudgeMode.BATCH, description="batch: half the price, within hours; live: at once")
    redact: bool | None = Field(
        None, description="whether personal data and secrets are taken out of text before it leaves this machine"
    )
    effort: Effort | None = Field(Effort.LOW, description="how much the model thinks; null leaves it to the model")
    max_tokens: int = Field(
        1024, ge=256, le=32_000, description="the longest answer; a cut-off one is asked again with 4x"
    )
    concurrency: int = Field(32, ge=1, le=512, description="requests in flight at once in live mode")
    wait: Duration = Field(timedelta(hours=2), description="how long a run waits for its verdicts, as in 2h or 30m")
    budget_usd: float | None = Field(None, gt=0, description="what judging a day's sample may cost; it shrinks to fit")
    anchors: int = Field(
        40, ge=0, le=1000, description="cold items judged afresh on every date, to see the judge drift"
    )
    votes: Votes | None = Field(None, description="verdicts asked for again, to see how often they flip")
    provider: Provider = Field(Provider.ANTHROPIC, description="who serves the model")
    base_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="a gateway or local server that speaks the Messages API",
    )
    criteria: dict[str, Annotated[float, Field(gt=0, le=100)]] = Field(
        default_factory=lambda: {"addressed_question": 1.0, "grounded_in_sources": 1.0, "tone": 0.5},
        min_length=1,
        description="criteria (files of judge_prompts/) and their weights",
    )
    prices: Prices | None = Field(None, description="what the model costs, where the price list is wrong or has it not")

    @model_validator(mode="after")
    def _consistent(self) -> "JudgeConfig":
        if self.kind is JudgeKind.OFFLINE:
            return self
        if self.model is None:
            raise ValueError("model is missing; say which model judges, as in model: claude-haiku-5-5")
        if self.redact is None:
            raise ValueError(
                "redact has no default when text leaves this machine; say redact: true to take personal data and secrets "
                "out of it first, or redact: false to send it as it is"
            )
        if self.mode is JudgeMode.BATCH and self.provider is not Provider.ANTHROPIC:
            raise ValueError(
                f"mode is batch, and {self.provider.value} has no Message Batches; say mode: live, or provider: anthropic"
            )
        return self

    @property
    def named_model(self) -> str:
        """The model of a judge that asks one; without it, no such feature file is valid. Raises ValueError else."""
        if self.model is None:
            raise ValueError("a judge without a model has none to name")
        return self.model


class Baseline(_Section):
    path: str = Field(min_length=1, description="the cold eval's items, relative to this file")
    format: FileFormat | None = Field(None, description="only where the file name's ending does not tell it")
    fields: dict[ColdColumn, str | SourceFields] = Field(
        default_factory=dict, description="where each column of a cold item is in a record"
    )
    uncertainty: Uncertainty = Field(
        Uncertainty.SAMPLED,
        description="sampled: the cold items stand for more than themselves, so their mean has an error; fixed: their "
        "mean is the yardstick itself",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Baseline":
        _only_sources_may_be_mappings(self.fields)
        return self


class HumanLabels(_Section):
    path: str = Field(
        min_length=1,
        description="files of what people said of items, one a record; globs allowed, relative to this file",
    )
    format: FileFormat | None = Field(None, description="only where the file name's ending does not tell it")
    fields: dict[LabelColumn, str] = Field(
        default_factory=dict, description="where each column of a label is in a record"
    )


class _Forecast(_Section):
    """What was expected before launch. Its fields are those that signals are compared with."""

    def of(self, signal: Signal, stage: str) -> float | None:
        """What a signal is expected to be at a stage; None where nothing is."""
        if not signal.has_forecast:
            return None
        expected = getattr(self, signal.reference.field)
        return expected.get(stage) if signal.reference.by_stage else expected

    def by_stage(self) -> dict[str, dict[str, float]]:
        """The fields that have a number for each stage."""
        return {field: getattr(self, field) for field, reference in forecasts(signals()).items() if reference.by_stage}


class _Bands(_Section):
    """How far production may be from its reference: relative to it, or a limit itself. Quality's, and each signal's."""

    quality: float = Field(0.05, gt=0, lt=1, description="relative to the cold eval's mean")

    def of(self, signal: Signal) -> float | None:
        """The band of a signal; None where it has none."""
        return getattr(self, signal.band.name) if signal.band else None


def _forecast_fields() -> dict[str, Any]:
    amount = Annotated[float, Field(gt=0)]
    return {
        field: (dict[str, amount], Field(default_factory=dict, description=reference.text))
        if reference.by_stage
        else (amount | None, Field(None, description=reference.text))
        for field, reference in forecasts(signals()).items()
    }


def _band_fields() -> dict[str, Any]:
    return {
        name: (float, Field(band.default, gt=0, lt=1 if band.is_share else None, description=band.text))
        for name, band in bands(signals()).items()
    }


if TYPE_CHECKING:  # what is made of the catalogue has fields that no reader of types can know; `of` gives them
    Forecast = _Forecast
    Bands = _Bands
else:
    Forecast = create_model("Forecast", __base__=_Forecast, **_forecast_fields())
    Bands = create_model("Bands", __base__=_Bands, **_band_fields())


class Stage(_Section):
    name: str = Field(min_length=1, max_length=40, description='as in internal or "5%"')
    cohorts: tuple[str, ...] | None = Field(
        None, min_length=1, description="the cohorts whose logs are sampled at this stage; all by default"
    )
    min_nights: int = Field(3, ge=1, le=365, description="nights of evidence before the ramp may advance")


class HistoryLine(_Section):
    """A line of `ramp.history`: what the stage record (ramp/record.py) imports."""

    stage: str = Field(description="the name of a stage")
    from_: Day = Field(alias="from", description="the first day of that stage")


class Ramp(_Section):
    flag: str | None = Field(None, description="the feature flag's key")
    environment: str = Field("production", description="the flag's environment")
    stages: tuple[Stage, ...] = Field((Stage(name="100%"),), min_length=1, description="from first to last")
    history: tuple[HistoryLine, ...] = Field((), description="when each stage began")
    roll_back_on: frozenset[RollBackTrigger] = Field(
        frozenset({ON_QUALITY, "error_rate"}),
        description="breaches that roll back; any other breach holds",
    )
    runbook: str | None = Field(None, description="where the rollback path is written down")

    @model_validator(mode="after")
    def _consistent(self) -> "Ramp":
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise ValueError(f"stages has a name twice: {', '.join(names)}")
        for change in self.history:
            if change.stage not in names:
                raise ValueError(f"history names the stage {change.stage!r}; the stages are {', '.join(names)}")
        dates = [change.from_ for change in self.history]
        if sorted(set(dates)) != dates:
            raise ValueError("history must go from the first day to the last, one stage a day")
        return self


class Publish(_Section):
    text: PublishText = Field(
        PublishText.NONE, description="what may be shown of inputs and outputs: full, redacted or none"
    )
    otlp: str | None = Field(
        None, pattern=r"^https?://\S+$", description="an OpenTelemetry collector that verdicts are sent to as events"
    )


class Feature(_Section):
    """One AI feature. `name` is the file's; paths in it are relative to its folder (`directory`)."""

    description: str = Field("", description="one line for people")
    timezone: TimeZone = Field("UTC", description="the zone whose midnight cuts a day")
    start: Day = Field(description="the first day that can be run")
    night: Night = Night()
    logs: Logs
    sample: Sample = Sample()
    judge: JudgeConfig = JudgeConfig()
    baseline: Baseline | None = Field(None, description="the cold eval that production is compared with")
    human_labels: HumanLabels | None = Field(None, description="what people said of items, to set beside the judge")
    forecast: Forecast = Forecast()
    bands: Bands = Bands()
    ramp: Ramp = Ramp()
    publish: Publish = Publish()
    epoch_on: SliceColumn = Field(
        SliceColumn.PROMPT_VERSION, description="the column whose change begins a new epoch of pooled nights"
    )

    _name: str = PrivateAttr("")
    _file: Path = PrivateAttr(Path())

    @model_validator(mode="after")
    def _consistent(self) -> "Feature":
        stages = {stage.name for stage in self.ramp.stages}
        for field, expected in self.forecast.by_stage().items():
            for name in expected:
                if name not in stages:
                    raise ValueError(
                        f"forecast.{field} names the stage {name!r}; the stages are {', '.join(sorted(stages))}"
                    )
        return self

    @property
    def name(self) -> str:
        return self._name

    @property
    def directory(self) -> Path:
        return self._file.parent

    def place(self, *field: str | int) -> str:
        """Where a field stands, as in `features/drafts.yaml:14`, for an error about it; of one that is gone, the file."""
        try:
            line = _line_numbers(self._file.read_text(encoding="utf-8")).get(field)
        except (OSError, ValueError, yaml.YAMLError):
            line = None
        return _label(self._file) + (f":{line}" if line else "")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def has_anchors(self) -> bool:
        """Whether cold items are judged afresh on every date: rules do not drift."""
        return self.baseline is not None and self.judge.kind is not JudgeKind.OFFLINE and self.judge.anchors > 0

    def read_days(self) -> ReadDays:
        """Which neighbouring files hold rows of a day: loggers name files by UTC, so other zones need one each side."""
        if self.logs.read_days is not None:
            return self.logs.read_days
        return ReadDays() if self.timezone == "UTC" else ReadDays(before=1, after=1)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """A local day's first instant and the next day's, in UTC: 23, 24 or 25 hours apart."""
        begin = datetime.combine(day, time(), self.zone)
        end = datetime.combine(day + timedelta(days=1), time(), self.zone)
        return begin.astimezone(UTC), end.astimezone(UTC)

    def latest_complete_day(self) -> date:
        """The last local day that is over."""
        return clock.now().astimezone(self.zone).date() - timedelta(days=1)

    def decide_at(self, day: date) -> datetime:
        """When the decision about a day is due, whatever happened: `night.decide_by` of the day after it, in UTC."""
        return datetime.combine(day + timedelta(days=1), self.night.decide_by, self.zone).astimezone(UTC)


def signals_of(feature: Feature) -> tuple[Signal, ...]:
    """What a feature's logs are watched for: every signal of the catalogue."""
    return signals()


def features_directory() -> Path:
    """Where feature files are: PROD_EVALS_FEATURES, else features/ in the checkout."""
    return Path(os.environ.get(FEATURES_VARIABLE) or CHECKOUT / "features").absolute()


def feature_files() -> dict[str, Path]:
    """Every feature's name and file, by name. Files that begin with an underscore are examples."""
    found = {}
    for pattern in ("*.yaml", "*.yml"):
        for path in features_directory().glob(pattern):
            if not path.name.startswith("_"):
                found[path.stem] = path
    return dict(sorted(found.items()))


def find_feature(name: str) -> "Feature":
    """The feature of that name. Raises FeatureError when there is none, or when its file is wrong."""
    files = feature_files()
    if name not in files:
        near = difflib.get_close_matches(name, files, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(files) or 'none yet'}"
        raise FeatureError(f"no feature {name!r} in {features_directory()}; {hint}")
    return load_feature(files[name])


def load_feature(path: Path) -> "Feature":
    """Read and validate one feature file. Raises FeatureError with a line for every mistake in it."""
    label = _label(path)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", path.stem):
        raise FeatureError(
            f"{label}: the file's name is the feature's name, and {path.stem!r} is not one; "
            "use lower-case letters, digits and underscores, as in support_drafts.yaml"
        )
    try:
        text = path.read_text(encoding="utf-8")
        raw = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise FeatureError(f"{label}: cannot be read: {error}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise FeatureError(f"{label}: is not YAML: {_yaml_problem(error)}") from error
    if not isinstance(raw, dict):
        raise FeatureError(f"{label}: must be a mapping of fields; features/_example.yaml shows them all")
    try:
        feature = Feature.model_validate(raw)
    except ValidationError as error:
        lines = _line_numbers(text)
        raise FeatureError("\n".join(_mistakes(label, raw, lines, error))) from None
    feature._name = path.stem
    feature._file = path.absolute()
    return feature


def _only_sources_may_be_mappings(fields: dict[Any, Any]) -> None:
    for column, where in fields.items():
        if isinstance(where, SourceFields) and column != "sources":
            raise ValueError(f"fields.{column} must be a path as in request.prompt; only sources may be a mapping")


def _label(path: Path) -> str:
    """A file's path as a person would write it: relative to the checkout where it is inside."""
    path = path.absolute()
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return where + (getattr(error, "problem", None) or str(error))


def _line_numbers(text: str) -> dict[tuple[str | int, ...], int]:
    """The line of every field of a YAML text, by its path."""
    found: dict[tuple[str | int, ...], int] = {}

    def visit(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        found.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*path, key.value)] = key.start_mark.line + 1
                visit(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                visit(value, (*path, index))

    if (document := yaml.compose(text, Loader=yaml.SafeLoader)) is not None:
        visit(document, ())
    return found


def _mistakes(label: str, raw: dict, lines: dict, error: ValidationError) -> list[str]:
    """One line per mistake: file and line, field, what was found, what is allowed, what the field is for."""
    mistakes = []
    problems = error.errors()
    for problem in problems:
        if _follows_from_another(problem, problems):
            continue
        loc = _path_in_file(raw, problem["loc"])
        field = ".".join(str(part) for part in loc) or "the file"
        line = next((lines[loc[:k]] for k in range(len(loc), -1, -1) if loc[:k] in lines), 1)
        where = f"{label}:{line}: "
        model, info = _schema_of(loc)
        purpose = f" ({info.description})" if info is not None and info.description else ""
        if problem["type"] == "extra_forbidden":
            allowed = [f.alias or name for name, f in model.model_fields.items()] if model else []
            near = difflib.get_close_matches(str(loc[-1]), allowed, 1)
            hint = f"did you mean {near[0]}?" if near else f"allowed here: {', '.join(allowed)}"
            mistakes.append(f"{where}{field} is not a field; {hint}")
        elif problem["type"] == "missing":
            mistakes.append(f"{where}{field} is missing{purpose}; add it")
        else:
            message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
            message = message[:1].lower() + message[1:] if message.startswith(("Input", "String")) else message
            found = problem["input"]
            shown = f" is {found!r}" if isinstance(found, str | int | float | bool | date | None) else ""
            mistakes.append(
                f"{where}{field}{shown}; {message}{purpose}" if shown else f"{where}{field}: {message}{purpose}"
            )
    return list(dict.fromkeys(mistakes))


def _follows_from_another(problem: ErrorDetails, problems: list[ErrorDetails]) -> bool:
    """A list that is too short because its items are wrong; a mapping that is no text where either is allowed."""
    if problem["type"] == "too_short":
        return any(other["loc"][: len(problem["loc"])] == problem["loc"] != other["loc"] for other in problems)
    return problem["type"] == "string_type" and isinstance(problem["input"], dict)


def _path_in_file(raw: Any, loc: tuple) -> tuple:
    """Pydantic's path without the parts that are not in the file (the names of a union's branches, `[key]`)."""
    path, here = [], raw
    for part in loc:
        is_index = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if is_index or (isinstance(here, dict) and part in here):
            here = here[part]
        elif isinstance(here, dict) and part not in ("str", "SourceFields", "[key]"):
            here = None  # a field that the file does not have
        else:
            continue
        path.append(part)
    return tuple(path)


def _schema_of(loc: tuple) -> tuple[type[BaseModel] | None, Any]:
    """The section that a path's last part belongs to, and that field's description."""
    model: Any = Feature
    owner, info = None, None
    for part in loc:
        if isinstance(part, int):
            continue
        owner = model if isinstance(model, type) and issubclass(model, BaseModel) else None
        info = None
        if owner is not None:
            info = owner.model_fields.get(part) or next(
                (f for f in owner.model_fields.values() if f.alias == part), None
            )
        model = _model_in(info.annotation) if info is not None else None
    return owner, info


def _model_in(annotation: Any) -> Any:
    """The section inside an annotation such as `Baseline | None` or `tuple[Stage, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (model := _model_in(inner)) is not None and model is not SourceFields:
            return model
    return None
