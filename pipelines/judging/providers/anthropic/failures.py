"""What an error of the API means: for the request alone, for the moment, or for the night."""

import os
from enum import Enum
from typing import Any

from pipelines.errors import UserError
from pipelines.feature import JudgeConfig, ServedBy
from pipelines.judging.providers.offline.rules.reading import quote

MESSAGE_CHARACTERS = 300


class Meaning(Enum):
    """What to do about an error."""

    STOP = "stop"  # no request can get past it: end the night and say what to do
    GIVE_UP = "give up"  # this request is wrong: another attempt would fail as well
    SLOW_DOWN = "slow down"  # the API has too much to do: all wait, then go on
    TRY_AGAIN = "try again"  # an accident of this request


class NightStopped(UserError):
    """An error that no request can get past. What had arrived before it is kept."""


class Failure(Exception):
    """An error of the API in our words. `message` is what the API said, shortened and harmless to print."""

    def __init__(self, status: int | None, kind: str | None, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.status, self.kind = status, kind
        self.message = quote(_without_keys(message), MESSAGE_CHARACTERS)
        self.retry_after = retry_after

    @property
    def meaning(self) -> Meaning:
        if self.status in _STOP or self.kind in _STOP_KINDS:
            return Meaning.STOP
        if self.status in (429, 503, 529) or self.kind in ("rate_limit_error", "overloaded_error"):
            return Meaning.SLOW_DOWN
        is_client_error = self.status is not None and 400 <= self.status < 500 and self.status not in (408, 409)
        if self.kind == "invalid_request_error" or is_client_error:
            return Meaning.GIVE_UP
        return Meaning.TRY_AGAIN

    def __str__(self) -> str:
        return f"{self.status or ''} {self.kind or ''}".strip() + (f": {self.message}" if self.message else "")


# A gateway may repeat in its error what it was sent.
_SECRETS = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)

_STOP = {401, 402, 403, 404}
_STOP_KINDS = {"authentication_error", "billing_error", "permission_error", "not_found_error"}
_BY_KIND = {"authentication_error": 401, "billing_error": 402, "permission_error": 403, "not_found_error": 404}

_KEYS = {
    ServedBy.ANTHROPIC: "ANTHROPIC_API_KEY",
    ServedBy.BEDROCK: "the AWS credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and "
    "AWS_REGION)",
    ServedBy.VERTEX: "the Google credentials (gcloud auth application-default login, ANTHROPIC_VERTEX_PROJECT_ID, "
    "CLOUD_ML_REGION)",
    ServedBy.FOUNDRY: "ANTHROPIC_FOUNDRY_API_KEY and ANTHROPIC_FOUNDRY_RESOURCE",
}


def stopped(failure: Failure, config: JudgeConfig) -> NightStopped:
    """What a person has to do about a failure that stops the night."""
    status = failure.status if failure.status is not None and failure.status in _STOP else _BY_KIND[failure.kind or ""]
    remedy = {
        401: f"The key is missing or not accepted: check {_KEYS[config.provider]}",
        402: "The account has no credit left, or its spending limit is reached: see the provider's billing page",
        403: f"The key may not use {config.model}: ask for access, or choose another judge.model",
        404: f"There is no model {config.model} here: correct judge.model in the feature file (or judge.base_url)",
    }[status]
    return NightStopped(
        f"the judge cannot be asked ({failure}). {remedy}, then run the night again; verdicts that had arrived are kept"
    )


def failure_of(error: Exception) -> Failure:
    """An exception of the SDK as a Failure. What is none of the SDK's is raised as it is."""
    import anthropic
    import httpx2

    if isinstance(error, Failure):
        return error
    if isinstance(error, anthropic.APIStatusError):
        message = error.api_message or ""
        return Failure(error.status_code, error.type, message, _retry_after(error.response.headers))
    if isinstance(error, anthropic.APITimeoutError):
        return Failure(None, "timeout", "no answer in time")
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
        return Failure(None, "connection", type(error.__cause__ or error).__name__)
    if isinstance(error, anthropic.APIError):
        return Failure(None, "api_error", str(error))
    # credentials, as the SDK and the clouds' own libraries put it; without an AWS key it raises a bare RuntimeError
    if isinstance(error, anthropic.AnthropicError | RuntimeError) or type(error).__module__.startswith("google.auth"):
        return Failure(401, "authentication_error", str(error))
    raise error


def failure_in(error: Any) -> Failure:
    """The `error` of a batch's errored result."""
    inner = error.get("error") if isinstance(error, dict) and isinstance(error.get("error"), dict) else error
    inner = inner if isinstance(inner, dict) else {}
    return Failure(None, str(inner.get("type") or "unknown_error"), str(inner.get("message") or ""))


def _without_keys(text: str) -> str:
    for name in _SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "[key]")
    return text


def _retry_after(headers: Any) -> float | None:
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name)) / unit
        except (TypeError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None
