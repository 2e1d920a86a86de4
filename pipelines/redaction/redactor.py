"""Redaction: what identifies a person or opens a door is taken out of a text before the text leaves the machine.

Taken out are e-mail addresses, card numbers (with a valid check digit), IBANs, IP addresses, US social security
numbers, phone numbers (international, and as they are written in PHONE_REGIONS) and secrets. **Names and postal
addresses are not**: no model reads the text. In the place of each value stands its kind and a number, `<EMAIL_1>`: the
same value gets the same number in all texts of an item, so that a judge can still tell whether an answer repeats what
its sources say.

Presidio knows the shapes and checks the digits, without a language model. Its e-mail pattern takes minutes over
"a.a.a...", and what its patterns cannot search in time it lets through; so they are searched here, under a deadline,
and a text that passes it is an error, never a text.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from pipelines.errors import UserError
from pipelines.judging.judge import Item
from pipelines.redaction.secret_shapes import SECRET_SHAPES

VERSION = 1  # raise it with every change that may change a redacted text: copies made with another are made again
SECONDS = 10.0  # of computing, for one text; 2 MB of prose take about 2
LONGEST = 4_000_000  # characters of a text
PHONE_REGIONS = ("US", "GB")
PHONE_CHUNK, PHONE_OVERLAP = 4_096, 128  # characters; a chunk takes 0.1 s at worst, no number is as long as the overlap
CERTAIN_ENOUGH = 0.4  # Presidio's score; a pattern below it counts where its context is named just before
CONTEXT_CHARACTERS = 60

# Digits, signs, spaces and dashes that look like plain ones, each made what it looks like before anything is searched.
PLAIN = str.maketrans(
    "０１２３４５６７８９＠．：＋－\u00a0\u2007\u2008\u2009\u200a\u202f\u3000\u2010\u2011\u2012\u2013\u2014\u2212",
    "0123456789@.:+-" + " " * 7 + "-" * 6,
)

# The address is bounded as RFC 5321 bounds it. A domain ends in letters, so that "3@4.5" is none.
EMAIL = r"[\w.%+'-]{1,64}+@(?:[\w-]{1,63}+\.){1,8}[^\W\d_][\w-]{1,62}"
# International numbers, and American ones with separators. phonenumbers checks far more, but not beside other digits.
INTERNATIONAL = r"(?<![\w+])\+[1-9](?:[ .()/-]{0,2}+\d){7,14}(?!\d)"
AMERICAN = r"(?<![\d.-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?!\d|[.-]\d)"


class Kind(StrEnum):
    """What a placeholder stands for. Where values overlap, the longest names the kind; of equal ones the first here."""

    SECRET = "SECRET"
    CARD = "CARD"
    IBAN = "IBAN"
    SSN = "SSN"
    EMAIL = "EMAIL"
    IP = "IP"
    PHONE = "PHONE"


class RedactionUnavailable(UserError):
    """Redaction is asked for, and what it needs is not installed."""


class NotRedacted(Exception):
    """A text that could not be redacted in time: it must not be sent or shown. The message quotes nothing of it."""


@dataclass(frozen=True)
class Redacted:
    """A text without what was taken out of it, and how many values of each kind that was."""

    text: str
    counts: dict[str, int]


@dataclass(frozen=True)
class _Finding:
    start: int
    end: int
    kind: Kind


class Redactor:
    """Redacts texts. It keeps nothing of them, and threads may share it.

    `seconds` is how long one text may take, in seconds of computing, so that a busy machine changes no result. Raises
    RedactionUnavailable when Presidio is not installed. Making one takes about a second.
    """

    def __init__(self, seconds: float = SECONDS):
        try:
            import regex
            from presidio_analyzer.predefined_recognizers import (
                CreditCardRecognizer,
                IbanRecognizer,
                IpRecognizer,
                PhoneRecognizer,
                UsSsnRecognizer,
            )
        except ImportError as error:
            raise RedactionUnavailable(
                "redacting needs the extra `redaction`, which is not installed "
                f"({error}); in the checkout, run `pip install --constraint constraints.txt --editable '.[redaction]'`"
            ) from None
        self._seconds = seconds
        self._recognizers: dict[Kind, Any] = {
            Kind.CARD: CreditCardRecognizer(),
            Kind.IBAN: IbanRecognizer(),
            Kind.SSN: UsSsnRecognizer(),
            Kind.IP: IpRecognizer(),
        }
        self._phones = PhoneRecognizer(supported_regions=PHONE_REGIONS)
        own = [(Kind.EMAIL, EMAIL), (Kind.PHONE, INTERNATIONAL), (Kind.PHONE, AMERICAN)]
        own += [(Kind.SECRET, shape) for shape in SECRET_SHAPES.values()]
        self._own = [(kind, regex.compile(pattern)) for kind, pattern in own]
        self._theirs = [
            (kind, pattern.score, regex.compile(pattern.regex, recognizer.global_regex_flags))
            for kind, recognizer in self._recognizers.items()
            for pattern in recognizer.patterns
        ]
        self._context = {
            kind: regex.compile(r"\b(?:" + "|".join(map(regex.escape, recognizer.context)) + r")\b", regex.IGNORECASE)
            for kind, recognizer in self._recognizers.items()
        }
        self._placeholder = regex.compile(f"<({'|'.join(Kind)})_([0-9]{{1,9}})>")

    def redact(self, text: str) -> Redacted:
        """A text without its values. Raises NotRedacted when it is too long, or takes too long."""
        return self.redact_together([text])[0]

    def redact_together(self, texts: Sequence[str]) -> list[Redacted]:
        """Texts of one item: equal values get equal placeholders in all of them, numbered in the order of the texts.

        A placeholder that a text brought along stays, and its number is not given to another value. Raises NotRedacted
        when a text is too long, or takes too long.
        """
        taken = {match.group() for text in texts for match in self._placeholder.finditer(text)}
        numbers: Counter[Kind] = Counter()
        placeholders: dict[tuple[Kind, str], str] = {}

        def placeholder(kind: Kind, value: str) -> str:
            key = kind, value if kind is Kind.SECRET else "".join(filter(str.isalnum, value)).casefold()
            while key not in placeholders:
                numbers[kind] += 1
                if (new := f"<{kind}_{numbers[kind]}>") not in taken:
                    placeholders[key] = new
            return placeholders[key]

        redacted = []
        for text in texts:
            parts: list[str] = []
            counts: Counter[str] = Counter()
            end = 0
            for finding in _apart(self._find(text)):
                parts += [text[end : finding.start], placeholder(finding.kind, text[finding.start : finding.end])]
                end = finding.end
                counts[finding.kind.value] += 1
            redacted.append(Redacted("".join([*parts, text[end:]]), dict(counts)))
        return redacted

    def _find(self, text: str) -> list[_Finding]:
        if len(text) > LONGEST:
            raise NotRedacted(f"a text of {len(text):,} characters; at most {LONGEST:,} are redacted")
        end = time.thread_time() + self._seconds
        late = NotRedacted(f"a text of {len(text):,} characters took more than {self._seconds:g} s of computing")

        def remaining() -> float:
            if (left := end - time.thread_time()) <= 0:
                raise late
            return left

        text = text.translate(PLAIN)  # character for character, so what is found is where it was

        findings = []
        try:
            for kind, pattern in self._own:
                for match in pattern.finditer(text, timeout=remaining()):
                    start, stop = match.span("secret" if "secret" in pattern.groupindex else 0)
                    findings.append(_Finding(start, stop, kind))
            for kind, score, pattern in self._theirs:
                # overlapped: digits that fail their check may end in the first of those that pass
                for match in pattern.finditer(text, overlapped=True, timeout=remaining()):
                    findings += self._checked(kind, score, match)
        except TimeoutError:
            raise late from None
        rest = _without(text, findings)
        for begin in range(0, len(rest), PHONE_CHUNK):
            remaining()
            chunk = rest[begin : begin + PHONE_CHUNK + PHONE_OVERLAP]
            for phone in self._phones.analyze(chunk, ["PHONE_NUMBER"]):
                findings.append(_Finding(begin + phone.start, begin + phone.end, Kind.PHONE))
        remaining()
        return findings

    def _checked(self, kind: Kind, score: float, match: Any) -> Iterator[_Finding]:
        """A match of Presidio's pattern, if its digits are right and it is certain enough, or its context says so."""
        text, start = match.string, match.start()
        for end in _ends(kind, match):
            value = text[start:end]
            valid = self._recognizers[kind].validate_result(value)
            if valid is False or self._recognizers[kind].invalidate_result(value):
                continue
            before = text[max(0, start - CONTEXT_CHARACTERS) : start]
            if valid or score >= CERTAIN_ENOUGH or self._context[kind].search(before):
                yield _Finding(start, end, kind)
                return


