"""`prod-evals dev`: Dagster's UI and daemon, with the checkout's settings and storage that stays."""

import os
import subprocess
import sys

from pipelines.cli.terminal import console
from pipelines.feature import CHECKOUT
from pipelines.running import dagster_home


def serve(port: int) -> int:
    """Run until interrupted. Returns the exit code of Dagster's own command."""
    home = dagster_home()
    console.print(f"Dagster on http://127.0.0.1:{port}, storage in {home}; Ctrl-C ends it.", markup=False, highlight=False)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "DAGSTER_HOME": str(home)})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # Dagster heard it too, and ends its own processes
