"""The rooms of pipelines/: which may import which, where Dagster is known, and that each says what is in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipelines

ROOT = Path(pipelines.__file__).parent
LAYERS = (  # a room imports those of its own layer and of the ones before it
    {"statistics"},
    {"checkout", "clock", "duckdb_rows", "errors", "sql_quoting"},
    {"catalogue", "data_directory"},
    {"feature", "lake"},
    {
        "comparison",
        "demo",
        "gate",
        "judging",
        "logs",
        "people",
        "planning",
        "publishing",
        "ramp",
        "redaction",
        "sampling",
    },
    {"assets"},
    {"definitions", "orchestration"},
    {"cli"},
)
LAYER_OF = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
DOORS = (
    "pipelines.judging.providers",
    "pipelines.ramp.flags",
)  # what a feature file may name, found without importing it
KNOW_DAGSTER = {"assets", "definitions", "orchestration"}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem != "__init__")
ROOMS = sorted(path for path in ROOT.rglob("__init__.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "pipelines":
            yield from (f"pipelines.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_room_has_its_layer():
    assert {room_of(path) for path in MODULES} == set(LAYER_OF)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_no_room_above_its_own(path):
    room = room_of(path)
    above = [
        name
        for name in imported(path)
        if name.startswith("pipelines.") and LAYER_OF[name.split(".")[1]] > LAYER_OF[room]
    ]
    assert [name for name in above if not (room == "feature" and name.startswith(DOORS))] == []


def test_statistics_know_nothing_of_ours():
    known = {name for path in (ROOT / "statistics").glob("*.py") for name in imported(path)}
    assert {name for name in known if name.startswith("pipelines.") and ".statistics" not in name} == set()


def test_dagster_is_known_where_nights_are_orchestrated_and_nowhere_else():
    knowing = {room_of(path) for path in MODULES for name in imported(path) if name.split(".")[0] == "dagster"}
    assert knowing == KNOW_DAGSTER


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.parent.relative_to(ROOT.parent)))
def test_a_room_names_what_is_in_it(path):
    inside = {other.stem for other in path.parent.glob("*.py")} - {"__init__", "__main__"}
    inside |= {folder.parent.name for folder in path.parent.glob("*/__init__.py")}
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    assert inside - words == set()
