"""The endpoints: Messages, count_tokens, models and Message Batches, and `/_` for the tests' own questions."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.messages_server.answers import CHARACTERS_A_TOKEN, MESSAGES, REPLIES, error, message, new_id, prompt_parts
from tests.messages_server.batches import Batch
from tests.messages_server.checks import MODELS, Refused, check
from tests.messages_server.counts import Counts, content_digest
from tests.messages_server.script import Endpoint, Rule, Rules, Script
from tests.messages_server.wire import Connections, Reply, Request, json_reply

CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
BATCH_REQUESTS = 100_000
BATCH_BYTES = 256_000_000

ROUTES = (
    ("POST", re.compile(r"/v1/messages"), Endpoint.MESSAGES),
    ("POST", re.compile(r"/v1/messages/count_tokens"), Endpoint.COUNT_TOKENS),
    ("GET", re.compile(r"/v1/models/([^/]+)"), Endpoint.MODEL),
    ("POST", re.compile(r"/v1/messages/batches"), Endpoint.CREATE),
    ("GET", re.compile(r"/v1/messages/batches"), Endpoint.LIST),
    ("GET", re.compile(r"/v1/messages/batches/([^/]+)"), Endpoint.RETRIEVE),
    ("DELETE", re.compile(r"/v1/messages/batches/([^/]+)"), Endpoint.DELETE),
    ("GET", re.compile(r"/v1/messages/batches/([^/]+)/results"), Endpoint.RESULTS),
    ("POST", re.compile(r"/v1/messages/batches/([^/]+)/cancel"), Endpoint.CANCEL),
)

Answer = Callable[[dict[str, Any]], dict[str, Any] | Reply | None]


class Api:
    """The state behind the endpoints. `key` is the one that is let in; `answer` overrides a message, in process."""

    def __init__(self, script: Script, key: str, answer: Answer | None = None, keep: bool = False):
        self.counts, self.connections = Counts(), Connections()
        self.kept: list[Request] | None = [] if keep else None
        self._key, self._answer = key, answer
        self._batches: dict[str, Batch] = {}
        self._cache: set[str] = set()
        self._asking: dict[Endpoint, Callable[..., Reply]] = {
            Endpoint.MESSAGES: self._message,
            Endpoint.COUNT_TOKENS: self._count_tokens,
            Endpoint.MODEL: self._model,
            Endpoint.CREATE: self._create,
            Endpoint.RETRIEVE: self._retrieve,
            Endpoint.LIST: self._list,
            Endpoint.RESULTS: self._results,
            Endpoint.CANCEL: self._cancel,
            Endpoint.DELETE: self._delete,
        }
        self.follow(script)

    def follow(self, script: Script) -> None:
        """Behave by another script from now on; what was counted and accepted stays."""
        self._script, self._rules = script, Rules(script.rules)

    def counted(self) -> Counts:
        return replace(self.counts, connections_made=self.connections.made, connections_open=self.connections.open)

    async def reply(self, request: Request) -> Reply:
        """The answer to one request, by the script."""
        if request.path.startswith("/_"):
            return self._tests_own(request)
        if self.kept is not None:
            self.kept.append(request)
        for method, pattern, endpoint in ROUTES:
            if request.method == method and (found := pattern.fullmatch(request.path)):
                self.counts.requests[endpoint.value] += 1
                reply = self._reply(endpoint, request, *found.groups())
                self.counts.statuses[str(reply.status)] += 1
                return self._in_flight(reply) if endpoint is Endpoint.MESSAGES else reply
        return error(404, f"{request.method} {request.path} is not there")

    def _reply(self, endpoint: Endpoint, request: Request, *path: str) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return error(401, "invalid bearer token")
        if "anthropic-version" not in request.headers:
            return error(400, "anthropic-version: header is required")
        try:
            body = json.loads(request.body) if request.body else {}
            return self._asking[endpoint](request, body, *path)
        except Refused as refused:
            return error(refused.status, refused.text)
        except (ValueError, KeyError, TypeError) as mistake:
            return error(400, f"the body is not what it should be: {mistake!r}")

    def _in_flight(self, reply: Reply) -> Reply:
        """Count a message as in flight until it is sent, cut off, or the client is gone."""
        self.counts.in_flight += 1
        self.counts.peak_in_flight = max(self.counts.peak_in_flight, self.counts.in_flight)

        def ended() -> None:
            self.counts.in_flight -= 1

        return replace(reply, ended=ended)

    def _tests_own(self, request: Request) -> Reply:
        if (request.method, request.path) == ("GET", "/_counts"):
            return json_reply(vars(self.counted()))
        if (request.method, request.path) == ("PUT", "/_script"):
            self.follow(Script.from_json(json.loads(request.body)))
            return json_reply({})
        return error(404)

    def _fault(self, endpoint: Endpoint, request: Request, content: str = "") -> Rule | None:
        return self._rules.fault(endpoint, request.body.decode("utf-8", "replace"), content)

    def _scripted(self, endpoint: Endpoint, request: Request, usual: Callable[[], Reply]) -> Reply:
        """The reply of an endpoint that has no faults of its own."""
        rule = self._fault(endpoint, request)
        return _faulty(rule, usual) if rule else usual()

    def _message(self, request: Request, params: dict[str, Any]) -> Reply:
        content = content_digest(params)
        self.counts.asked[content] += 1
        rule = self._fault(Endpoint.MESSAGES, request, content)
        if rule and rule.fault in REPLIES:
            return REPLIES[rule.fault](**rule.arguments)
        check(params)
        said: dict[str, Any] | Reply | None = None
        if rule and rule.fault in MESSAGES:
            said = MESSAGES[rule.fault](params, cache=self._cache, **rule.arguments)
        elif self._answer:
            said = self._answer(params)
        said = said or message(params, cache=self._cache)
        if isinstance(said, Reply):
            return said
        reply = json_reply(
            said,
            after=self._script.latency,
            headers={"request-id": new_id("req")},
            sent=lambda part: self.counts.answered.update((content,)),
        )
        return DELIVERIES[rule.fault](reply, **rule.arguments) if rule and rule.fault in DELIVERIES else reply

    def _count_tokens(self, request: Request, params: dict[str, Any]) -> Reply:
        check(params | {"max_tokens": 1})
        cached, fresh = prompt_parts(params)
        tokens = len(cached) // CHARACTERS_A_TOKEN + len(fresh) // CHARACTERS_A_TOKEN + 1
        return self._scripted(Endpoint.COUNT_TOKENS, request, lambda: json_reply({"input_tokens": tokens}))

    def _model(self, request: Request, body: dict[str, Any], model: str) -> Reply:
        if model not in MODELS:
            return error(404, f"model: {model}")
        yes = {"supported": True}
        described = {
            "id": model,
            "type": "model",
            "display_name": model,
            "created_at": "2026-09-01T00:00:00Z",
            "lifecycle": "active",
            "retires_at": None,
            "max_input_tokens": 1_000_000,
            "max_tokens": 64_000,
            "capabilities": {"batch": yes, "structured_outputs": yes},
        }
        return self._scripted(Endpoint.MODEL, request, lambda: json_reply(described))

    def _create(self, request: Request, body: dict[str, Any]) -> Reply:
        """Accept a batch. A rule whose arguments have `accepted` lets it in before the fault."""
        if len(request.body) > BATCH_BYTES:
            return error(413, "the batch is larger than 256 MB")
        custom_ids = [asked["custom_id"] for asked in body["requests"]]
        rule = self._fault(Endpoint.CREATE, request)
        arguments = dict(rule.arguments) if rule else {}
        accepted = arguments.pop("accepted", False)
        rule = rule and replace(rule, arguments=arguments)
        if rule and not accepted:
            return _faulty(rule, lambda: self._accept(request, body, custom_ids))
        reply = self._accept(request, body, custom_ids)
        return _faulty(rule, lambda: reply) if rule else reply

    def _accept(self, request: Request, body: dict[str, Any], custom_ids: list[str]) -> Reply:
        if not custom_ids or len(custom_ids) > BATCH_REQUESTS:
            raise Refused(400, f"requests: there are {len(custom_ids)}; 1 to {BATCH_REQUESTS} are possible")
        if len(set(custom_ids)) < len(custom_ids):
            raise Refused(400, "requests: a custom_id is there twice")
        for asked in body["requests"]:
            if not CUSTOM_ID.fullmatch(asked["custom_id"]):
                raise Refused(400, f"requests: custom_id {asked['custom_id']!r} does not match {CUSTOM_ID.pattern}")
        batch = Batch(body["requests"])
        self._batches[batch.id] = batch
        self.counts.batches[batch.id] = custom_ids
        self.counts.custom_ids.update(custom_ids)
        self.counts.batched.update(content_digest(asked["params"]) for asked in body["requests"])
        return self._batch_reply(request, batch)

    def _retrieve(self, request: Request, body: dict[str, Any], batch_id: str) -> Reply:
        batch = self._batches.get(batch_id)
        if batch is None:
            return error(404, f"batch {batch_id}")
        batch.polls += 1
        batch.work(self._script, self._rules, self._cache)
        return self._scripted(Endpoint.RETRIEVE, request, lambda: self._batch_reply(request, batch))

    def _list(self, request: Request, body: dict[str, Any]) -> Reply:
        """The newest first, `limit` at a time, after (older than) `after_id` or before `before_id`."""
        listed = [batch for batch in reversed(self._batches.values()) if batch.age >= self._script.listed_after]
        ids = [batch.id for batch in listed]
        limit = int(request.query.get("limit", "20"))
        if not 1 <= limit <= 1000:
            raise Refused(400, f"limit: {limit} is not within 1 and 1000")
        begin, end = 0, len(ids)
        if after := request.query.get("after_id"):
            begin = ids.index(after) + 1
        if before := request.query.get("before_id"):
            end = ids.index(before)
        page = listed[begin:end][:limit]
        for batch in page:
            batch.polls += 1
            batch.work(self._script, self._rules, self._cache)
        described = {
            "data": [batch.as_json(self._results_url(request, batch)) for batch in page],
            "has_more": len(listed[begin:end]) > limit,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
        return self._scripted(Endpoint.LIST, request, lambda: json_reply(described))

    def _results(self, request: Request, body: dict[str, Any], batch_id: str) -> Reply:
        batch = self._batches.get(batch_id)
        if batch is None or not batch.ended_at:
            return error(404, f"batch {batch_id} has no results")
        lines = batch.results
        reply = Reply(
            parts=[(json.dumps(line) + "\n").encode() for line in lines],
            headers={"content-type": "application/x-jsonl"},
            pause=self._script.line_pause,
            sent=lambda part: self.counts.lines_sent.update((lines[part]["custom_id"],)),
        )
        return self._scripted(Endpoint.RESULTS, request, lambda: reply)

    def _cancel(self, request: Request, body: dict[str, Any], batch_id: str) -> Reply:
        batch = self._batches.get(batch_id)
        if batch is None:
            return error(404, f"batch {batch_id}")
        if not batch.ended_at:
            batch.cancel_initiated_at = datetime.now(UTC)
        return self._scripted(Endpoint.CANCEL, request, lambda: self._batch_reply(request, batch))

    def _delete(self, request: Request, body: dict[str, Any], batch_id: str) -> Reply:
        batch = self._batches.get(batch_id)
        if batch is None:
            return error(404, f"batch {batch_id}")
        if not batch.ended_at:
            raise Refused(400, "a batch can be deleted once it has ended")
        del self._batches[batch_id]
        return json_reply({"id": batch_id, "type": "message_batch_deleted"})

    def _batch_reply(self, request: Request, batch: Batch) -> Reply:
        return json_reply(batch.as_json(self._results_url(request, batch)), headers={"request-id": new_id("req")})

    def _results_url(self, request: Request, batch: Batch) -> str:
        host = self._script.results_host or request.headers["host"]
        return f"http://{host}/v1/messages/batches/{batch.id}/results"


def _cut_stream(reply: Reply, parts: int) -> Reply:
    """Only the first lines arrive, and half of the next."""
    whole = sum(map(len, reply.parts[:parts]))
    return replace(reply, cut_after=whole + len(reply.parts[parts]) // 2 if parts < len(reply.parts) else whole)


# A usual reply that arrives in another way. Each takes the reply and arguments of its own.
DELIVERIES: dict[str, Callable[..., Reply]] = {
    "slow": lambda reply, seconds: replace(reply, after=seconds),
    "cut_body": lambda reply, share=0.5: replace(reply, cut_after=int(share * sum(map(len, reply.parts)))),
    "cut_stream": _cut_stream,
    "short_stream": lambda reply, parts: replace(reply, parts=reply.parts[:parts]),
}


def _faulty(rule: Rule, usual: Callable[[], Reply]) -> Reply:
    if rule.fault in REPLIES:
        return REPLIES[rule.fault](**rule.arguments)
    return DELIVERIES[rule.fault](usual(), **rule.arguments)
