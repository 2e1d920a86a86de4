"""The page's charts: Vega-Lite, rendered to SVG text without a browser. Colours are the style sheet's variables.

An SVG that stands in the page itself follows its variables, so that one chart serves light, dark and print.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any

import vl_convert

from pipelines.catalogue.signals import Unit
from pipelines.publishing.page.data import Comparison, ScoredNight, SignalOnDay
from pipelines.publishing.page.wording import shortened

Json = dict[str, Any]  # a part of a Vega-Lite specification

INK, MUTED, RULE, BAND = "var(--ink)", "var(--muted)", "var(--rule)", "var(--band)"
PROD, COLD = "var(--prod)", "var(--cold)"
GOOD, WARN, BAD = "var(--good)", "var(--warn)", "var(--bad)"

VERDICT_COLOURS = {"within": GOOD, "below": BAD, "above": PROD, "inconclusive": WARN, "stale_eval_set": WARN}
STATUS_COLOURS = {"healthy": GOOD, "unhealthy": BAD, "unexpected": WARN, "inconclusive": WARN}
OWN_COLOUR: Json = {"field": "colour", "type": "nominal", "scale": None}
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

    x: Json = _at_time(
        scale={"type": "utc", "domain": [_at(nights[0].day, -HALF_DAY), _at(nights[-1].day, HALF_DAY)]},
        axis={"format": "%-d %b", "values": _labelled_days(nights, width // 80), "grid": False},
    )

    def y(field: str) -> Json:
        axis = {"format": ".2f", "tickCount": 5, "minExtent": 36}
        return _amount(field, scale={"domain": [low, high], "zero": False}, axis=axis)

    cold = [
        run | {"band_low": shown(run["band_low"]), "band_high": shown(run["band_high"])} for run in _cold_runs(nights)
    ]
    marks = _marks(nights, width - 50)
    pooled = [
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
    of_epoch: Json = {"field": "epoch", "type": "nominal"}
    nightly = [
        {
            "at": _at(night.day),
            "mean": night.night_mean,
            "low": None if night.night_low is None else shown(night.night_low),
            "high": None if night.night_high is None else shown(night.night_high),
        }
        for night in scored
        if night.night_mean is not None
    ]
    missing = [{"at": _at(night.day), "y": low} for night in nights if night.night_mean is None]
    until: Json = {"field": "until"}
    label_mark = {"color": MUTED, "align": "left", "baseline": "top", "dx": 4, "fontSize": 11}
    cross = {"stroke": BAD, "shape": CROSS, "size": 36, "strokeWidth": 1.5, "yOffset": -7}
    layers = [
        _layer(cold, "rect", {"color": BAND}, x=x, x2=until, y=y("band_low"), y2={"field": "band_high"}),
        _layer(cold, "rule", {"color": COLD, "strokeWidth": 1.5}, x=x, x2=until, y=y("mean")),
        _layer(marks, "rule", {"color": MUTED, "strokeDash": [2, 3]}, x=x),
        _layer(marks, "text", label_mark, x=x, y={"value": 0}, text={"field": "label", "type": "nominal"}),
        _layer(
            pooled, "area", {"color": PROD, "opacity": 0.16}, x=x, y=y("low"), y2={"field": "high"}, detail=of_epoch
        ),
        _layer(pooled, "line", {"color": PROD, "strokeWidth": 2}, x=x, y=y("mean"), detail=of_epoch),
        _layer(nightly, "rule", {"color": PROD, "opacity": 0.55}, x=x, y=y("low"), y2={"field": "high"}),
        _layer(nightly, "circle", {"color": PROD, "size": 30, "opacity": 1}, x=x, y=y("mean")),
        _layer(missing, "point", cross, x=x, y=y("y")),
    ]
    return _svg(layers, width - 50, 240, label)


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
    axis = {"labelExpr": SIGNED_PERCENT, "values": _ticks(band or extent / 2, extent), "grid": False}
    x = _amount("difference", scale={"domain": [-extent, extent]}, axis=axis)
    y: Json = {
        "field": "row",
        "type": "ordinal",
        "title": None,
        "axis": None,
        "scale": {"domain": list(range(len(rows))), "padding": 0},
    }
    of_band: Json = {"field": "low", "type": "quantitative", "title": None, "scale": {"domain": [-extent, extent]}}
    low: Json = {"field": "low", "type": "quantitative"}
    high: Json = {"field": "high"}
    name = {"align": "left", "color": INK, "fontSize": 13}
    remark = {"color": MUTED, "fontSize": 11, "fontStyle": "italic", "align": "left", "dx": 8}
    layers = [
        _layer(bands, "rect", {"color": BAND}, x=of_band, x2=high),
        _layer([{"zero": 0}], "rule", {"color": COLD}, x={"field": "zero", "type": "quantitative"}),
        _layer(values, "text", name, x={"value": -room}, y=y, text={"field": "label", "type": "nominal"}),
        _layer(compared, "rule", {"strokeWidth": 2}, x=low, x2=high, y=y, color=OWN_COLOUR),
        _layer(compared, "circle", {"size": 60, "opacity": 1}, x=x, y=y, color=OWN_COLOUR),
        _layer(alone, "text", remark, x={"datum": 0}, y=y, text={"field": "says", "type": "nominal"}),
    ]
    return _svg(layers, width - room - 14, 26 * len(rows), label)


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
    x = _at_time(scale={"type": "utc"}, axis=None)

    def y(field: str) -> Json:
        return _amount(field, scale={"domain": [low, high], "zero": False}, axis=None)

    banded = [value for value in values if value["band_high"] is not None]
    band = _runs(banded, ("band_low", "band_high"))
    begin: Json = {"field": "begin", "type": "temporal", "scale": {"type": "utc"}, "axis": None}
    size: Json = {"field": "size", "type": "quantitative", "scale": None}
    layers = [
        _layer(band, "rect", {"color": BAND}, x=begin, x2={"field": "end"}, y=y("band_low"), y2={"field": "band_high"}),
        _layer(values, "line", {"color": PROD, "strokeWidth": 1.5}, x=x, y=y("value")),
        _layer(values, "circle", {"opacity": 1}, x=x, y=y("value"), color=OWN_COLOUR, size=size),
    ]
    return _svg(layers, 252, 60, label, right=4)


def _at_time(**settings: Any) -> Json:
    return {"field": "at", "type": "temporal", "title": None, **settings}


def _amount(field: str, **settings: Any) -> Json:
    return {"field": field, "type": "quantitative", "title": None, **settings}


def _layer(rows: Sequence[Json], mark: str, look: Json, **encoding: Json) -> Json:
    """One layer: a mark for each row, where its encoding says."""
    return {"data": {"values": rows}, "mark": {"type": mark, **look}, "encoding": encoding}


def _svg(layers: Sequence[Json], width: int, height: int, label: str, right: int = 12) -> str:
    """Layers over each other as an SVG element for use inside HTML, with a name for who cannot see it."""
    axis = {"labelColor": MUTED, "gridColor": RULE, "tickColor": RULE, "labelFontSize": 11}
    config = {
        "aria": False,
        "font": "sans-serif",
        "background": "transparent",
        "padding": {"left": 0, "top": 6, "right": right, "bottom": 6},
        "view": {"stroke": None},
        "axis": axis | {"domain": False, "ticks": False},
    }
    svg = vl_convert.vegalite_to_svg({"layer": layers, "width": width, "height": height, "config": config})
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
