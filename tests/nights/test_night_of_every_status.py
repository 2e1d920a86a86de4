"""One night in batches, run once, in which a request meets every fate there is, with its text redacted on the way."""

import json

import pytest

from pipelines import lake
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE, data_directory
from pipelines.feature import FEATURES_VARIABLE
from pipelines.judging import asking
from pipelines.judging.providers.anthropic import batches
from pipelines.redaction import redactor as redaction
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule
from tests.nights.commands import prod_evals
from tests.nights.judged import COLD_ITEMS, SAMPLED, judged_rollout, rows, statuses
from tests.nights.rollout import START

# What becomes of one log's requests, on both criteria.
FAULTS = {
    "not_applicable": ("fixed", {"score": "na"}),
    "refused": ("refusal", {}),
    "truncated": ("cut_off", {}),
    "unparsable": ("prose", {}),
    "expired": ("expired", {}),
    "errored": ("errored", {"status": 400}),
}
ADDRESS = "ada.lovelace@example.com"


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """The place where it was run, what the command printed, and the server that it asked."""
    place = tmp_path_factory.mktemp("every-status")
    (place / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch, MessagesServer() as server:
        environment = {FEATURES_VARIABLE: str(place / "features"), DATA_VARIABLE: str(place / "data")}
        environment |= {NOW_VARIABLE: "2026-11-03T05:00:00+00:00", "ANTHROPIC_API_KEY": KEY}
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(batches, "FIRST_POLL", 0.05)
        patch.setattr(batches, "MOST_TIMES", 1)  # what expires once is given up
        feature = judged_rollout(server.url, mode="batch", wait="1m", redact=True)
        log = feature.directory / "logs" / "drafts" / f"{START}.jsonl"
        log.write_text(log.read_text().replace("Hello,", f"Hello from {ADDRESS},"))
        with lake.connect() as connection:
            make_prod_logs(connection, feature, START)
            make_sample(connection, feature, START)
        inputs = [text for (text,) in rows("SELECT input FROM sample ORDER BY log_id", "sample")]
        chosen = dict(zip((*FAULTS, "not_sent"), inputs, strict=False))
        rules = tuple(
            Rule(Endpoint.RESULT, fault, arguments, contains=chosen[status].partition("My ")[2])
            for status, (fault, arguments) in FAULTS.items()
        )
        server.follow(rules=rules)

        def redact_item(redactor, item):
            if item.input == chosen["not_sent"]:
                raise redaction.NotRedacted("it takes too long")
            return redaction.redact_item(redactor, item)

        patch.setattr(asking, "redact_item", redact_item)
        ended = prod_evals("run", "drafts")
    assert ended.exit_code == 0, ended.output
    return environment, ended, server


@pytest.fixture
def judged(night, monkeypatch):
    environment, ended, server = night
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return ended, server


def test_every_request_ends_in_its_status_and_the_funnel_adds_up(judged):
    others = {status: 2 for status in (*FAULTS, "not_sent")}
    scored = 2 * (SAMPLED - len(others))
    assert statuses() == {"scored": scored, **others}
    stages = rows("SELECT stage, status, items FROM funnel WHERE stage IN ('sample', 'judgments')", "funnel")
    assert {status: items for stage, status, items in stages if stage == "judgments"} == {"scored": scored, **others}
    # an item with no criterion that applies has not failed
    fates = {status: items for stage, status, items in stages if stage == "sample"}
    assert fates == {"scored": SAMPLED - 7, "not_applicable": 1, "failed": 6}
    assert rows("SELECT count(*) FROM judgments WHERE (score IS NULL) = (status = 'scored')", "judgments") == [(0,)]


def test_a_cut_off_and_an_unreadable_answer_were_asked_for_twice_and_everything_else_once(judged):
    _, server = judged
    assert sum(len(ids) for ids in server.counts().batches.values()) == 2 * (SAMPLED - 1 + 2 + COLD_ITEMS)


def test_no_address_went_over_the_wire_and_what_was_taken_out_is_counted(judged):
    _, server = judged
    sent = b"".join(request.body for request in server.asked)
    assert sent.count(b"EMAIL_1") >= 2 * (SAMPLED - 1)
    assert b"ada.lovelace" not in sent
    query = "SELECT redactions, count(*) FROM judgments WHERE status IN ('scored', 'refused') GROUP BY redactions"
    assert rows(query, "judgments") == [(json.dumps({"EMAIL": 1}), 2 * (SAMPLED - 7 + 1))]


def test_what_was_not_sent_says_so(judged):
    told = rows("SELECT DISTINCT rationale FROM judgments WHERE status = 'not_sent'", "judgments")
    assert told == [("The text could not be redacted in time, so it was not sent.",)]


def test_the_key_is_in_nothing_that_was_written_or_printed(judged):
    ended, server = judged
    assert any(f"Bearer {KEY}" == request.headers.get("authorization") for request in server.asked)
    files = [path for path in data_directory().rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert KEY not in ended.output
