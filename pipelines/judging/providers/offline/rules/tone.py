"""Is the tone apt? Told by phrases of courtesy, sympathy, blame and rudeness, by shouting, and by raw markup.

Sees: the phrases it knows (English and Spanish), capitals, exclamation marks, Markdown, HTML tags and placeholders in
what it takes for plain text, a complaint that is passed over, a curt reply to a long message.
Does not see: irony, register, whether sympathy is sincere, or that a channel renders Markdown.
"""

import re

from pipelines.judging.judge import Item
from pipelines.judging.providers.offline.rules import reading
from pipelines.judging.providers.offline.rules.finding import Finding
from pipelines.judging.quoting import quote

_COURTESY = re.compile(
    r"\b(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|please|thank(?:s| you)|sorry|apologi[sz]e|apologies"
    r"|happy to|glad to|pleased to|you're welcome|welcome|regards|let (?:me|us) know|feel free|hope this helps"
    r"|hola|buen[oa]s (?:dias|tardes|noches)|estimad[oa]|por favor|gracias|lament\w{1,5}|disculp\w{1,5}"
    r"|saludos?|con gusto|encantad[oa]|quedo|quedamos)\b"
)
_COMPLAINT = re.compile(
    r"\b(?:frustrat\w{0,4}|angry|annoy\w{0,4}|furious|upset|disappoint\w{0,5}|unacceptable|ridiculous|terrible"
    r"|awful|worst|fed up|sick of|waste of|losing (?:customers|money|patience)|nobody (?:answers|replies|helps)"
    r"|(?:second|third|fourth|fifth) time|still (?:not|no|waiting|haven't|hasn't)"
    r"|overcharged|charged (?:me )?twice|double charged"
    r"|frustrad[oa]|enfadad[oa]|molest[oa]|indignante|inaceptable|pesim[oa]|hart[oa] de|decepcionad[oa]"
    r"|(?:segunda|tercera|cuarta) vez|nadie (?:responde|contesta))\b"
)
_SYMPATHY = re.compile(
    r"\b(?:sorry|apologi[sz]e|apologies|understand|frustrating|inconvenience|appreciate your patience|patience|regret"
    r"|i can see (?:why|how)|that should not have happened|shouldn't have happened|must be"
    r"|lament\w{1,5}|sentimos|siento|disculp\w{1,5}|entiendo|entendemos|comprend\w{1,5}|molestias|inconvenientes?)\b"
)
_RUDE = re.compile(
    r"\b(?:you idiot|idiotic|stupid question|are you stupid|you(?:'re| are) (?:stupid|dumb|wrong|lying)|shut up|moron"
    r"|not my problem|not our problem|deal with it|stop complaining|calm down|nobody cares|don't waste (?:my|our) time"
    r"|estupid[oa]|idiota|callate|no es (?:mi|nuestro) problema|no sea ridicul[oa])\b"
)
_BLAME = re.compile(
    r"\b(?:your (?:own )?(?:fault|mistake)|you (?:failed|forgot|neglected) to|if you had (?:read|checked|followed)"
    r"|you should(?:'ve| have) (?:asked|checked|done|followed|known|noticed|read|told)"
    r"|as (?:i|we) (?:already|clearly) (?:said|told|explained|stated)|you (?:clearly|obviously)|next time,? read"
    r"|es su culpa|es tu culpa|deberia haber|como ya le (?:dije|dijimos))\b"
)
_SLANG = re.compile(r"\b(?:lol|lmao|dude|bro|gonna|wanna|no worries mate|yolo|omg)\b")
_CODE = re.compile(r"```.{0,20000}?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_MARKUP = {
    "bold signs": re.compile(r"\*\*[^*\n]{1,200}\*\*"),
    "headings": re.compile(r"^#{1,6} \S", re.MULTILINE),
    "a table's pipes": re.compile(r"^\|[^\n]{0,2000}\|[ \t]*$|^\|?[ :-]{3,200}\|[ :|-]{3,200}$", re.MULTILINE),
    "links in brackets": re.compile(r"\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)"),
    "HTML tags": re.compile(r"</?(?:b|br|div|em|h[1-6]|i|li|p|span|strong|table|td|tr|ul)(?:\s[^<>\n]{0,200})?/?>"),
    "an unfilled placeholder": re.compile(r"\{\{[^{}\n]{1,80}\}\}|\[(?:your|customer|agent|company|first) ?name\]"),
}
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{4,}(?:[ !]{1,3}[A-ZÁÉÍÓÚÑ]{2,}){2}\b")
_PICTURES = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def judge(item: Item) -> Finding:
    """A Finding: 5, less what each fault takes away; it does not apply to an empty output."""
    request, raw = reading.fold(reading.cut(item.input)), _CODE.sub(" ", reading.cut(item.output))
    answer = reading.fold(raw)
    answer_words = reading.words(answer)
    if not answer_words:
        return Finding(None, "The output is empty: it has no words outside code.")

    faults = [
        fault
        for fault in (
            _phrase(_RUDE, answer, 4, "rude"),
            _phrase(_BLAME, answer, 2, "blames the asker"),
            _complaint_passed_over(request, answer),
            _raw_markup(raw, answer),
            _shouting(raw),
            _manners(request, answer, answer_words),
            _phrase(_SLANG, answer, 1, "too familiar") or _pictures(raw),
        )
        if fault is not None
    ]
    if not faults:
        return Finding(5, "Courteous, and none of the known faults.")
    worst = max(faults, key=lambda fault: fault[0])
    reasons = "; ".join(reason for _, reason, _ in faults)
    level = max(1, 5 - sum(weight for weight, _, _ in faults))
    return Finding(level, reasons[:1].upper() + reasons[1:] + ".", worst[2])


