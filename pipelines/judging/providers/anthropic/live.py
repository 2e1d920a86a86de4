"""Live mode over the Messages API: one client for all requests of a run."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from pipelines.feature import JudgeConfig, Prices
from pipelines.judging.asking import Prompt
from pipelines.judging.judge import Record, Request, Verdict
from pipelines.judging.live import answer_live
from pipelines.judging.providers.anthropic.asking import Messages
from pipelines.judging.providers.anthropic.client import live_client, post_message
from pipelines.judging.providers.anthropic.failures import failure_of, stopped
from pipelines.judging.providers.anthropic.reading import Terms, parse, read_message


def judge_live(requests: Sequence[Request], record: Record, config: JudgeConfig, prices: Prices) -> None:
    """Answer the requests, in any order, `judge.concurrency` at a time.

    Raises NightStopped for an error that no request can get past; what had arrived is recorded by then.
    """
    if requests:
        asyncio.run(_judge(requests, record, config, prices))


async def _judge(requests: Sequence[Request], record: Record, config: JudgeConfig, prices: Prices) -> None:
    messages = Messages(config)
    async with live_client(config) as client:

        async def ask(prompt: Prompt) -> Verdict:
            try:
                response = await post_message(client, messages.params(prompt))
            except Exception as error:
                raise failure_of(error) from None
            terms = Terms(prices, False, prompt.may_not_apply, prompt.max_tokens)
            verdict = read_message(parse(response.content), terms)
            return replace(verdict, request_id=response.headers.get("request-id"))

        await answer_live(requests, record, config, ask, lambda failure: stopped(failure, config))
