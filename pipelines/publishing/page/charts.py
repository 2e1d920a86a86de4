"""The page's charts: Altair, rendered to SVG text without a browser. Colours are the style sheet's variables.

An SVG that stands in the page itself follows its variables, so that one chart serves light, dark and print.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape

import altair as alt
import vl_convert

from pipelines.catalogue.signals import Unit
from pipelines.publishing.page.data import Comparison, ScoredNight, SignalOnDay
from pipelines.publishing.page.wording import shortened

INK, MUTED, RULE, BAND = "var(--ink)", "var(--muted)", "var(--rule)", "var(--band)"
PROD, COLD = "var(--prod)", "var(--cold)"
GOOD, WARN, BAD = "var(--good)", "var(--warn)", "var(--bad)"

VERDICT_COLOURS = {"within": GOOD, "below": BAD, "above": PROD, "inconclusive": WARN, "stale_eval_set": WARN}
STATUS_COLOURS = {"healthy": GOOD, "unhealthy": BAD, "unexpected": WARN, "inconclusive": WARN}
SIGNED_PERCENT = "datum.value ? replace(format(datum.value, '+.1~%'), '%', ' %') : '0'"
CROSS = "M-1,-1L1,1M1,-1L-1,1"
HALF_DAY = timedelta(hours=12)
LETTER = 6.5  # pixels of one letter of a mark's label


def quality_chart(nights: Sequence[ScoredNight], width: int, label: str) -> str:
    """Production's score night by night and pooled over the epoch, the cold mean and the band around it.

    Stages and epochs are marked where they begin; a night without a score is a cross at the foot.
    """
    scored = [night for night in nights if night.night_mean is not None or night.epoch_mean is not None]
    low, high = _range(
        value
        for night in nights
        for value in (night.night_low, night.night_high, night.band_low, night.band_high, night.night_mean)
    )
    low, high = max(low, 0.0), min(high, 1.0)  # no score lies beyond, though intervals and bands do

    def shown(value: float) -> float:
        return min(max(value, low), high)

    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[_at(nights[0].day, -HALF_DAY), _at(nights[-1].day, HALF_DAY)]),
        axis=alt.Axis(format="%-d %b", values=_labelled_days(nights, width // 80), grid=False),
    )

    def y(field: str) -> alt.Y:
        scale = alt.Scale(domain=[low, high], zero=False)
        return alt.Y(f"{field}:Q", title=None, scale=scale, axis=alt.Axis(format=".2f", tickCount=5, minExtent=36))

    def layer(rows: list[dict]) -> alt.Chart:
        return alt.Chart(alt.Data(values=rows))

    cold = layer(
        [run | {"band_low": shown(run["band_low"]), "band_high": shown(run["band_high"])} for run in _cold_runs(nights)]
    ).encode(x=x, x2="until:T")
    marks = layer(_marks(nights, width - 50)).encode(x=x)
    pooled = layer(
        [
            {
                "at": _at(night.day),
                "epoch": str(night.epoch_start),
                "mean": night.epoch_mean,
                "low": shown(night.epoch_low),
                "high": shown(night.epoch_high),
            }
            for night in scored
            if night.epoch_mean is not None and night.epoch_low is not None and night.epoch_high is not None
        ]
    ).encode(x=x, detail="epoch:N")
    nightly = layer(
        [
            {
                "at": _at(night.day),
                "mean": night.night_mean,
                "low": None if night.night_low is None else shown(night.night_low),
                "high": None if night.night_high is None else shown(night.night_high),
            }
            for night in scored
            if night.night_mean is not None
        ]
    ).encode(x=x)
    missing = layer([{"at": _at(night.day), "y": low} for night in nights if night.night_mean is None]).encode(x=x)
    chart = alt.layer(
        cold.mark_rect(color=BAND).encode(y=y("band_low"), y2="band_high:Q"),
        cold.mark_rule(color=COLD, strokeWidth=1.5).encode(y=y("mean")),
        marks.mark_rule(color=MUTED, strokeDash=[2, 3]),
        marks.mark_text(color=MUTED, align="left", baseline="top", dx=4, fontSize=11).encode(
            y=alt.value(0), text="label:N"
        ),
        pooled.mark_area(color=PROD, opacity=0.16).encode(y=y("low"), y2="high:Q"),
        pooled.mark_line(color=PROD, strokeWidth=2).encode(y=y("mean")),
        nightly.mark_rule(color=PROD, opacity=0.55).encode(y=y("low"), y2="high:Q"),
        nightly.mark_circle(color=PROD, size=30, opacity=1).encode(y=y("mean")),
        missing.mark_point(stroke=BAD, shape=CROSS, size=36, strokeWidth=1.5, yOffset=-7).encode(y=y("y")),
    )
    return _svg(chart.properties(width=width - 50, height=240), label)


def interval_chart(rows: Sequence[tuple[str, Comparison]], width: int, label: str) -> str:
    """Each row's relative difference from the cold eval with its 90 % interval, over the band; rows are labelled."""
    extent = _extent([row for _, row in rows])
    band = next((row.band for _, row in rows if row.band), None)
    bands = [{"low": -band, "high": band}] if band else []
    room = 220 if width > 500 else 104
    values = [
        {
            "row": number,
            "label": shortened(name, room // 7),
            "difference": row.difference,
            "low": None if row.low is None else max(row.low, -extent),
            "high": None if row.high is None else min(row.high, extent),
            "colour": VERDICT_COLOURS.get(row.verdict, MUTED),
        }
        for number, (name, row) in enumerate(rows)
    ]
    compared = [value for value in values if value["difference"] is not None]
    alone = [
        value | {"says": _alone(row)} for value, (_, row) in zip(values, rows, strict=True) if value not in compared
    ]
    x = alt.X(
        "difference:Q",
        title=None,
        scale=alt.Scale(domain=[-extent, extent]),
        axis=alt.Axis(labelExpr=SIGNED_PERCENT, values=_ticks(band or extent / 2, extent), grid=False),
    )
    y = alt.Y("row:O", title=None, axis=None, scale=alt.Scale(domain=list(range(len(rows))), padding=0))
    base = alt.Chart(alt.Data(values=compared))
    every = alt.Chart(alt.Data(values=values))
    chart = alt.layer(
        alt.Chart(alt.Data(values=bands))
        .mark_rect(color=BAND)
        .encode(x=alt.X("low:Q", scale=alt.Scale(domain=[-extent, extent]), title=None), x2="high:Q"),
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=COLD).encode(x="zero:Q"),
        every.mark_text(align="left", color=INK, fontSize=13).encode(x=alt.value(-room), y=y, text="label:N"),
        base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", y=y, color=alt.Color("colour:N", scale=None)),
        base.mark_circle(size=60, opacity=1).encode(x=x, y=y, color=alt.Color("colour:N", scale=None)),
        alt.Chart(alt.Data(values=alone))
        .mark_text(color=MUTED, fontSize=11, fontStyle="italic", align="left", dx=8)
        .encode(x=alt.datum(0), y=y, text="says:N"),
    )
    return _svg(chart.properties(width=width - room - 14, height=26 * len(rows)), label)


