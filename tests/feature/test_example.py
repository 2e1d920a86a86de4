import re
import shutil

import pytest
import yaml
from pydantic import BaseModel

from pipelines.catalogue.signals import signals, triggers
from pipelines.checkout import CHECKOUT
from pipelines.feature import (
    ON_QUALITY,
    CanonicalColumn,
    ColdColumn,
    Feature,
    feature_files,
    load_feature,
)
from pipelines.ramp.flags import settings_of

EXAMPLE = CHECKOUT / "features" / "_example.yaml"
# Where the example shows a case and not the default: the line says "for instance".
INSTANCES = {
    *(
        "description",
        "owners",
        "start",
        "logs.path",
        "logs.format",
        "logs.fields",
        "baseline",
        "human_labels",
        "forecast",
    ),
    *("judge.model", "judge.redact", "judge.budget_usd", "judge.votes", "judge.base_url", "judge.prices"),
    "flag",
    "publish.otlp",
    *("ramp.flag", "ramp.stages", "ramp.history", "ramp.runbook"),
    "sample.spread",
}


@pytest.fixture
def example(tmp_path):
    return load_feature(shutil.copy(EXAMPLE, tmp_path / "my_feature.yaml"))


def test_a_copy_of_the_example_loads(example):
    assert example.name == "my_feature"


def test_the_example_itself_is_no_feature(tmp_path, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_FEATURES", str(EXAMPLE.parent))
    assert "_example" not in feature_files()


def test_the_example_shows_every_field_that_there_is(example):
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))

    def missing(model: type[BaseModel], given: dict, path: str) -> list[str]:
        found = []
        for name, field in model.model_fields.items():
            where = f"{path}{field.alias or name}"
            if (field.alias or name) not in given:
                found.append(where)
            for section in (field.annotation, *getattr(field.annotation, "__args__", ())):
                value = given.get(field.alias or name)
                if isinstance(section, type) and issubclass(section, BaseModel) and isinstance(value, dict):
                    found += missing(section, value, f"{where}.")
        return found

    assert missing(Feature, shown, "") == []
    assert set(shown["logs"]["fields"]) == set(CanonicalColumn)
    assert set(shown["baseline"]["fields"]) == set(ColdColumn)
    assert set(shown["flag"]) == set(settings_of(shown["flag"]["service"]).model_fields)


def test_what_the_example_does_not_call_an_instance_is_the_default(example):
    default = Feature.model_validate({"start": "2026-10-19", "logs": {"path": "{{ day }}"}})

    def different(mine: BaseModel, theirs: BaseModel, path: str = "") -> list[str]:
        found = []
        for name in type(mine).model_fields:
            where, one, other = f"{path}{name}", getattr(mine, name), getattr(theirs, name)
            if where not in INSTANCES and one != other:
                found += different(one, other, f"{where}.") if isinstance(other, BaseModel) else [where]
        return found

    # In UTC no neighbouring file is read; the example writes that out.
    assert different(example, default) == ["logs.read_days"]
    assert default.read_days() == example.read_days()


def test_each_instance_is_called_one_in_the_file():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for field in INSTANCES - {"start", "logs.path"}:
        assert any(re.match(rf"\s*{field.split('.')[-1]}:.*for instance", line) for line in lines), field


def test_every_trigger_of_a_roll_back_is_named_in_the_file():
    line = next(line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if "roll_back_on" in line)
    assert all(trigger in line for trigger in (ON_QUALITY, *triggers(signals())))