@cache
def redactor() -> Redactor:
    """The one Redactor of this process. Raises RedactionUnavailable when the extra is not installed."""
    return Redactor()


def redact_item(redactor: Redactor, item: Item) -> tuple[Item, dict[str, int]]:
    """An item without its values, and how many of each kind were taken out of input, output and sources together.

    Raises NotRedacted when one of its texts cannot be redacted: the item is then not to be sent.
    """
    source_fields = ("id", "title", "text")
    texts = [item.input, item.output, *(getattr(source, field) for source in item.sources for field in source_fields)]
    redacted = iter(redactor.redact_together([text for text in texts if text is not None]))
    counts: Counter[str] = Counter()

    def next_of(text: str | None) -> str | None:
        if text is None:
            return None
        new = next(redacted)
        counts.update(new.counts)
        return new.text

    new_item = Item(
        next_of(item.input),
        next_of(item.output),
        tuple(replace(s, **{field: next_of(getattr(s, field)) for field in source_fields}) for s in item.sources),
    )
    return new_item, dict(counts)


def _ends(kind: Kind, match: Any) -> list[int]:
    """Where a match may end: an IBAN's pattern may have taken in words after it, a group at a time."""
    if kind is not Kind.IBAN:
        return [match.end()]
    ends = [match.end(group) for group in range(match.re.groups, 0, -1)]
    return [end for end in dict.fromkeys(ends) if end > match.start()]


def _without(text: str, findings: list[_Finding]) -> str:
    """A text of the same length without what was found: digits beside a phone number hide it."""
    parts, end = [], 0
    for finding in _apart(findings):
        parts += [text[end : finding.start], "|" * (finding.end - finding.start)]
        end = finding.end
    return "".join([*parts, text[end:]])


def _apart(findings: list[_Finding]) -> list[_Finding]:
    """What was found, in order, those that overlap made one: of the longest's kind, over all that they cover."""
    order = list(Kind)
    merged: list[_Finding] = []
    longest: list[_Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end)):
        if finding.start == finding.end:
            continue
        if merged and finding.start < merged[-1].end:
            best = max(longest[-1], finding, key=lambda f: (f.end - f.start, -order.index(f.kind)))
            longest[-1] = best
            merged[-1] = _Finding(merged[-1].start, max(merged[-1].end, finding.end), best.kind)
        else:
            merged.append(finding)
            longest.append(finding)
    return merged
