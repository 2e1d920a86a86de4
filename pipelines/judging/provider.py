"""The door for judges: what a provider promises to those who ask it, and who know nothing else about it.

A provider is a package of pipelines/judging/providers/. Every provider is held to the tests in
tests/judging/providers/contract.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pipelines.feature import Feature, JudgeConfig
from pipelines.judging.batch_book import Batch
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Judge
from pipelines.judging.ruler import Rubric, Ruler


@dataclass(frozen=True)
class Preview:
    """What is sent to ask one criterion about one item, to be read by people.

    `parts` are its texts by title, to the letter: settings, prompt, item. `left_out` says in words what of the item is
    not in them. Of an item that must not be sent there are no parts, and `not_sent` says why.
    """

    ruler: Ruler
    parts: Mapping[str, str]
    left_out: str | None = None
    not_sent: str | None = None


class Provider(ABC):
    """Who answers, for every feature whose file names it in `judge.kind`. It keeps nothing between calls.

    What is not overridden is right for a model that is asked live, one request after the other, free of charge.
    """

    name: ClassVar[str]
    """What `judge.kind` says: the name of the provider's package. Rulers hash it."""

    caveat: ClassVar[str | None] = None
    """What nobody who reads its scores may miss, in a few words, as in `rules, no model`."""

    drifts: ClassVar[bool] = True
    """Whether it may answer the same question otherwise some day, so that anchors are worth asking."""

    def check(self, config: JudgeConfig) -> None:
        """Raise ValueError, in words about fields of `judge`, for a section that is wrong between its fields."""

    @abstractmethod
    def judge_for(self, feature: Feature) -> Judge:
        """The feature's judge. Cheap: nothing is called, nor is a client made. Raises UserError for settings that
        cannot be judged with."""

    def bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds | None:
        """What verdicts by the rubric cost at most; None where they cost nothing.

        `items` are some that will be asked about, to measure by. The same feature and rubric give the same bounds on
        every run: what was measured once is kept in the ledger. Raises UserError where it cannot be known.
        """
        return None

    def preview(self, feature: Feature, rubric: Rubric, item: Item) -> list[Preview]:
        """What is sent to ask about an item, each criterion in the rubric's order; none where nothing is sent."""
        return []

    def preview_bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds | None:
        """As `bounds`, for one who only looks: nothing is kept, and what cannot be measured now is reckoned instead."""
        return self.bounds(feature, rubric, items)

    def collects(self, feature: Feature) -> bool:
        """Whether verdicts may arrive after the run that asked for them, in batches of the ledger's batch book."""
        return False

    def ended(self, feature: Feature, batches: Sequence[Batch]) -> Collection[str]:
        """The intents of those batches of the feature that there is something to do about: to read them, or to find
        out what became of them. A batch that cannot be looked at now is left for the next look."""
        return ()

    def pays_twice(self, feature: Feature) -> bool:
        """Whether two runs that ask the same at once both pay for it, so that one should ask and the other wait."""
        return False

    def label(self, model: str | None) -> str:
        """Who judged, as it stands beside scores. `model` is the judge's, None where it is not known."""
        who = model or f"the {self.name} judge"
        return f"{who} ({self.caveat})" if self.caveat else who
