"""Means, standard errors and degrees of freedom are those of R's survey package, on made-up and published samples."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.statistics.domain_means import Means, domain_means

SCRIPT = Path(__file__).with_name("survey.R")
SAME = 1e-9  # relative; R is asked for 16 digits

# What survey 4.1-1 under R 4.2.2 said of the items of `made()`: mean, standard error, degrees of freedom. survey.R has
# the calls, and makes the same items.
SAID = {
    "items": (0.3942044257112751, 0.05625690783362668, 57),
    "items_in_part": (0.4679425837320574, 0.09882977668402826, 23),
    "items_of_this_day": (0.3942044257112751, 0.05503500949349009, 57),
    "clusters": (0.3942044257112751, 0.03671334466177026, 19),
    "clusters_in_part": (0.4679425837320574, 0.08541756805571828, 17),
    "clusters_of_this_day": (0.4679425837320574, 0.08066691674393052, 17),
}


def made(name: str) -> Means:
    """Three strata of 20 items and one of a single item; clusters of three, some of which lie in two strata."""
    i = np.arange(61)
    stratum = i // 20
    score = ((7 * i * i + 3 * i) % 11) / 10
    if name not in ("items", "items_of_this_day", "clusters"):
        score = np.where((5 * i) % 7 < 3, score, np.nan)
    population = {"items_of_this_day": [100, 240, 600, 9], "clusters_of_this_day": [8, 50, 70, 3]}.get(name)
    return domain_means(
        stratum,
        np.array([5.0, 12.0, 30.0, 9.0])[stratum],
        score[:, None],
        cluster=i // 3 if name.startswith("clusters") else None,
        population=None if population is None else np.array(population, dtype=float),
    )


@pytest.mark.parametrize("name", SAID)
def test_made_up_samples_have_what_r_said_of_them(name):
    found = made(name)
    mean, error, degrees_of_freedom = SAID[name]
    assert found.mean[0] == pytest.approx(mean, rel=SAME)
    assert np.sqrt(found.variance[0]) == pytest.approx(error, rel=SAME)
    assert found.degrees_of_freedom[0] == degrees_of_freedom


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Path:
    """The folder in which R has left samples, and what it says of them; skips where R cannot be asked."""
    folder = tmp_path_factory.mktemp("survey")
    if not shutil.which("Rscript") or _fails("Rscript", "-e", "library(survey)"):
        pytest.skip("R with survey is not installed")
    subprocess.run(["Rscript", str(SCRIPT), str(folder)], check=True, capture_output=True)
    return folder


def _fails(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


@pytest.mark.slow
def test_what_r_said_is_what_it_says(asked):
    expected = pd.read_csv(asked / "expected.csv").set_index("name")
    for name, said in SAID.items():
        assert expected.loc[name].tolist() == pytest.approx(said, rel=SAME), name


def test_published_samples_have_what_r_says_of_them(asked):
    expected = pd.read_csv(asked / "expected.csv").set_index("name")
    assert len(expected) > len(SAID) + 18
    # Published with the package: apistrat's mean api00, its error without and with finite-population correction
    assert expected.loc["apistrat"].tolist() == pytest.approx([662.287, 9.536, 197], abs=5e-4)
    assert expected.loc["apistrat_fpc", "error"] == pytest.approx(9.409, abs=5e-4)
    for row in expected.itertuples():
        items = pd.read_csv(asked / f"{row.Index}.csv")
        population = items.groupby("stratum")["population"].first().to_numpy(dtype=float)
        found = domain_means(
            items["stratum"].to_numpy(),
            items["weight"].to_numpy(dtype=float),
            items[["score"]].to_numpy(dtype=float),
            items["cluster"].to_numpy(),
            None if np.isnan(population).any() else population,
        )
        assert found.mean[0] == pytest.approx(row.mean, rel=SAME), row.Index
        assert np.sqrt(found.variance[0]) == pytest.approx(row.error, rel=SAME), row.Index
        assert found.degrees_of_freedom[0] == row.df, row.Index
        assert found.items[0] == items["score"].notna().sum(), row.Index
