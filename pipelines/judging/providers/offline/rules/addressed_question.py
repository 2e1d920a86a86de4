"""Does the output address what was asked? Told by shared key words, and by the usual ways not to answer.

Sees: empty and very short outputs, refusals, mere referrals, echoes of the request, answers in the other language
(English and Spanish only), texts that break off, questions of which no key word comes back.
Does not see: answers in other words than the question's, answers that share its words and miss its point, truth.
"""

import re

from pipelines.judging.judge import Item
from pipelines.judging.providers.offline.rules import reading
from pipelines.judging.providers.offline.rules.evasions import REFERRAL, REFUSAL
from pipelines.judging.providers.offline.rules.finding import Finding
from pipelines.judging.quoting import quote

ENOUGH = 0.5  # the weighted share of a question's key words that counts as fully taken up
MOST_QUESTIONS = 8
SHORT = 40  # words: a refusal or a referral in a text this short leaves no room for an answer

_OTHER_LANGUAGE_WANTED = re.compile(r"\b(?:translat|english|spanish|ingles|espanol|castellano|traduc|traduz)")
_ENDS_OPEN = re.compile(
    r"[,;:(\-–—]$|\b(?:and|or|the|a|an|to|of|in|for|with|that|is|are|your|y|o|el|la|de|en|con|que|su)$"
)


def judge(item: Item) -> Finding:
    """A Finding; it does not apply where the input has no words."""
    request, answer = reading.fold(reading.cut(item.input)), reading.fold(reading.cut(item.output))
    request_words, answer_words = reading.words(request), reading.words(answer)
    if not request_words:
        return Finding(None, "The input asks for nothing: it has no words.")
    if not answer_words:
        return Finding(1, "The output is empty: it has no words.")

    answer_keys = reading.key_words(answer_words)
    level, reason = _taken_up(request, request_words, answer, answer_words, answer_keys)
    limits = [
        limit
        for limit in (
            _does_not_answer(answer, answer_words),
            _other_language(request, request_words, answer_words),
            _echo(request, request_words, answer, answer_words, answer_keys),
            _breaks_off(item.output or "", answer),
        )
        if limit is not None
    ]
    if not limits:
        return Finding(level, reason)
    worst = min(limits, key=lambda limit: limit.level or level)
    return Finding(min(level, worst.level or level), f"{worst.rationale} {reason}", worst.evidence)


def _taken_up(
    request: str, request_words: list[str], answer: str, answer_words: list[str], answer_keys: dict[str, str]
) -> tuple[int, str]:
    """A level by the share of the key words of each question (else of the whole request) that the answer takes up."""
    whole = reading.key_words(request_words)
    if len(whole) < 2:
        return 4, "The request has too few key words to compare with."
    questions = [
        keys
        for sentence in reading.sentences(request)
        if sentence.endswith("?") and len(keys := reading.key_words(reading.words(sentence))) >= 2
    ][:MOST_QUESTIONS] or [whole]
    if not any(_share(keys, answer_keys) for keys in questions):
        questions = [whole]  # a question such as "Any suggestions?" stands for what was said before it
    shares = [min(1.0, _share(keys, answer_keys) / ENOUGH) for keys in questions]
    asked = {key: word for keys in questions for key, word in keys.items()}
    missing = [word for key, word in asked.items() if key not in answer_keys]
    reason = f"Takes up {len(asked) - len(missing)} of {len(asked)} key words of what is asked"
    reason += f" (not: {', '.join(missing[:5])})." if missing else "."
    if len(questions) > 1:
        reason = f"{sum(share >= 0.5 for share in shares)} of {len(shares)} questions are taken up. {reason}"
    mean = sum(shares) / len(shares)
    level = 2 if mean < 0.25 else 3 if mean < 0.55 else 4 if mean < 0.85 else 5
    if mean == 0 and len(asked) >= 4:
        level = 1  # with fewer words to share, sharing none says less
    if len(answer_words) < 8 and level < 3:
        return 3, f"The output is too short to compare key words. {reason}"
    return level, reason


def _share(asked: dict[str, str], answered: dict[str, str]) -> float:
    """The weighted share of key words that come back; half of one of which only the first four letters do (a typo)."""
    beginnings = {key[:4] for key in answered}
    total = shared = 0.0
    for key in asked:
        weight = reading.weight(key)
        total += weight
        shared += weight if key in answered else weight / 2 if len(key) > 4 and key[:4] in beginnings else 0
    return shared / total


def _does_not_answer(answer: str, answer_words: list[str]) -> Finding | None:
    if refusal := REFUSAL.search(answer[:600]):
        return Finding(1 if len(answer_words) < SHORT else 3, "Says that it cannot answer.", quote(refusal[0]))
    if len(answer_words) < SHORT and (referral := REFERRAL.search(answer)):
        return Finding(2, "Refers to someone else and says little besides.", quote(referral[0]))
    return None


def _other_language(request: str, request_words: list[str], answer_words: list[str]) -> Finding | None:
    asked, answered = reading.language(request_words), reading.language(answer_words)
    if asked is None or answered is None or asked is answered or _OTHER_LANGUAGE_WANTED.search(request):
        return None
    return Finding(2, f"Asked in {asked}, answered in {answered}.")


def _echo(
    request: str, request_words: list[str], answer: str, answer_words: list[str], answer_keys: dict[str, str]
) -> Finding | None:
    """Nearly no key word of the answer is its own and no number, in a text about as long as the request."""
    if len(answer_keys) < 5 or len(answer_words) > 1.5 * len(request_words) + 10:
        return None
    if reading.numbers(answer) - reading.numbers(request):
        return None
    asked = reading.key_words(request_words)
    own = [word for key, word in answer_keys.items() if key not in asked]
    if len(own) > 0.15 * len(answer_keys):
        return None
    return Finding(1, f"Repeats the request: {len(own)} of its {len(answer_keys)} key words are its own.")


def _breaks_off(output: str, answer: str) -> Finding | None:
    """The last line of an output that was read whole is long, and ends in a comma, a colon or a bare `the`."""
    last = answer.rstrip().rsplit("\n", 1)[-1][-400:]
    if len(output) > reading.LIMIT or len(reading.words(last)) < 6 or not _ENDS_OPEN.search(last):
        return None
    return Finding(3, "Breaks off in the middle of a sentence.", quote("… " + last[-60:]))
