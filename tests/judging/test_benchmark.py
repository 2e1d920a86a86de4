"""The benchmark of live judging runs, and both of its sides get every answer."""

import subprocess
import sys

import pytest

from pipelines.checkout import CHECKOUT


@pytest.mark.slow
def test_the_benchmark_measures_a_bare_loop_and_the_judge_over_the_same_requests():
    command = [sys.executable, "benchmarks/judging.py", "--verdicts", "200", "--latency", "0.01", "--rounds", "1"]
    printed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    bare, judge = printed.splitlines()[1:3]
    assert "200 answers, 200 answers sent" in bare
    assert "200 scored, 200 answers sent" in judge
    assert "throughput of the fastest" in printed
