"""What Dagster loads: for every feature file its assets, jobs and schedules, and the sensors that serve them all."""

from collections.abc import Sequence

import dagster as dg

from pipelines.assets.anchor_judgments import anchor_judgments_asset
from pipelines.assets.baseline import baseline_asset
from pipelines.assets.building import keys_of
from pipelines.assets.calibration import calibration_asset
from pipelines.assets.cold_items import cold_items_asset
from pipelines.assets.cold_judgments import cold_judgments_asset
from pipelines.assets.divergence import divergence_asset
from pipelines.assets.funnel import funnel_asset
from pipelines.assets.gate_decisions import gate_decisions_asset
from pipelines.assets.gate_log import gate_log_asset
from pipelines.assets.judge_costs import judge_costs_asset
from pipelines.assets.judge_drift import judge_drift_asset
from pipelines.assets.judge_flips import judge_flips_asset
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
from pipelines.catalogue.tables import Layer
from pipelines.feature import Feature, FeatureError, feature_files, load_feature
from pipelines.orchestration.abandoned import abandoned_sensor
from pipelines.orchestration.after_days import after_days_sensor
from pipelines.orchestration.collecting import collecting_sensor
from pipelines.orchestration.feature_files import feature_file_assets, feature_files_sensor
from pipelines.orchestration.jobs import jobs_of, publishing_job
from pipelines.orchestration.late_logs import late_logs_sensor
from pipelines.orchestration.publish_requests import publishing_sensor
from pipelines.orchestration.schedules import deciding_schedule, nightly_schedule


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
    return dg.Definitions.merge(
        dg.Definitions(
            assets=[*one_day, *(cold_eval if feature.baseline else []), *whole_history],
            schedules=[nightly_schedule(feature), deciding_schedule(feature)],
        ),
        jobs_of(feature),
    )


def definitions_of(features: Sequence[Feature]) -> dg.Definitions:
    """Everything of some features, the sensors that serve them, and the one asset that publishes them all."""
    of_all = dg.Definitions.merge(*map(of_feature, features))
    sensors = [late_logs_sensor, after_days_sensor, collecting_sensor] if features else []
    return dg.Definitions.merge(
        of_all,
        dg.Definitions(
            assets=[published_asset(keys_of(of_all.assets or (), Layer.HISTORY, Layer.RECORD))],
            sensors=[sensor(features, of_all) for sensor in sensors],
        ),
    )


def all_features() -> dg.Definitions:
    """Every feature file's definitions. A file that is wrong is a check that has failed; the others load."""
    features, names = [], list(feature_files())
    for path in feature_files().values():
        try:
            features.append(load_feature(path))
        except FeatureError:
            continue  # the sensor `feature_files` says what is wrong with it
    publishing = publishing_job()
    return dg.Definitions.merge(
        definitions_of(features),
        publishing,
        feature_file_assets(names, features),
        dg.Definitions(
            sensors=[feature_files_sensor(names), publishing_sensor(publishing), abandoned_sensor()],
            executor=dg.in_process_executor,
        ),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster takes from this module, once it asks: a command that runs one feature loads no other's file."""
    return all_features()
