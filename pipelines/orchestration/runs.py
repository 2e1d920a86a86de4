"""What runs of Dagster's are about: which feature's tables they make, and whether they are still at it."""

from collections.abc import Collection

import dagster as dg
from dagster import DagsterRunStatus as Status

from pipelines import clock
from pipelines.catalogue.tables import Layer, folders
from pipelines.feature import Feature
from pipelines.orchestration.jobs import MAKES_HISTORY, MAKES_INPUTS, JobKind, job_name

RETRY_MINUTES = 10  # after which a sensor asks again for a run that failed
ACTIVE = [Status.QUEUED, Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING]
ENDED = [Status.SUCCESS, Status.FAILURE, Status.CANCELED]
INPUT_LAYERS = (Layer.DAY, Layer.COLD_EVAL)
HISTORY_LAYERS = (Layer.HISTORY, Layer.RECORD)


def retry_period() -> int:
    """The number of the present stretch of RETRY_MINUTES. In a run's key it lets the same request be made once in each, so
    that a run that failed is tried again."""
    return int(clock.now().timestamp()) // (60 * RETRY_MINUTES)


def makes_inputs(run: dg.DagsterRun, feature: Feature) -> bool:
    """Whether a run makes what a feature's history is made of: by one of its jobs, or by a selection of its assets."""
    return _makes(run, feature, MAKES_INPUTS, INPUT_LAYERS)


def makes_history(run: dg.DagsterRun, feature: Feature) -> bool:
    return _makes(run, feature, MAKES_HISTORY, HISTORY_LAYERS)


def selects_inputs(selection: Collection[dg.AssetKey], feature: Feature) -> bool:
    """Whether days or the cold eval of a feature are among assets."""
    return _are_of(selection, feature, INPUT_LAYERS)


def _makes(run: dg.DagsterRun, feature: Feature, kinds: Collection[JobKind], layers: Collection[Layer]) -> bool:
    if run.job_name in {job_name(feature, kind) for kind in JobKind}:
        return run.job_name in {job_name(feature, kind) for kind in kinds}
    return _are_of(run.asset_selection or (), feature, layers)


def _are_of(selection: Collection[dg.AssetKey], feature: Feature, layers: Collection[Layer]) -> bool:
    tables = {key.path[-1] for key in selection if key.path[0] == feature.name} & folders().keys()
    return any(folders()[table].layer in layers for table in tables)
