"""Flags in a flagd file: which rules a share is read of, and that no share is guessed of any other."""

import json

import pytest

from pipelines.feature import load_feature
from pipelines.ramp.flags.flagd_file import FlagdFile
from pipelines.ramp.flags.service import FlagError, FlagState
from tests.feature.files import LEAST, write

USER = {"var": "targetingKey"}
INTERNAL = {"in": [{"var": "cohort"}, ["internal"]]}
FIVE = {"fractional": [["on", 5], ["off", 95]]}


def definition(**fields):
    return {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"} | fields


def state(directory, flag, variant=None):
    path = directory / "flags.json"
    path.write_text(json.dumps({"flags": {"drafts": flag}}))
    return FlagdFile(path, "drafts", variant).state()


def reason(directory, flag, variant=None):
    with pytest.raises(FlagError) as caught:
        state(directory, flag, variant)
    message = str(caught.value)
    beginning = f"{directory / 'flags.json'}: it is not known what the flag 'drafts' gives: "
    assert message.startswith(beginning)
    return message.removeprefix(beginning)


@pytest.mark.parametrize(
    ("targeting", "share"),
    [
        ({"fractional": [["on", 5], ["off", 95]]}, 5),
        ({"fractional": [USER, ["on", 5], ["off", 95]]}, 5),
        ({"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, ["on", 25], ["off", 75]]}, 25),
        ({"fractional": [["off", 3], ["on", 1]]}, 25),  # weights are relative: 1 of 4
        ({"fractional": [["on"], ["off"]]}, 50),  # a weight that is left out is 1
        ({"fractional": [["on", 2], ["off", 5], ["on", 3]]}, 50),  # 2 + 3 of 10
        ({"fractional": [["on", 0], ["off", 100]]}, 0),
        ({"fractional": [["on", 1], ["off", 999]]}, 0.1),
        ("on", 100),
        (False, 0),  # flagd takes it for the variant "false", which is one here
    ],
)
def test_a_share_is_read_of_a_rule(tmp_path, targeting, share):
    variants = {"on": True, "off": False, "false": False}
    found = state(tmp_path, definition(targeting=targeting, variants=variants))
    assert found == FlagState(on=True, share=share)


@pytest.mark.parametrize(("default", "share"), [("on", 100), ("off", 0)])
@pytest.mark.parametrize("targeting", [{}, {"targeting": {}}, {"targeting": None}])
def test_without_a_rule_the_default_variant_decides(tmp_path, default, share, targeting):
    assert state(tmp_path, definition(defaultVariant=default, **targeting)).share == share


@pytest.mark.parametrize(
    ("branches", "share"),
    [
        ([INTERNAL, "on", FIVE], 5),
        ([INTERNAL, "on", {"==": [{"var": "cohort"}, "beta"]}, "off", FIVE], 5),
        ([{"or": [INTERNAL, {"ends_with": [{"var": "email"}, "@acme.com"]}]}, "on", FIVE], 5),
        ([INTERNAL, "on", "off"], 0),
        ([INTERNAL, "on"], 0),  # no last branch: the default variant, off
        ([INTERNAL, "on", {"if": [{"==": [{"var": "is_beta"}, True]}, "on", FIVE]}], 5),
    ],
)
def test_an_if_that_names_users_leaves_the_share_to_its_last_branch(tmp_path, branches, share):
    found = state(tmp_path, definition(targeting={"if": branches}))
    assert found == FlagState(on=True, share=share, named_apart=True)


@pytest.mark.parametrize(
    "condition",
    [
        {"!=": [{"var": "cohort"}, "internal"]},  # the last branch would be of the cohort alone
        {"!": [INTERNAL]},
        {"<": [{"var": "$flagd.timestamp"}, 1790000000]},
        {"==": [{"var": "$flagd.flagKey"}, "drafts"]},  # true of everybody
        {"==": [{"var": "cohort"}, None]},  # true of all who have none
        {"in": [{"var": "cohort"}, []]},
        {"in": ["", {"var": "email"}]},  # true of everybody
        {"==": ["a", "a"]},
        {"or": [INTERNAL, True]},
        {"$ref": "is_internal"},
        True,
    ],
)
def test_a_condition_that_names_no_users_is_an_error(tmp_path, condition):
    said = reason(tmp_path, definition(targeting={"if": [condition, "off", FIVE]}))
    assert said.startswith("no share of users can be read of ")
    assert json.dumps(condition) in said


@pytest.mark.parametrize(
    "targeting",
    [
        {"fractional": ["everybody alike", ["on", 5], ["off", 95]]},  # one bucket for all
        {"fractional": [{"var": "$flagd.flagKey"}, ["on", 5], ["off", 95]]},  # likewise
        {"fractional": [{"cat": ["a", "b"]}, ["on", 5], ["off", 95]]},  # likewise
        {"fractional": [["on", 5.5], ["off", 94.5]]},  # flagd refuses weights that are no whole numbers
        {"fractional": [["on", True], ["off", 1]]},
        {"fractional": [["on", -5], ["off", 105]]},
        {"fractional": [["on", {"-": [{"var": "$flagd.timestamp"}, 1790000000]}], ["off", 95]]},
        {"fractional": [[{"var": "tier"}, 5], ["off", 95]]},
        {"fractional": FIVE},
        {"fractional": [["on", 5], ["off", 95]], "if": [INTERNAL, "on"]},
        {"sem_ver": [{"var": "version"}, ">=", "2.0.0"]},
        {"if": "on"},
        {"if": []},
        [["on", 5]],
        7,
    ],
)
def test_a_rule_that_no_share_can_be_read_of_is_an_error(tmp_path, targeting):
    assert reason(tmp_path, definition(targeting=targeting)).startswith("no share of users can be read of ")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": "enabled"}, 'its state is "enabled"; write ENABLED or DISABLED'),
        ({"state": None}, "its state is null; write ENABLED or DISABLED"),
        ({"variants": {}}, 'it has no variants; write them, as in {"on": true, "off": false}'),
        ({"variants": ["on", "off"]}, 'it has no variants; write them, as in {"on": true, "off": false}'),
        ({"defaultVariant": "no"}, 'defaultVariant names the variant "no", and its variants are ["on", "off"]; name one of these'),
        ({"defaultVariant": None}, 'defaultVariant names the variant null, and its variants are ["on", "off"]; name one of these'),
        ({"targeting": {"fractional": [["onn", 5], ["off", 95]]}}, 'fractional names the variant "onn", and its variants are ["on", "off"]; name one of these'),
        ({"targeting": {"fractional": [["on", 0]]}}, "the weights of its fractional add up to 0; write weights as in 5 and 95"),
        ({"targeting": {"fractional": []}}, "the weights of its fractional add up to 0; write weights as in 5 and 95"),
        ({"targeting": {"fractional": [["on", 2**31], ["off", 1]]}}, "the weights of its fractional add up to 2147483649; write weights as in 5 and 95"),
        ({"variants": {"on": "new", "off": "old"}}, 'its variants (["on", "off"]) are not true and false; say in flag.variant of the feature file which of them is the feature'),
    ],
)  # fmt: skip
def test_a_definition_that_flagd_would_not_follow_is_an_error_with_its_remedy(tmp_path, fields, said):
    assert reason(tmp_path, definition(**fields)) == said


def test_variants_that_are_not_true_and_false_are_told_by_the_setting(tmp_path):
    models = definition(variants={"new": "m2", "old": "m1"}, targeting={"fractional": [["new", 5], ["old", 95]]})
    assert state(tmp_path, models, "new").share == 5
    assert state(tmp_path, models, "old").share == 95
    assert reason(tmp_path, models, "newer").startswith("it has no variant 'newer'")


def test_a_disabled_flag_is_off_whatever_its_rule_says(tmp_path):
    assert state(tmp_path, {"state": "DISABLED", "targeting": {"no such rule": 1}}) == FlagState(on=False, share=0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file cannot be read as JSON"),
        (b"flags: {}", "the file cannot be read as JSON"),
        (b"\xff\xfe", "the file cannot be read as JSON"),
        (b"[" * 100_000, "its file is nested too deeply to be read"),
        (b"[]", 'the file has no object "flags"'),
        (b'{"flags": []}', 'the file has no object "flags"'),
        (b'{"flags": {}}', "the file has only the flags []; add it, or correct ramp.flag"),
        (b'{"flags": {"draft": {}}}', 'the file has only the flags ["draft"]; add it, or correct ramp.flag'),
        (b'{"flags": {"drafts": null}}', "its definition is null"),
    ],
)
def test_a_file_that_holds_no_such_flag_is_an_error(tmp_path, content, said):
    path = tmp_path / "flags.json"
    path.write_bytes(content)
    with pytest.raises(FlagError) as caught:
        FlagdFile(path, "drafts").state()
    assert f"{path}: it is not known what the flag 'drafts' gives: {said}" in str(caught.value)


