"""A provider's silent shift, seen by a judge that is plugged in: another model answers behind the same name."""

from datetime import timedelta
from typing import ClassVar

import duckdb
import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import data_directory
from pipelines.judging.judge import Parameters, Status, Verdict
from pipelines.judging.providers.offline.provider import Offline
from tests.nights.commands import prod_evals
from tests.nights.rollout import POOR, START, make_rollout, write_day


class RecordedJudge:
    """Answers from what it was told of each output, as recorded verdicts do; what it was not told of, it cannot judge."""

    kind = "offline"
    model = "recorded"
    parameters: ClassVar[Parameters] = {}

    def accepts(self, criterion):
        pass

    def judge(self, requests, record, sitting):
        for request in requests:
            if request.item.output.startswith("Thanks"):
                record([(request, Verdict(Status.SCORED, 5, "recorded"))])
            elif request.item.output == POOR:
                record([(request, Verdict(Status.SCORED, 2, "recorded"))])
            else:
                record([(request, Verdict(Status.UNPARSABLE, None, "nothing recorded"))])


@pytest.fixture
def plugged_in(monkeypatch):
    monkeypatch.setattr(Offline, "judge_for", lambda self, feature: RecordedJudge())


@pytest.mark.slow  # whole nights of two versions
def test_a_silent_shift_shows_in_the_first_night_and_rolls_the_ramp_back(plugged_in, monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-08T05:00:00+00:00")
    make_rollout(days=3)
    for number in (3, 4, 5):
        write_day("drafts", START + timedelta(days=number), poor=0.8)
    assert prod_evals("run", "drafts", "--from", str(START), "--jobs", "1").exit_code == 0
    with duckdb.connect(str(data_directory() / "prod_evals.duckdb"), read_only=True) as published:
        nights = published.execute(
            "SELECT relative_difference, verdict FROM divergence WHERE \"window\" = 'night' AND slice_kind = 'overall' "
            "AND criterion = 'overall' ORDER BY day"
        ).fetchall()
        decisions = published.execute("SELECT decision FROM gate_decisions ORDER BY day").fetchall()
        models = published.execute("SELECT DISTINCT judge_model FROM judgments").fetchall()
    # a poor answer is a level 2, 0.25: with 80 % of them a night scores about 0.2 * 1 + 0.8 * 0.25 = 0.4
    assert all(difference > -0.2 for difference, _ in nights[:3])
    assert all(difference < -0.4 and verdict == "below" for difference, verdict in nights[3:6])
    assert [decision for (decision,) in decisions][5] == "roll_back"
    assert models == [("recorded",)]


def test_what_cannot_be_judged_is_counted_and_neither_a_zero_nor_left_out(plugged_in, monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
    make_rollout(days=1)
    log = write_day("drafts", START)
    log.write_text(
        log.read_text().replace("Let me know if anything is unclear.", "", 30).replace("Thanks for", "Thx for", 30)
    )
    assert prod_evals("run", "drafts").exit_code == 0
    with lake.connect() as connection:
        lake.read(connection, "funnel", "sample", feature="drafts")
        found = dict(connection.execute("SELECT status, items FROM funnel WHERE stage = 'sample'").fetchall())
        sampled = connection.execute("SELECT count(*) FROM sample").fetchone()[0]
    assert found["failed"] > 0
    assert sum(found.values()) == sampled
