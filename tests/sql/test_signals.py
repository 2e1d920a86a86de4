"""signals.sql: levels against their references, shares against their limits, for the feature and each cohort."""

from dataclasses import replace
from datetime import date

import pytest

from pipelines import lake
from pipelines.catalogue.signals import Against, Harmful, Reference, by_name, measurement
from pipelines.catalogue.signals import signals as built_in
from pipelines.comparison.yardsticks import yardsticks_of
from pipelines.feature import Feature
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)
FORECAST = {"daily_cost_usd": {"100%": 10.0}, "p50_ms": 100.0, "p95_ms": 200.0}
NAMED = by_name(built_in())


def rows(logs, *some, **changed):
    """What signals.sql says of logs, of some signals or all, by default bands."""
    some = some or tuple(NAMED.values())
    feature = Feature.model_validate({"start": DAY, "logs": {"path": "{{ day }}"}, "forecast": FORECAST | changed})
    with lake.connect() as connection:
        fill(connection, "prod_logs", [{"log_id": str(number), **log} for number, log in enumerate(logs)])
        connection.execute(f"CREATE TEMP VIEW measurements AS {measurement(some)}")
        return ask(connection, "night/signals", **yardsticks_of(some, feature, DAY))


def signals(logs, *some, **changed):
    return {(row["cohort"], row["signal"]): row for row in rows(logs, *some, **changed)}


@pytest.mark.parametrize(
    ("cost", "status"),
    [(10.0, "healthy"), (12.0, "healthy"), (12.1, "unhealthy"), (8.0, "healthy"), (7.9, "unexpected")],
)
def test_cost_is_the_days_sum_within_20_percent_of_the_forecast(cost, status):
    row = signals([{"cost_usd": cost / 2}, {"cost_usd": cost / 2}])["all", "daily_cost_usd"]
    assert (row["value"], row["band_low"], row["band_high"], row["status"]) == (cost, 8.0, 12.0, status)


def test_latency_quantiles_are_exact_over_the_full_log():
    # of 1..101 the median is 51, and the 95th percentile is at 1 + 0.95 * 100 = 96
    found = signals([{"latency_ms": float(number)} for number in range(1, 102)])
    assert (found["all", "p50_latency_ms"]["value"], found["all", "p95_latency_ms"]["value"]) == (51.0, 96.0)
    assert found["all", "p50_latency_ms"]["status"] == "unexpected"


def test_a_rate_over_its_limit_is_unhealthy_only_when_its_interval_is_over_it_too():
    # 2 of 10: Wilson's 99 % lower end is (2 + 3.317 - 2.576 sqrt(2*8/10 + 1.659)) / 16.63 = 0.040 < 0.1
    few = signals([{"feedback": "down"}] * 2 + [{"feedback": "up"}] * 8)["all", "thumbs_down_rate"]
    assert (few["value"], few["status"]) == (0.2, "inconclusive")
    # 200 of 1,000: (200 + 3.317 - 2.576 sqrt(160 + 1.659)) / 1006.6 = 0.169 > 0.1
    many = signals([{"feedback": "down"}] * 200 + [{"feedback": "up"}] * 800)["all", "thumbs_down_rate"]
    assert (many["value"], many["status"]) == (0.2, "unhealthy")


def test_rates_are_shares_of_all_logs_not_of_those_who_voted():
    row = signals([{"feedback": "down"}, {}, {}, {}])["all", "thumbs_down_rate"]
    assert (row["value"], row["observations"]) == (0.25, 4)


def test_what_no_log_records_is_missing_and_what_has_no_reference_is_informational():
    found = signals([{"cost_usd": 1.0}], daily_cost_usd={})
    assert found["all", "daily_cost_usd"]["status"] == "informational"
    assert found["all", "p50_latency_ms"]["status"] == "missing"
    assert found["all", "regenerated_rate"]["status"] == "missing"
    assert (found["all", "error_rate"]["value"], found["all", "error_rate"]["status"]) == (0.0, "healthy")


def test_each_cohort_has_its_rows_and_no_forecast_of_cost():
    found = signals([{"cohort": "5%", "latency_ms": 500.0, "cost_usd": 99.0}, {"latency_ms": 100.0}])
    assert found["5%", "p50_latency_ms"]["status"] == "unhealthy"
    assert found["5%", "daily_cost_usd"]["status"] == "informational"
    assert found["(none)", "logs"]["value"] == 1
    assert found["all", "logs"]["value"] == 2


