"""Every signal, as its file of sql/signals/ says it: what a day's full log is watched for, without sampling.

The header says what people read, what the signal is compared with, and which side of that is harmful; below it stands a
statement over `prod_logs` that runs by itself. A level gives `value` and `observations`, a share of logs `hits` and
`trials`. All of them are asked in one scan (`measurement`).

    -- Title: Error rate.
    -- Measures: the share of logs with an error that the user saw.
    -- Unit: share.
    -- Uncertainty: wilson.
    -- Reference: limit.
    -- Band: error_rate 0.01 (highest healthy share of logs with an error).
    -- Harmful: above.
    SELECT
        COUNT(error) AS hits,
        COUNT(*) AS trials
    FROM prod_logs

A `Reference` is `none`; `limit`, where the band itself is the highest (or lowest) healthy value; or a field of the
feature file's `forecast`, as in `forecast.p50_ms (text)` or, one for each stage, `forecast.daily_cost_usd by stage
(text)`. A `Band` is `none`; a field of the feature file's `bands` with its default, as in `latency 0.10 (text)`; or the
band of another signal, `as p50_latency_ms`. The band's name is also what `ramp.roll_back_on` calls the signal.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pipelines.catalogue.headers import CatalogueError, Header, read_header
from pipelines.checkout import SQL

DIRECTORY = SQL / "signals"
FIELDS = ("Title", "Measures", "Unit", "Uncertainty", "Reference", "Band", "Harmful")


class Unit(StrEnum):
    """What a value is counted in."""

    USD = "usd"
    MS = "ms"
    SHARE = "share"  # of all the day's logs, 0 to 1
    COUNT = "count"


class Uncertainty(StrEnum):
    """How sure a value is: a level is what it is, a share of logs has the 99 % interval of Wilson (1927)."""

    NONE = "none"
    WILSON = "wilson"


class Harmful(StrEnum):
    """The side of its band on which a signal is unhealthy. On the other it is `unexpected`."""

    ABOVE = "above"
    BELOW = "below"
    NONE = "none"


class Against(StrEnum):
    """What a signal is compared with."""

    NOTHING = "none"
    LIMIT = "limit"
    FORECAST = "forecast"


COLUMNS = {Uncertainty.NONE: ("value", "observations"), Uncertainty.WILSON: ("hits", "trials")}


@dataclass(frozen=True)
class Reference:
    """What a signal is compared with; of a forecast, its `field` in the feature file and what that means.

    A forecast `by_stage` is one of the whole feature: a cohort has none of its own.
    """

    against: Against
    field: str = ""
    by_stage: bool = False
    text: str = ""


@dataclass(frozen=True)
class Band:
    """A field of the feature file's `bands`: how far from a forecast is healthy, relative to it, or a limit itself."""

    name: str
    default: float
    text: str
    is_share: bool  # a limit of a share, which must be below 1


@dataclass(frozen=True)
class Signal:
    """What a day's logs are watched for. `select` are its two aggregates over prod_logs, `COLUMNS` in their order."""

    name: str
    title: str
    measures: str
    unit: Unit
    uncertainty: Uncertainty
    reference: Reference
    band: Band | None
    harmful: Harmful
    select: str

    @property
    def trigger(self) -> str | None:
        """What `ramp.roll_back_on` calls the signal; None when it can roll nothing back."""
        return self.band.name if self.band and self.harmful is not Harmful.NONE else None

    @property
    def has_forecast(self) -> bool:
        return self.reference.against is Against.FORECAST


@cache
def signals() -> tuple[Signal, ...]:
    """Every built-in signal: those with a band by name, then those that only inform. Raises CatalogueError."""
    headers = {path.stem: read_header(path, FIELDS) for path in sorted(DIRECTORY.glob("*.sql"))}
    declared = [_read(header, headers) for header in headers.values()]
    _check_fields(declared)
    return tuple(sorted(declared, key=lambda signal: (signal.band is None, signal.name)))


