"""The sections of a feature file: every field, its default, what it allows and what it is for."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializeAsAny,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from pipelines.catalogue.formats import CANONICAL, LogFormat, find_format
from pipelines.catalogue.headers import CatalogueError
from pipelines.catalogue.signals import Signal, bands, forecasts, signals, triggers
from pipelines.feature import calendar
from pipelines.feature.calendar import ClockTime, Day, Duration, TimeZone
from pipelines.judging.providers import DEFAULT, provider_named, provider_names
from pipelines.ramp.flags import service_names, settings_of

if TYPE_CHECKING:  # it imports this module
    from pipelines.ramp.flags.service import FlagService

ON_QUALITY = "quality"  # the band and the trigger of a roll-back that belong to no signal


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


class JudgeMode(StrEnum):
    """How a model is asked: in batches, at half the price and within hours, or one by one, at once."""

    BATCH = "batch"
    LIVE = "live"


class ServedBy(StrEnum):
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


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _distinct_columns(value: tuple) -> tuple:
    if not value or len(set(value)) < len(value):
        wrong = "a column twice" if value else "no column"
        raise ValueError(f"names {wrong}; name one, or several as in [category, locale]")
    return value


def _owner(value: str) -> str:
    if not re.fullmatch(r"team:\S+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}", value):  # as Dagster wants them
        raise ValueError("it must be an e-mail address or a team, as in anna@acme.example or team:support")
    return value


def _trigger(value: Any) -> Any:
    return _one_of((ON_QUALITY, *triggers(signals())), value)


def _preset(value: str) -> str:
    try:
        _format_fields(find_format(value))
    except CatalogueError as error:
        raise ValueError(str(error)) from error
    return value


def _judge_kind(value: Any) -> Any:
    return _one_of(provider_names(), value)


def _flag_service(value: Any) -> Any:
    return _one_of(service_names(), value)


def _one_of(known: Sequence[str], value: Any) -> Any:
    if value not in known:
        *first, last = map(repr, known)
        raise ValueError(f"it must be {', '.join(first) + ' or ' if first else ''}{last}")
    return value


RollBackTrigger = Annotated[str, BeforeValidator(_trigger)]
Owner = Annotated[str, AfterValidator(_owner)]
Preset = Annotated[str, AfterValidator(_preset)]
FlagServiceName = Annotated[str, BeforeValidator(_flag_service)]
JudgeKind = Annotated[str, BeforeValidator(_judge_kind)]
StratifyBy = Annotated[tuple[SliceColumn, ...], BeforeValidator(_as_list), AfterValidator(_distinct_columns)]


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
    kind: JudgeKind = Field(DEFAULT, description="offline: transparent rules, no model; anthropic: a model")
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
    provider: ServedBy = Field(ServedBy.ANTHROPIC, description="who serves the model")
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

    @model_validator(mode="wrap")
    @classmethod
    def _by_its_provider(cls, section: Any, handler: ModelWrapValidatorHandler["JudgeConfig"]) -> "JudgeConfig":
        """The section as the provider of its `kind` wants it: with fields of its own, perhaps, and rules between them."""
        settings = judge_settings(section) if cls is JudgeConfig else cls
        return handler(section) if settings is cls else settings.model_validate(section)

    @property
    def named_model(self) -> str:
        """The model of a judge that asks one; without it, no such feature file is valid. Raises ValueError else."""
        if self.model is None:
            raise ValueError("a judge without a model has none to name")
        return self.model


def judge_settings(section: Any) -> type[JudgeConfig]:
    """What a section `judge` is validated as: its provider's settings; where its `kind` is wrong, those of all."""
    kind = section.get("kind", DEFAULT) if isinstance(section, dict) else None
    return provider_named(kind).settings if kind in provider_names() else JudgeConfig


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