Fault = tuple[int, str, str | None]  # levels that it takes away, why, the passage


def _phrase(pattern: re.Pattern[str], answer: str, weight: int, reason: str) -> Fault | None:
    match = pattern.search(answer)
    return (weight, f'{reason} ("{quote(match[0], 60)}")', quote(match[0])) if match else None


def _complaint_passed_over(request: str, answer: str) -> Fault | None:
    complaint = _COMPLAINT.search(request)
    if complaint is None or _SYMPATHY.search(answer):
        return None
    return 2, f'passes over a complaint ("{quote(complaint[0], 60)}")', quote(complaint[0])


def _raw_markup(raw: str, answer: str) -> Fault | None:
    """Two levels for one kind of markup, three for more; one for a placeholder alone."""
    markup_by_kind = {}
    for kind, pattern in _MARKUP.items():
        if match := pattern.search(answer if kind == "an unfilled placeholder" else raw):
            markup_by_kind[kind] = match[0]
    if not markup_by_kind:
        return None
    weight = 1 if set(markup_by_kind) == {"an unfilled placeholder"} else 2 if len(markup_by_kind) == 1 else 3
    return weight, f"shows raw markup: {', '.join(markup_by_kind)}", quote(next(iter(markup_by_kind.values())))


def _shouting(raw: str) -> Fault | None:
    if capitals := _CAPITALS.search(raw):
        return 2, "shouts in capitals", quote(capitals[0])
    return (1, "several exclamation marks in a row", "!!") if "!!" in raw else None


def _manners(request: str, answer: str, answer_words: list[str]) -> Fault | None:
    """No courtesy takes one level; two when the asker was courteous, or wrote at length and gets a line."""
    if _COURTESY.search(answer) or (reading.language(answer_words) is None and len(answer_words) > 12):
        return None  # there is one, or it is a language whose courtesies are not known here
    if len(answer_words) < 12 and len(reading.words(request)) > 20:
        return 2, "a curt reply to a long message", None
    if courtesy := _COURTESY.search(request):
        return 2, "no word of courtesy for an asker who had one", quote(courtesy[0])
    return 1, "no word of courtesy", None


def _pictures(raw: str) -> Fault | None:
    count = len(_PICTURES.findall(raw))
    return (1, f"{count} pictograms", None) if count > 3 else None
