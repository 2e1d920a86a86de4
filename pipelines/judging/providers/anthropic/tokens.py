"""How many tokens prompts have, as the API counts them, free of charge."""

from collections.abc import Sequence
from typing import Any

from pipelines.errors import UserError
from pipelines.feature import JudgeConfig, ServedBy
from pipelines.judging.asking import Prompt, Prompter
from pipelines.judging.failures import Meaning
from pipelines.judging.judge import Item
from pipelines.judging.providers.anthropic.asking import Messages
from pipelines.judging.providers.anthropic.client import batch_client
from pipelines.judging.providers.anthropic.failures import failure_of, stopped
from pipelines.judging.ruler import Ruler
from pipelines.judging.token_rates import TokenRate, counted_rate, reckoned_rate

COUNTS_WITHIN = 60.0  # seconds for one count


class UncountedTokens(UserError):
    """The API did not count, although it can."""


def measure(config: JudgeConfig, rulers: Sequence[Ruler], items: Sequence[Item]) -> dict[str, TokenRate]:
    """The token rate of each ruler, counted by the API for a few items, or reckoned where a server does not count.

    Raises NightStopped for an error that judging could not get past either, UncountedTokens when the API cannot be
    reached.
    """
    prompter = Prompter(config)
    if config.provider is not ServedBy.ANTHROPIC:
        return {ruler.ruler_id: reckoned_rate(prompter, ruler) for ruler in rulers}
    with batch_client(config) as client:
        counting, messages = client.with_options(max_retries=3, timeout=COUNTS_WITHIN), Messages(config)

        def count(prompt: Prompt) -> int | None:
            return _counted(config, counting, messages.params(prompt))

        return {ruler.ruler_id: counted_rate(prompter, ruler, items, count) for ruler in rulers}


def _counted(config: JudgeConfig, client: Any, params: dict[str, Any]) -> int | None:
    """The API's count of a request's tokens; None from a server that does not count."""
    counted = {name: params[name] for name in ("model", "system", "messages", "output_config")}
    try:
        return client.messages.count_tokens(**counted).input_tokens
    except Exception as error:
        failure = failure_of(error)
        if failure.status in (404, 405, 501):
            return None
        if failure.meaning is Meaning.STOP:
            raise stopped(failure, config) from None
        raise UncountedTokens(
            f"judge.budget_usd needs the tokens of a prompt, and the API did not count them ({failure}); "
            "run the night again"
        ) from None
