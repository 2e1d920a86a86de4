"""Each feature's jobs: which of its assets a run makes. They select by tags and groups, so that a new table is in them."""

from enum import StrEnum

import dagster as dg

from pipelines.assets.building import FEATURE, PUBLISHED, asset_key, group
from pipelines.catalogue.tables import Layer
from pipelines.feature import Feature
from pipelines.judging.providers import provider_of

MAX_RUNTIME = "dagster/max_runtime"  # in seconds, after which the daemon ends a run that has got stuck
WORK_SECONDS = 6 * 60 * 60  # far more than a night works, its verdicts apart


class JobKind(StrEnum):
    NIGHT = "night"
    SUBMIT = "submit"
    DAY = "day"
    COLLECT = "collect"
    COLD_EVAL = "cold_eval"
    HISTORY = "history"
    DECIDE = "decide"


MAKES_HISTORY = frozenset({JobKind.NIGHT, JobKind.HISTORY, JobKind.DECIDE})
MAKES_INPUTS = frozenset({JobKind.NIGHT, JobKind.SUBMIT, JobKind.DAY, JobKind.COLLECT, JobKind.COLD_EVAL})
DESCRIPTIONS = {
    JobKind.NIGHT: "One day and the cold eval, then the history.",
    JobKind.SUBMIT: "One day and the cold eval, judged in batches: it submits them and ends, and sensors do the rest.",
    JobKind.DAY: "One day's tables alone.",
    JobKind.COLLECT: "One day's verdicts again, collected from batches that have ended, and what had to be asked once more.",
    JobKind.COLD_EVAL: "The cold eval's tables alone, with the verdicts of batches that have ended.",
    JobKind.HISTORY: "The cold eval, and the history from all days there are: after a backfill, or when verdicts came home.",
    JobKind.DECIDE: "The history alone: a decision whatever happened to logs, cold eval and judge.",
}


def job_name(feature: Feature, kind: JobKind) -> str:
    return f"{feature.name}_{kind.value}"


def jobs_of(feature: Feature) -> dg.Definitions:
    """A feature's jobs. Only one whose verdicts arrive after the run that asked for them has those that wait for them."""
    of_feature = dg.AssetSelection.tag(FEATURE, feature.name)
    day = of_feature & dg.AssetSelection.groups(group(Layer.DAY))
    cold_eval = of_feature & dg.AssetSelection.groups(group(Layer.COLD_EVAL))
    history = of_feature & dg.AssetSelection.groups(group(Layer.HISTORY), group(Layer.RECORD))
    judged = dg.AssetSelection.assets(asset_key(feature.name, "judgments")).required_multi_asset_neighbors()
    published = dg.AssetSelection.assets(PUBLISHED)
    selections = {
        JobKind.NIGHT: day | cold_eval | history | published,
        JobKind.DAY: day,
        JobKind.COLLECT: judged.downstream() & day,
        JobKind.HISTORY: cold_eval | history | published,
        JobKind.DECIDE: history | published,
    }
    if provider_of(feature).collects(feature):
        selections[JobKind.SUBMIT] = day | cold_eval
        if feature.baseline is not None:
            selections[JobKind.COLD_EVAL] = cold_eval
    runtime = int(feature.judge.wait.total_seconds()) + WORK_SECONDS
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                job_name(feature, kind),
                selection=selection,
                description=DESCRIPTIONS[kind],
                tags={FEATURE: feature.name, MAX_RUNTIME: str(runtime)},
                executor_def=dg.in_process_executor,
            )
            for kind, selection in selections.items()
        ]
    )


def publishing_job() -> dg.Definitions:
    """What is published of all features, alone."""
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                "publishing",
                selection=dg.AssetSelection.assets(PUBLISHED),
                description="The DuckDB file and the pages of all features, from what there is.",
                tags={MAX_RUNTIME: str(WORK_SECONDS)},
                executor_def=dg.in_process_executor,
            )
        ]
    )
