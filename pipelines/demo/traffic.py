"""A day of the feature's production, as its logger writes it: field names of its own, UTC dates, and the usual dirt."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pipelines.demo.drafts import (
    Draft,
    Fault,
    Mix,
    Ticket,
    with_raw_markdown,
    write_deprecated,
    write_draft,
    write_ticket,
)
from pipelines.demo.story import TIME_ZONE, WEEKDAY_VOLUME, Story
from pipelines.demo.world import load_world

PRODUCTION = Mix(load_world().production_mix, complaints=0.12, two_topics=0.1)

# US dollars per million tokens, in and out.
PRICES = {"draft-large-2": (3.0, 15.0), "draft-xl-1": (9.0, 45.0), "draft-small-2": (0.8, 4.0)}
MORNING_PEAK = (8.5, 12.0)  # local hours in which the spike's overflow happens
RAW_MARKDOWN = 0.45  # of drafts, until the prompt change
ERRORS = 0.004
INJECTIONS = 0.0004  # once customers outside take part
FEEDBACK = 0.12
_MAJOR = frozenset({Fault.SLIP, Fault.OFF_TOPIC, Fault.DEFERRAL, Fault.DEPRECATED, Fault.ENGLISH_SOURCES})
_DUPLICATES = _LATE = 2  # a day
_LATENCY_MEDIAN_MS, _LATENCY_SIGMA = 1_850, 0.38  # log-normal: its 95th percentile is exp(1.645 * sigma) medians


class Line(NamedTuple):
    """A line of a log file, and the UTC date in that file's name."""

    file_day: date
    text: str


def lines_of(story: Story, day: date, seed: int) -> Iterator[Line]:
    """The lines that a local day's production leaves, in the order of their writing."""
    rng = Random(f"{seed} {day}")
    drafts = _drafts_of(story, day, rng)
    late = set(rng.sample(range(len(drafts) * 3 // 4, len(drafts)), _LATE))
    twice = set(rng.sample(range(len(drafts)), _DUPLICATES))
    for k, record in enumerate(drafts):
        file_day = date.fromisoformat(record["at"][:10])
        if k in late:
            file_day = day + timedelta(days=1)  # the collector flushed after midnight, UTC
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        yield Line(file_day, text)
        if k in twice:
            yield Line(file_day, text)
    yield Line(day, text[: len(text) // 2])  # cut off by a restart
    yield Line(day, f"-- rotated {day}T23:59:59Z --")


def _drafts_of(story: Story, day: date, rng: Random) -> list[dict[str, Any]]:
    week = story.week(day)
    count = round(week.drafts * WEEKDAY_VOLUME[day.weekday()] * rng.uniform(0.98, 1.02))
    noon = datetime.combine(day, time(12), ZoneInfo(TIME_ZONE)).astimezone(UTC)
    hours = sorted(_office_hour(rng) for _ in range(count))
    deprecated = story.deprecated_cited.index(day) if day in story.deprecated_cited else None
    records = []
    for k, hour in enumerate(hours):
        spanish = rng.random() < week.spanish
        injection = week.stage != "internal" and not spanish and rng.random() < INJECTIONS
        ticket = write_ticket(rng, PRODUCTION, spanish, injection)
        if deprecated is not None and k == count // 2:
            draft = write_deprecated(rng, ticket, deprecated)
        else:
            draft = write_draft(rng, ticket)
            if day < story.new_prompt and rng.random() < RAW_MARKDOWN:
                draft = with_raw_markdown(draft)
        at = noon + timedelta(seconds=(hour - 12) * 3600)
        records.append(_record(story, day, hour, at, ticket, draft, injection, rng))
    return records


def _office_hour(rng: Random) -> float:
    """A local hour of day: two humps of office hours, and a few late shifts (past midnight UTC)."""
    kind = rng.random()
    if kind < 0.05:
        return rng.uniform(18, 22.5)
    return min(22.5, max(7.0, rng.gauss(10.2, 1.1) if kind < 0.55 else rng.gauss(14.8, 1.6)))


def _record(
    story: Story, day: date, hour: float, at: datetime, ticket: Ticket, draft: Draft, injection: bool, rng: Random
) -> dict[str, Any]:
    week = story.week(day)
    failed = rng.random() < ERRORS
    model = _model(story, day, hour, ticket)
    tokens_in = max(2_000, int(rng.gauss(4_450, 400))) + len(ticket.text) // 4
    tokens_out = 0 if failed else len(draft.text) // 4
    price_in, price_out = PRICES[model]
    action: dict[str, Any] = {"regenerated": not failed and rng.random() < _regenerated(story, day, draft)}
    if not failed and rng.random() < FEEDBACK:
        action["thumb"] = "down" if rng.random() < _thumbs_down(draft) else "up"
    desk = "internal" if week.stage == "internal" else "spanish_desk" if ticket.spanish else "english_desk"
    return {
        "id": f"drf_{rng.getrandbits(48):012x}",
        "at": at.isoformat(timespec="milliseconds"),
        "ticket": {
            "id": f"tck_{rng.randrange(10**6, 10**7)}",
            "topic": ticket.topic.category,
            "language": "es" if ticket.spanish else "en",
        },
        "agent": {"id": f"{desk}-{rng.randrange(week.agents) + 1:03d}", "desk": desk},
        "request": {
            "prompt": ticket.text,
            "prompt_version": "drafts-7" if day >= story.new_prompt else "drafts-6",
            "retrieved": [{"page": page.id, "heading": page.title, "body": page.text} for page in draft.sources],
        },
        "response": {
            "text": None if failed else draft.text,
            "error": rng.choice(("upstream_timeout", "schema_violation")) if failed else None,
            "model": model,
            "fallback": failed,
        },
        "usage": {
            "in": tokens_in,
            "out": tokens_out,
            "usd": round((tokens_in * price_in + tokens_out * price_out) / 1e6, 6),
        },
        "total_ms": round(_LATENCY_MEDIAN_MS * exp(rng.gauss(0, _LATENCY_SIGMA)), 1),
        "action": action,
        "screening": {"injection": injection},
    }


def _model(story: Story, day: date, hour: float, ticket: Ticket) -> str:
    if day == story.spike and MORNING_PEAK[0] <= hour < MORNING_PEAK[1]:
        return "draft-xl-1"
    if day > story.spike and ticket.topic.category == "login":
        return "draft-small-2"  # tiered routing: easy tickets go to a small model
    return "draft-large-2"


def _regenerated(story: Story, day: date, draft: Draft) -> float:
    if day < story.new_button:
        return 0.22
    return 0.1 if draft.fault in _MAJOR else 0.03


def _thumbs_down(draft: Draft) -> float:
    return 0.18 if draft.fault in _MAJOR else 0.015 if draft.fault is Fault.NONE else 0.05
