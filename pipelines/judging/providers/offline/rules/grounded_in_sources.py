"""Is each statement supported by the sources? Told by the key words, numbers and addresses that it shares with one.

Sees: statements whose words are in no passage, numbers and addresses that no source has, a quantity that differs from
the passage's, a cited source that calls itself deprecated, sources in the other language (English and Spanish only).
Does not see: negation, who did what to whom, support in other words, inference; numbers of five digits or more are
taken for order numbers and the like, which the asker may have given.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.judging.judge import Item, Source
from pipelines.judging.providers.offline.rules import reading
from pipelines.judging.providers.offline.rules.evasions import REFERRAL, REFUSAL
from pipelines.judging.providers.offline.rules.finding import Finding
from pipelines.judging.quoting import quote

ENOUGH = 0.5  # the weighted share of a statement's key words that one passage must have
MOST_SOURCES = 50
MOST_STATEMENTS = 60
PASSAGE = 900  # characters: a longer source is read in passages of about this length

_DEPRECATED = re.compile(
    r"\b(?:deprecated|obsolete|superseded|out of date|outdated|archived|retired|no longer (?:valid|current|maintained)"
    r"|obsolet[oa]|desactualizad[oa]|ya no (?:es valid[oa]|esta vigente))\b"
)
_MARKED_WITHIN = 200  # characters of a source in which it would say that it is deprecated
_COURTESY = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|many thanks|great question|sure"
    r"|of course|certainly|you're welcome|i hope|hope"
    r"|happy to help|glad to help|just reply|let (?:me|us) know|feel free|have a (?:nice|great|good)"
    r"|please (?:let|feel|do not|don't)"
    r"|i(?:'m| am) (?:sorry|happy|glad|here)|we(?:'re| are) sorry|sorry|apologies|(?:we|i) apologi[sz]e"
    r"|i (?:completely |fully |can )?(?:understand|see|appreciate)"
    r"|if (?:you|there|anything|that|this)\b.{0,80}\b(?:questions|let me know|let us know|reply|help)"
    r"|hola|buenos|buenas|estimad[oa]|gracias|muchas gracias|saludos|un saludo|atentamente|quedo|quedamos"
    r"|lamento|lamentamos|siento|sentimos|entiendo|entendemos|disculp\w{1,5}|no dudes?"
    r"|si (?:tiene|tienes|necesita|necesitas)\b.{0,80}\b(?:preguntas?|dudas?|ayuda|algo))\b"
)
_COURTESY_KEY_WORDS = 6  # a longer sentence, or one with a number, says more than its polite beginning
_SIGN_OFF = re.compile(
    r"^(?:(?:best|kind|warm|many thanks|with best)(?: regards| wishes)?|regards|cheers|sincerely"
    r"|yours (?:sincerely|truly)|(?:un )?(?:cordial )?saludos?|atentamente)[,.!]?$"
)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]{3,200}|\b[\w.-]{1,60}@[\w-]{1,60}\.[\w.-]{2,20}")


def judge(item: Item) -> Finding:
    """A Finding; it does not apply without sources, or where the output states nothing."""
    sources = [source for source in item.sources[:MOST_SOURCES] if (source.title or source.text or "").strip()]
    if not sources:
        return Finding(None, "There are no sources.")
    text = reading.cut(item.output)
    statements = _statements(text)
    if not statements:
        return Finding(None, "The output states nothing that could be looked up.")

    library = [_read(source.title or "", reading.cut(source.text)) for source in sources]
    if mismatch := _unreadable(text, library):
        return mismatch
    return _looked_up(statements, sources, library, reading.fold(text))


@dataclass(frozen=True)
class _Statement:
    text: str
    keys: frozenset[str]
    total: float  # the sum of its key words' weights
    numbers: frozenset[str]
    addresses: frozenset[str]


@dataclass(frozen=True)
class _Passage:
    text: str
    keys: frozenset[str]


@dataclass(frozen=True)
class _ReadSource:
    passages: tuple[_Passage, ...]
    numbers: frozenset[str]
    addresses: frozenset[str]
    language: reading.Language | None
    deprecated: bool


def _statements(text: str) -> list[_Statement]:
    statements = []
    for place, sentence in enumerate(reading.sentences(text)):
        folded = reading.fold(sentence)
        if place and _SIGN_OFF.match(folded):
            break  # what follows is a signature
        if folded.endswith("?") or REFUSAL.search(folded) or REFERRAL.search(folded):
            continue
        keys = frozenset(reading.key_words(reading.words(folded)))
        addresses = _addresses(folded)
        numbers = frozenset(n for n in reading.numbers(_ADDRESS.sub(" ", folded)) if len(n.split(".")[0]) < 5)
        if len(keys) < 2 and not addresses:
            continue
        if len(keys) <= _COURTESY_KEY_WORDS and not numbers and _COURTESY.match(folded):
            continue
        statements.append(_Statement(folded, keys, sum(map(reading.weight, keys)), numbers, addresses))
        if len(statements) == MOST_STATEMENTS:
            break
    return statements


@lru_cache(maxsize=1024)
def _read(title: str, text: str) -> _ReadSource:
    """A source, read once for all the items that have it."""
    title = reading.fold(reading.cut(title)[:_MARKED_WITHIN])
    folded = reading.fold(text)
    whole = f"{title}\n{folded}"
    passages = []
    for part in _passages(folded):
        described = f"{title}\n{part}"
        passages.append(_Passage(described, frozenset(reading.key_words(reading.words(described)))))
    return _ReadSource(
        passages=tuple(passages),
        numbers=frozenset(reading.numbers(whole)),
        addresses=_addresses(whole),
        language=reading.language(reading.words(whole[: 4 * PASSAGE])),
        deprecated=_DEPRECATED.search(whole[: len(title) + _MARKED_WITHIN]) is not None,
    )


def _passages(text: str) -> list[str]:
    if len(text) <= PASSAGE:
        return [text]
    parts: list[list[str]] = [[]]
    length = 0
    for sentence in reading.sentences(text):
        if length > PASSAGE:
            parts.append([])
            length = 0
        parts[-1].append(sentence)
        length += len(sentence)
    return ["\n".join(part) for part in parts]


def _addresses(folded: str) -> frozenset[str]:
    if "://" not in folded and "www." not in folded and "@" not in folded:
        return frozenset()
    return frozenset(address.rstrip(".,;:!?/") for address in _ADDRESS.findall(folded))


def _unreadable(text: str, library: list[_ReadSource]) -> Finding | None:
    written = reading.language(reading.words(reading.fold(text)))
    languages = {source.language for source in library if source.language is not None}
    if written is None or not languages or written in languages:
        return None
    return Finding(
        2, f"The output is in {written}, its sources only in {' and '.join(sorted(languages))}: support cannot be read."
    )


def _looked_up(statements: list[_Statement], sources: list[Source], library: list[_ReadSource], folded: str) -> Finding:
    """A level by the share of supported statements; at most 2 with a contradiction or a deprecated source."""
    numbers = frozenset().union(*(source.numbers for source in library))
    addresses = frozenset().union(*(source.addresses for source in library))
    supported, unsupported, contradicted = 0, [], []
    current = "\n".join(passage.text for read in library if not read.deprecated for passage in read.passages)
    rests_on_deprecated = [
        _name(source)
        for source, read in zip(sources, library, strict=True)
        if read.deprecated and _cites(folded, source, current)
    ]
    for statement in statements:
        share, passage, place = _best(statement, library)
        if share >= ENOUGH and (difference := _contradiction(statement, passage)):
            contradicted.append((statement, difference))
        elif share < ENOUGH or not statement.numbers <= numbers or not statement.addresses <= addresses:
            unsupported.append(statement)
        else:
            supported += 1
            if library[place].deprecated:
                rests_on_deprecated.append(_name(sources[place]))

    share = supported / len(statements)
    level = 5 if share > 0.9 else 4 if share > 0.75 else 3 if share >= 0.45 else 2 if share >= 0.2 else 1
    rationale = f"{supported} of {len(statements)} statements share their key words with a source"
    if unsupported:
        rationale += f"; not found: {quote(unsupported[0].text, 80)}"
    evidence = unsupported[0].text if unsupported else None
    if contradicted:
        statement, difference = contradicted[0]
        rationale, evidence, level = f"{difference}; {rationale}", statement.text, min(level, 2)
    if rests_on_deprecated:
        rationale = f"rests on a source that is marked as out of date ({rests_on_deprecated[0]}); {rationale}"
        level = min(level, 2)
    return Finding(level, rationale[:1].upper() + rationale[1:] + ".", quote(evidence) if evidence else None)


def _best(statement: _Statement, library: list[_ReadSource]) -> tuple[float, _Passage, int]:
    """The largest share of the statement's key words that one passage has, the passage, and its source's place.

    Of equal ones the first of a source that is not deprecated.
    """
    best, best_passage, best_place = (-1.0, False), library[0].passages[0], 0
    for place, source in enumerate(library):
        for passage in source.passages:
            shared = sum(map(reading.weight, statement.keys & passage.keys))
            merit = (shared / statement.total if statement.total else 1.0, not source.deprecated)
            if merit > best:
                best, best_passage, best_place = merit, passage, place
    return best[0], best_passage, best_place


def _contradiction(statement: _Statement, passage: _Passage) -> str | None:
    """What differs: the statement counts a unit that the passage counts too, by a number that is not in the passage."""
    if not statement.numbers:
        return None
    counted = reading.quantities(passage.text)
    known = reading.numbers(passage.text)
    for number, unit in sorted(reading.quantities(statement.text)):
        numbers_of_source = sorted(n for n, u in counted if u == unit)
        if numbers_of_source and number in statement.numbers and number not in known:
            return f"says {number} ({unit}) where the source says {' or '.join(numbers_of_source[:3])}"
    return None


def _cites(folded: str, source: Source, current: str) -> bool:
    """The output names the source: by its id, or by a title of two words or more that no current source has too."""
    title = reading.fold(reading.cut(source.title)[:_MARKED_WITHIN]).split("(")[0].strip()
    name = reading.fold((source.id or "")[:_MARKED_WITHIN])
    return (len(title.split()) > 1 and title in folded and title not in current) or (len(name) > 5 and name in folded)


def _name(source: Source) -> str:
    return quote(source.title or source.id or "untitled", 60)
