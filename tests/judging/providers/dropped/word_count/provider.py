"""The provider `word_count`, in one file: what a model of another maker takes."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from pipelines.errors import UserError
from pipelines.feature import Feature, JudgeConfig, Prices
from pipelines.judging.answer import verdict_of
from pipelines.judging.asking import Prompt, Prompter
from pipelines.judging.budget import Bounds
from pipelines.judging.criterion import Criterion
from pipelines.judging.failures import Failure, NightStopped
from pipelines.judging.judge import Item, Judge, Parameters, Record, Request, Sitting, Usage, Verdict
from pipelines.judging.live import answer_live
from pipelines.judging.money import cost_usd
from pipelines.judging.provider import Preview, Provider
from pipelines.judging.ruler import Rubric, Ruler
from pipelines.judging.token_bounds import kept_bounds, passing_bounds
from pipelines.judging.token_rates import TokenRate, reckoned_rate

PRICES = Prices(input=1, output=10)
RECEIVED: list[Prompt] = []  # what the model was asked


class WordCountSettings(JudgeConfig):
    enough: int = Field(20, ge=1, description="how many words an answer needs for a level of 5")


class WordCountJudge:
    kind = "word_count"
    model = "word count 1"

    def __init__(self, config: WordCountSettings):
        self._config = config
        self.parameters: Parameters = {"enough": config.enough, "max_tokens": config.max_tokens}

    def accepts(self, criterion: Criterion) -> None:
        if "output" not in criterion.front.needs:
            raise UserError(
                f"judge.criteria names {criterion.name}, which needs no output; word_count counts its words"
            )

    def judge(self, requests: Sequence[Request], record: Record, sitting: Sitting) -> None:
        asyncio.run(answer_live(requests, record, self._config, self._ask, _stopped))

    async def _ask(self, prompt: Prompt) -> Verdict:
        RECEIVED.append(prompt)
        words = len((prompt.request.item.output or "").split())
        level = min(5, 1 + 4 * words // self._config.enough)
        answer = {"evidence": "", "rationale": f"{words} words", "score": level, "injection_suspected": False}
        text = json.dumps(answer)
        usage = Usage(len(prompt.system.encode()) // 4 + prompt.message_bytes // 4, len(text) // 4)
        verdict = verdict_of(text, prompt.may_not_apply)
        return replace(verdict, judge_model=self.model, usage=usage, cost_usd=cost_usd(PRICES, usage, batch=False))


class WordCount(Provider):
    name = "word_count"
    settings = WordCountSettings
    caveat = "it counts words"

    def judge_for(self, feature: Feature) -> Judge:
        assert isinstance(feature.judge, WordCountSettings)
        return WordCountJudge(feature.judge)

    def bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
        return kept_bounds(feature, rubric, PRICES, False, lambda rulers: _rates(feature, rulers))

    def preview_bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
        return passing_bounds(feature, rubric, PRICES, False, lambda rulers: _rates(feature, rulers))

    def preview(self, feature: Feature, rubric: Rubric, item: Item) -> list[Preview]:
        prompter = Prompter(feature.judge)
        previews = []
        for ruler in rubric.rulers:
            prompt = prompter.prompt(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
            assert isinstance(prompt, Prompt)
            previews.append(
                Preview(ruler, {"system prompt": prompt.system, "message": prompt.message}, prompt.left_out)
            )
        return previews


def _rates(feature: Feature, rulers: Sequence[Ruler]) -> dict[str, TokenRate]:
    prompter = Prompter(feature.judge)
    return {ruler.ruler_id: reckoned_rate(prompter, ruler) for ruler in rulers}


def _stopped(failure: Failure) -> NightStopped:
    return NightStopped(f"words cannot be counted ({failure})")


PROVIDER = WordCount()
