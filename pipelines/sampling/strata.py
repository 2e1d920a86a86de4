"""The strata of a day, and how many logs of each are judged."""

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.feature import Sample
from pipelines.sampling.allocation import share_out


def allocate_strata(connection: duckdb.DuckDBPyConnection, sample: Sample, n: int | None = None) -> pd.DataFrame:
    """The strata of the connection's `population` in the columns of `sample`, also as its table `allocation`.

    `n`, from 1 to `sample.n`, is how many logs can be judged, where a budget allows fewer than the feature asks for. It
    is shared out as sample.n is, so that the smaller sample is a part of the larger one, and it is never exceeded:
    `(other)` takes in what has no place. `stratum_wanted` says what sample.n would have given the same strata. Raises
    ValueError for any other n.
    """
    n = sample.n if n is None else n
    if not 1 <= n <= sample.n:
        raise ValueError(f"n is {n}; it must be from 1 to sample.n, which is {sample.n}")
    strata = lake.run(connection, "sampling/strata", n=n, floor=sample.floor).df()
    sizes = dict(zip(strata.stratum, strata.stratum_size.tolist(), strict=True))
    for column, units in (("stratum_wanted", sample.n), ("stratum_sampled", n)):
        strata[column] = pd.Series(share_out(sample, sizes, units), dtype="int64")
    connection.register("allocation", strata)
    return strata
