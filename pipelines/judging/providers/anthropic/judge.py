"""The judge that a feature file with `judge.kind: anthropic` describes."""

from collections.abc import Sequence

from pipelines.feature import Feature, JudgeMode
from pipelines.judging.criterion import Criterion
from pipelines.judging.judge import Parameters, Record, Request, Sitting
from pipelines.judging.providers.anthropic.money import prices_of
from pipelines.redaction import redactor


class ModelJudge:
    """Ask a model. Effort, max_tokens and redaction are part of the ruler; live or in a batch is not: it asks the same.

    Raises NoPrice for a model of which it is not known what it costs.
    """

    kind = "anthropic"

    def __init__(self, feature: Feature):
        self.config = feature.judge
        self.model = feature.judge.named_model
        self.prices = prices_of(self.model, feature.judge.prices)
        self.parameters: Parameters = {
            "effort": feature.judge.effort.value if feature.judge.effort else None,
            "max_tokens": feature.judge.max_tokens,
            "redaction": redactor.VERSION if feature.judge.redact else None,
        }

    def accepts(self, criterion: Criterion) -> None:
        """A model can judge by any criterion."""

    def judge(self, requests: Sequence[Request], record: Record, sitting: Sitting) -> None:
        """Answer the requests, in any order, live or in batches as the feature file says."""
        # imported here: the SDK takes over a second, and most commands have a judge but ask it nothing
        if self.config.mode is JudgeMode.LIVE:
            from pipelines.judging.providers.anthropic.live import judge_live

            judge_live(requests, record, self.config, self.prices)
        else:
            from pipelines.judging.providers.anthropic.batches import judge_in_batches

            judge_in_batches(requests, record, sitting, self.config, self.prices)