def signal_chart(history: Sequence[SignalOnDay], label: str) -> str:
    """One signal over the days: its line, its healthy band or limit, and the days that were not healthy."""
    known = [row for row in history if row.value is not None]
    low, high = _range(value for row in known for value in (row.value, row.band_low, row.band_high))
    if history[-1].signal.unit in (Unit.SHARE, Unit.COUNT):
        low = 0.0
    values = [
        {
            "at": _at(row.day),
            "begin": _at(row.day, -HALF_DAY),
            "end": _at(row.day, HALF_DAY),
            "value": row.value,
            "band_low": low if row.band_low is None else row.band_low,
            "band_high": row.band_high,
            "colour": STATUS_COLOURS.get(row.status, PROD),
            "size": 26 if row.status in ("unhealthy", "unexpected", "inconclusive") or row is known[-1] else 0,
        }
        for row in history
    ]
    x = alt.X("at:T", title=None, axis=None, scale=alt.Scale(type="utc"))

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=None, axis=None, scale=alt.Scale(domain=[low, high], zero=False))

    base = alt.Chart(alt.Data(values=values)).encode(x=x)
    banded = [value for value in values if value["band_high"] is not None]
    band = alt.Chart(alt.Data(values=_runs(banded, ("band_low", "band_high"))))
    chart = alt.layer(
        band.mark_rect(color=BAND).encode(
            x=alt.X("begin:T", scale=alt.Scale(type="utc"), axis=None), x2="end:T", y=y("band_low"), y2="band_high:Q"
        ),
        base.mark_line(color=PROD, strokeWidth=1.5).encode(y=y("value")),
        base.mark_circle(opacity=1).encode(
            y=y("value"), color=alt.Color("colour:N", scale=None), size=alt.Size("size:Q", scale=None)
        ),
    )
    return _svg(chart.properties(width=252, height=60), label, right=4)