def test_a_day_without_logs_has_rows_that_say_so():
    found = signals([])
    assert {cohort for cohort, _ in found} == {"all"}
    assert found["all", "logs"]["value"] == 0
    assert found["all", "error_rate"]["status"] == found["all", "daily_cost_usd"]["status"] == "missing"


def test_a_cost_is_the_same_in_whatever_order_threads_add_it_up():
    # in doubles 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last bit
    up = signals([{"cost_usd": cost} for cost in (0.1, 0.2, 0.3)])["all", "daily_cost_usd"]["value"]
    down = signals([{"cost_usd": cost} for cost in (0.3, 0.2, 0.1)])["all", "daily_cost_usd"]["value"]
    assert up == down == 0.6


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), -5.0])
def test_a_number_that_measures_nothing_is_left_out_and_not_counted(broken):
    found = signals([{"cost_usd": 10.0, "latency_ms": 100.0}, {"cost_usd": broken, "latency_ms": broken}])
    for signal, value in (("daily_cost_usd", 10.0), ("p50_latency_ms", 100.0)):
        row = found["all", signal]
        assert (row["value"], row["observations"], row["status"]) == (value, 1, "healthy")


def test_cohorts_named_like_the_whole_or_like_none_have_one_row_each():
    logs = [{"cohort": name} for name in ("all", "(none)", None, "5%")]
    volumes = [(row["cohort"], row["value"]) for row in rows(logs) if row["signal"] == "logs"]
    assert sorted(volumes) == [("(none)", 2), ("5%", 1), ("all", 4), ("all (cohort)", 1)]


@pytest.mark.parametrize(
    ("up", "of", "status"),
    # at least a tenth is healthy; of 10, Wilson's 99 % upper end at 0 is 6.635 / 16.63 = 0.40, of 1,000 it is 0.0066
    [(2, 10, "healthy"), (1, 10, "healthy"), (0, 10, "inconclusive"), (0, 1000, "unhealthy")],
)
def test_a_share_that_is_harmful_below_its_limit_is_told_by_the_upper_end_of_its_interval(up, of, status):
    thumbs_up = replace(NAMED["thumbs_down_rate"], harmful=Harmful.BELOW, select=UP)
    row = signals([{"feedback": "up"}] * up + [{"feedback": "down"}] * (of - up), thumbs_up)["all", "thumbs_down_rate"]
    assert (row["band_low"], row["band_high"], row["status"]) == (0.1, None, status)


UP = "COUNT(*) FILTER (WHERE feedback = 'up') AS hits, COUNT(*) AS trials"


@pytest.mark.parametrize(
    ("harmful", "statuses"),
    [
        (Harmful.ABOVE, ["unexpected", "healthy", "unhealthy"]),
        (Harmful.BELOW, ["unhealthy", "healthy", "unexpected"]),
        (Harmful.NONE, ["unexpected", "healthy", "unexpected"]),
    ],
)
def test_a_level_outside_its_band_is_unhealthy_on_its_harmful_side_and_unexpected_on_the_other(harmful, statuses):
    cost = replace(NAMED["daily_cost_usd"], harmful=harmful)
    found = [signals([{"cost_usd": usd}], cost)["all", "daily_cost_usd"]["status"] for usd in (7.9, 10.0, 12.1)]
    assert found == statuses


def test_a_level_with_a_limit_has_no_interval_and_so_is_never_inconclusive():
    cost = replace(NAMED["daily_cost_usd"], reference=Reference(Against.LIMIT))  # the default band is 0.20
    row = signals([{"cost_usd": 0.21}], cost)["all", "daily_cost_usd"]
    assert (row["reference"], row["band_low"], row["band_high"], row["status"]) == (0.2, None, 0.2, "unhealthy")


def test_a_level_that_is_no_number_is_missing_and_not_above_every_limit():
    nothing = replace(NAMED["daily_cost_usd"], select="CAST('NaN' AS DOUBLE) AS value, COUNT(*) AS observations")
    row = signals([{}], nothing)["all", "daily_cost_usd"]
    assert (row["value"], row["status"]) == (None, "missing")
