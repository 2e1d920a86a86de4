"""What the API refuses before a model sees it."""

from typing import Any

MODELS = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")
FORBIDDEN = ("temperature", "top_p", "top_k")  # the API of 2026-10-21 knows them no longer
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "multipleOf"}


class Refused(Exception):
    """A request that is answered with an error of this HTTP status."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status, self.text = status, text


def check(params: dict[str, Any]) -> None:
    """Raise Refused for parameters of a message that the API does not take."""
    if params["model"] not in MODELS:
        raise Refused(404, f"model: {params['model']}")
    for name in FORBIDDEN:
        if name in params:
            raise Refused(400, f"{name}: this parameter is not supported")
    if not isinstance(params["max_tokens"], int) or params["max_tokens"] < 1:
        raise Refused(400, "max_tokens: it must be at least 1")
    if not params["messages"] or params["messages"][-1]["role"] != "user":
        raise Refused(400, "messages: the last one must be the user's")
    format_ = params.get("output_config", {}).get("format")
    if format_ is not None:
        _check_schema(format_["schema"])


def _check_schema(schema: dict[str, Any]) -> None:
    where = "output_config.format.schema"
    if schema.get("additionalProperties") is not False:
        raise Refused(400, f"{where}: additionalProperties must be false")
    for name, kind in schema["properties"].items():
        if bounds := BOUNDS & set(kind):
            raise Refused(400, f"{where}: {name}: {', '.join(sorted(bounds))} is not supported")