class FlagSettings(_Section, ABC):
    """Where the feature's flag is kept. Each service has a class of its own, `Settings` of its module, with the fields
    that it needs."""

    service: FlagServiceName = Field(description="who keeps the flag: a module of pipelines/ramp/flags/")

    @abstractmethod
    def service_for(self, feature: "Feature") -> "FlagService":
        """The feature's flag, to be asked. Cheap: nothing is asked yet."""


def flag_settings(given: Any) -> type[FlagSettings]:
    """The class of a section `flag` as it is written: of the service that it names, FlagSettings where it names none."""
    name = given.get("service") if isinstance(given, dict) else None
    return settings_of(name) if name in service_names() else FlagSettings


def _flag_settings(given: Any) -> Any:
    own = flag_settings(given)
    if own is not FlagSettings:
        return own.model_validate(given)
    if not isinstance(given, dict):
        return given
    # of a service that is not known only the name is a mistake: its other fields may be right
    return {name: value for name, value in given.items() if name == "service"}


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
    owners: tuple[Owner, ...] = Field((), description="whom Dagster shows as owners: e-mail addresses and teams")
    timezone: TimeZone = Field("UTC", description="the zone whose midnight cuts a day")
    start: Day = Field(description="the first day that can be run")
    night: Night = Night()
    logs: Logs
    sample: Sample = Sample()
    judge: SerializeAsAny[JudgeConfig] = Field(default_factory=JudgeConfig)
    baseline: Baseline | None = Field(None, description="the cold eval that production is compared with")
    human_labels: HumanLabels | None = Field(None, description="what people said of items, to set beside the judge")
    forecast: Forecast = Forecast()
    bands: Bands = Bands()
    ramp: Ramp = Ramp()
    flag: Annotated[FlagSettings | None, BeforeValidator(_flag_settings), SerializeAsAny()] = Field(
        None, description="where the flag is kept that ramp.flag names, so that it can be read"
    )
    publish: Publish = Publish()
    epoch_on: SliceColumn = Field(
        SliceColumn.PROMPT_VERSION, description="the column whose change begins a new epoch of pooled nights"
    )

    _name: str = PrivateAttr("")
    _file: Path = PrivateAttr(Path())

    @field_validator("flag")
    @classmethod
    def _has_a_key(cls, flag: FlagSettings | None, info: ValidationInfo) -> FlagSettings | None:
        if flag is not None and "ramp" in info.data and not info.data["ramp"].flag:
            raise ValueError("ramp.flag does not say the flag's key; add it")
        return flag

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

    @property
    def file(self) -> Path:
        return self._file

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def has_anchors(self) -> bool:
        """Whether cold items are judged afresh on every date: by a judge that may drift."""
        return self.baseline is not None and self.judge.anchors > 0 and provider_named(self.judge.kind).drifts

    def read_days(self) -> ReadDays:
        """Which neighbouring files hold rows of a day: loggers name files by UTC, so other zones need one each side."""
        if self.logs.read_days is not None:
            return self.logs.read_days
        return ReadDays() if self.timezone == "UTC" else ReadDays(before=1, after=1)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """A local day's first instant and the next day's, in UTC: 23, 24 or 25 hours apart."""
        return calendar.bounds(day, self.zone)

    def latest_complete_day(self) -> date:
        """The last local day that is over."""
        return calendar.latest_complete_day(self.zone)

    def decide_at(self, day: date) -> datetime:
        """When the decision about a day is due, whatever happened: `night.decide_by` of the day after it, in UTC."""
        return calendar.decide_at(day, self.night.decide_by, self.zone)


def signals_of(feature: Feature) -> tuple[Signal, ...]:
    """What a feature's logs are watched for: every signal of the catalogue."""
    return signals()


def _only_sources_may_be_mappings(fields: dict[Any, Any]) -> None:
    for column, where in fields.items():
        if isinstance(where, SourceFields) and column != "sources":
            raise ValueError(f"fields.{column} must be a path as in request.prompt; only sources may be a mapping")
