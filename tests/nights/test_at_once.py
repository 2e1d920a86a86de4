"""Days at once while a reader keeps the published file open: nothing fails and no day is lost."""

from datetime import timedelta

import duckdb
import pytest

from pipelines.data_directory import data_directory
from tests.nights.commands import prod_evals, start
from tests.nights.rollout import START, make_rollout, strays


@pytest.mark.slow  # eight processes; tests/publishing/test_publisher.py has what they ask of who publishes
@pytest.mark.parametrize("days", [8])
def test_days_at_once_beside_a_reader_are_all_published(days):
    make_rollout(days=days + 1)
    assert prod_evals("run", "drafts", "--day", str(START + timedelta(days=days))).exit_code == 0
    published = data_directory() / "prod_evals.duckdb"
    with duckdb.connect(str(published), read_only=True) as reader:
        assert reader.execute("SELECT count(DISTINCT day) FROM sample").fetchone() == (1,)
        nights = [start("run", "drafts", "--day", str(START + timedelta(days=number))) for number in range(days)]
        for night in nights:
            output, errors = night.communicate(timeout=500)
            assert night.returncode == 0, output + errors
            assert "lock" not in errors.lower()
        requests = list((data_directory() / "publishing").glob("*request*"))
        assert requests == []  # no run ended before what it made was published
        # the reader that was there all along still sees what it opened
        assert reader.execute("SELECT count(DISTINCT day) FROM sample").fetchone() == (1,)
    with duckdb.connect(str(published), read_only=True) as reader:
        query = "SELECT count(DISTINCT day) FROM {}"
        for table in ("sample", "judgments", "funnel", "signals", "prod_logs"):
            assert reader.execute(query.format(table)).fetchone() == (days + 1,), table
        assert reader.execute(
            "SELECT count(*) FROM gate_decisions WHERE list_contains(reason_codes, 'day_missing')"
        ).fetchone() == (12 - days,)  # the newest day that is due is the 14th, which is START + 12
    assert strays() == []
