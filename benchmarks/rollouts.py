"""How long the gate's self-test takes: rollouts of 28 nights, at each of its four planted divergences.

    python benchmarks/rollouts.py
    python benchmarks/rollouts.py --rollouts 10000

On one core. Asked for: 1,000 rollouts in less than 20 s.
"""

import argparse
import os
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np

from pipelines.planning.own_scores import OwnScores
from pipelines.planning.selftest import selftest
from pipelines.statistics.resampling import Stratum

BAND = 0.05
SAMPLED = (80, 50, 30, 20, 20)  # of 200 items in five strata


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollouts", type=int, default=1000, help="rollouts of each divergence (default: %(default)s)")
    parser.add_argument("--nights", type=int, default=28, help="nights of each (default: %(default)s)")
    arguments = parser.parse_args()
    generator = np.random.default_rng(1)
    strata = tuple(
        Stratum(generator.binomial(4, 0.85, 28 * sampled) / 4, sampled / sum(SAMPLED), sampled) for sampled in SAMPLED
    )
    cold = generator.binomial(4, 0.85, 600) / 4
    own = OwnScores(strata, {str(sampled): 20 * sampled for sampled in SAMPLED}, 0.0003, 28, cold, fixed=False)
    begun = time.perf_counter()
    found = selftest(own, BAND, arguments.rollouts, arguments.nights, seed=1)
    seconds = time.perf_counter() - begun
    print(f"{len(found)} x {arguments.rollouts:,} rollouts of {arguments.nights} nights: {seconds:.1f} s")


if __name__ == "__main__":
    main()