def by_name(chosen: Iterable[Signal]) -> dict[str, Signal]:
    return {signal.name: signal for signal in chosen}


def bands(chosen: Iterable[Signal]) -> dict[str, Band]:
    """The bands of signals by name, in the signals' order."""
    return {signal.band.name: signal.band for signal in chosen if signal.band}


def forecasts(chosen: Iterable[Signal]) -> dict[str, Reference]:
    """The forecasts of signals by field, in the signals' order."""
    return {signal.reference.field: signal.reference for signal in chosen if signal.has_forecast}


def triggers(chosen: Iterable[Signal]) -> tuple[str, ...]:
    """What `ramp.roll_back_on` may name besides quality."""
    return tuple(dict.fromkeys(signal.trigger for signal in chosen if signal.trigger))


def statement(signal: Signal) -> str:
    """The signal by itself: one row over all of `prod_logs`, with its two columns."""
    return f"SELECT\n{signal.select}\nFROM prod_logs"


def measurement(chosen: Sequence[Signal]) -> str:
    """All signals in one scan of `prod_logs`.

    The statement gives a row for each signal over all logs, and one for each cohort: cohort, whole, signal, value,
    observations, hits, trials. The cohort `all` is the whole; one that is itself called so is `all (cohort)`.
    """
    columns = ", ".join(f"{signal.name}_{column}" for signal in chosen for column in COLUMNS[signal.uncertainty])
    aggregates = "\n,\n".join(signal.select for signal in chosen)  # a comma behind a comment would be part of it
    rows = "\nUNION ALL\n".join(_rows(signal) for signal in chosen)
    return f"""\
WITH logs AS (
    SELECT *, CASE cohort WHEN 'all' THEN 'all (cohort)' ELSE COALESCE(cohort, '(none)') END AS grouped_by
    FROM prod_logs
),

measured (cohort, whole, {columns}) AS (
    SELECT
        CASE GROUPING(grouped_by) WHEN 1 THEN 'all' ELSE grouped_by END,
        GROUPING(grouped_by) = 1,
{aggregates}
    FROM logs AS prod_logs
    GROUP BY GROUPING SETS ((), (grouped_by))
)

{rows}"""


def _rows(signal: Signal) -> str:
    """The rows of one signal, out of the columns that it has in `measured`."""
    measured = {
        column: f"{signal.name}_{column}" if column in COLUMNS[signal.uncertainty] else "NULL"
        for column in ("value", "observations", "hits", "trials")
    }
    return f"""\
SELECT
    cohort,
    whole,
    '{signal.name}' AS signal,
    CAST({measured["value"]} AS DOUBLE) AS value,
    CAST({measured["observations"]} AS BIGINT) AS observations,
    CAST({measured["hits"]} AS BIGINT) AS hits,
    CAST({measured["trials"]} AS BIGINT) AS trials
FROM measured"""


def _read(header: Header, headers: Mapping[str, Header]) -> Signal:
    """The signal that a file declares. Raises CatalogueError."""
    header.require(FIELDS)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", header.path.stem):
        raise CatalogueError(f"{header.path}: a signal's name is lower-case letters, digits and underscores")
    uncertainty = header.word("Uncertainty", Uncertainty)
    signal = Signal(
        name=header.path.stem,
        title=header.fields["Title"],
        measures=header.fields["Measures"],
        unit=header.word("Unit", Unit),
        uncertainty=uncertainty,
        reference=_reference(header),
        band=_band(header, headers),
        harmful=header.word("Harmful", Harmful),
        select=_select(header.path, COLUMNS[uncertainty]),
    )
    if uncertainty is Uncertainty.WILSON and signal.unit is not Unit.SHARE:
        raise header.error("Uncertainty", "only a share has an interval by Wilson")
    compared = signal.reference.against is not Against.NOTHING
    if compared != (signal.band is not None):
        raise header.error("Band", "a signal has a band and a reference, or neither")
    if signal.reference.against is Against.LIMIT and signal.harmful is Harmful.NONE:
        raise header.error("Harmful", "a limit has a harmful side")
    if not compared and signal.harmful is not Harmful.NONE:
        raise header.error("Harmful", "without a reference no side is harmful")
    return signal


