"""What every flag service promises, held against each one that there is."""

import json
from importlib import import_module

import pytest

from pipelines.feature import FeatureError, load_feature
from pipelines.ramp.flags import service_names, settings_of
from pipelines.ramp.flags.service import FlagError, FlagState
from tests.feature.files import LEAST, write

KEY = "new-drafts"


@pytest.fixture(params=service_names())
def arranged(request, tmp_path):
    return import_module(f"tests.ramp.flags.services.{request.param}").Arranged(tmp_path)


def feature_with(section):
    # JSON is YAML too
    return load_feature(write(f"{LEAST}ramp: {{flag: {KEY}}}\nflag: {json.dumps(section)}\n"))


@pytest.fixture
def service(arranged):
    feature = feature_with(arranged.section)
    return feature.flag.service_for(feature)


@pytest.mark.parametrize("share", [0, 1, 5, 25, 50, 100])
def test_a_flag_that_is_on_gives_the_share_that_was_set(arranged, service, share):
    arranged.give(KEY, share)
    assert service.state() == FlagState(on=True, share=share)


def test_a_cohort_that_rules_name_is_apart_from_the_share_and_said_so(arranged, service):
    arranged.give_apart(KEY, 5)
    assert service.state() == FlagState(on=True, share=5, named_apart=True)


def test_a_flag_that_is_off_gives_nobody_the_feature(arranged, service):
    arranged.turn_off(KEY)
    assert service.state() == FlagState(on=False, share=0)


def test_the_state_is_read_afresh_each_time(arranged, service):
    shares = []
    for share in (5, 25, 5):
        arranged.give(KEY, share)
        shares.append(service.state().share)
    assert shares == [5, 25, 5]


def test_another_flag_is_none_of_its_business(arranged, service):
    arranged.give(KEY, 5)
    arranged.give("another", 100)
    assert service.state().share == 5


@pytest.mark.parametrize("fault", ["nothing set", "garble", "vanish"])
def test_what_cannot_be_read_is_an_error_that_names_the_flag_and_never_a_share(arranged, service, fault):
    if fault != "nothing set":
        arranged.give(KEY, 5)
        getattr(arranged, fault)()
    with pytest.raises(FlagError, match=f"it is not known what the flag '{KEY}' gives: .*; "):
        service.state()


def test_to_make_a_service_asks_nothing_so_that_a_feature_file_loads_while_it_is_away(arranged):
    arranged.vanish()
    feature = feature_with(arranged.section)
    feature.flag.service_for(feature)


def test_a_field_that_the_service_has_not_is_an_error_with_its_line_and_those_that_it_has(arranged):
    with pytest.raises(FeatureError) as caught:
        feature_with(arranged.section | {"nonsense_field": 1})
    fields = ", ".join(settings_of(arranged.section["service"]).model_fields)
    assert str(caught.value).endswith(f"drafts.yaml:4: flag.nonsense_field is not a field; allowed here: {fields}")


@pytest.mark.parametrize(
    "state", [{"on": True, "share": 101}, {"on": True, "share": float("nan")}, {"on": False, "share": 5}]
)
def test_a_state_that_cannot_be_is_refused(state):
    with pytest.raises(ValueError, match="share"):
        FlagState(**state)
