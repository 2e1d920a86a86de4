"""`prod-evals dev`: Dagster's UI and daemon, with the checkout's settings and storage that stays."""

import os
import sys
from typing import NoReturn

from pipelines.checkout import CHECKOUT
from pipelines.cli.terminal import console
from pipelines.orchestration.command_line_runs import dagster_home


def serve(port: int) -> NoReturn:
    """Become Dagster's own command, so that what ends this process ends the UI and the daemon."""
    home = dagster_home()
    console.print(
        f"Dagster on http://127.0.0.1:{port}, storage in {home}; Ctrl-C ends it.", markup=False, highlight=False
    )
    sys.stdout.flush()
    os.chdir(CHECKOUT)
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "pipelines.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    os.execve(sys.executable, command, {**os.environ, "DAGSTER_HOME": str(home)})