def _reference(header: Header) -> Reference:
    """As in `none`, `limit`, `forecast.p50_ms (text)` or `forecast.daily_cost_usd by stage (text)`."""
    text = header.fields["Reference"]
    if text in (Against.NOTHING, Against.LIMIT):
        return Reference(Against(text))
    match = re.fullmatch(r"forecast\.([a-z]\w*)( by stage)? \((.+)\)", text)
    if match is None:
        raise header.error(
            "Reference", "it must be `none`, `limit`, `forecast.FIELD (text)` or `forecast.FIELD by stage (text)`"
        )
    return Reference(Against.FORECAST, match[1], by_stage=match[2] is not None, text=match[3])


def _band(header: Header, headers: Mapping[str, Header]) -> Band | None:
    """As in `none`, `latency 0.10 (text)` or `as OTHER_SIGNAL`."""
    text = header.fields["Band"]
    if text == "none":
        return None
    if other := re.fullmatch(r"as (\w+)", text):
        if other[1] not in headers or headers[other[1]].fields.get("Band", "as").startswith("as"):
            raise header.error("Band", f"{other[1]!r} is no signal with a band of its own")
        return _band(headers[other[1]], headers)
    match = re.fullmatch(r"([a-z]\w*) (\d+(?:\.\d+)?) \((.+)\)", text)
    if match is None:
        raise header.error("Band", "it must be `none`, `NAME DEFAULT (text)` or `as OTHER_SIGNAL`")
    is_share = header.fields.get("Reference") == Against.LIMIT and header.fields.get("Unit") == Unit.SHARE
    default = float(match[2])
    if default <= 0 or (is_share and default >= 1):
        raise header.error("Band", f"its default must be above 0{' and below 1' if is_share else ''}")
    return Band(match[1], default, match[3], is_share)


def _select(path: Path, columns: tuple[str, str]) -> str:
    """What stands between SELECT and FROM prod_logs in a file. Raises CatalogueError for any other statement."""
    lines = path.read_text(encoding="utf-8").splitlines()
    begin = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    place = f"{path}:{begin + 1}"
    match = re.fullmatch(r"SELECT\n(.+)\nFROM prod_logs;?\n*", "\n".join(lines[begin:]), re.DOTALL)
    if match is None:
        raise CatalogueError(f"{place}: below the header must stand SELECT, aggregates and FROM prod_logs, a line each")
    if (names := _names(match[1])) != columns:
        raise CatalogueError(f"{place}: it gives {', '.join(names)}; it must give {' and '.join(columns)}")
    return match[1]


def _names(select: str) -> tuple[str, ...]:
    """What a select list calls its columns; `?` for one without a name."""
    bare = re.sub(r"--.*", "", re.sub(r"'[^']*'", "''", select))
    while (inner := re.sub(r"\([^()]*\)", "", bare)) != bare:
        bare = inner
    names = (re.search(r"\bAS\s+(\w+)\s*$", column, re.IGNORECASE) for column in bare.split(","))
    return tuple(name[1] if name else "?" for name in names)


def _check_fields(declared: Sequence[Signal]) -> None:
    """Raise CatalogueError where two signals call different bands or forecasts alike, or one takes that of quality."""
    known: dict[str, Band | Reference | None] = {"bands.quality": None}
    for signal in declared:
        for field, meant in _fields(signal):
            if known.setdefault(field, meant) != meant:
                raise CatalogueError(f"{DIRECTORY / signal.name}.sql: {field} is taken, and means something else")


def _fields(signal: Signal) -> Iterator[tuple[str, Band | Reference]]:
    """The fields of a feature file that a signal asks for."""
    if signal.band:
        yield f"bands.{signal.band.name}", signal.band
    if signal.has_forecast:
        yield f"forecast.{signal.reference.field}", signal.reference
