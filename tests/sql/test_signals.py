"""signals.sql: levels against their references, rates against their limits, for the feature and each cohort."""

import pytest

from pipelines import lake
from tests.sql.rows import ask, fill

REFERENCES = {
    "daily_cost_usd": 10.0, "p50_ms": 100.0, "p95_ms": 200.0, "cost_band": 0.2, "latency_band": 0.1,
    "error_limit": 0.01, "thumbs_down_limit": 0.1, "regenerated_limit": 0.1,
}  # fmt: skip


def signals(logs, **changed):
    with lake.connect() as connection:
        fill(connection, "prod_logs", [{"log_id": str(number), **log} for number, log in enumerate(logs)])
        return {(row["cohort"], row["signal"]): row for row in ask(connection, "signals", **REFERENCES | changed)}


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
    found = signals([{"cost_usd": 1.0}], daily_cost_usd=None)
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
    with lake.connect() as connection:
        names = ("all", "(none)", None, "5%")
        fill(connection, "prod_logs", [{"log_id": str(number), "cohort": name} for number, name in enumerate(names)])
        rows = [row for row in ask(connection, "signals", **REFERENCES) if row["signal"] == "logs"]
    assert {row["cohort"]: row["value"] for row in rows} == {"all": 4, "all (cohort)": 1, "(none)": 2, "5%": 1}
    assert len(rows) == 4
