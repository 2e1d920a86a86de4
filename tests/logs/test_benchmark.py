"""The benchmark of ingestion runs, and both of its readings see the whole day."""

import subprocess
import sys

import pytest

from pipelines.checkout import CHECKOUT


@pytest.mark.slow
def test_the_benchmark_measures_both_readings_of_a_day_with_bad_lines():
    command = [sys.executable, "benchmarks/ingest.py", "--lines", "3000", "--bad-share", "0.1", "--rounds", "1"]
    printed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    # 300 lines are bad, of which those of another day and the blank ones are not rejected
    assert "3,000 lines" in printed
    assert "2700 logs" in printed
    assert "ratio of the fastest" in printed