def _svg(chart: alt.LayerChart | alt.FacetChart, label: str, right: int = 12) -> str:
    """The chart as an SVG element for use inside HTML, with a name for who cannot see it."""
    chart = (
        chart.configure(
            aria=False,
            font="sans-serif",
            background="transparent",
            padding={"left": 0, "top": 6, "right": right, "bottom": 6},
        )
        .configure_view(stroke=None)
        .configure_axis(labelColor=MUTED, gridColor=RULE, tickColor=RULE, domain=False, ticks=False, labelFontSize=11)
    )
    svg = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    (attributes,) = re.findall(r'^<svg [^>]*(viewBox="[^"]*")', svg)
    body = svg[svg.index(">") + 1 :]
    return f'<svg {attributes} role="img" aria-label="{escape(label)}">{body}'


def _labelled_days(nights: Sequence[ScoredNight], most: int) -> list[int]:
    """The days that the axis names: the last, and others before it at equal distances, not too many."""
    step = -(-len(nights) // most)
    return [_at(night.day) for night in nights[::-1][::step]]


def _range(values: Iterable[float | None]) -> tuple[float, float]:
    """The least and the greatest of the values that are there, with a little room."""
    known = [value for value in values if value is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low or abs(high) or 1.0) * 0.08
    return low - room, high + room


def _cold_runs(nights: Sequence[ScoredNight]) -> list[dict]:
    values = [
        {
            "begin": _at(night.day, -HALF_DAY),
            "end": _at(night.day, HALF_DAY),
            "mean": night.baseline_mean,
            "band_low": night.band_low,
            "band_high": night.band_high,
        }
        for night in nights
        if night.baseline_mean is not None
    ]
    return [run | {"at": run["begin"], "until": run["end"]} for run in _runs(values, ("mean", "band_low", "band_high"))]


def _runs(values: list[dict], fields: tuple[str, ...]) -> list[dict]:
    """Neighbouring days on which the fields are the same, as one: rectangles side by side would show their seams."""
    runs: list[dict] = []
    for value in values:
        if runs and runs[-1]["end"] == value["begin"] and all(runs[-1][field] == value[field] for field in fields):
            runs[-1] = runs[-1] | {"end": value["end"]}
        else:
            runs.append(dict(value))
    return runs


def _marks(nights: Sequence[ScoredNight], width: int) -> list[dict]:
    """Where a stage begins (its name), or else an epoch; without a label where the one before it still runs."""
    marks = []
    stage = epoch = None
    free = 0.0  # where the last label ends, in pixels
    for place, night in enumerate(nights):
        label = None
        if night.stage is not None and night.stage != stage:
            label = shortened(night.stage, 12)
        elif night.epoch_start is not None and epoch is not None and night.epoch_start != epoch:
            label = "new epoch"
        if label is not None:
            begins = place * width / len(nights)
            marks.append({"at": _at(night.day, -HALF_DAY), "label": label if begins >= free else ""})
            free = begins + LETTER * (len(label) + 1) if begins >= free else free
        stage, epoch = night.stage or stage, night.epoch_start or epoch
    return marks


def _extent(rows: Sequence[Comparison]) -> float:
    """Half the width of an interval chart's axis: every difference fits; a far longer interval ends at the edge."""
    reach = [0.01]
    for row in rows:
        reach += [1.6 * row.band] if row.band else []
        reach += [1.1 * abs(row.difference)] if row.difference is not None else []
        reach += [min(abs(end), 4 * (row.band or 1)) for end in (row.low, row.high) if end is not None]
    return max(reach)


def _ticks(band: float, extent: float) -> list[float]:
    """Zero and the ends of the band; besides, where intervals reach far beyond it, the same again further out."""
    steps = [1] if extent < 3 * band else [1, int(extent / band)]
    return [sign * step * band for sign in (-1, 1) for step in steps] + [0]


def _alone(row: Comparison) -> str:
    """Why a row has no difference."""
    if row.prod_mean is not None and row.baseline_mean is None:
        return "only in production"
    if row.prod_mean is None and row.baseline_mean is not None:
        return "only in the cold eval"
    return "nothing to compare"


def _at(day: date, shift: timedelta = timedelta()) -> int:
    """A day as the charts' time axis has it: milliseconds, in UTC whatever the feature's zone."""
    return int((datetime.combine(day, time(), UTC) + shift).timestamp() * 1000)
