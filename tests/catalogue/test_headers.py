"""A header's vocabulary is closed, and a mistake in it is told with file and line."""

from enum import StrEnum

import pytest

from pipelines.catalogue.headers import CatalogueError, read_header

FIELDS = ("Grain", "Layer")


class Layer(StrEnum):
    DAY = "day"
    HISTORY = "history"


def header(tmp_path, text):
    path = tmp_path / "night.sql"
    path.write_text(text)
    return read_header(path, FIELDS)


def test_a_field_ends_in_a_full_stop_and_goes_on_where_the_next_line_is_indented(tmp_path):
    found = header(tmp_path, "-- Grain: one night,\n--   or none.\n-- Layer: day.\nSELECT 1 -- Key: no field.\n")
    assert found.fields == {"Grain": "one night, or none", "Layer": "day"}
    assert found.lines == {"Grain": 1, "Layer": 3}
    assert found.word("Layer", Layer) is Layer.DAY


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-- Grain: a.\n-- Hue: red.\n", "night.sql:2: '-- Hue: red.' is no field of a header; allowed are Grain, Layer"),
        ("-- Grain: a.\n-- What it is for\n", "night.sql:2: '-- What it is for' is no field"),
        ("-- Grain: a.\n-- Grain: b.\n", "night.sql:2: Grain stands in the header twice"),
    ],
)  # fmt: skip
def test_what_is_no_field_is_told_with_its_line(tmp_path, text, says):
    with pytest.raises(CatalogueError, match=says.replace("(", r"\(")):
        header(tmp_path, text)


def test_a_word_that_is_not_known_is_told_with_those_that_are_and_never_a_default(tmp_path):
    found = header(tmp_path, "-- Grain: a.\n-- Layer: week.\n")
    with pytest.raises(CatalogueError, match="night.sql:2: Layer is 'week'; it must be one of day, history"):
        found.word("Layer", Layer, default=Layer.DAY)


def test_a_field_that_is_needed_and_not_there_is_told(tmp_path):
    found = header(tmp_path, "-- Grain: a.\n")
    assert found.word("Layer", Layer, default=Layer.DAY) is Layer.DAY
    with pytest.raises(CatalogueError, match="night.sql:1: its header has no Layer"):
        found.require(FIELDS)
