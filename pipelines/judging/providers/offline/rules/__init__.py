"""The offline judge's rules: one module per criterion of the same name in judge_prompts/.

A rule reads an item as words and phrases, in one pass, and gives a Finding. It is no model: what it sees and what it
does not is said at the head of its module. harmful_or_policy_breaking has none: a list of words cannot tell harm from
a warning of it, and a rule that finds nothing would look like an all-clear.

finding    what a rule gives: a level, why, and the passage it rests on
reading    how rules read a text: key words, statements, quantities
evasions   the usual phrases with which an output does not answer
languages  which language a passage is in
"""

from collections.abc import Callable

from pipelines.judging.judge import Item
from pipelines.judging.providers.offline.rules import addressed_question, grounded_in_sources, language_match, tone
from pipelines.judging.providers.offline.rules.finding import Finding

RULES: dict[str, Callable[[Item], Finding]] = {
    "addressed_question": addressed_question.judge,
    "grounded_in_sources": grounded_in_sources.judge,
    "language_match": language_match.judge,
    "tone": tone.judge,
}
