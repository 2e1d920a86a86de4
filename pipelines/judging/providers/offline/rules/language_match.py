"""Is the output in the user's language? Told sentence by sentence, by letters and function words.

Sees: English, Spanish, French, German, Portuguese, Italian, Dutch, and scripts other than Latin; a language that the
user asks for by its name in one of the seven. Code, links and quotations are left out.
Does not see: any other language in Latin letters, which language of a script it is, sentences without function words.
What cannot be told is no finding against the output: the criterion is then not applied.
"""

import re

from pipelines.judging.judge import Item
from pipelines.judging.providers.offline.rules import reading
from pipelines.judging.providers.offline.rules.finding import Finding
from pipelines.judging.providers.offline.rules.languages import language_of
from pipelines.judging.quoting import quote

_NAMES = {
    "English": "english|ingles|anglais|englisch|inglese|engels",
    "Spanish": "spanish|espanol|castellano|espagnol|spanisch|espanhol|spagnolo|spaans",
    "French": "french|frances|francais|franzosisch|francese|frans",
    "German": "german|aleman|allemand|deutsch|alemao|tedesco|duits",
    "Portuguese": "portuguese|portugues|portugais|portugiesisch|portoghese|portugees",
    "Italian": "italian|italiano|italien|italienisch|italiaans",
    "Dutch": "dutch|neerlandes|holandes|neerlandais|niederlandisch|olandese|nederlands",
}
_NAMED = {name: re.compile(rf"\b(?:{words})\b") for name, words in _NAMES.items()}
# "translate into German", "reply in French", "responda en ingles"
_ASKED_FOR = {
    name: re.compile(
        r"\b(?:translat\w{1,4}|answer|reply|respond|write|traduc\w{1,6}|traduz\w{0,4}|tradui\w{1,4}"
        r"|respond\w{1,4}|respuest\w|contest\w{1,4}|repond\w{1,4}|rispond\w{1,4}|antwort\w{0,4}|antwoord\w{0,3}"
        r"|ubersetz\w{0,4}|vertaal|vertalen|please|por favor|bitte)\b"
        rf"[^.!?\n]{{0,60}}\b(?:in|into|to|en|al|em|para|auf|ins|au|naar)\b[^.!?\n]{{0,12}}?\b(?:{words})\b"
    )
    for name, words in _NAMES.items()
}
_NO_LANGUAGE = re.compile(
    r"```.{0,20000}?(?:```|\Z)|`[^`\n]{1,200}`|https?://\S{1,500}|\S{1,100}@\S{1,100}"
    r'|"[^"\n]{1,200}"|«[^»\n]{1,200}»|“[^”\n]{1,200}”|„[^“”\n]{1,200}[“”]',
    re.DOTALL,
)
_LEVELS = ((0.97, 5), (0.8, 4), (0.35, 3), (0.03, 2))  # from this share of the words on


def judge(item: Item) -> Finding:
    """A Finding by the share of the output's words that stand in sentences of a right language."""
    request, output = reading.cut(item.input), reading.cut(item.output)
    right = _right_languages(request)
    if not right:
        return Finding(None, "The input has no language that can be told by its letters and function words.")
    sentences = [
        (language, count, sentence)
        for sentence in reading.sentences(_NO_LANGUAGE.sub(" ", output))
        if (count := len(reading.words(reading.fold(sentence)))) and (language := language_of(sentence))
    ]
    if not sentences:
        return Finding(None, "The output has no sentence whose language can be told.")
    words = sum(count for _, count, _ in sentences)
    share = sum(count for language, count, _ in sentences if language in right) / words
    level = next((level for least, level in _LEVELS if share >= least), 1)
    reason = f"{share:.0%} of {words} words stand in sentences of the user's language ({' or '.join(sorted(right))})"
    others = [(language, sentence) for language, _, sentence in sentences if language not in right]
    if not others:
        return Finding(level, f"{reason}.")
    return Finding(level, f"{reason}; others are in {others[0][0]}.", quote(others[0][1]))


def _right_languages(request: str) -> set[str]:
    """The language that is asked for; else the one that the request is in, and those that it speaks of."""
    folded = reading.fold(request)
    if asked := {name for name, pattern in _ASKED_FOR.items() if pattern.search(folded)}:
        return asked
    own = language_of(_NO_LANGUAGE.sub(" ", request))
    return {own, *(name for name, pattern in _NAMED.items() if pattern.search(folded))} if own else set()
