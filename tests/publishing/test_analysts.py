"""The ready questions run on the published file, and each says what its answer means."""

import re

import duckdb
import pytest

from pipelines.checkout import SQL
from pipelines.publishing.database import publish_database
from pipelines.publishing.ramp_gate import publish_ramp_gate
from tests.publishing import rows

QUESTIONS = sorted((SQL / "analysts").glob("*.sql"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The published file of two nights, of which one decision was issued."""
    root = tmp_path_factory.mktemp("analysts")
    (root / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROD_EVALS_DATA", str(root / "data"))
        patch.setenv("PROD_EVALS_FEATURES", str(root / "features"))
        feature = rows.make_feature()
        rows.write_rollout(feature, days=2)
        publish_ramp_gate(feature)
        path = publish_database()
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def answer(connection, name):
    result = connection.execute((SQL / "analysts" / f"{name}.sql").read_text())
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_is_asked_and_its_answer_explained(path):
    assert re.match(r"-- [A-Z][^\n]*\?\n-- Answer: ", path.read_text())


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_an_answer_in_the_published_file(path, published):
    assert answer(published, path.stem)


def test_the_category_furthest_below_comes_first(published):
    first = answer(published, "where_quality_moved")[0]
    # -0.09 of 0.86
    assert (first["category"], first["verdict"], first["percent_different"]) == (rows.HOSTILE_CATEGORY, "below", -10.47)


def test_shares_of_a_stage_add_up(published):
    shares = answer(published, "what_became_of_every_line")
    lines = {
        row["status"]: row["percent_of_stage"] for row in shares if row["day"] == rows.START and row["stage"] == "lines"
    }
    assert lines["prod_logs"] == pytest.approx(100 * 612 / 638, abs=0.01)
    assert sum(lines.values()) == pytest.approx(100, abs=0.05)


def test_what_is_mix_and_what_is_quality_is_said_in_percent_of_the_cold_eval(published):
    whole, category = answer(published, "is_it_the_mix_or_the_quality")
    # -0.03, -0.01 and -0.04 of 0.86
    assert (whole["from_mix"], whole["from_quality"], whole["percent_different"]) == (-3.49, -1.16, -4.65)
    assert (category["category"], category["percent_of_production"]) == (rows.HOSTILE_CATEGORY, 60)


def test_low_scores_are_levels_one_and_two(published):
    shares = {
        row["criterion"]: (row["verdicts"], row["percent_low"])
        for row in answer(published, "what_low_scores_have_in_common")
    }
    # two items a level: 4 of 12 are low on each of 2 days; on tone one verdict a day failed and does not count
    assert shares["grounded_in_sources"] == (24, 33.3)
    assert shares["tone"] == (22, 36.4)


def test_a_decision_that_late_data_changed_is_restated():
    feature = rows.make_feature()
    for decided in ("hold", "roll_back"):
        rows.write_decisions(feature, rows.decision(rows.START, decided))
        if decided == "hold":
            publish_ramp_gate(feature)
        with duckdb.connect(str(publish_database()), read_only=True) as connection:
            (row,) = answer(connection, "did_late_data_change_a_decision")
        assert (row["decided_then"], row["decided_now"], row["restated"]) == ("hold", decided, decided != "hold")
