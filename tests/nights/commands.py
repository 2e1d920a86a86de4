"""The command line as a user runs it: in a process of its own where that matters, else in this one, which is quicker."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from pipelines.cli import main

PROD_EVALS = Path(sys.executable).with_name("prod-evals")


def start(*arguments: str) -> subprocess.Popen:
    """Begin the installed command in a process of its own, with the test's own directories; output is kept."""
    return subprocess.Popen([PROD_EVALS, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def prod_evals(*arguments: str) -> Result:
    """Run a command in this process. An exception that a user would see as a traceback fails the test."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, arguments, prog_name="prod-evals", catch_exceptions=False)
