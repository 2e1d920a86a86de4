"""The demo's world, read from world.yaml: what Acme sells, what its help pages say, what its customers ask."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

WORLD_FILE = Path(__file__).with_name("world.yaml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML was built with it: ten times as fast


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Document(NamedTuple):
    """A help page that retrieval finds."""

    id: str
    title: str
    text: str


class Spanish(_Section):
    """A topic as a Spanish-speaking customer asks it, and as a draft answers it."""

    asks: list[str]
    answers: list[str]


class Topic(_Section):
    """What customers ask about, one question at a time.

    `share` is of its category's tickets. `answers` are statements that the page supports, the first the direct answer.
    `slip` contradicts the page in a number, `invention` is nowhere on it: what a draft says when it goes wrong.
    """

    category: str
    share: float
    page: Document
    asks: list[str]
    answers: list[str]
    slip: str
    invention: str
    spanish: Spanish | None = None


class Customers(_Section):
    """How customers write; `injection` is what one who wants to steer the judge adds."""

    names: list[str]
    openings: list[str]
    contexts: list[str]
    complaints: list[str]
    closings: list[str]
    injection: str


class SpanishCustomers(_Section):
    """How customers of the Spanish desk write."""

    openings: list[str]
    complaints: list[str]
    closings: list[str]


class Drafts(_Section):
    """How the feature answers, in the name of an agent; `deferrals` are what it says in place of an answer."""

    agents: list[str]
    openings: list[str]
    sympathies: list[str]
    closings: list[str]
    deferrals: list[str]


class World(_Section):
    """All of it. `plans` have their price in US dollars; mixes are the share of tickets of each category."""

    plans: dict[str, int]
    devices: list[str]
    months: list[str]
    cold_mix: dict[str, float]
    production_mix: dict[str, float]
    customers: Customers
    spanish_customers: SpanishCustomers
    drafts: Drafts
    deprecated_pages: list[Document]
    deprecated_answers: list[str]
    topics: list[Topic]


@cache
def load_world() -> World:
    """The world of world.yaml. Raises pydantic's ValidationError for a field that is missing or unknown."""
    return World.model_validate(yaml.load(WORLD_FILE.read_text(encoding="utf-8"), Loader=LOADER))
