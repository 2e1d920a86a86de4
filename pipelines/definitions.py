"""What Dagster loads: for every feature file its assets, jobs, schedules and sensor. A whole night in one screen."""

from collections.abc import Sequence

import dagster as dg

from pipelines.assets.anchor_judgments import anchor_judgments_asset
from pipelines.assets.baseline import baseline_asset
from pipelines.assets.building import broken_feature_asset
from pipelines.assets.calibration import calibration_asset
from pipelines.assets.cold_items import cold_items_asset
from pipelines.assets.cold_judgments import cold_judgments_asset
from pipelines.assets.divergence import divergence_asset
from pipelines.assets.funnel import funnel_asset
from pipelines.assets.gate_decisions import gate_decisions_asset
from pipelines.assets.gate_log import gate_log_asset
from pipelines.assets.judge_costs import judge_costs_asset, judge_flips_asset
from pipelines.assets.judge_drift import judge_drift_asset
from pipelines.assets.judgments import judgments_asset
from pipelines.assets.mix_shift import mix_shift_asset
from pipelines.assets.night_summary import night_summary_asset
from pipelines.assets.nights import nights_asset
from pipelines.assets.prod_logs import prod_logs_asset
from pipelines.assets.published import published_asset
from pipelines.assets.sample import sample_asset
from pipelines.assets.signals import signals_asset
from pipelines.assets.stage_history import stage_history_asset
from pipelines.assets.trends import trends_asset
from pipelines.feature import Feature, FeatureError, feature_files, load_feature
from pipelines.judging.providers import provider_of
from pipelines.orchestration import nights


def of_feature(feature: Feature) -> dg.Definitions:
    """Everything of one feature but what is published of all: its jobs select that too."""
    one_day = [
        prod_logs_asset(feature),  # and rejected_logs, log_files
        signals_asset(feature),
        sample_asset(feature),
        judgments_asset(feature),  # and judge_votes
        funnel_asset(feature),
        night_summary_asset(feature),
    ]
    cold_eval = [
        cold_items_asset(feature),
        cold_judgments_asset(feature),
        baseline_asset(feature),
        *([anchor_judgments_asset(feature)] if feature.has_anchors else []),
    ]
    whole_history = [
        stage_history_asset(feature),
        nights_asset(feature),
        divergence_asset(feature),
        mix_shift_asset(feature),
        trends_asset(feature),
        *([calibration_asset(feature)] if feature.human_labels else []),
        judge_drift_asset(feature),
        judge_flips_asset(feature),
        judge_costs_asset(feature),
        gate_decisions_asset(feature),
        gate_log_asset(feature),
    ]
    collect, history = nights.collect_job(feature), nights.history_job(feature)
    return dg.Definitions(
        assets=[*one_day, *(cold_eval if feature.baseline else []), *whole_history],
        jobs=[
            nights.night_job(feature),
            nights.day_job(feature),
            collect,
            history,
            nights.decide_job(feature),
        ],
        schedules=[nights.nightly_schedule(feature), nights.deciding_schedule(feature)],
        sensors=[
            nights.history_sensor(feature),
            *([nights.collecting_sensor(feature, collect, history)] if provider_of(feature).collects(feature) else []),
        ],
    )


def definitions_of(features: Sequence[Feature]) -> dg.Definitions:
    """Everything of some features, and the one asset that publishes them all."""
    return dg.Definitions.merge(dg.Definitions(assets=[published_asset(features)]), *map(of_feature, features))


def all_features() -> dg.Definitions:
    """Every feature file's definitions. A file that is wrong becomes one asset that says so; the others load."""
    features, broken = [], []
    for name, path in feature_files().items():
        try:
            features.append(load_feature(path))
        except FeatureError as error:
            broken.append(broken_feature_asset(name, error))
    publishing = nights.publishing_job()
    return dg.Definitions.merge(
        dg.Definitions(
            assets=broken,
            jobs=[publishing],
            sensors=[nights.publishing_sensor(publishing)],
            executor=dg.in_process_executor,
        ),
        definitions_of(features),
    )


defs = all_features()
