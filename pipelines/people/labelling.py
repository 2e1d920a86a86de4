"""Which items people should label: a stratified draw of what has been judged lately."""

import hashlib

import numpy as np
import pandas as pd

from pipelines.people.calibration import ITEM, ITEM_KINDS, OVERALL
from pipelines.statistics.allocation import allocate
from pipelines.statistics.corrected_means import FEWEST_LABELS

CHOSEN = [*ITEM, "baseline_id"]
NIGHTS = 7  # the newest ones, from which logs are drawn


def newest_rubric(judged: pd.DataFrame) -> str | None:
    """The rubric of the newest night, else of the cold eval; None where nothing has been judged."""
    overall = judged[judged.criterion == OVERALL].sort_values("day", kind="stable")
    return overall.ruler_id.iloc[-1] if len(overall) else None


def items_to_label(judged: pd.DataFrame, labelled: set[tuple[str, str]], n: int) -> pd.DataFrame:
    """n items (CHOSEN) of the newest rubric: half of them of the newest nights, half of the cold eval.

    `judged` has the columns of sql/people/judged_items.sql; items that are `labelled` already, by id and day (empty where it
    is not said), are left out. Each half is shared out over its strata as a night's sample is, with FEWEST_LABELS as
    the floor and one of every stratum at least, and drawn by the order of a hash: at random, without regard to what the
    judge said, as corrected means need it, and the same on every call.
    """
    items = judged[(judged.criterion == OVERALL) & (judged.ruler_id == newest_rubric(judged))]
    nights = sorted(set(items.day) - {""})[-NIGHTS:]
    items = items[(items.item_kind == "cold") | items.day.isin(nights)]
    asked = [bool({(row.item_id, row.day), (row.item_id, "")} & labelled) for row in items.itertuples(index=False)]
    items = items[~np.array(asked, dtype=bool)]
    kinds = [kind for kind in ITEM_KINDS if (items.item_kind == kind).any()]
    chosen = []
    for place, kind in enumerate(kinds):
        half = (n + len(kinds) - 1 - place) // len(kinds)
        strata = [stratum for _, stratum in items[items.item_kind == kind].groupby("stratum")]
        for stratum, units in zip(
            strata, allocate([len(stratum) for stratum in strata], half, FEWEST_LABELS), strict=True
        ):
            order = stratum[ITEM].apply(lambda row: hashlib.sha256("|".join(row).encode()).hexdigest(), axis=1)
            chosen.append(stratum.loc[order.sort_values().index[:units], CHOSEN])
    return pd.concat(chosen) if chosen else items[CHOSEN]
