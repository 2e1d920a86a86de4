"""How the rules read text: key words, languages, statements, quantities. Linear in the text, which is cut at LIMIT.

A key word is a word that is not a function word (English or Spanish), by its stem. Scripts without spaces are read in
pairs of characters. Nothing here knows grammar, synonyms or meaning.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

LIMIT = 20_000  # characters of one text that are read; the rest of a longer one is not

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_COMBINING = re.compile(r"[\u0300-\u036f]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"')\]]?\s+|(?<=[。！？])|\n+")
_LIST_MARK = re.compile(r"^[\s>#*•·–|-]*(?:\d{1,2}[.)]\s+|\(\d{1,2}\)\s+)?[\s*_]*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUANTITY = re.compile(r"([$€£])?(\d+(?:[.,]\d+)*)(?:\s?([%€£]))?|([^\W\d_]+)")


class Language(StrEnum):
    ENGLISH = "English"
    SPANISH = "Spanish"


ENGLISH_FUNCTION_WORDS = frozenset(
    """a about after again all also am an and any are aren't as at be because been before being but by can can't cannot
    could couldn't did didn't do does doesn't doing don't done down each either else every few for from further get gets
    getting give got had has hasn't have haven't having he her here hers him his how however i i'd i'll i'm i've if in
    into is isn't it it's its itself just let let's like many may me might more most much must my no nor not now of off
    on once one only or other our ours out over own per please same shall she should so some such than thank thanks that
    that's the their theirs them then there there's these they they're this those through to too under until up upon us
    use used using very want wants was wasn't way we we'd we'll we're we've well were what what's when where which while
    who whom whose why will with within without won't would you you'd you'll you're you've your yours
    hi hello hey dear try tell know need needs able make makes every find finds found help helps include includes
    including see sees still good""".split()
)
SPANISH_FUNCTION_WORDS = frozenset(
    """a al algo ante antes aqui asi aun aunque bajo bien cada como con contra cual cuales cuando cuanto de del desde
    donde dos durante e el ella ellas ellos en entre era es esa esas ese eso esos esta estan estar estas este esto estos
    estoy fue gracias ha hace hacer haber habia hacia han has hasta hay he hola la las le les lo los mas me mi mis mucho
    muy nada ni no nos nosotros nuestra nuestro o os otra otro para pero poco por porque pues puede pueden puedo que
    quien quiero se sea ser si sido sin sobre solo son soy su sus tal tambien tan tanto te tener tengo ti tiene tienen
    todo todos tu tus un una unas uno unos usted ustedes va vez y ya yo necesito favor""".split()
)
FUNCTION_WORDS = ENGLISH_FUNCTION_WORDS | SPANISH_FUNCTION_WORDS

# Words that only one of the two languages has: what a language is told by.
_ENGLISH_MARKS = ENGLISH_FUNCTION_WORDS - SPANISH_FUNCTION_WORDS
_SPANISH_MARKS = SPANISH_FUNCTION_WORDS - ENGLISH_FUNCTION_WORDS - {"e", "o", "y", "os", "ti", "son", "sin", "dos"}

# Longest first. English and Spanish alike: a stem only has to be the same for the forms of one word.
_ENDINGS = (
    *("aciones", "amiento"),
    *("ations", "acion", "ation", "iendo", "iones"),
    *("ando", "ados", "adas", "idos", "idas", "ions", "ment", "ings"),
    *("ado", "ada", "ido", "ida", "ion", "ing", "ies", "ied", "ars"),
    *("ed", "es", "ly", "ar", "os", "as"),
    *("s", "e", "y", "o", "a"),
)
_BETWEEN_NUMBERS = frozenset({"to", "and", "or", "a", "y", "o"})
_LONGEST_WORD = 30
_LONGEST_STEM = 8
_SPELLED_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            *("two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete"),
            *("eight ocho", "nine nueve", "ten diez", "eleven once", "twelve doce"),
        ),
        start=2,
    )
    for word in words.split()
    if word != "once"  # an English word first
}


def cut(text: str | None) -> str:
    """The part of a text that is read: its first LIMIT characters; nothing for None."""
    return (text or "")[:LIMIT]


def fold(text: str) -> str:
    """Lower case, compatibility forms resolved, accents off: `¿Cuánto?` and `¿cuanto?` are read the same."""
    if text.isascii():
        return text.lower()
    return _COMBINING.sub("", unicodedata.normalize("NFKD", text[:LIMIT].casefold()))[: 2 * LIMIT].replace("’", "'")


def words(text: str) -> list[str]:
    """The words of a folded text, in order."""
    matches = _WORD.findall(text)
    if text.isascii() or not _UNSPACED.search(text):
        return matches
    pairs: list[str] = []
    for word in matches:
        if _UNSPACED.search(word) and len(word) > 2:
            pairs += [word[k : k + 2] for k in range(len(word) - 1)]
        else:
            pairs.append(word)
    return pairs


def key_words(words_: Iterable[str]) -> dict[str, str]:
    """The key words among words, in order: stem to the word as it was first met. Numbers are left to `numbers`."""
    keys: dict[str, str] = {}
    for word in words_:
        if word not in FUNCTION_WORDS and (stemmed := stem(word)):
            keys.setdefault(stemmed, word)
    return keys


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """What the forms of a folded word have in common, roughly; empty for a single Latin letter and for a number."""
    word = word[:_LONGEST_WORD].removesuffix("'s")
    if word.isdigit() or (len(word) < 2 and word.isascii()):
        return ""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:_LONGEST_STEM]


def weight(stem_: str) -> float:
    """How much a key word counts: words in frequent use are short (Zipf's law of abbreviation), so short ones less."""
    return 0.5 if len(stem_) <= 3 else 0.8 if len(stem_) == 4 else 1.0


def language(folded_words: list[str]) -> Language | None:
    """The language of folded words, told by their function words; None when these do not tell."""
    english = spanish = 0
    for word in folded_words[:400]:
        if word in _ENGLISH_MARKS:
            english += 1
        elif word in _SPANISH_MARKS:
            spanish += 1
    if english >= 2 and english > 3 * spanish:
        return Language.ENGLISH
    if spanish >= 2 and spanish > 3 * english:
        return Language.SPANISH
    return None


def sentences(text: str) -> list[str]:
    """Sentences and lines of a text, without list marks and surrounding space; none is empty."""
    parts = (_LIST_MARK.sub("", part, count=1).strip() for part in _SENTENCE_END.split(text))
    return [sentence for sentence in parts if sentence]


def numbers(text: str) -> set[str]:
    """The numbers in a text, in one spelling: `1,000.50` and `1000.5` are the same. From two on also when spelled."""
    in_digits = {_plain(number) for number in _NUMBER.findall(text)}
    return in_digits | {_SPELLED_NUMBERS[word] for word in words(text) if word in _SPELLED_NUMBERS}


def quantities(text: str) -> set[tuple[str, str]]:
    """Numbers with what they count, as (number, unit), in a folded text: the currency, %, or the stem of the next word.

    In `3 to 5 business days` both numbers count `business`.
    """
    counted: set[tuple[str, str]] = set()
    waiting: list[str] = []
    for before, number, after, word in _QUANTITY.findall(text):
        if number or word in _SPELLED_NUMBERS:
            value = _plain(number) if number else _SPELLED_NUMBERS[word]
            if unit := before or after:
                counted.update((amount, unit) for amount in (*waiting, value))
                waiting = []
            else:
                waiting.append(value)
        elif waiting and word not in _BETWEEN_NUMBERS:
            if word not in FUNCTION_WORDS:
                counted.update((amount, stem(word)) for amount in waiting)
            waiting = []
    return counted


def _plain(number: str) -> str:
    """A number in one spelling. A last comma or point with three digits behind it separates thousands."""
    whole, _, fraction = number.replace(",", ".").rpartition(".")
    if not whole or len(fraction) == 3:
        return number.replace(",", "").replace(".", "").lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    whole = whole.replace(".", "").lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole
