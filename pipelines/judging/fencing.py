"""How a text becomes data in a request: encoded so that it can end nothing, and cut to a bounded size.

A text of production may hold anything: our tags, a schema, control characters, two megabytes. Encoded, it is one JSON
string on one line, without a `<`, `>` or `&` and without a character that is not seen: whatever it says, the request
around it has the same structure.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

FIELD_CHARACTERS = 12_000  # of an input or an output
SOURCES_CHARACTERS = 24_000  # of all sources of an item together, with their ids and titles
SOURCE_NAME_CHARACTERS = 150  # of the id, and of the title, of one source
MOST_SOURCES = 40  # the first ones: retrievers put the best first
BYTES_PER_CHARACTER = 3  # a limit of n characters is one of 3n bytes too, as encoded, for what takes more than most do

# What JSON leaves as it is and we do not. The ranges are written out, so that a request has the same bytes under every
# version of Python, each of which has another version of Unicode.
_UNSAFE = re.compile(
    "["
    "<>&"
    "\x7f-\x9f"  # controls that JSON does not escape
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format characters (Cf)
    "\U000e0000-\U000e0fff"  # tags and variation selectors: a known way to hide a text
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"  # other characters that are not seen
    "\u2028\u2029"  # separators of lines and paragraphs
    "\ud800-\udfff"  # lone surrogates
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use, and non-characters
    "\ufdd0-\ufdef\ufffe\uffff"
    "]"
)

_UNSAFE_IN_ASCII = {character: f"\\u{ord(character):04x}" for character in "<>&\x7f"}


@dataclass(frozen=True)
class Cut:
    """A field that was too long: how many characters it has, and how many of them are in the request."""

    field: str
    characters: int
    kept: int


def encode(value: Any) -> str:
    """A text, or a list or mapping of texts, as JSON on one line that no tag and no unseen character is in.

    Letters of any language stay as they are, which is a third of the tokens that their escapes would take. Decoding
    gives the value back, except that two surrogates side by side come back as the one character that they stand for.
    """
    encoded = json.dumps(value, ensure_ascii=False)
    if not encoded.isascii():
        return _UNSAFE.sub(_escape, encoded)
    for character, escape in _UNSAFE_IN_ASCII.items():  # the same, four times as fast: most texts are all ASCII
        encoded = encoded.replace(character, escape)
    return encoded


def without(encoded: str, nonce: str) -> str:
    """Encoded JSON in which a nonce does not occur; it decodes to the same. The nonce is 16 hex digits or more.

    The last digit is escaped. It is always one that the content wrote: an escape has four, and none goes on after them.
    """
    while nonce in encoded:
        encoded = encoded.replace(nonce, f"{nonce[:-1]}\\u{ord(nonce[-1]):04x}")
    return encoded


def shorten(text: str, limit: int) -> tuple[str, int]:
    """A text within a limit of characters (and three times as many bytes, as encoded), cut in the middle with a mark.

    Returns it, and how many of its characters were kept; the mark is not counted.
    """
    if weight(text, limit) <= limit:
        return text, len(text)
    half = limit // 2
    head = _fitting(text[:half], half)
    tail = _fitting(text[len(text) - half :][::-1], half)[::-1]
    kept = len(head) + len(tail)
    return f"{head}[… {len(text) - kept:,} characters left out …]{tail}", kept


def weight(text: str, limit: int) -> int:
    """The characters that a text counts for: its own, or a third of its bytes as encoded where that is more.

    A text of more than `limit` characters is over it anyhow: it counts for its characters, without being encoded.
    """
    return len(text) if len(text) > limit else max(len(text), ceil(_bytes(text) / BYTES_PER_CHARACTER))


def share_out(weights: Sequence[int], limit: int) -> list[int]:
    """How much each may have of a common limit: the short ones all they need, the long ones equal parts of the rest."""
    shares = [0] * len(weights)
    for place, k in enumerate(sorted(range(len(weights)), key=weights.__getitem__)):
        shares[k] = min(weights[k], limit // (len(weights) - place))
        limit -= shares[k]
    return shares


def _fitting(text: str, limit: int) -> str:
    """The longest beginning of a text that takes no more bytes than three times a limit."""
    if _bytes(text) <= BYTES_PER_CHARACTER * limit:
        return text
    total = 0
    for place, character in enumerate(text):
        total += _bytes(character)
        if total > BYTES_PER_CHARACTER * limit:
            return text[:place]
    return text


def _bytes(text: str) -> int:
    """The bytes of a text as encoded, its quotation marks left out."""
    return len(encode(text).encode()) - 2


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code - 0x10000 & 0x3FF):04x}"
