"""The test server speaks what the SDK expects, fails as it is told to, and counts what it was asked."""

import json

import anthropic
import pytest

from tests.messages_server import KEY, Endpoint, MessagesServer, Rule, ServerProcess, content_digest

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rationale", "score"],
    "properties": {"rationale": {"type": "string"}, "score": {"enum": [1, 2, 3, 4, 5]}},
}


def params(text, **more):
    format_ = {"type": "json_schema", "schema": SCHEMA}
    return {
        "model": "claude-haiku-5-5",
        "max_tokens": 300,
        "system": [{"type": "text", "text": "Judge. " * 100, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": text}],
        "output_config": {"format": format_},
    } | more


def client(server, **options):
    return anthropic.Anthropic(base_url=server.url, **{"api_key": KEY, "max_retries": 0, "timeout": 5.0} | options)


def said(message):
    return "".join(block.text for block in message.content if block.type == "text")


def batch_of(texts):
    return [{"custom_id": f"id-{text}", "params": params(text)} for text in texts]


def test_an_answer_has_the_shape_asked_for_and_is_the_same_each_time():
    with MessagesServer() as server, client(server) as asking:
        first, second = (asking.messages.create(**params("a")) for _ in range(2))
    assert said(first) == said(second)
    assert list(json.loads(said(first))) == ["rationale", "score"]
    # 700 characters of system prompt are 175 tokens of four: written to the cache once, then read from it
    cache = [(m.usage.cache_creation_input_tokens, m.usage.cache_read_input_tokens) for m in (first, second)]
    assert cache == [(175, 0), (0, 175)]
    assert first._request_id != second._request_id
    counts = server.counts()
    assert counts.asked == counts.answered == {content_digest(params("a")): 2}
    assert (counts.connections_made, counts.in_flight, counts.requests) == (1, 0, {"messages": 2})


@pytest.mark.parametrize(
    ("fault", "arguments", "error"),
    [
        ("error", {"status": 400}, anthropic.BadRequestError),
        ("error", {"status": 401}, anthropic.AuthenticationError),
        ("error", {"status": 402}, anthropic.PaymentRequiredError),
        ("error", {"status": 403}, anthropic.PermissionDeniedError),
        ("error", {"status": 404}, anthropic.NotFoundError),
        ("error", {"status": 429, "retry_after": 7}, anthropic.RateLimitError),
        ("error", {"status": 500}, anthropic.InternalServerError),
        ("error", {"status": 503}, anthropic.ServiceUnavailableError),
        ("error", {"status": 529}, anthropic.OverloadedError),
        ("hang", {}, anthropic.APITimeoutError),
        ("slow", {"seconds": 2}, anthropic.APITimeoutError),
        ("reset", {}, anthropic.APIConnectionError),
        ("cut_body", {}, anthropic.APIConnectionError),
        ("nonsense", {}, json.JSONDecodeError),  # of a body that is whole the SDK raises the parser's own error
    ],
)
def test_each_fault_reaches_the_sdk_as_the_error_it_stands_for(fault, arguments, error):
    rule = Rule(Endpoint.MESSAGES, fault, arguments, contains="poison", times=1)
    with MessagesServer(rules=(rule,)) as server, client(server, timeout=0.4) as asking:
        with pytest.raises(error) as raised:
            asking.messages.create(**params("poison"))
        assert type(raised.value) is error
        if "retry_after" in arguments:
            assert raised.value.response.headers["retry-after"] == "7"
        asking.messages.create(**params("poison"))  # only the first time
        counts = server.counts()
    # what was cut off or never came does not count as answered
    assert (sum(counts.asked.values()), sum(counts.answered.values())) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "stop_reason", "blocks"),
    [
        ("cut_off", "max_tokens", ["text"]),
        ("refusal", "refusal", []),
        ("prose", "end_turn", ["text"]),
        ("no_content", "end_turn", []),
        ("thinking_first", "end_turn", ["thinking", "text"]),
        ("wrong_schema", "end_turn", ["text"]),
        ("text_around", "end_turn", ["text"]),
        ("context_exceeded", "model_context_window_exceeded", ["text"]),
    ],
)
def test_each_bad_message_is_a_message_to_the_sdk(fault, stop_reason, blocks):
    with MessagesServer(rules=(Rule(Endpoint.MESSAGES, fault),)) as server, client(server) as asking:
        message = asking.messages.create(**params("x"))
    assert (message.stop_reason, [block.type for block in message.content]) == (stop_reason, blocks)


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"model": "claude-2"}, anthropic.NotFoundError, "model: claude-2"),
        ({"extra_body": {"temperature": 0}}, anthropic.BadRequestError, "temperature"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA | {"additionalProperties": True}}}},
            anthropic.BadRequestError,
            "additionalProperties",
        ),
    ],
)
def test_what_the_api_refuses_is_refused(wrong, error, text):
    with MessagesServer() as server, client(server) as asking, pytest.raises(error, match=text):
        asking.messages.create(**params("x", **wrong))


