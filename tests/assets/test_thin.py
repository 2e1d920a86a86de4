"""An asset module reads tables, calls what computes, writes and shows: what it composes has a room of its own."""

import ast
from pathlib import Path

import pytest

from pipelines import assets

MOST_LINES = 45
SHARED = {"__init__", "building", "made_by"}  # what every asset shares is no asset
MODULES = sorted(path for path in Path(assets.__file__).parent.glob("*.py") if path.stem not in SHARED)


def own_lines(text: str) -> int:
    """How many lines a module has, without its imports, its docstrings and empty lines."""
    lines = {number for number, line in enumerate(text.splitlines(), start=1) if line.strip()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
            assert isinstance(node, ast.stmt)
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring: a text and nothing else."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_lines_are_counted_without_imports_docstrings_and_empty_lines():
    # of these 11 lines count the assignment, the comment, the two lines of the call, def and return
    text = '"""Of the\nmodule."""\n\nimport ast\n\nX = 1\n# why\nast.walk(\n    X)\ndef f():\n    """Of it."""\n    return 1\n'
    assert own_lines(text) == 6


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_an_asset_module_is_thin(module):
    lines = own_lines(module.read_text(encoding="utf-8"))
    assert lines <= MOST_LINES, (
        f"pipelines/assets/{module.name} has {lines} lines of its own, and {MOST_LINES} are the most; "
        "move what it composes to the room that it belongs to"
    )
