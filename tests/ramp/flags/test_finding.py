"""Flag services are found by the name of their module, and the section `flag` is told by the service that it names."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.feature import FeatureError, load_feature
from pipelines.ramp import flags
from tests.feature.files import LEAST, write

OWN = """
from pydantic import Field
from pipelines.feature import FlagSettings
from pipelines.ramp.flags.service import FlagState


class Settings(FlagSettings):
    percent: int = Field(ge=0, le=100, description="what the flag gives")

    def service_for(self, feature):
        return self

    def state(self):
        return FlagState(on=True, share=self.percent)
"""
KEYED = LEAST + "ramp: {flag: new-drafts, stages: [{name: 5%}]}\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(FeatureError) as caught:
        load_feature(write(text))
    return str(caught.value).splitlines()


@pytest.fixture
def own_service(tmp_path, monkeypatch):
    """A module dropped in beside those that there are."""
    (tmp_path / "own_percentage.py").write_text(OWN)
    monkeypatch.setattr(flags, "__path__", [*flags.__path__, str(tmp_path)])
    yield
    flags.settings_of.cache_clear()
    sys.modules.pop("pipelines.ramp.flags.own_percentage", None)


def test_every_module_but_the_contract_is_a_service():
    files = {path.stem for path in Path(flags.__file__).parent.glob("*.py")}
    assert set(flags.service_names()) == files - {"__init__", "service"}


@pytest.mark.usefixtures("own_service")
def test_a_service_that_is_dropped_in_as_a_file_is_validated_and_shown_with_no_other_edit():
    load_feature(write(KEYED + "flag: {service: own_percentage, percent: 5}\n"))
    answer = CliRunner().invoke(main, ["ramp", "show", "drafts"])
    assert "new-drafts (production, own_percentage) is on, for 5 % of users" in answer.stdout
    (line,) = mistakes(KEYED + "flag:\n  service: own_percentage\n  percent: 500\n")
    assert line.endswith(
        "drafts.yaml:6: flag.percent is 500; it must be less than or equal to 100 (what the flag gives)"
    )
    assert "it must be 'flagd_file' or 'own_percentage'" in mistakes(KEYED + "flag: {service: none_such}\n")[0]


WHO = "(who keeps the flag: a module of pipelines/ramp/flags/)"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("{service: flagd, path: a.json}", f":4: flag.service is 'flagd'; it must be 'flagd_file' {WHO}"),
        ("{service: service, path: a.json}", f":4: flag.service is 'service'; it must be 'flagd_file' {WHO}"),
        ("{service: ../x, path: a.json}", f":4: flag.service is '../x'; it must be 'flagd_file' {WHO}"),
        ("{service: [flagd_file]}", f":4: flag.service: it must be 'flagd_file' {WHO}"),
        ("{path: a.json}", f":4: flag.service is missing {WHO}; add it"),
        ("{service: flagd_file}", ":4: flag.path is missing (the file of flag definitions, relative to this file); add it"),
        ("{service: flagd_file, pth: a.json, path: b}", ":4: flag.pth is not a field; did you mean path?"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_section_is_told_with_its_line(section, said):
    (line,) = mistakes(f"{KEYED}flag: {section}\n")
    assert line.endswith(said)


def test_a_section_without_the_flags_key_is_told_so_at_its_line():
    (line,) = mistakes(LEAST + "ramp: {environment: test}\nflag: {service: flagd_file, path: a.json}\n")
    assert "drafts.yaml:4: flag: ramp.flag does not say the flag's key; add it" in line


def test_a_section_that_is_empty_is_none():
    assert load_feature(write(KEYED + "flag:\n")).flag is None


def test_a_section_keeps_its_own_fields_when_the_feature_is_written_as_json():
    feature = load_feature(write(KEYED + "flag: {service: flagd_file, path: a.json}\n"))
    assert feature.model_dump()["flag"] == {"service": "flagd_file", "path": "a.json", "variant": None}