def test_another_key_is_not_let_in():
    with MessagesServer() as server, pytest.raises(anthropic.AuthenticationError):
        client(server, api_key="another").messages.create(**params("x"))


def test_tokens_are_counted_as_they_are_used():
    with MessagesServer() as server, client(server) as asking:
        asked = params("four words of text")
        counted = asking.messages.count_tokens(**{k: v for k, v in asked.items() if k != "max_tokens"}).input_tokens
        used = asking.messages.create(**asked).usage
    # 175 of the system prompt, 18 // 4 of the text, and one
    assert counted == 175 + 4 + 1 == used.input_tokens + used.cache_creation_input_tokens


def test_a_batch_lives_from_in_progress_to_results_in_another_order():
    with MessagesServer(batch_polls=1) as server, client(server) as asking:
        batches = asking.messages.batches
        made = batches.create(requests=batch_of("abcdef"))
        assert (made.processing_status, made.request_counts.processing, made.results_url) == ("in_progress", 6, None)
        assert batches.retrieve(made.id).processing_status == "in_progress"
        ended = batches.retrieve(made.id)
        assert (ended.processing_status, ended.request_counts.succeeded) == ("ended", 6)
        results = list(batches.results(made.id))
        live = asking.messages.create(**params("a"))
        counts = server.counts()
    assert [result.custom_id for result in results] != [f"id-{text}" for text in "abcdef"]
    answers = {result.custom_id: result.result.message for result in results}
    assert said(answers["id-a"]) == said(live)
    assert answers["id-a"].usage.service_tier == "batch"
    assert counts.custom_ids == counts.lines_sent == {f"id-{text}": 1 for text in "abcdef"}
    assert counts.batches == {made.id: [f"id-{text}" for text in "abcdef"]}


def test_results_of_every_kind_come_back():
    kinds = ("errored", "expired", "canceled", "unknown", "missing", "twice", "prose")
    rules = tuple(
        Rule(Endpoint.RESULT, kind, contains=f"id-{text}") for kind, text in zip(kinds, "abcdefg", strict=True)
    )
    with MessagesServer(rules=rules, results_order="as_sent") as server, client(server) as asking:
        made = asking.messages.batches.create(requests=batch_of("abcdefgh"))
        results = [(line.custom_id, line.result.type) for line in asking.messages.batches.results(made.id)]
        tally = asking.messages.batches.retrieve(made.id).request_counts
    assert results == [
        ("id-a", "errored"), ("id-b", "expired"), ("id-c", "canceled"), ("id-d", "postponed"),
        ("id-f", "succeeded"), ("id-f", "succeeded"), ("id-g", "succeeded"), ("id-h", "succeeded"),
    ]  # fmt: skip
    assert (tally.errored, tally.expired, tally.canceled, tally.processing) == (1, 1, 1, 0)


def test_a_request_that_no_model_takes_is_an_error_of_its_batch():
    asked = [{"custom_id": "x", "params": params("x", model="claude-2")}]
    with MessagesServer() as server, client(server) as asking:
        made = asking.messages.batches.create(requests=asked)
        [line] = asking.messages.batches.results(made.id)
    assert (line.result.type, line.result.error.error.type) == ("errored", "not_found_error")


