"""The faults of the story, found again in the text and the counts of the logs, and by the judge that reads them."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from pipelines.demo.drafts import Fault, with_raw_markdown, write_deprecated, write_draft, write_ticket
from pipelines.demo.story import PLANNED_USD_PER_DRAFT, TIME_ZONE, WEEKDAY_VOLUME, Story
from pipelines.demo.traffic import PRODUCTION, lines_of
from pipelines.judging.criterion import load_criterion
from pipelines.judging.judge import Item, Request, Source
from pipelines.judging.providers.offline.judge import OfflineJudge
from pipelines.judging.providers.offline.rules import reading

STORY = Story(date(2026, 11, 24))
INTERNAL, FIVE_PERCENT = STORY.days[:7], STORY.days[7:14]
WORKING_DAY = FIVE_PERCENT[0]  # a Tuesday


@cache
def lines(day):
    return tuple(lines_of(STORY, day, seed=7))


@cache
def logs(day):
    """The different records of a day."""
    found = {}
    for line in lines(day):
        try:
            record = json.loads(line.text)
        except ValueError:
            continue
        found[record["id"]] = record
    return tuple(found.values())


def levels(criterion, drafts):
    """The levels that the offline judge gives to tickets with their drafts; None where the criterion does not apply."""
    loaded = load_criterion(criterion)
    items = [Item(ticket.text, draft.text, tuple(Source(*page) for page in draft.sources)) for ticket, draft in drafts]
    requests = [Request("ruler", str(k), loaded, item) for k, item in enumerate(items)]
    answered = []
    OfflineJudge().judge(requests, answered.extend, None)
    return [verdict.level for _, verdict in answered]


def mean_level(criterion, drafts):
    return mean(level for level in levels(criterion, drafts) if level is not None)


@cache
def drafts_by_fault():
    rng = Random(1)
    found = {fault: [] for fault in Fault}
    for k in range(2_000):
        ticket = write_ticket(rng, PRODUCTION, spanish=k % 10 == 0)
        draft = write_draft(rng, ticket)
        found[draft.fault].append((ticket, draft))
    for k in range(20):
        ticket = write_ticket(rng, PRODUCTION)
        found[Fault.DEPRECATED].append((ticket, write_deprecated(rng, ticket, k % 2)))
    return found


def test_a_day_is_the_same_whenever_it_is_made():
    assert tuple(lines_of(STORY, WORKING_DAY, seed=7)) == lines(WORKING_DAY)


def test_every_record_belongs_to_its_local_day_also_on_the_day_of_25_hours():
    for day in (WORKING_DAY, date(2026, 11, 1), date(2026, 11, 2)):
        for record in logs(day):
            at = datetime.fromisoformat(record["at"])
            assert at.utcoffset() == timedelta(0)
            local = at.astimezone(ZoneInfo(TIME_ZONE))
            assert local.date() == day
            assert 7 <= local.hour <= 22


def test_files_are_named_by_utc_so_evenings_are_in_the_next_one_and_so_are_late_rows():
    evenings = late = 0
    for line in lines(WORKING_DAY):
        if line.text.startswith('{"id"') and line.text.endswith("}"):
            utc = date.fromisoformat(json.loads(line.text)["at"][:10])
            assert utc <= line.file_day <= WORKING_DAY + timedelta(days=1)
            evenings += utc > WORKING_DAY
            late += line.file_day > utc
    assert evenings > 5
    assert 1 <= late <= 3  # two, one of which may be delivered twice


def test_a_day_has_two_duplicates_and_two_lines_that_are_not_json():
    texts = Counter(line.text for line in lines(WORKING_DAY))
    assert sorted(texts.values())[-3:] == [1, 2, 2]
    broken = [text for text in texts if not text.endswith("}")]
    assert len(broken) == 2
    for text in broken:
        with pytest.raises(ValueError, match="."):
            json.loads(text)


def test_volume_follows_the_weekdays():
    for day in FIVE_PERCENT:
        assert len(logs(day)) == pytest.approx(600 * WEEKDAY_VOLUME[day.weekday()], rel=0.03)
    assert len(logs(INTERNAL[0])) == pytest.approx(180, rel=0.1)


def test_the_internal_week_is_eight_agents_and_the_next_has_a_spanish_desk():
    internal = {record["agent"]["id"] for day in INTERNAL for record in logs(day)}
    assert len(internal) == 8
    desks = Counter(record["agent"]["desk"] for day in FIVE_PERCENT for record in logs(day))
    assert set(desks) == {"english_desk", "spanish_desk"}
    assert desks["spanish_desk"] / desks.total() == pytest.approx(0.08, abs=0.02)


def test_raw_markdown_ends_with_the_new_prompt():
    def share(days):
        texts = [record["response"]["text"] or "" for day in days for record in logs(day)]
        return mean("**" in text or "|---|" in text for text in texts)

    assert share(day for day in INTERNAL if day < STORY.new_prompt) > 0.3
    assert share(day for day in INTERNAL if day >= STORY.new_prompt) == 0
    versions = {day: {record["request"]["prompt_version"] for record in logs(day)} for day in INTERNAL}
    assert versions == {day: {"drafts-7" if day >= STORY.new_prompt else "drafts-6"} for day in INTERNAL}


def test_two_drafts_cite_deprecated_pages_which_call_themselves_so():
    citing = [
        (day, record)
        for day in INTERNAL
        for record in logs(day)
        if any("(deprecated)" in page["heading"] for page in record["request"]["retrieved"])
    ]
    assert [day for day, _ in citing] == list(STORY.deprecated_cited)
    for _, record in citing:
        title = record["request"]["retrieved"][0]["heading"].removesuffix(" (deprecated)")
        assert f"According to {title}" in record["response"]["text"]


def test_every_night_of_the_internal_week_is_small_enough_to_be_judged_whole():
    assert max(len(logs(day)) for day in INTERNAL) <= 200


def test_the_regenerate_button_is_hit_too_often_until_it_is_moved():
    def share(days):
        return mean(record["action"]["regenerated"] for day in days for record in logs(day))

    assert share(day for day in INTERNAL if day < STORY.new_button) > 0.15
    assert share(day for day in INTERNAL if day >= STORY.new_button) < 0.1


def test_a_spanish_ticket_gets_english_pages_and_an_answer_in_either_language():
    spanish = [record for day in FIVE_PERCENT for record in logs(day) if record["ticket"]["language"] == "es"]
    answers = [record["response"]["text"] for record in spanish if record["response"]["text"]]
    assert 0.5 < mean(answer.startswith("Hola") for answer in answers) < 0.8
    for record in spanish:
        assert record["agent"]["desk"] == "spanish_desk"
        for page in record["request"]["retrieved"]:
            assert reading.language(reading.words(reading.fold(page["body"]))) is reading.Language.ENGLISH


def test_the_spike_is_a_dear_morning_and_tiered_routing_follows():
    def usd(day):
        return mean(record["usage"]["usd"] for record in logs(day))

    spike = Story(date(2026, 11, 26))  # its Monday has a day after it
    before, monday, after = (
        mean(json.loads(line.text)["usage"]["usd"] for line in lines_of(spike, day, 7) if line.text.endswith("}"))
        for day in (spike.spike - timedelta(days=2), spike.spike, spike.spike + timedelta(days=1))
    )
    assert before == pytest.approx(PLANNED_USD_PER_DRAFT, rel=0.1)
    assert usd(WORKING_DAY) == pytest.approx(PLANNED_USD_PER_DRAFT, rel=0.1)
    assert monday > 1.5 * before
    assert 0.8 * before < after < before


def test_latency_errors_and_thumbs_are_healthy():
    week = [record for day in FIVE_PERCENT for record in logs(day)]
    latencies = sorted(record["total_ms"] for record in week)
    assert latencies[len(week) // 2] == pytest.approx(1_900, rel=0.1)
    assert latencies[int(len(week) * 0.95)] == pytest.approx(3_600, rel=0.1)
    assert mean(record["response"]["error"] is not None for record in week) < 0.01
    thumbs = [record["action"]["thumb"] for record in week if "thumb" in record["action"]]
    assert 0.01 < thumbs.count("down") / len(thumbs) < 0.1


def test_an_error_leaves_no_text_and_is_answered_by_the_fallback():
    failed = [record for day in FIVE_PERCENT for record in logs(day) if record["response"]["error"]]
    assert failed
    assert all(record["response"]["text"] is None and record["response"]["fallback"] for record in failed)


def test_most_drafts_are_healthy_and_a_judge_that_reads_them_says_so():
    for criterion in ("addressed_question", "grounded_in_sources", "tone"):
        assert mean(level >= 4 for level in levels(criterion, drafts_by_fault()[Fault.NONE])) > 0.9


@pytest.mark.parametrize(
    ("fault", "criterion"),
    [
        (Fault.PARTIAL, "addressed_question"),
        (Fault.SLIP, "grounded_in_sources"),
        (Fault.INVENTION, "grounded_in_sources"),
        (Fault.OFF_TOPIC, "addressed_question"),
        (Fault.DEFERRAL, "addressed_question"),
        (Fault.CURT, "tone"),
        (Fault.BREAKS_OFF, "addressed_question"),
        (Fault.DEPRECATED, "grounded_in_sources"),
        (Fault.ENGLISH_SOURCES, "grounded_in_sources"),
    ],
)
def test_a_fault_is_found_by_reading(fault, criterion):
    by_fault = drafts_by_fault()
    assert mean_level(criterion, by_fault[fault]) < mean_level(criterion, by_fault[Fault.NONE]) - 0.8


@pytest.mark.parametrize("fault", [Fault.SLIP, Fault.OFF_TOPIC, Fault.DEFERRAL, Fault.DEPRECATED])
def test_a_bad_draft_is_a_3_or_less_on_its_criterion_nearly_always(fault):
    criterion = "grounded_in_sources" if fault in (Fault.SLIP, Fault.DEPRECATED) else "addressed_question"
    assert mean(level <= 3 for level in levels(criterion, drafts_by_fault()[fault])) > 0.7


def test_raw_markdown_is_found_in_the_tone_and_nowhere_else():
    healthy = drafts_by_fault()[Fault.NONE][:200]
    marked = [(ticket, with_raw_markdown(draft)) for ticket, draft in healthy]
    assert max(levels("tone", marked)) <= 3
    for criterion in ("addressed_question", "grounded_in_sources"):
        assert mean_level(criterion, marked) == pytest.approx(mean_level(criterion, healthy), abs=0.2)
