"""The SDK's clients: who serves the model, which key opens it, and to which host the key may go.

The key is read by the SDK from the environment; nothing here holds, prints or stores it.
"""

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipelines.errors import UserError
from pipelines.feature import JudgeConfig, ServedBy

if TYPE_CHECKING:
    import anthropic
    import httpx2

LIVE_TIMEOUT = 120.0  # seconds for one answer
BATCH_TIMEOUT = 600.0  # seconds for a submission of many megabytes


class ClientError(UserError):
    """A client that cannot be made: a key or a package is missing."""


def live_client(config: JudgeConfig) -> "anthropic.AsyncAnthropic":
    """A client for live requests, with connections for all of them. Retries are ours: they back off together."""
    import anthropic
    import httpx2

    limits = httpx2.Limits(max_connections=config.concurrency, max_keepalive_connections=config.concurrency)
    timeout = httpx2.Timeout(LIVE_TIMEOUT, connect=10.0)
    # over aiohttp: the SDK's other transport looks at every idle connection for every request
    http = anthropic.DefaultAioHttpClient(timeout=timeout, limits=limits, follow_redirects=False)
    return _made(config, lambda: _class(config.provider)(**_options(config, timeout=timeout, http_client=http)))


async def post_message(client: "anthropic.AsyncAnthropic", params: dict[str, Any]) -> "httpx2.Response":
    """`messages.create`, with the answer as it came: the SDK spends more on making objects of it than on sending.

    Raises what `messages.create` raises.
    """
    import httpx2

    return await client.post("/v1/messages", body=params, cast_to=httpx2.Response)


def batch_client(config: JudgeConfig) -> "anthropic.Anthropic":
    """A client for Message Batches. It never retries by itself: a submission that is retried can be paid twice."""
    import anthropic

    _check_key()
    http = anthropic.DefaultHttpxClient(follow_redirects=False)
    return _made(config, lambda: anthropic.Anthropic(**_options(config, timeout=BATCH_TIMEOUT, http_client=http)))


def check_results_host(results_url: str | None, base_url: Any) -> None:
    """Refuse results that lie on another host than the API: the key would go there. Raises ClientError."""
    results, api = urlsplit(str(results_url or "")), urlsplit(str(base_url))
    if results_url and results.netloc and (results.scheme, results.netloc) != (api.scheme, api.netloc):
        raise ClientError(
            f"the results of a batch are said to be at {results.scheme}://{results.hostname}, and the API is at "
            f"{api.scheme}://{api.netloc}: the key is not sent to another host. If a gateway stands between, let it "
            "rewrite results_url"
        )


def _options(config: JudgeConfig, **own: Any) -> dict[str, Any]:
    """What every client is made with: no retries and no traces of the SDK's, and the feature's own address."""
    address = {"base_url": config.base_url} if config.base_url else {}
    return {"max_retries": 0, "open_telemetry": False} | own | address


def _class(provider: ServedBy) -> Any:
    match provider:
        case ServedBy.ANTHROPIC:
            _check_key()
            from anthropic import AsyncAnthropic

            return AsyncAnthropic
        case ServedBy.BEDROCK:
            import boto3  # noqa: F401 (the SDK would only miss it at the first request)
            from anthropic.lib.bedrock import AsyncAnthropicBedrock

            return AsyncAnthropicBedrock
        case ServedBy.VERTEX:
            import google.auth  # noqa: F401 (as above)
            from anthropic.lib.vertex import AsyncAnthropicVertex

            return AsyncAnthropicVertex
        case ServedBy.FOUNDRY:
            from anthropic.lib.foundry import AsyncAnthropicFoundry

            return AsyncAnthropicFoundry


def _check_key() -> None:
    """The SDK would only say so at the first request."""
    if not (os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")):
        raise ClientError(
            "judge.kind is anthropic, and neither ANTHROPIC_API_KEY nor ANTHROPIC_AUTH_TOKEN is set; set one of them "
            "in the environment of `prod-evals run` or `prod-evals dev` (a local server takes any text)"
        )


def _made(config: JudgeConfig, make: Any) -> Any:
    import anthropic

    try:
        return make()
    except (anthropic.AnthropicError, ValueError, ImportError) as error:
        provider, remedy = config.provider.value, ""
        if isinstance(error, ImportError):
            remedy = f"; in the checkout, run `pip install --constraint constraints.txt --editable '.[{provider}]'`"
        raise ClientError(f"judge.provider is {provider}, and its client cannot be made: {error}{remedy}") from None
