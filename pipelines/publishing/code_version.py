"""Which code made something: the package's version and, in a git checkout, the commit."""

import subprocess
from functools import cache
from importlib.metadata import version

from pipelines.checkout import CHECKOUT


@cache
def code_version() -> str:
    """As in `0.1.0+1a2b3c4d5e6f`, with `-dirty` behind it when tracked files were changed since that commit."""
    package = version("prod-evals")
    if not (CHECKOUT / ".git").exists():
        return package
    try:
        commit = subprocess.run(
            ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return package  # no git on this machine, or a checkout that git refuses to read
    return f"{package}+{commit}"
