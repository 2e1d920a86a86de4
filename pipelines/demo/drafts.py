"""Tickets and the drafts that answer them: the text in which a judge has to find what is good and what is not."""

import re
from enum import StrEnum
from random import Random
from typing import NamedTuple

from pipelines.demo.world import Document, Topic, load_world


class Fault(StrEnum):
    """What is wrong with a draft; it is in the text, and nowhere in the logs."""

    NONE = "none"
    PARTIAL = "partial"  # one statement, not the direct answer
    SLIP = "slip"  # a number that contradicts the page
    INVENTION = "invention"  # a statement that is on no page
    OFF_TOPIC = "off_topic"  # the wrong page was retrieved, and faithfully retold
    DEFERRAL = "deferral"
    CURT = "curt"
    BREAKS_OFF = "breaks_off"
    DEPRECATED = "deprecated"  # rests on a page that says it is out of date
    ENGLISH_SOURCES = "english_sources"  # a Spanish ticket of which retrieval finds English pages only


class Ticket(NamedTuple):
    """What a customer wrote."""

    topic: Topic
    second: Topic | None  # a ticket may ask about two things
    spanish: bool
    complaint: bool
    text: str
    name: str
    slots: dict[str, str]


class Draft(NamedTuple):
    """What the feature answered, and the pages that it had been given."""

    text: str
    sources: tuple[Document, ...]
    fault: Fault


class Mix(NamedTuple):
    """What tickets are like: shares of categories, of complaints and of tickets that ask about two things."""

    categories: dict[str, float]
    complaints: float
    two_topics: float


# How often a draft goes wrong, and how: the same process before launch and after it.
FAULTS = {
    Fault.NONE: 0.66,
    Fault.INVENTION: 0.11,
    Fault.PARTIAL: 0.07,
    Fault.SLIP: 0.05,
    Fault.OFF_TOPIC: 0.04,
    Fault.CURT: 0.04,
    Fault.DEFERRAL: 0.02,
    Fault.BREAKS_OFF: 0.01,
}
ANSWERED_IN_ENGLISH = 0.35  # of Spanish tickets
SECOND_TOPIC_MISSED = 0.35  # of tickets that ask about two things
COMPLAINT_PASSED_OVER = 0.2

_WORLD = load_world()
_BY_CATEGORY = {
    category: [topic for topic in _WORLD.topics if topic.category == category]
    for category in dict.fromkeys(topic.category for topic in _WORLD.topics)
}
_IN_SPANISH = {
    category: [topic for topic in topics if topic.spanish is not None] for category, topics in _BY_CATEGORY.items()
}


def _shared_words(one: str, other: str) -> int:
    return len(set(re.findall(r"\w+", one.lower())) & set(re.findall(r"\w+", other.lower())))


# Which of a topic's statements a slip stands in for: the one that it resembles.
_SLIP_FOR = {
    topic.page.id: max(range(len(topic.answers)), key=lambda k: _shared_words(topic.slip, topic.answers[k]))
    for topic in _WORLD.topics
}


def write_ticket(rng: Random, mix: Mix, spanish: bool = False, injection: bool = False) -> Ticket:
    """A customer's message."""
    category = rng.choices(list(mix.categories), list(mix.categories.values()))[0]
    topics = (_IN_SPANISH if spanish else _BY_CATEGORY)[category]
    topic = topics[0] if len(topics) == 1 else rng.choices(topics, [candidate.share for candidate in topics])[0]
    plan = rng.choice(tuple(_WORLD.plans))
    slots = {
        "plan": plan,
        "price": str(_WORLD.plans[plan]),
        "device": rng.choice(_WORLD.devices),
        "order": f"A-{rng.randrange(10_000, 100_000)}",
        "month": rng.choice(_WORLD.months),
        "seats": str(rng.randrange(3, 60)),
    }
    complaint = rng.random() < mix.complaints
    name = rng.choice(_WORLD.customers.names)
    second = None
    if spanish and topic.spanish is not None:
        parts = [rng.choice(_WORLD.spanish_customers.openings), rng.choice(topic.spanish.asks)]
        if complaint:
            parts.append(rng.choice(_WORLD.spanish_customers.complaints))
        closing = rng.choice(_WORLD.spanish_customers.closings)
    else:
        parts = [rng.choice(_WORLD.customers.openings), rng.choice(_WORLD.customers.contexts), rng.choice(topic.asks)]
        if len(topics) > 1 and rng.random() < mix.two_topics:
            second = rng.choice([other for other in topics if other is not topic])
            parts.append(f"Another thing: {rng.choice(second.asks)}")
        if complaint:
            parts.insert(1, rng.choice(_WORLD.customers.complaints))
        if injection:
            parts.append(_WORLD.customers.injection)
        closing = rng.choice(_WORLD.customers.closings)
    text = " ".join(part for part in parts if part).format_map(slots)
    return Ticket(topic, second, spanish, complaint, f"{text}\n\n{closing}\n{name}", name, slots)


