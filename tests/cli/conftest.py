"""A small rollout whose nights have been evaluated, for the commands that read what the lake holds."""

from datetime import timedelta

import pytest

from pipelines import lake
from pipelines.assets.baseline import make_baseline
from pipelines.assets.cold_items import make_cold_items
from pipelines.assets.cold_judgments import make_cold_judgments
from pipelines.assets.funnel import make_funnel
from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.clock import NOW_VARIABLE
from tests.nights.rollout import START, make_rollout

NIGHTS = 3


def environment(place):
    return {
        "PROD_EVALS_FEATURES": str(place / "features"),
        "PROD_EVALS_DATA": str(place / "data"),
        NOW_VARIABLE: f"{START + timedelta(days=NIGHTS)}T05:00:00+00:00",
    }


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory):
    """The stages of three nights, one after the other: what Dagster would run, without it."""
    place = tmp_path_factory.mktemp("evaluated")
    (place / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(place).items():
            patch.setenv(name, value)
        feature = make_rollout(days=NIGHTS)
        for number in range(NIGHTS):
            for make in (make_prod_logs, make_sample, make_judgments, make_funnel):
                with lake.connect() as connection:
                    make(connection, feature, START + timedelta(days=number))
        for make in (make_cold_items, make_cold_judgments, make_baseline):
            with lake.connect() as connection:
                make(connection, feature)
    return place


@pytest.fixture
def drafts(evaluated, monkeypatch):
    """The directories of that rollout, for one test; nothing may write to them."""
    for name, value in environment(evaluated).items():
        monkeypatch.setenv(name, value)
