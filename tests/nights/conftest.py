import pytest

from pipelines.clock import NOW_VARIABLE


@pytest.fixture(autouse=True)
def morning_of_the_16th(monkeypatch):
    """Fourteen days from rollout.START are over, and the last one's decision is not due yet."""
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-16T05:00:00+00:00")
