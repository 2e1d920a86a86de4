"""The offline judge: transparent rules instead of a model, for trying things out and for tests.

It reads every item, never calls anything, gives the same verdict on every machine, and says in each rationale what it
rests on. It does not understand what it reads: take its scores as a rehearsal of the pipeline, and a model's or a
person's for what an answer is worth. The rules and what they miss are in pipelines/judging/providers/offline/rules/.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from pipelines.errors import UserError
from pipelines.judging.criterion import Criterion
from pipelines.judging.judge import Item, Parameters, Record, Request, Sitting, Status, Verdict
from pipelines.judging.providers.offline.rules import RULES
from pipelines.judging.providers.offline.rules.reading import cut

GROUP = 256  # verdicts handed over at a time

_ADDRESSES_THE_JUDGE = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your |these )*(?:previous |prior |above |earlier )?"
    r"(?:instructions|rules|prompts?)\b"
    r"|\b(?:give|assign|award|rate|score|grade) (?:this |it |me |yourself )*(?:a |an |the )?"
    r"(?:perfect |highest |maximum |full )(?:score|rating|grade|marks?)\b"
    r"|\bas (?:the|a|an) (?:judge|grader|evaluator),? you\b"
    r"|\bignora (?:todas )?(?:las |tus )?instrucciones\b",
    re.IGNORECASE,
)


class UnknownRule(UserError):
    """A criterion that the offline judge has no rule for."""


class OfflineJudge:
    """Judge by rules. `parameters.rules` is their version: raise it with every change that may change a verdict."""

    kind = "offline"
    model = "offline rules 1"
    parameters: ClassVar[Parameters] = {"rules": 1}

    def accepts(self, criterion: Criterion) -> None:
        """Raise UnknownRule for a criterion other than those that it has rules for."""
        if criterion.name not in RULES:
            raise UnknownRule(
                f"judge.criteria names {criterion.name}; the offline judge has rules for {', '.join(sorted(RULES))} "
                f"only. "
                f"Take {criterion.name} out of the feature file, or choose a judge.kind that asks a model"
            )

    def judge(self, requests: Sequence[Request], record: Record, sitting: Sitting) -> None:
        """Answer the requests in order, in groups of at most 256. A criterion's text is not read: its rule is code."""
        for begin in range(0, len(requests), GROUP):  # itertools.batched comes with Python 3.12
            record([(request, _verdict(request)) for request in requests[begin : begin + GROUP]])


def _verdict(request: Request) -> Verdict:
    finding = RULES[request.criterion.name](request.item)
    return Verdict(
        status=Status.NOT_APPLICABLE if finding.level is None else Status.SCORED,
        level=finding.level,
        rationale=finding.rationale,
        evidence=finding.evidence,
        injection_suspected=_addresses_the_judge(request.criterion.front.needs, request.item),
    )


def _addresses_the_judge(needs: Sequence[str], item: Item) -> bool:
    """An injection where the criterion looks: a verdict depends on nothing that its criterion does not need."""
    texts = [item.input if "input" in needs else None, item.output if "output" in needs else None]
    if "sources" in needs:
        texts += [source.text for source in item.sources]
    return any(_ADDRESSES_THE_JUDGE.search(cut(text)) for text in texts if text)
