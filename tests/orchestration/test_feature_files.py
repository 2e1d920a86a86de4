"""A feature file that is wrong is a check that has failed, without a run."""

from contextlib import suppress

import dagster as dg

from pipelines.definitions import all_features
from pipelines.feature import FeatureError, features_directory
from pipelines.orchestration.feature_files import file_key
from tests.orchestration.waiting_feature import feature_of


def look(cursor=None):
    repository = all_features().get_repository_def()
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=repository, cursor=cursor)
        return repository.get_sensor_def("feature_files").evaluate_tick(context)


def checked(result):
    """The results of checks by feature, each with its mistakes."""
    return {
        event.asset_key.path[-1]: (event.passed, event.metadata["mistakes"].value)
        for event in result.asset_events
        if isinstance(event, dg.AssetCheckEvaluation)
    }


def test_a_file_that_is_wrong_is_a_failed_check_and_the_others_load():
    feature_of()
    (features_directory() / "broken.yaml").write_text("sampel: 3\n")
    result = look()
    # start and logs are missing, and sampel is no field
    assert checked(result) == {"drafts": (True, 0), "broken": (False, 3)}
    assert look(result.cursor).skip_message == "no feature file has changed"
    assert {"drafts_night"} == {job.name for job in all_features().jobs if job.name.endswith("_night")}


def test_a_file_that_breaks_after_it_was_loaded_turns_red_and_green_again():
    feature_of()
    repository = all_features().get_repository_def()
    sensor = repository.get_sensor_def("feature_files")
    cursor = None
    seen = []
    for more in ("", "sample: {n: 0}", ""):
        with suppress(FeatureError):
            feature_of(more)
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, repository_def=repository, cursor=cursor)
            result = sensor.evaluate_tick(context)
        cursor = result.cursor
        seen.append(checked(result)["drafts"])
    assert seen == [(True, 0), (False, 1), (True, 0)]


def test_the_check_can_be_run_by_hand_too():
    feature_of()
    (features_directory() / "broken.yaml").write_text("sampel: 3\n")
    definitions = all_features()
    selection = dg.AssetSelection.checks_for_assets(file_key("broken"))
    job = dg.define_asset_job("by_hand", selection).resolve(asset_graph=definitions.resolve_asset_graph())
    (evaluation,) = job.execute_in_process().get_asset_check_evaluations()
    assert not evaluation.passed
    assert "sampel is not a field; did you mean sample?" in evaluation.description


def test_a_file_whose_name_is_none_for_dagster_is_a_failed_check_too_and_the_others_load():
    feature_of()
    for name in (
        "search drafts",
        "search_drafts",
        "x" * 64,
    ):  # the second is no other's key, the third too long for a tag
        (features_directory() / f"{name}.yaml").write_text("sampel: 3\n")
    results = checked(look())
    assert len(results) == 4
    assert [feature for feature, (passed, _) in results.items() if passed] == ["drafts"]


def test_a_file_that_cannot_be_read_is_a_failed_check_too():
    feature_of()
    (features_directory() / "lost.yaml").symlink_to(features_directory() / "nowhere.yaml")
    assert checked(look()) == {"drafts": (True, 0), "lost": (False, 1)}
