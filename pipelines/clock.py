"""The one clock. Everything that asks what time it is asks here, so that a night can be replayed at any time."""

import os
from datetime import UTC, datetime

NOW_VARIABLE = "PROD_EVALS_NOW"


def now() -> datetime:
    """The current time in UTC, or the time in PROD_EVALS_NOW (ISO 8601 with an offset) when it is set.

    The variable reaches runs in other processes too (a daemon's, a backfill's), which a patched function would not.
    """
    pinned = os.environ.get(NOW_VARIABLE)
    if not pinned:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(pinned)
    if moment.tzinfo is None:
        raise ValueError(f"{NOW_VARIABLE} is {pinned!r}; it needs an offset, as in 2026-11-23T05:00:00+00:00")
    return moment.astimezone(UTC)
