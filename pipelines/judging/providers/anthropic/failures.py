"""An error of the API, as its SDK raises it or a batch tells it, in our words; and what a person has to do about it."""

import os
from typing import Any

from pipelines.feature import JudgeConfig, ServedBy
from pipelines.judging.failures import Failure, Meaning, NightStopped, meaning_of_status

# A gateway may repeat in its error what it was sent.
_SECRETS = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)

# The kinds of error that stop the night, with their statuses: an error in a batch has a kind alone.
_STATUS_OF_KIND = {"authentication_error": 401, "billing_error": 402, "permission_error": 403, "not_found_error": 404}

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
    status = failure.status
    if status is None or meaning_of_status(status) is not Meaning.STOP:
        status = _STATUS_OF_KIND[failure.kind or ""]
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
        return _failure(error.status_code, error.type, message, _retry_after(error.response.headers))
    if isinstance(error, anthropic.APITimeoutError):
        return _failure(None, "timeout", "no answer in time")
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
        return _failure(None, "connection", type(error.__cause__ or error).__name__)
    if isinstance(error, anthropic.APIError):
        return _failure(None, "api_error", str(error))
    # credentials, as the SDK and the clouds' own libraries put it; without an AWS key it raises a bare RuntimeError
    if isinstance(error, anthropic.AnthropicError | RuntimeError) or type(error).__module__.startswith("google.auth"):
        return _failure(401, "authentication_error", str(error))
    raise error


def failure_in(error: Any) -> Failure:
    """The `error` of a batch's errored result."""
    inner = error.get("error") if isinstance(error, dict) and isinstance(error.get("error"), dict) else error
    inner = inner if isinstance(inner, dict) else {}
    return _failure(None, str(inner.get("type") or "unknown_error"), str(inner.get("message") or ""))


def _failure(status: int | None, kind: str | None, message: str, retry_after: float | None = None) -> Failure:
    return Failure(_meaning(status, kind), status, kind, _without_keys(message), retry_after)


def _meaning(status: int | None, kind: str | None) -> Meaning:
    """By either of status and kind: a gateway's status may be its own, and a batch's errors have none."""
    by_status = meaning_of_status(status)
    if by_status is Meaning.STOP or kind in _STATUS_OF_KIND:
        return Meaning.STOP
    if by_status is Meaning.SLOW_DOWN or kind in ("rate_limit_error", "overloaded_error"):
        return Meaning.SLOW_DOWN
    return Meaning.GIVE_UP if kind == "invalid_request_error" else by_status


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
