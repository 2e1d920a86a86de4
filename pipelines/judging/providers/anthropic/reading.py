"""An answer as it came, as a verdict. Nothing is guessed: what cannot be read has a status of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipelines.feature import Prices
from pipelines.judging.answer import verdict_of
from pipelines.judging.judge import Status, Usage, Verdict
from pipelines.judging.money import cost_usd


@dataclass(frozen=True)
class Terms:
    """What an answer was asked under: what it costs, whether in a batch, and how long it could be."""

    prices: Prices
    in_batch: bool
    may_not_apply: bool
    max_tokens: int


def read_message(message: Any, terms: Terms) -> Verdict:
    """The verdict in a message of the API, given as parsed JSON. It never raises: what is no message is unparsable."""
    if not isinstance(message, Mapping):
        return Verdict(Status.UNPARSABLE, None, "The API's answer is not a JSON object.")
    usage = read_usage(message.get("usage"))
    match message.get("stop_reason"):
        case "refusal":
            verdict = Verdict(Status.REFUSED, None, "The model refused to grade this item.")
        case "max_tokens" | "model_context_window_exceeded":
            verdict = Verdict(Status.TRUNCATED, None, f"The answer was cut off at {terms.max_tokens:,} tokens.")
        case _:
            verdict = verdict_of(_answer_text(message.get("content")), terms.may_not_apply)
    return replace(
        verdict,
        judge_model=_text(message.get("model")),
        usage=usage,
        cost_usd=cost_usd(terms.prices, usage, terms.in_batch),
    )


def read_usage(usage: Any) -> Usage:
    """The API's `usage`; a count that is missing or none is 0. Without a breakdown, cache writes are for 5 minutes."""
    usage = usage if isinstance(usage, Mapping) else {}
    written = _count(usage.get("cache_creation_input_tokens"))
    parts = usage.get("cache_creation")
    for_an_hour = _count(parts.get("ephemeral_1h_input_tokens")) if isinstance(parts, Mapping) else 0
    return Usage(
        input_tokens=_count(usage.get("input_tokens")),
        output_tokens=_count(usage.get("output_tokens")),
        cache_write_5m_tokens=max(0, written - for_an_hour),
        cache_write_1h_tokens=for_an_hour,
        cache_read_tokens=_count(usage.get("cache_read_input_tokens")),
    )


def parse(body: bytes | str) -> Any:
    """The JSON of a body; None when it is none, as a body that was cut off."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _answer_text(content: Any) -> str | None:
    """The text of an answer, which thinking may come before; None when there is none."""
    blocks = content if isinstance(content, list) else []
    texts = [block.get("text") for block in blocks if isinstance(block, Mapping) and block.get("type") == "text"]
    readable = [text for text in texts if isinstance(text, str)]
    if not texts or len(readable) < len(texts):
        return None
    return "".join(readable)


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _text(value: Any) -> str | None:
    return value[:128] if isinstance(value, str) else None
