"""A page's data, charts and template put together. Everything that comes from logs is escaped by the template."""

import base64
import hashlib
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.catalogue.signals import Signal
from pipelines.publishing.page import charts, wording
from pipelines.publishing.page.data import TEXT_CHARACTERS, Comparison, PageData

WIDE, NARROW = 848, 343  # pixels: a desk and a telephone


def render(data: PageData) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    for word in (
        wording.visible,
        wording.words,
        wording.sentences,
        wording.title,
        wording.shortened,
        wording.score,
        wording.points,
        wording.usd,
        wording.count,
        wording.percent,
        wording.day_name,
        wording.short_day,
    ):
        environment.filters[word.__name__] = word
    environment.filters["with_code"] = _with_code
    template = environment.get_template("page.html.j2")
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    return template.render(
        page=data,
        feature=data.feature,
        decision=data.decision,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
        quality=_quality(data),
        intervals=partial(_intervals, data),
        charts_of={row.signal.name: _signal(data, row.signal) for row in data.signals_of_all},
        longest_text=TEXT_CHARACTERS,
        measured=wording.measured,
        healthy_range=wording.healthy_range,
        moment=partial(wording.moment, zone=data.feature.zone),
    )


def _harmless(value: object) -> object:
    """What every expression of the template goes through: text without control and direction characters."""
    return value if isinstance(value, Markup) else wording.visible(value)


def _quality(data: PageData) -> list[Markup]:
    """The quality chart, wide and narrow; none when no night has a score."""
    nights = data.scored_nights
    scored = [night for night in nights if night.night_mean is not None]
    if not scored:
        return []
    last = scored[-1]
    label = f"Score of production by night, {nights[0].day} to {nights[-1].day}; last {wording.score(last.night_mean)}"
    if last.baseline_mean is not None:
        label += f", cold eval {wording.score(last.baseline_mean)}"
    return [Markup(charts.quality_chart(nights, width, label)) for width in (WIDE, NARROW)]


def _intervals(data: PageData, slice_kind: str) -> list[Markup]:
    """The chart of a kind's differences, wide and narrow; none when nothing can be compared."""
    rows = [(_name(row), row) for row in data.compared(slice_kind)]
    if not any(row.difference is not None for _, row in rows):
        return []
    by = "criterion" if slice_kind == "overall" else slice_kind
    label = f"Difference from the cold eval by {by}; the table below has the numbers"
    return [Markup(charts.interval_chart(rows, width, label)) for width in (WIDE, NARROW)]


def _signal(data: PageData, signal: Signal) -> Markup | None:
    history = data.signal_history(signal)
    if sum(row.value is not None for row in history) < 2:
        return None
    label = f"{signal.title} by day; last {wording.measured(signal.unit, history[-1].value)}"
    return Markup(charts.signal_chart(history, label))


def _with_code(text: str) -> Markup:
    """A text in which what stands between backticks is code."""
    parts = wording.visible(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _name(row: Comparison) -> str:
    return wording.title(row.criterion) if row.slice_kind == "overall" else row.slice
