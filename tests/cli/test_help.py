"""Help is quick, teaches, and every command has it."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from pipelines.cli import main


def commands(group: click.Group, *path: str) -> dict[tuple[str, ...], click.Command]:
    """Every command by its words, those of groups after their group."""
    found: dict[tuple[str, ...], click.Command] = {}
    for name, command in group.commands.items():
        found[(*path, name)] = command
        if isinstance(command, click.Group):
            found |= commands(command, *path, name)
    return found


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_explains_itself_and_each_of_its_options(words):
    answer = CliRunner().invoke(main, [*words, "--help"])
    command = commands(main)[words]
    assert (answer.exit_code, bool(command.help)) == (0, True)
    assert all(option.help for option in command.params if option.param_type_name == "option")


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from pipelines.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'dagster', 'pandas', 'duckdb', 'vl_convert', 'rich', 'pydantic', 'sqlalchemy', 'numpy'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "heavy: []" in printed


@pytest.mark.parametrize("arguments", [["run"], ["run", "drafts", "--all"], ["run", "a", "--day", "2026-11-02", "--from", "2026-11-02"],
                                       ["run", "a", "--to", "2026-11-02"], ["nonsense"], ["gate"], ["ramp"], ["ramp", "show"], ["run", "a", "--jobs", "0"],
                                       ["plan"], ["selftest", "a", "--rollouts", "0"], ["calibrate", "a", "--to-label", "5", "--json"]])  # fmt: skip
def test_a_command_used_wrongly_exits_with_2_and_says_how_it_is_used(arguments):
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 2
    assert "Usage:" in answer.stderr
