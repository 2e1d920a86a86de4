"""Signals are files: what each measures, that all of them are asked in one scan, and what a wrong file is told."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import lake
from pipelines.catalogue import signals as catalogue
from pipelines.catalogue.headers import CatalogueError
from pipelines.catalogue.signals import COLUMNS, by_name, measurement, signals, statement
from tests.sql.rows import fill

LOGS = [
    {"cost_usd": 0.25, "latency_ms": 100.0, "error": "timeout", "feedback": "down", "regenerated": True},
    {"cost_usd": 0.5, "latency_ms": 200.0, "feedback": "up", "regenerated": False},
    {"cost_usd": -1.0, "latency_ms": math.nan, "regenerated": True},
    {"cost_usd": None, "latency_ms": 400.0},
]
# of those, by hand
BY_HAND = {
    "daily_cost_usd": (0.75, 2),  # 0.25 + 0.5; what is negative or not there costs nothing and is not counted
    "error_rate": (1, 4),
    "p50_latency_ms": (200.0, 3),  # of 100, 200, 400
    "p95_latency_ms": (380.0, 3),  # at 0.95 * 2 = 1.9 between the places: 200 + 0.9 * 200
    "regenerated_rate": (2, 4),
    "thumbs_down_rate": (1, 4),
    "logs": (4, 4),
}


@pytest.mark.parametrize("name", by_name(signals()))
def test_every_statement_runs_by_itself(name):
    with lake.connect() as connection:
        fill(connection, "prod_logs", LOGS)
        result = connection.execute(statement(by_name(signals())[name]))
        assert tuple(column[0] for column in result.description) == COLUMNS[by_name(signals())[name].uncertainty]
        assert result.fetchall() == [pytest.approx(BY_HAND[name])]


number = st.none() | st.sampled_from([math.nan, math.inf, -1.0]) | st.floats(0, 1e4).map(lambda value: round(value, 6))
log = st.fixed_dictionaries(
    {
        "cohort": st.sampled_from([None, "5%", "all", "(none)"]),
        "cost_usd": number,
        "latency_ms": number,
        "error": st.sampled_from([None, "timeout"]),
        "feedback": st.sampled_from([None, "up", "down"]),
        "regenerated": st.sampled_from([None, True, False]),
    }
)


@settings(max_examples=25)
@given(st.lists(log, max_size=8))
def test_all_in_one_scan_measure_what_each_does_by_itself(logs):
    labels = {None: "(none)", "all": "all (cohort)"}
    with lake.connect() as connection:
        fill(connection, "prod_logs", logs)
        together = {
            (cohort, signal): (value, observations) if trials is None else (hits, trials)
            for cohort, _, signal, value, observations, hits, trials in connection.execute(
                measurement(signals())
            ).fetchall()
        }
        alone = {}
        for cohort in ["all", *{labels.get(log["cohort"], log["cohort"]) for log in logs}]:
            some = [log for log in logs if cohort in ("all", labels.get(log["cohort"], log["cohort"]))]
            fill(connection, "prod_logs", some)
            for signal in signals():
                (alone[cohort, signal.name],) = connection.execute(statement(signal)).fetchall()
    assert together == alone


def test_those_with_a_band_come_by_name_and_then_those_that_only_inform():
    assert [signal.name for signal in signals()][-1] == "logs"
    names = [signal.name for signal in signals() if signal.band]
    assert names == sorted(names)


GOOD = """\
-- Title: Fallback rate.
-- Measures: the share of logs that the non-AI path answered.
-- Unit: share.
-- Uncertainty: wilson.
-- Reference: limit.
-- Band: fallback 0.02 (highest healthy share of logs that fell back).
-- Harmful: above.
SELECT
    COUNT(*) FILTER (WHERE fallback) AS hits,
    COUNT(*) AS trials
