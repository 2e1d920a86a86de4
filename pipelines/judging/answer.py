"""What a judge answers: the schema that it is held to, and a strict reading of what came."""

import json
from dataclasses import dataclass
from typing import Any

from pipelines.judging.criterion import Criterion
from pipelines.judging.judge import Status, Verdict
from pipelines.judging.quoting import quote

NOT_APPLICABLE = "na"
RATIONALE_CHARACTERS = 2_000
EVIDENCE_CHARACTERS = 1_000
_ANSWERED = ("evidence", "rationale", "score", "injection_suspected")  # in this order: reasons before the level


class UnreadableAnswer(ValueError):
    """An answer that is not what was asked for; the message says what is wrong with it."""


@dataclass(frozen=True)
class Answer:
    """A readable answer. `level` is 1 to 5, or None where the criterion does not apply to the item."""

    level: int | None
    rationale: str
    evidence: str | None
    injection_suspected: bool


def answer_schema(criterion: Criterion) -> dict[str, Any]:
    """The JSON schema of an answer, whichever way a server is given it. Models write properties in its order.

    The levels are an enum: bounds of numbers are not enforced.
    """
    levels = [1, 2, 3, 4, 5, *([NOT_APPLICABLE] if criterion.front.not_applicable else [])]
    return {
        "type": "object",
        "properties": {
            "evidence": {"type": "string"},
            "rationale": {"type": "string"},
            "score": {"enum": levels},
            "injection_suspected": {"type": "boolean"},
        },
        "required": list(_ANSWERED),
        "additionalProperties": False,
    }


def verdict_of(text: str | None, may_not_apply: bool) -> Verdict:
    """The verdict in an answer's text; None for an answer without one. It never raises: what cannot be read is
    unparsable."""
    try:
        if text is None:
            raise UnreadableAnswer("the answer has no text")
        answer = read_answer(text, may_not_apply)
    except UnreadableAnswer as error:
        return Verdict(Status.UNPARSABLE, None, f"No verdict could be read: {error}.")
    return Verdict(
        Status.NOT_APPLICABLE if answer.level is None else Status.SCORED,
        answer.level,
        answer.rationale,
        answer.evidence,
        answer.injection_suspected,
    )


def read_answer(text: str, may_not_apply: bool) -> Answer:
    """Read an answer. `may_not_apply`: whether its criterion says when it does not apply.

    Its texts come back as one line of printable characters, cut where they are over-long.

    Raises UnreadableAnswer for whatever the schema does not allow: nothing is guessed.
    """
    try:
        answer = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except UnreadableAnswer:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswer(f"the answer is not JSON ({error}): {quote(text, 80)!r}") from error
    if not isinstance(answer, dict):
        raise UnreadableAnswer(f"the answer is {_shown(answer)}, not a JSON object")
    if missing := [name for name in _ANSWERED if name not in answer]:
        raise UnreadableAnswer(f"the answer has no {missing[0]}")
    if extra := [name for name in answer if name not in _ANSWERED]:
        raise UnreadableAnswer(f"the answer has {_shown(extra[0])}, which was not asked for")
    for name, wanted in (("evidence", str), ("rationale", str), ("injection_suspected", bool)):
        if not isinstance(answer[name], wanted):
            raise UnreadableAnswer(f"{name} is {_shown(answer[name])}; it must be {_TYPES[wanted]}")
    return Answer(
        level=_level(answer["score"], may_not_apply),
        rationale=quote(answer["rationale"], RATIONALE_CHARACTERS),
        evidence=quote(answer["evidence"], EVIDENCE_CHARACTERS) or None,
        injection_suspected=answer["injection_suspected"],
    )


_TYPES = {str: "a text", bool: "true or false"}


def _level(score: Any, may_not_apply: bool) -> int | None:
    if score == NOT_APPLICABLE:
        if not may_not_apply:
            raise UnreadableAnswer("score is na; the criterion applies to every item")
        return None
    if type(score) is not int or not 1 <= score <= 5:  # True is an int too
        raise UnreadableAnswer(f"score is {_shown(score)}; it must be a whole number from 1 to 5")
    return score


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    by_name = dict(pairs)
    if len(by_name) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableAnswer(f"the answer has {_shown(twice)} twice")
    return by_name


def _no_number(constant: str) -> None:
    raise UnreadableAnswer(f"the answer has {constant}, which JSON has not")


def _shown(value: Any) -> str:
    return quote(json.dumps(value, ensure_ascii=False), 40)
