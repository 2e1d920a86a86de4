"""Publishing for all features at once: the DuckDB file and the pages, built once however many ask.

Who wants something published leaves a request, a small file, and then tries to take the lock of who publishes. Who gets
it takes all requests that are there, reads the lake, builds, and removes them; it looks again once the lock is free,
since a request may have come between its last look and then. Who does not get it goes on: whoever holds the lock has yet
to look again, and the request was there before. A publisher that is killed leaves its requests, for whoever publishes
next: a run, `prod-evals publish`, or the sensor `publishing`.
"""

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.data_directory import LockHeld, private_directory
from pipelines.errors import UserError
from pipelines.feature import Feature, FeatureError, feature_files, load_feature
from pipelines.publishing.database import build_database, publishing_lock
from pipelines.publishing.page import made_from, publish_page, remember_page, remembered_page

NIGHTLY, FROM_NOTHING = "request", "request-from-nothing"  # how the names of requests end
LOOK_SECONDS = 0.2  # how often one who waits for another's build looks whether it is done

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Publication:
    """What was built: the file, the pages that were made, and what kept the page of a feature from being made."""

    database: Path
    pages: tuple[Path, ...]
    errors: dict[str, UserError]


def ask(from_nothing: bool = False) -> str:
    """Leave a request, and return its name. `from_nothing`: the file does not begin as a copy, and all pages are made."""
    name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.{FROM_NOTHING if from_nothing else NIGHTLY}"
    (_requests() / name).touch()
    return name


def waiting() -> list[str]:
    """The requests that nobody has served yet, the oldest first."""
    return sorted(path.name for path in _requests().iterdir() if path.suffix in (f".{NIGHTLY}", f".{FROM_NOTHING}"))


def waited(request: str) -> float:
    """For how many seconds a request has been there."""
    return time.time() - int(request.partition("-")[0]) / 1e9


def serve() -> Publication | None:
    """Serve all requests there are, unless somebody is at it, who will. Returns the last build; None without one.

    Raises NewerFile when the published file is not this program's to replace; requests stay then, as after any failure.
    """
    publication = None
    while waiting():
        try:
            with publishing_lock().acquire(blocking=False):
                if taken := waiting():
                    publication = _publish(from_nothing=any(name.endswith(FROM_NOTHING) for name in taken))
                    for name in taken:
                        (_requests() / name).unlink(missing_ok=True)
        except LockHeld:
            break
    return publication


def settle() -> Publication | None:
    """Return when every request that is there now has been served, by this process or by another; None without any of
    its own building. Raises as `serve` does."""
    publication = None
    mine = set(waiting())
    while mine & set(waiting()):
        publication = serve() or publication
        if mine & set(waiting()):
            time.sleep(LOOK_SECONDS)
    return publication


def _publish(from_nothing: bool) -> Publication:
    """The file of all features, and the pages of those whose part of the lake has changed since, or of all."""
    database = build_database(from_nothing)
    pages: list[Path] = []
    errors: dict[str, UserError] = {}
    for feature in _features():
        made = made_from(feature, database.files_read.get(feature.name, ""))
        if not from_nothing and remembered_page(feature) == made:
            continue
        try:
            pages.append(publish_page(feature))
        except UserError as error:
            errors[feature.name] = error
        except duckdb.Error as error:
            errors[feature.name] = UserError(f"the page of {feature.name} cannot be made: {error}")
        else:
            remember_page(feature, made)
    for reason in errors.values():
        log.warning("%s", reason)
    return Publication(database.path, tuple(pages), errors)


def _features() -> Sequence[Feature]:
    """The features whose files are right; of the others, what may be shown cannot be known."""
    features = []
    for path in feature_files().values():
        try:
            features.append(load_feature(path))
        except FeatureError:
            continue
    return features


def _requests() -> Path:
    return private_directory("publishing")
