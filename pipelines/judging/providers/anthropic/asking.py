"""A request as it is sent: what the API is given for one criterion of one item."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from pipelines import lake
from pipelines.feature import JudgeConfig
from pipelines.judging.criterion import Criterion
from pipelines.judging.judge import Item, Request, Status, Verdict
from pipelines.judging.prompt import answer_schema, item_message, nonce, system_prompt
from pipelines.redaction.redactor import NotRedacted, Redactor, redact_item

LARGER = 4  # times max_tokens, when an answer was cut off
CACHED_FOR = "1h"  # as long as a batch mostly takes, so that its requests share the system prompt


@dataclass(frozen=True)
class Asked:
    """A request ready to be sent, and what had to be left out of its item. `params` are those of `messages.create`."""

    request: Request
    params: dict[str, Any]
    cut_characters: int
    redactions: Mapping[str, int] = field(default_factory=dict)

    @property
    def may_not_apply(self) -> bool:
        return self.request.criterion.front.not_applicable is not None

    @property
    def max_tokens(self) -> int:
        return self.params["max_tokens"]

    def larger(self) -> "Asked":
        """The same, with room for a longer answer."""
        return Asked(
            self.request, self.params | {"max_tokens": self.max_tokens * LARGER}, self.cut_characters, self.redactions
        )


class Asker:
    """Makes what is sent out of requests, under one feature's settings."""

    def __init__(self, config: JudgeConfig):
        self._config = config
        self._redactor = Redactor() if config.redact else None
        self._redacted: dict[Item, tuple[Item, Mapping[str, int]] | None] = {}

    def ask(self, request: Request) -> Asked | Verdict:
        """A request ready to be sent; or its verdict, when its text must not be sent."""
        redacted = self._redact(request.item)
        if redacted is None:
            return Verdict(
                Status.NOT_SENT, None, "The text could not be redacted in time, so it was not sent.", is_final=False
            )
        item, redactions = redacted
        fence = nonce(self._secret, request.ruler_id, request.content_id)
        message = item_message(request.criterion, item, fence)
        return Asked(
            request,
            self._fixed(request.criterion) | {"messages": [{"role": "user", "content": message.text}]},
            sum(cut.characters - cut.kept for cut in message.cuts),
            redactions,
        )

    def _redact(self, item: Item) -> tuple[Item, Mapping[str, int]] | None:
        """The item as it may be sent, once for all its criteria; None when it may not."""
        if self._redactor is None:
            return item, {}
        if item not in self._redacted:
            try:
                self._redacted[item] = redact_item(self._redactor, item)
            except NotRedacted:
                self._redacted[item] = None
        return self._redacted[item]

    @lru_cache(maxsize=64)  # noqa: B019 (an asker lives as long as its run)
    def _fixed(self, criterion: Criterion) -> dict[str, Any]:
        """What is the same for every item of a criterion; byte for byte, so that the API finds it in its cache."""
        output: dict[str, Any] = {"format": {"type": "json_schema", "schema": answer_schema(criterion)}}
        if self._config.effort is not None:
            output["effort"] = self._config.effort.value
        system = {
            "type": "text",
            "text": system_prompt(criterion),
            "cache_control": {"type": "ephemeral", "ttl": CACHED_FOR},
        }
        return {
            "model": self._config.model,
            "max_tokens": self._config.max_tokens,
            "system": [system],
            "output_config": output,
        }

    @cached_property
    def _secret(self) -> bytes:
        """What nonces are made with: random, made once, and kept where only the owner may read."""
        path = lake.private_directory("ledger") / "nonce.key"
        if not path.exists():
            with lake.lock("nonce"):
                if not path.exists():
                    with lake.appearing_whole(path) as temporary:
                        temporary.touch(mode=0o600)
                        temporary.write_bytes(secrets.token_bytes(32))
        return path.read_bytes()
