"""Values as people read them: percent, three digits, units, days; and text of logs that can do no harm."""

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

from pipelines.catalogue.signals import Unit

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
# Format characters that letters of some scripts and emoji are joined by; all others can reorder or hide text.
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def visible(text: object) -> str:
    """Text in which every control, direction and private-use character is spelt out, as in `‹U+202E›`.

    Line breaks and tabs stay; so do the joiners that scripts and emoji need.
    """
    return "".join(
        f"‹U+{ord(character):04X}›"
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in "\n\t" + JOINERS
        else character
        for character in str(text)
    )


def words(code: object) -> str:
    """A code of a closed vocabulary as words: `too_few_nights` is `too few nights`."""
    return visible(code).replace("_", " ")


def sentences(text: object) -> str:
    """A text in which no per cent sign begins a line: `−17.6 %` is broken nowhere, and its minus is one."""
    return re.sub(r"(?<![\w.])-(?=\d)", MINUS, visible(text)).replace(" %", "\N{NO-BREAK SPACE}%")


def title(code: object) -> str:
    """A name as it begins a line: `addressed_question` is `Addressed question`."""
    text = words(code)
    return text[:1].upper() + text[1:]


def shortened(text: object, characters: int) -> str:
    """The first characters of a text, with an ellipsis when there are more."""
    shown = visible(text)
    return shown if len(shown) <= characters else shown[: characters - 1].rstrip() + "…"


def score(value: float | None) -> str:
    """A score of 0 to 1, with three digits."""
    return f"{value:.3f}" if _is_number(value) else NOTHING


def usd(value: float | None) -> str:
    """An amount of US dollars, with as many digits as small ones need: `2.41 USD`, `0.0031 USD`."""
    if not _is_number(value):
        return NOTHING
    return f"{value:,.2f} USD" if value >= 1 or value == 0 else f"{value:.2g} USD"


def points(value: float | None) -> str:
    """A difference of scores, signed, with three digits: `−0.041`."""
    return f"{value:+.3f}".replace("-", MINUS) if _is_number(value) else NOTHING


def count(value: float | None) -> str:
    return f"{value:,.0f}" if _is_number(value) else NOTHING


def percent(value: float | None, signed: bool = False) -> str:
    """A share in percent with three digits at most: 0.0123 is `1.23 %`; signed, -0.02 is `−2.00 %`."""
    if not _is_number(value):
        return NOTHING
    points = value * 100
    digits = 2 if abs(points) < 9.995 else 1 if abs(points) < 99.95 else 0
    text = f"{abs(points):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return "0 %"
    sign = MINUS if points < 0 else "+" if signed else ""
    return f"{sign}{text} %"


def measured(unit: Unit, value: float | None) -> str:
    """A signal's value in its unit."""
    if not _is_number(value):
        return NOTHING
    match unit:
        case Unit.USD:
            return f"${value:,.2f}" if value < 1000 else f"${value:,.0f}"
        case Unit.MS:
            return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.1f} s"
        case Unit.SHARE:
            return percent(value)
        case Unit.COUNT:
            return count(value)


def healthy_range(unit: Unit, low: float | None, high: float | None) -> str:
    """The values at which a signal is healthy."""
    if _is_number(low) and _is_number(high):
        return f"{measured(unit, low)} to {measured(unit, high)}"
    if _is_number(high):
        return f"up to {measured(unit, high)}"
    return f"from {measured(unit, low)}" if _is_number(low) else NOTHING


def day_name(day: date) -> str:
    """As in `Monday 23 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """As in `Mon 23 Nov`."""
    return f"{day:%a} {day.day} {day:%b}"


def moment(when: datetime, zone: ZoneInfo) -> str:
    """A time in the feature's zone and, where that is another, in UTC: `Tue 24 Nov 2026, 12:00 EST (17:00 UTC)`."""
    local, utc = when.astimezone(zone), when.astimezone(UTC)
    text = f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local.tzname()}"
    if local.utcoffset() == utc.utcoffset():
        return text
    other_day = "" if local.date() == utc.date() else f"{utc.day} {utc:%b}, "
    return f"{text} ({other_day}{utc:%H:%M} UTC)"


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
