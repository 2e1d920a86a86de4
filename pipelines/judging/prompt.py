"""What a model is asked: a system prompt for a criterion, a message for an item, and the schema of the answer.

The words are in judge_prompts/: `_system` around a criterion, `_item` around an item. Templates are the user's own
and run in a sandbox; a text of production is never a template, only ever a value that was encoded first.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipelines.judging.answer import answer_schema
from pipelines.judging.criterion import Criterion, CriterionError
from pipelines.judging.fencing import (
    FIELD_CHARACTERS,
    MOST_SOURCES,
    SOURCE_NAME_CHARACTERS,
    SOURCES_CHARACTERS,
    Cut,
    encode,
    share_out,
    shorten,
    weight,
    without,
)
from pipelines.judging.judge import Item, Source

# Raise it when code, not the text of a template, changes what is sent: how texts are encoded or cut, what a template
# is given. Every ruler hashes it. A test holds the bytes of one message and says so when they have changed.
WRAPPER_VERSION = 1

NONCE_DIGITS = 16  # hex digits: 64 bits that nobody who writes a log can know

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters["json"] = encode
_PROBE = "0123456789abcdef"


@dataclass(frozen=True)
class ItemMessage:
    """An item as it is sent, and what of it was too long to be sent whole."""

    text: str
    cuts: tuple[Cut, ...]


@dataclass(frozen=True)
class Fenced:
    """One field of an item as the template sees it: `characters` are there, `shown` of them are in `json`."""

    name: str
    json: str
    characters: int
    shown: int


@lru_cache(maxsize=256)
def system_prompt(criterion: Criterion) -> str:
    """The system prompt of a criterion: the same bytes for every item, so that the API can cache it.

    Raises CriterionError naming the file that cannot be rendered.
    """
    front = criterion.front
    body = _render(f"judge_prompts/{criterion.name}.md", criterion.body, criterion=front).strip()
    return _render("judge_prompts/_system.md.j2", criterion.wrapper.system, criterion=front, body=body)


def item_message(criterion: Criterion, item: Item, nonce: str) -> ItemMessage:
    """The message that puts an item before the judge: each field that the criterion needs, as JSON between tags.

    Tags carry the nonce, lower-case hex digits, 16 or more (ValueError for another). Whatever the item holds, the
    message has the same tags in the same order, and neither a tag nor the nonce anywhere else.
    """
    if not re.fullmatch(r"[0-9a-f]{16,64}", nonce):
        raise ValueError(f"a nonce is 16 to 64 lower-case hex digits, not {nonce!r}")
    fields = [_fenced(name, item, nonce) for name in criterion.front.needs]
    text = _render(
        "judge_prompts/_item.md.j2", item_template(criterion), criterion=criterion.front, fields=fields, nonce=nonce
    )
    cuts = [Cut(field.name, field.characters, field.shown) for field in fields if field.shown < field.characters]
    return ItemMessage(text, tuple(cuts))


def nonce(secret: bytes, ruler_id: str, content_id: str) -> str:
    """16 hex digits for the tags around a content: the same whenever it is asked, and not to be guessed from a log.

    HMAC-SHA256 (RFC 2104) of both ids. Raises ValueError for a secret of less than 16 bytes.
    """
    if len(secret) < 16:
        raise ValueError(f"a nonce's secret needs 16 bytes or more; this one has {len(secret)}")
    return hmac.new(secret, f"{ruler_id}/{content_id}".encode(), hashlib.sha256).hexdigest()[:NONCE_DIGITS]


def full_text(criterion: Criterion) -> str:
    """All that a verdict was asked with, so that a score can be explained a year later."""
    return "\n\n".join(
        (
            system_prompt(criterion),
            f"===== The item, as the message after it: _item.md.j2, wrapper version {WRAPPER_VERSION} =====",
            item_template(criterion).strip(),
            "===== The schema of the answer =====",
            json.dumps(answer_schema(criterion), indent=2),
        )
    )


@lru_cache(maxsize=256)
def item_template(criterion: Criterion) -> str:
    """The text of `_item`, once it has been tried.

    Raises CriterionError when it cannot be rendered, or when a field does not stand between tags that carry the nonce.
    """
    label, template = "judge_prompts/_item.md.j2", criterion.wrapper.item
    probes = [Fenced(name, encode(f"probe of {name}"), 1, 1) for name in criterion.front.needs]
    text = _render(label, template, criterion=criterion.front, fields=probes, nonce=_PROBE)
    for probe in probes:
        fence = rf"<[^<>]*{_PROBE}[^<>]*>\s*{re.escape(probe.json)}\s*</[^<>]*{_PROBE}>"
        if len(re.findall(fence, text)) != 1 or text.count(probe.json) != 1:
            raise CriterionError(
                f"{label}: {probe.name} does not stand, once, between tags that carry the nonce; write, for each field "
                "of fields, <{{ field.name }}-{{ nonce }}>{{ field.json }}</{{ field.name }}-{{ nonce }}>"
            )
    return template


def _fenced(name: str, item: Item, nonce: str) -> Fenced:
    value = getattr(item, name)
    shown: str | None | list[dict[str, str | None]]
    if name == "sources":
        shown, characters, kept = _sources(value)
    else:
        shown, kept = _shorten(value, FIELD_CHARACTERS)
        characters = len(value or "")
    return Fenced(name, without(encode(shown), nonce), characters, kept)


def _sources(sources: tuple[Source, ...]) -> tuple[list[dict[str, str | None]], int, int]:
    """Sources as they are shown, the characters that they have, and how many of them are shown."""
    characters = sum(len(text or "") for source in sources for text in (source.id, source.title, source.text))
    first = sources[:MOST_SOURCES]
    ids = [_shorten(source.id, SOURCE_NAME_CHARACTERS) for source in first]
    titles = [_shorten(source.title, SOURCE_NAME_CHARACTERS) for source in first]
    left = SOURCES_CHARACTERS - sum(weight(name or "", SOURCES_CHARACTERS) for name, _ in (*ids, *titles))
    shares = share_out([weight(source.text or "", left) for source in first], left)
    texts = [_shorten(source.text, share) for source, share in zip(first, shares, strict=True)]
    shown = [
        {"id": id_, "title": title, "text": text}
        for (id_, _), (title, _), (text, _) in zip(ids, titles, texts, strict=True)
    ]
    if len(sources) > len(first):
        shown.append({"id": None, "title": None, "text": f"[… {len(sources) - len(first):,} more sources left out …]"})
    return shown, characters, sum(kept for _, kept in (*ids, *titles, *texts))


def _shorten(text: str | None, limit: int) -> tuple[str | None, int]:
    return (None, 0) if text is None else shorten(text, limit)


def _render(label: str, text: str, **values: Any) -> str:
    try:
        return _template(text).render(values)
    except Exception as error:  # a template can raise anything: an overflow, a division by zero
        raise CriterionError(f"{label}: cannot be rendered: {error}") from error


@lru_cache(maxsize=256)
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)
