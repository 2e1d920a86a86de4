"""Feature files in Dagster: an asset and a check for each, so that a file that is wrong is red as soon as it is.

A file is written by people and not by a run. So its asset is external, and a sensor reports what it has seen: that there
is another file, and whether it is valid. Nobody has to run anything.
"""

import json
import re
from collections.abc import Sequence

import dagster as dg

from pipelines.assets.building import FEATURE
from pipelines.assets.made_by import references
from pipelines.feature import Feature, FeatureError, feature_files, load_feature
from pipelines.judging.ruler import digest

LOOK_SECONDS = 30
CHECK = "is_valid"


def file_key(name: str) -> dg.AssetKey:
    """The key of a feature's file: its name comes last, since that is what the graph shows.

    A file that is wrong may have a name that Dagster refuses, and with it the definitions of all features: in its key
    other characters are replaced, and a digest tells it from every other.
    """
    plain_name = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return dg.AssetKey(["feature_files", name if name == plain_name else f"{plain_name}_{digest(name)[:8]}"])


def feature_file_assets(names: Sequence[str], features: Sequence[Feature]) -> dg.Definitions:
    """The files of these names, with a check of each. Of those that could be loaded, `features`, it says who owns them."""
    owners = {feature.name: feature.owners for feature in features}
    files = feature_files()
    specs = [
        dg.AssetSpec(
            file_key(name),
            group_name="feature_files",
            description="What people say about a feature. Written by hand; the sensor `feature_files` looks whether it is "
            "valid.",
            metadata={"dagster/code_references": references({files[name]: None})} if name in files else {},
            tags={FEATURE: name} if name in owners else {},  # the name of a file that is wrong may be no tag
            owners=owners.get(name, ()),
            kinds={"yaml"},
        )
        for name in names
    ]
    return dg.Definitions(assets=specs, asset_checks=[_validity(name) for name in names])


def feature_files_sensor(names: Sequence[str]) -> dg.SensorDefinition:
    """Report files that are others than before, and whether they are valid."""

    @dg.sensor(
        name="feature_files",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Whether each feature's file is valid, whenever one has changed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        known = json.loads(context.cursor) if context.cursor else {}
        digests, events = {}, []
        for name in names:
            text, error = _look_at(name)
            digests[name] = digest([text, error])
            if known.get(name) != digests[name]:
                events += _events(name, text, error)
        skipped = None if events else "no feature file has changed"
        return dg.SensorResult(asset_events=events, cursor=json.dumps(digests), skip_reason=skipped)

    return sensor


def _validity(name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=file_key(name), name=CHECK, description="The file can be loaded: every field is right.")
    def is_valid() -> dg.AssetCheckResult:
        _, error = _look_at(name)
        return dg.AssetCheckResult(passed=error is None, description=error, metadata=_numbers(error))

    return is_valid


def _look_at(name: str) -> tuple[str, str | None]:
    """A feature file's text as it is now, and what is wrong with it."""
    path = feature_files().get(name)
    if path is None:
        return "", f"there is no file of {name} any more; reload the definitions, and its assets go"
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:  # which is one of the mistakes that loading it tells
        text = ""
    try:
        load_feature(path)
    except FeatureError as error:
        return text, str(error)
    return text, None


def _events(name: str, text: str, error: str | None) -> list[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    key = file_key(name)
    version = {"dagster/data_version": digest([text])}
    return [
        dg.AssetMaterialization(key, metadata={"lines": len(text.splitlines())}, tags=version),
        dg.AssetCheckEvaluation(
            asset_key=key, check_name=CHECK, passed=error is None, description=error, metadata=_numbers(error)
        ),
    ]


def _numbers(error: str | None) -> dict[str, int]:
    return {"mistakes": len(error.splitlines()) if error else 0}