FROM prod_logs
"""


def read(tmp_path, monkeypatch, **files):
    """The catalogue of a folder with these files, by name."""
    for name, text in files.items():
        (tmp_path / f"{name}.sql").write_text(text)
    monkeypatch.setattr(catalogue, "DIRECTORY", tmp_path)
    return by_name(signals.__wrapped__())


def test_a_file_is_a_signal(tmp_path, monkeypatch):
    found = read(tmp_path, monkeypatch, fallback_rate=GOOD)["fallback_rate"]
    assert (found.title, found.trigger, found.band.default, found.band.is_share) == (
        "Fallback rate",
        "fallback",
        0.02,
        True,
    )


def test_an_aggregate_may_have_commas_brackets_and_comments_of_its_own(tmp_path, monkeypatch):
    winding = """\
    -- AS trials,
    COUNT(CASE WHEN LEFT(CAST(error AS VARCHAR), 2) IN ('AS', ', (') THEN 1 END)
    AS hits, -- of all
    COALESCE(COUNT(*), 0) AS trials -- of all, too"""
    straight = "    COUNT(*) FILTER (WHERE fallback) AS hits,\n    COUNT(*) AS trials"
    found = read(tmp_path, monkeypatch, winding=GOOD.replace(straight, winding))["winding"]
    with lake.connect() as connection:
        fill(connection, "prod_logs", [{"error": "AS"}, {"error": "no"}])
        both = measurement([found, by_name(signals())["logs"]])
        (whole,) = connection.execute(f"FROM ({both}) WHERE whole AND signal = 'winding'").fetchall()
    assert whole == ("all", True, "winding", None, None, 1, 2)


def test_a_signal_may_share_the_band_of_another(tmp_path, monkeypatch):
    shared = GOOD.replace(
        "Band: fallback 0.02 (highest healthy share of logs that fell back)", "Band: as fallback_rate"
    )
    found = read(tmp_path, monkeypatch, fallback_rate=GOOD, other_rate=shared)
    assert found["other_rate"].band == found["fallback_rate"].band


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("-- Unit: share.\n", "", ":1: its header has no Unit"),
        ("Unit: share", "Unit: percent", ":3: Unit is 'percent'; it must be one of usd, ms, share, count"),
        ("Unit: share", "Unit: ms", ":4: Uncertainty is 'wilson'; only a share has an interval by Wilson"),
        ("wilson", "bootstrap", ":4: Uncertainty is 'bootstrap'; it must be one of none, wilson"),
        ("above", "up", ":7: Harmful is 'up'; it must be one of above, below, none"),
        ("above", "none", ":7: Harmful is 'none'; a limit has a harmful side"),
        ("limit.", "forecast.share.", ":5: Reference is 'forecast.share'; it must be `none`, `limit`, `forecast.FIELD"),
        ("limit.", "none.", ":6: Band is .* a signal has a band and a reference, or neither"),
        ("fallback 0.02 (", "fallback two (", ":6: Band is .* it must be `none`, `NAME DEFAULT .text.`"),
        ("fallback 0.02 (", "fallback 1.5 (", ":6: Band is .* its default must be above 0 and below 1"),
        ("fallback 0.02 (", "quality 0.02 (", ": bands.quality is taken, and means something else"),
        ("fallback 0.02 (highest healthy share of logs that fell back)", "as mood", ":6: .* 'mood' is no signal with"),
        ("AS hits", "AS value", ":8: it gives value, trials; it must give hits and trials"),
        ("AS trials", "", ":8: it gives hits, [?]; it must give hits and trials"),
        ("FROM prod_logs\n", "FROM prod_logs\nWHERE fallback\n", ":8: below the header must stand SELECT"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path, monkeypatch, right, wrong, says):
    assert right in GOOD
    with pytest.raises(CatalogueError, match=f"fallback_rate.sql{says}"):
        read(tmp_path, monkeypatch, fallback_rate=GOOD.replace(right, wrong))


def test_two_bands_of_one_name_must_be_the_same(tmp_path, monkeypatch):
    with pytest.raises(CatalogueError, match="other_rate.sql: bands.fallback is taken"):
        read(tmp_path, monkeypatch, fallback_rate=GOOD, other_rate=GOOD.replace("0.02", "0.03"))