def test_a_cancelled_batch_is_canceling_and_then_ends_without_answers():
    with MessagesServer(batch_seconds=60) as server, client(server) as asking:
        made = asking.messages.batches.create(requests=batch_of("ab"))
        assert asking.messages.batches.cancel(made.id).processing_status == "canceling"
        assert [line.result.type for line in asking.messages.batches.results(made.id)] == ["canceled"] * 2


def test_batches_are_listed_page_by_page_from_the_newest():
    with MessagesServer() as server, client(server) as asking:
        made = [asking.messages.batches.create(requests=batch_of(text)).id for text in "abcde"]
        first = asking.messages.batches.list(limit=2)
        assert (first.has_more, [batch.id for batch in first.data]) == (True, made[:2:-1])
        assert [batch.id for batch in first] == made[::-1]  # the SDK asks for the other pages
        older = asking.messages.batches.list(after_id=made[1])
        assert (older.has_more, [batch.id for batch in older.data]) == (False, made[:1])
        newer = asking.messages.batches.list(before_id=made[3])
        assert [batch.id for batch in newer.data] == made[4:]


@pytest.mark.parametrize(
    ("arguments", "accepted"),
    [
        ({"fault": "reset"}, 0),
        ({"fault": "reset", "accepted": True}, 1),
        ({"fault": "error", "status": 503, "accepted": True}, 1),
        ({"fault": "slow", "seconds": 2}, 1),
    ],
)
def test_a_batch_can_be_accepted_though_its_client_never_hears_of_it(arguments, accepted):
    rule = Rule(Endpoint.CREATE, arguments.pop("fault"), arguments)
    with MessagesServer(rules=(rule,)) as server, client(server, timeout=0.4) as asking:
        with pytest.raises(anthropic.APIError):
            asking.messages.batches.create(requests=batch_of("ab"))
        assert len(asking.messages.batches.list().data) == accepted == len(server.counts().batches)


def test_results_can_break_off_be_gone_and_be_elsewhere():
    cut = Rule(Endpoint.RESULTS, "cut_stream", {"parts": 2}, times=1)
    gone = Rule(Endpoint.RESULTS, "error", {"status": 404}, times=1)
    with MessagesServer(rules=(cut, gone)) as server, client(server) as asking:
        made = asking.messages.batches.create(requests=batch_of("abcd"))
        seen = []
        with pytest.raises(Exception, match="(?i)closed|reset|incomplete|read"):
            seen.extend(line.custom_id for line in asking.messages.batches.results(made.id))
        with pytest.raises(anthropic.NotFoundError):
            asking.messages.batches.results(made.id)
        assert len(list(asking.messages.batches.results(made.id))) == 4
        assert sum(server.counts().lines_sent.values()) == 2 + 4
        server.follow(results_host="203.0.113.9:80")
        assert asking.messages.batches.retrieve(made.id).results_url.startswith("http://203.0.113.9:80/")


@pytest.mark.parametrize("asked", [[], batch_of("aa"), [{"custom_id": "a b", "params": params("x")}]])
def test_a_batch_that_is_not_well_formed_is_refused(asked):
    with MessagesServer() as server, client(server) as asking, pytest.raises(anthropic.BadRequestError):
        asking.messages.batches.create(requests=asked)


def test_a_server_in_a_process_of_its_own_follows_a_script_and_tells_its_counts():
    with ServerProcess() as server, client(server) as asking:
        made = asking.messages.batches.create(requests=batch_of("ab"))
        server.follow(rules=(Rule(Endpoint.MESSAGES, "error", {"status": 529}, every=2),))
        asking.messages.create(**params("a"))
        with pytest.raises(anthropic.OverloadedError):
            asking.messages.create(**params("b"))
        counts = server.counts()
    assert counts.batches == {made.id: ["id-a", "id-b"]}
    assert (counts.statuses["529"], counts.asked[content_digest(params("b"))], len(counts.answered)) == (1, 1, 1)
