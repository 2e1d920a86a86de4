"""What a model would have said, and how it can go wrong: messages, and replies that are none."""

import hashlib
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.messages_server.counts import content_digest
from tests.messages_server.wire import Reply, json_reply

CHARACTERS_A_TOKEN = 4

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}

_numbers = count(1)


def new_id(kind: str) -> str:
    """An id such as msg_000123, different on every call."""
    return f"{kind}_{next(_numbers):06d}"


def message(
    params: dict[str, Any], batch: bool = False, cache: set[str] | None = None, **fields: Any
) -> dict[str, Any]:
    """A message as the API gives it: by default the answer that the request's schema asks for.

    `cache` holds the prompts that the server has cached; `fields` are put in place of the message's own.
    """
    content = fields.pop("content", None) or [_text(answer_text(params))]
    written = "".join(block.get("text", block.get("thinking", "")) for block in content)
    return {
        "id": new_id("msg"),
        "type": "message",
        "role": "assistant",
        "model": params["model"],
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage(params, written, batch, set() if cache is None else cache),
    } | fields


def answer_text(params: dict[str, Any], **fixed: Any) -> str:
    """An answer of the shape that the request's schema asks for, drawn from its content; prose where it asks for none.

    `fixed` are fields to answer with, as in score=4. Unless it is fixed, a score is a number.
    """
    schema = params.get("output_config", {}).get("format", {}).get("schema")
    if not schema:
        return "It reads well, and I would give it a four."
    draw = int(content_digest(params)[:8], 16)
    answer = {name: fixed.get(name, _value(name, kind, draw)) for name, kind in schema["properties"].items()}
    return json.dumps(answer | fixed, ensure_ascii=False)


def _value(name: str, kind: dict[str, Any], draw: int) -> Any:
    if "enum" in kind:
        levels = [value for value in kind["enum"] if isinstance(value, int)] or kind["enum"]
        return levels[draw % len(levels)]
    types = kind.get("type", "string")
    return {"boolean": False, "array": [], "integer": draw % 5 + 1, "string": f"{name} {draw}"}.get(
        types if isinstance(types, str) else types[0]
    )


def usage(params: dict[str, Any], written: str, batch: bool, cache: set[str]) -> dict[str, Any]:
    """Tokens: a system prompt marked for caching is written to the cache the first time and read from it later."""
    cached, fresh = prompt_parts(params)
    size = len(cached) // CHARACTERS_A_TOKEN
    key = hashlib.sha256((params["model"] + cached).encode("utf-8", "surrogatepass")).hexdigest()
    written_now = bool(cached) and key not in cache
    cache.add(key)
    return {
        "input_tokens": len(fresh) // CHARACTERS_A_TOKEN + 1,
        "cache_creation_input_tokens": size if written_now else 0,
        "cache_read_input_tokens": 0 if written_now else size,
        "cache_creation": {"ephemeral_5m_input_tokens": size if written_now else 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": len(written) // CHARACTERS_A_TOKEN + 1,
        "service_tier": "batch" if batch else "standard",
    }


def prompt_parts(params: dict[str, Any]) -> tuple[str, str]:
    """A prompt's text, up to the last mark for caching in the system prompt and after it."""
    system = params.get("system") or []
    blocks = [_text(system)] if isinstance(system, str) else system
    marked = [number for number, block in enumerate(blocks) if block.get("cache_control")]
    end = marked[-1] + 1 if marked else 0
    cached = "".join(block["text"] for block in blocks[:end])
    fresh = "".join(block["text"] for block in blocks[end:])
    for turn in params["messages"]:
        content = turn["content"]
        fresh += content if isinstance(content, str) else "".join(block.get("text", "") for block in content)
    return cached, fresh


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _cut_off(params: dict[str, Any], keep: float = 0.5, below: int | None = None, **more: Any) -> dict[str, Any]:
    """JSON that ends in the middle; with `below`, only where max_tokens is smaller than that."""
    text = answer_text(params)
    if below is not None and params["max_tokens"] >= below:
        return message(params, **more)
    return message(params, content=[_text(text[: int(len(text) * keep)])], stop_reason="max_tokens", **more)


def _with_text(text: str) -> Callable[..., dict[str, Any]]:
    return lambda params, **more: message(params, content=[_text(text)], **more)


def _fixed(params: dict[str, Any], batch: bool = False, cache: set[str] | None = None, **fields: Any) -> dict[str, Any]:
    return message(params, batch, cache, content=[_text(answer_text(params, **fields))])


def _thinking_first(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    thought = {"type": "thinking", "thinking": "Let me see: {", "signature": "c2lnbmVk"}
    return message(params, content=[thought, _text(answer_text(params))], **more)


def _refusal(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    details = {"type": "refusal", "category": "general_harms", "explanation": "This cannot be discussed."}
    return message(params, stop_reason="refusal", stop_details=details, **more) | {"content": []}


# A whole message that says something else. Each takes the request's parameters, `batch`, `cache` and its own arguments.
MESSAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "fixed": _fixed,
    "cut_off": _cut_off,
    "refusal": _refusal,
    "prose": _with_text("I would rather tell you about it: it is a good answer, 5 of 5."),
    "no_content": lambda params, **more: message(params, **more) | {"content": []},
    "thinking_first": _thinking_first,
    "wrong_schema": _with_text('{"grade": "A", "comment": "fine"}'),
    "text_around": lambda params, **more: message(params, content=[_text(f"Sure: {answer_text(params)}!")], **more),
    "context_exceeded": lambda params, **more: (
        _cut_off(params, **more) | {"stop_reason": "model_context_window_exceeded"}
    ),
}


def error(status: int, text: str = "as scripted", retry_after: float | None = None, **more: Any) -> Reply:
    """An error with the body and the headers that the API gives it."""
    request_id = new_id("req")
    body = {"type": "error", "error": {"type": ERROR_TYPES[status], "message": text}, "request_id": request_id}
    headers = {"request-id": request_id} | ({} if retry_after is None else {"retry-after": f"{retry_after:g}"})
    return json_reply(body, status, headers=headers, **more)


# No message at all. Each takes arguments of its own.
REPLIES: dict[str, Callable[..., Reply]] = {
    "error": error,
    "hang": lambda: Reply(never=True),
    "reset": lambda: Reply(reset=True),
    "web_page": lambda: Reply(200, (b"<html>Sign in to the network</html>",), {"content-type": "text/html"}),
    "nonsense": lambda: Reply(200, (b'{"type": "message", "content": [{"ty',), {"content-type": "application/json"}),
}
