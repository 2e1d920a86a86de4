"""Production's mean as it would be with the cold eval's mix of categories."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def standardised(
    mean: Floats, variance: Floats, cold_mean: Floats, cold_items: Floats | Integers, whole: Floats
) -> tuple[Floats, Floats]:
    """Nightly means of production on the cold eval's mix, and their variances: each (nights).

    `mean`, `variance`, `cold_mean` and `cold_items` are (nights, categories), nan or 0 where a category is missing;
    `whole` (nights) is the cold eval's mean of all. With q the cold eval's shares, renormalised over the categories
    that both sides have: whole + sum q (mean - cold_mean), so that its difference from the cold eval is that of
    quality alone (direct standardisation, Kitagawa 1955), and the variance is sum q^2 v, as categories are different
    items.
    """
    both = ~np.isnan(mean) & ~np.isnan(variance) & ~np.isnan(cold_mean) & (cold_items > 0)
    total = np.where(both, cold_items, 0.0).sum(axis=1)
    share = np.where(both, cold_items, 0.0) / np.where(total > 0, total, np.nan)[:, None]
    moved = np.where(both, share * (mean - cold_mean), 0.0).sum(axis=1)
    squares = np.where(both, share**2 * variance, 0.0).sum(axis=1)
    return np.where(total > 0, whole + moved, np.nan), np.where(total > 0, squares, np.nan)
