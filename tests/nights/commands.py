"""The installed command line, as a user runs it: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

PROD_EVALS = Path(sys.executable).with_name("prod-evals")


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """Begin `prod-evals ARGUMENTS` with the test's own directories; output is kept."""
    return subprocess.Popen(
        [PROD_EVALS, *arguments],
        env={**os.environ, "COLUMNS": "200", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def prod_evals(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run `prod-evals ARGUMENTS` to its end."""
    process = start(*arguments, **environment)
    output, errors = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)
