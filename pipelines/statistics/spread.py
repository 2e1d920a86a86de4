"""How far scores spread within each stratum, from few or many of them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRIOR_DEGREES = 20  # two nights of a floor of ten: then a stratum's own spread counts as much as that of all


def shrunk_spread(squares: Floats, degrees_of_freedom: Floats) -> Floats:
    """The standard deviation S_h in each stratum (strata), shrunk to the pooled one.

    `squares` holds each stratum's sum of squared deviations from its means, `degrees_of_freedom` d_h its scores less
    the number of those means. With s_h^2 = squares_h / d_h, s_0^2 = sum of squares / sum of d_h and d_0 = 20:

        S_h^2 = (d_0 s_0^2 + d_h s_h^2) / (d_0 + d_h)

    the posterior of a variance whose prior is scaled inverse chi-squared (Smyth 2004, Statistical Applications in
    Genetics and Molecular Biology 3(1), article 3, section 3). d_0 is fixed, so that the answer does not jump with the
    strata there are. Allocation loses little by a wrong S_h and much by one of 0, which five equal scores would give.
    nan without any degrees of freedom.
    """
    total = degrees_of_freedom.sum()
    pooled = squares.sum() / total if total else np.nan
    return np.sqrt((PRIOR_DEGREES * pooled + squares) / (PRIOR_DEGREES + degrees_of_freedom))
