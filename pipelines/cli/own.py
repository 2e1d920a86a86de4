"""A feature's own scores from the lake, and how a person is told what they are."""

from collections.abc import Mapping

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.calibration import judged_items
from pipelines.assets.sample import shared_out
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label, judge_of
from pipelines.judging.ruler import rubric_of
from pipelines.planning.own_scores import OwnScores, own_scores


def read_own_scores(connection: duckdb.DuckDBPyConnection, feature: Feature) -> OwnScores:
    """What the lake says of a feature's scores. Raises UserError where there is too little to say anything."""
    judged = judged_items(connection, feature)
    lake.read(connection, "divergence", feature=feature.name)
    epochs = connection.execute(
        "SELECT DISTINCT CAST(day AS VARCHAR), CAST(epoch_start AS VARCHAR) FROM divergence "
        "WHERE epoch_start IS NOT NULL"
    ).fetchall()
    rubric_id = rubric_of(feature, judge_of(feature)).rubric_id
    return own_scores(feature, judged, dict(epochs), rubric_id, lambda sizes, n: share_out(feature, sizes, n))


def share_out(feature: Feature, sizes: Mapping[str, int], n: int) -> list[int]:
    """How many of n items of a night are judged of each stratum of these sizes."""
    strata = pd.DataFrame({"stratum": list(sizes), "stratum_size": list(sizes.values())})
    return shared_out(feature.sample, strata, n)


def in_words(feature: Feature, own: OwnScores) -> list[str]:
    """Whose scores, and from what the numbers come."""
    if own.nights:
        items = sum(len(stratum.scores) for stratum in own.strata)
        source = f"from {items:,} items of {own.nights} night{'' if own.nights == 1 else 's'}"
    else:
        source = "from the cold eval alone, as no night has been judged by its rulers yet"
    cold = f"The cold eval has {len(own.cold)} scored items and a mean of {own.baseline_mean:.3f}"
    if own.fixed:
        cold += "; baseline.uncertainty is fixed, so it is taken as the yardstick itself, without an error of its own"
    return [
        f"Scores by {judge_label(feature)}; their spread is taken {source}.",
        f"{cold}. The band is {feature.bands.quality:.1%}.",
    ]