@pytest.mark.parametrize("depth", [2_000, 50_000])
def test_rules_nested_without_end_are_an_error_and_no_crash(tmp_path, depth):
    beginning, end = '{"if": [{"==": [{"var": "cohort"}, "internal"]}, "on", ', "]}"
    path = tmp_path / "flags.json"

    def write_nested(depth: int) -> None:
        rule = beginning * depth + json.dumps(FIVE) + end * depth
        path.write_text(json.dumps({"flags": {"drafts": definition(targeting="RULE")}}).replace('"RULE"', rule))

    write_nested(100)
    assert FlagdFile(path, "drafts").state().share == 5
    write_nested(depth)
    with pytest.raises(FlagError, match="nested too deeply"):
        FlagdFile(path, "drafts").state()


def test_a_directory_in_the_files_place_is_an_error(tmp_path):
    with pytest.raises(FlagError, match="cannot be read"):
        FlagdFile(tmp_path, "drafts").state()


def test_the_path_is_relative_to_the_feature_file_and_the_key_is_the_ramps():
    path = write(LEAST + "ramp: {flag: drafts}\nflag: {service: flagd_file, path: ../flags.json}\n")
    (path.parent.parent / "flags.json").write_text(json.dumps({"flags": {"drafts": definition(targeting=FIVE)}}))
    feature = load_feature(path)
    assert feature.flag.service_for(feature).state().share == 5
