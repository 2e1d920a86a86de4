"""The version of everything that is kept: one number for the lake, the ledger and the published file.

Version 1 carries no mark. It is raised when what an older program wrote has to be brought up to date before this one
reads it; the steps are in upgrades.py (the lake) and judging/ledger.py. The published file is made anew anyway. A new
table, or a new column that may be null, needs no new version.
"""

import logging
import sys

from pipelines.errors import UserError

SCHEMA_VERSION = 2

log = logging.getLogger(__name__)


class NewerSchema(UserError):
    """Something that a newer program wrote, and that this one must not touch."""


def refuse_newer(what: str, found: int, variable: str) -> None:
    """Raise NewerSchema when `what` has a version above this program's; `variable` says where else it could be."""
    if found > SCHEMA_VERSION:
        raise NewerSchema(
            f"{what} has schema version {found}, and this program knows versions up to {SCHEMA_VERSION}; "
            f"upgrade prod-evals, or point {variable} elsewhere"
        )


def tell_upgrade(what: str, found: int, said: list[str]) -> None:
    """Log and print, on stderr, one line about what was brought up to date."""
    line = f"{what}: brought from schema version {found} to {SCHEMA_VERSION}: {'; '.join(said)}"
    log.info(line)
    print(line, file=sys.stderr)
