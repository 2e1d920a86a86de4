"""Every test has a data directory and a features directory of its own; none sees the checkout's."""

import os

os.environ["COLUMNS"] = "200"  # the console takes its width when it is imported, by whichever test comes first

import pytest
from hypothesis import HealthCheck, settings

from pipelines import clock, feature
from pipelines.data_directory import DATA_VARIABLE
from pipelines.judging import ledger


@pytest.fixture(autouse=True)
def own_directories(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv(feature.FEATURES_VARIABLE, str(tmp_path / "features"))
    for variable in (clock.NOW_VARIABLE, ledger.URL_VARIABLE, "DAGSTER_HOME"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "features").mkdir()


# How long an example takes says something about the machine, not about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
