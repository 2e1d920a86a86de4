"""How far overall scores spread within each stratum."""

from collections.abc import Iterable, Mapping
from math import sqrt

import duckdb

from pipelines import lake
from pipelines.feature import Feature
from pipelines.statistics.spread import shrunk_spread


def spreads_of(strata: Iterable[str], known: Mapping[str, float]) -> list[float]:
    """The spread of each stratum; of one that is not known, the root mean square of those that are."""
    usual = sqrt(sum(spread**2 for spread in known.values()) / len(known))
    return [known.get(stratum, usual) for stratum in strata]


def measured_spread(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric_id: str) -> dict[str, float]:
    """The spread of overall scores in each stratum, shrunk, over all nights that were judged by a rubric.

    Empty where they have shown none yet.
    """
    if not lake.days("sample", feature.name):
        return {}
    with lake.unchanging(feature.name):
        lake.read(connection, "sample", "judgments", "rubrics", feature=feature.name)
        lake.view(connection, "judging/item_scores")
        strata = lake.run(connection, "sampling/spread", rubric_id=rubric_id).df()
    spread = shrunk_spread(strata.squares.to_numpy(dtype=float), strata.degrees_of_freedom.to_numpy(dtype=float))
    return {stratum: float(value) for stratum, value in zip(strata.stratum, spread, strict=True) if value > 0}
