"""Eight days at once while a reader keeps the published file open: nothing fails and no day is lost."""

from datetime import timedelta

import duckdb

from pipelines import lake
from tests.nights.commands import prod_evals, start
from tests.nights.rollout import START, make_rollout, strays


def test_eight_days_at_once_beside_a_reader_are_all_published():
    make_rollout(days=9)
    assert prod_evals("run", "drafts", "--day", str(START + timedelta(days=8))).exit_code == 0
    published = lake.data_directory() / "prod_evals.duckdb"
    with duckdb.connect(str(published), read_only=True) as reader:
        assert reader.execute("SELECT count(DISTINCT day) FROM sample").fetchone() == (1,)
        nights = [start("run", "drafts", "--day", str(START + timedelta(days=number))) for number in range(8)]
        for night in nights:
            output, errors = night.communicate(timeout=500)
            assert night.returncode == 0, output + errors
            assert "lock" not in errors.lower()
        requests = list((lake.data_directory() / "publishing").glob("*request*"))
        assert requests == []  # no run ended before what it made was published
        # the reader that was there all along still sees what it opened
        assert reader.execute("SELECT count(DISTINCT day) FROM sample").fetchone() == (1,)
    with duckdb.connect(str(published), read_only=True) as reader:
        days = "SELECT count(DISTINCT day) FROM {}"
        for table in ("sample", "judgments", "funnel", "signals", "prod_logs"):
            assert reader.execute(days.format(table)).fetchone() == (9,), table
        assert reader.execute(
            "SELECT count(*) FROM gate_decisions WHERE list_contains(reason_codes, 'day_missing')"
        ).fetchone() == (4,)
    assert strays() == []
