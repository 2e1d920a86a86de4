"""What any model is asked about one criterion of one item, whoever serves it: redacted, fenced and cut, as texts.

How a provider puts these texts into a request is its own affair.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipelines.data_directory import appearing_whole, lock, private_directory
from pipelines.feature import JudgeConfig
from pipelines.judging.judge import Item, Request, Status, Usage, Verdict
from pipelines.judging.prompt import item_message, nonce, system_prompt
from pipelines.redaction.redactor import NotRedacted, Redactor, redact_item

LARGER = 4  # times max_tokens, when an answer was cut off
ASKED_ONCE_MORE = (Status.TRUNCATED, Status.UNPARSABLE)  # one retry each, before they are final


@dataclass(frozen=True)
class Prompt:
    """One question in full. `system` is the same for every item of a criterion, `message` is about the item.

    `max_tokens` is how long the answer may be. `cut_characters` and `redactions` are what had to be left out of the item.
    """

    request: Request
    system: str
    message: str
    max_tokens: int
    cut_characters: int = 0
    redactions: Mapping[str, int] = field(default_factory=dict)

    @property
    def may_not_apply(self) -> bool:
        return self.request.criterion.front.not_applicable is not None

    @property
    def message_bytes(self) -> int:
        """The bytes of the message, which its tokens are nearly in proportion to."""
        return len(self.message.encode("utf-8", "surrogatepass"))

    @property
    def left_out(self) -> str | None:
        """In words, what of the item is not in the message; None when all of it is."""
        if not self.redactions and not self.cut_characters:
            return None
        return f"{self.cut_characters} characters cut; redacted: {dict(self.redactions) or 'nothing'}"

    def larger(self) -> "Prompt":
        """The same, with room for a longer answer."""
        return replace(self, max_tokens=self.max_tokens * LARGER)


class Prompter:
    """Makes prompts out of requests, under one feature's settings."""

    def __init__(self, config: JudgeConfig):
        self._config = config
        self._redactor = Redactor() if config.redact else None
        self._redacted: dict[Item, tuple[Item, Mapping[str, int]] | None] = {}

    def prompt(self, request: Request) -> Prompt | Verdict:
        """What is asked; or the request's verdict, when its text must not be sent."""
        redacted = self._redact(request.item)
        if redacted is None:
            return Verdict(
                Status.NOT_SENT, None, "The text could not be redacted in time, so it was not sent.", is_final=False
            )
        item, redactions = redacted
        fence = nonce(self._secret, request.ruler_id, request.content_id)
        message = item_message(request.criterion, item, fence)
        return Prompt(
            request,
            system_prompt(request.criterion),
            message.text,
            self._config.max_tokens,
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

    @cached_property
    def _secret(self) -> bytes:
        """What nonces are made with: random, made once, and kept where only the owner may read."""
        path = private_directory("ledger") / "nonce.key"
        if not path.exists():
            with lock("nonce"):
                if not path.exists():
                    with appearing_whole(path) as temporary:
                        temporary.touch(mode=0o600)
                        temporary.write_bytes(secrets.token_bytes(32))
        return path.read_bytes()


def with_earlier(verdict: Verdict, usage: Usage | None, cost_usd: float | None) -> Verdict:
    """A verdict with what an earlier attempt took added to what it took itself."""
    if usage is None:
        return verdict
    return replace(
        verdict,
        usage=(verdict.usage or Usage()) + usage,
        cost_usd=(verdict.cost_usd or 0.0) + (cost_usd or 0.0),
    )