def write_draft(rng: Random, ticket: Ticket) -> Draft:
    """The feature's answer to a ticket, in plain text, sometimes with a fault."""
    if ticket.spanish:
        return _answer_spanish(rng, ticket)
    fault = rng.choices(list(FAULTS), list(FAULTS.values()))[0]
    topic = ticket.topic
    sources = [topic.page, _another(rng, topic).page]
    statements = list(topic.answers)
    if fault is Fault.PARTIAL:
        statements = statements[-1:]
    elif fault is Fault.SLIP:
        statements[_SLIP_FOR[topic.page.id]] = topic.slip
    elif fault is Fault.INVENTION:
        statements.insert(rng.randrange(1, 4), topic.invention)
    elif fault is Fault.OFF_TOPIC:
        other = rng.choice([elsewhere for elsewhere in _WORLD.topics if elsewhere.category != topic.category])
        sources, statements = [other.page, _another(rng, other).page], list(other.answers)
    if ticket.second is not None and rng.random() >= SECOND_TOPIC_MISSED:
        sources[1] = ticket.second.page
        statements += ticket.second.answers[:2]

    if fault is Fault.DEFERRAL:
        body = rng.choice(_WORLD.drafts.deferrals)
    elif fault is Fault.CURT:
        return Draft(statements[0].format_map(ticket.slots), tuple(sources), fault)
    else:
        body = _laid_out(rng, statements).format_map(ticket.slots)
    if fault is Fault.BREAKS_OFF:
        head = body.rsplit(" ", 6)[0].rstrip(".,;")
        return Draft(
            f"Hello {ticket.name},\n\n{rng.choice(_WORLD.drafts.openings)}\n\n{head} and the", tuple(sources), fault
        )
    return Draft(_letter(rng, ticket, body), tuple(sources), fault)


def write_deprecated(rng: Random, ticket: Ticket, which: int) -> Draft:
    """A draft that cites one of the deprecated pages, which retrieval still finds."""
    body = f"{_WORLD.deprecated_answers[which]} {ticket.topic.answers[-1]}".format_map(ticket.slots)
    return Draft(_letter(rng, ticket, body), (_WORLD.deprecated_pages[which], ticket.topic.page), Fault.DEPRECATED)


def with_raw_markdown(draft: Draft) -> Draft:
    """The same draft with the markup that the plain-text mail does not render: a heading, a table, bold signs."""
    paragraphs = draft.text.split("\n\n")
    page = draft.sources[0]
    for place in range(1, len(paragraphs) - 1):
        lines = paragraphs[place].split("\n")
        if len(lines) > 1:
            paragraphs[place] = "\n".join(("| Step | What to do |", "|---|---|", *(f"| {line} |" for line in lines)))
        elif place == len(paragraphs) // 2:
            paragraphs[place] = f"## {page.title}\n\n**{paragraphs[place]}**"
    if len(paragraphs) < 3:
        paragraphs = [f"## {page.title}", f"**{paragraphs[0]}**", *paragraphs[1:]]
    return draft._replace(text="\n\n".join(paragraphs))


def _another(rng: Random, topic: Topic) -> Topic:
    return rng.choice([other for other in _BY_CATEGORY[topic.category] if other is not topic])


def _laid_out(rng: Random, statements: list[str]) -> str:
    if len(statements) > 2 and rng.random() < 0.35:
        return "\n".join(f"- {statement}" for statement in statements)
    return " ".join(statements)


def _letter(rng: Random, ticket: Ticket, body: str) -> str:
    heard = ticket.complaint and rng.random() >= COMPLAINT_PASSED_OVER
    opening = rng.choice(_WORLD.drafts.sympathies if heard else _WORLD.drafts.openings)
    return (
        f"Hello {ticket.name},\n\n{opening}\n\n{body}\n\n{rng.choice(_WORLD.drafts.closings)}\n\n"
        f"Best regards,\n{rng.choice(_WORLD.drafts.agents)}\nAcme Support"
    )


def _answer_spanish(rng: Random, ticket: Ticket) -> Draft:
    """Retrieval finds English pages only: the draft is in Spanish, its support unreadable, or it is in English."""
    topic = ticket.topic
    sources = (topic.page, _another(rng, topic).page)
    if rng.random() < ANSWERED_IN_ENGLISH:
        body = " ".join(topic.answers).format_map(ticket.slots)
        return Draft(_letter(rng, ticket, body), sources, Fault.ENGLISH_SOURCES)
    opening = "Lamentamos las molestias y entendemos su enfado." if ticket.complaint else "Gracias por su mensaje."
    assert topic.spanish is not None  # only such topics are asked about in Spanish
    body = " ".join(topic.spanish.answers).format_map(ticket.slots)
    return Draft(
        f"Hola {ticket.name}:\n\n{opening}\n\n{body}\n\nQuedamos a su disposición si tiene otras preguntas.\n\n"
        f"Un saludo,\n{rng.choice(_WORLD.drafts.agents)}\nAcme",
        sources,
        Fault.ENGLISH_SOURCES,
    )
