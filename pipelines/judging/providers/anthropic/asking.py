"""A prompt as a request of the Messages API."""

from functools import lru_cache
from typing import Any

from pipelines.feature import JudgeConfig
from pipelines.judging.answer import answer_schema
from pipelines.judging.asking import Prompt
from pipelines.judging.criterion import Criterion

CACHED_FOR = "1h"  # as long as a batch mostly takes, so that its requests share the system prompt


class Messages:
    """Puts prompts into the parameters of `messages.create`, under one feature's settings."""

    def __init__(self, config: JudgeConfig):
        self._config = config

    def params(self, prompt: Prompt) -> dict[str, Any]:
        """The parameters of one request."""
        fixed = self._fixed(prompt.request.criterion, prompt.system)
        return fixed | {"max_tokens": prompt.max_tokens, "messages": [{"role": "user", "content": prompt.message}]}

    @lru_cache(maxsize=64)  # noqa: B019 (it lives as long as its run)
    def _fixed(self, criterion: Criterion, system: str) -> dict[str, Any]:
        """What is the same for every item of a criterion; byte for byte, so that the API finds it in its cache."""
        output: dict[str, Any] = {"format": {"type": "json_schema", "schema": answer_schema(criterion)}}
        if self._config.effort is not None:
            output["effort"] = self._config.effort.value
        return {
            "model": self._config.model,
            "max_tokens": self._config.max_tokens,
            "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral", "ttl": CACHED_FOR}}],
            "output_config": output,
        }
