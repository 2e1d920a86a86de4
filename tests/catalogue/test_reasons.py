"""Reasons are entries: one for each code, and what to do next has commands and fields that there are."""

import re
from string import Formatter

import pytest

from pipelines.catalogue import reasons
from pipelines.catalogue.reasons import REASONS, Reason, next_steps
from pipelines.checkout import CHECKOUT
from pipelines.cli import main
from pipelines.feature import Feature

ENTRIES = [value for value in vars(reasons).values() if isinstance(value, Reason)]


def test_entries_of_one_code_differ_in_their_sentence_alone():
    for entry in ENTRIES:
        first = REASONS[entry.code]
        assert entry == first.said(entry.sentence)
    assert {entry.code for entry in ENTRIES} == set(REASONS)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_an_entry_has_a_short_title_an_effect_and_something_to_do(reason):
    assert reason.effects and len(reason.title) <= 60 and reason.next_step.endswith((".", "`."))
    assert {name for _, name, _, _ in Formatter().parse(reason.next_step) if name} <= {"feature", "day"}


@pytest.mark.parametrize("code", REASONS)
def test_what_to_do_names_commands_files_and_fields_that_there_are(code):
    (step,) = next_steps([code], "drafts", "2026-11-02")
    for code_span in re.findall(r"`([^`]+)`", step):
        if code_span.startswith("prod-evals "):
            _, command, *arguments = code_span.split()
            options = {name for option in main.commands[command].params for name in option.opts}
            assert {argument for argument in arguments if argument.startswith("--")} <= options
        elif "/" in code_span:
            assert (CHECKOUT / code_span).exists()
        elif "." in code_span and not code_span.endswith(".duckdb"):
            section, field = code_span.split(".")
            annotation = Feature.model_fields[section].annotation
            models = [annotation, *getattr(annotation, "__args__", ())]
            assert any(field in getattr(model, "model_fields", {}) for model in models), code_span


def test_next_steps_are_in_the_order_of_the_reasons_each_once_and_none_for_a_code_that_is_none():
    found = next_steps(["day_missing", "day_missing", "at_final_stage", "retired_long_ago"], "drafts", "2026-11-02")
    assert found == ["Run it: `prod-evals run drafts --day 2026-11-02`.", "Nothing: the nights go on watching."]
