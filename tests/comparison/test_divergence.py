"""Which cells are compared."""

import pandas as pd

from pipelines.comparison.cells import Cell
from pipelines.comparison.divergence import NO_COLD, cells_compared


def test_cells_are_those_of_both_sides_and_locales_and_models_only_where_they_vary():
    slices = [
        ("overall", "all"),
        ("category", "a"),
        ("cohort", "x"),
        ("locale", "en"),
        ("model", "m1"),
        ("model", "m2"),
    ]
    summaries = pd.DataFrame([(*slice_, "overall") for slice_ in slices], columns=Cell._fields)
    cold = {
        ("b", "r", Cell("category", "only cold", "overall")): NO_COLD,
        ("b", "r", Cell("category", "a", "unknown criterion")): NO_COLD,
    }
    found = cells_compared(summaries, cold, varying=["model"])
    assert {(cell.slice_kind, cell.slice) for cell in found} == {
        *slices,
        ("category", "only cold"),
    } - {("locale", "en")}
