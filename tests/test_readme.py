"""The README cannot rot: each of its commands is run, its list of tables and its help text are generated.

`python -m tests.test_readme` writes the generated parts anew.
"""

import re
import shlex
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipelines.catalogue.tables import Published, tables
from pipelines.checkout import CHECKOUT
from pipelines.cli import main
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import features_directory
from tests.nights.rollout import make_rollout

README = CHECKOUT / "README.md"


def generated(name: str) -> str:
    if name == "help":
        text = CliRunner().invoke(main, ["--help"], prog_name="prod-evals", terminal_width=100).output
        return f"```\n{text.rstrip()}\n```"
    published = [table for table in tables().values() if table.published is not Published.NOT]
    return "\n".join(
        ["| table | one row is |", "|---|---|", *(f"| `{table.name}` | {table.grain} |" for table in published)]
    )


def with_generated_parts(text: str) -> str:
    for name in ("tables", "help"):
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        assert mark and end, f"the README has no place for {name}"
        text = f"{before}{mark}{generated(name)}\n{end}{after}"
    return text


def test_the_generated_parts_are_what_they_would_be_now():
    assert README.read_text() == with_generated_parts(README.read_text())


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def as_the_readme_goes(tmp_path_factory):
    """A reader's machine: the demo's feature stands for itself with small logs, and so does the reader's own."""
    place = tmp_path_factory.mktemp("reader")
    (place / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROD_EVALS_FEATURES", str(place / "features"))
        patch.setenv("PROD_EVALS_DATA", str(place / "data"))
        patch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
        make_rollout("support_drafts", days=3, logs=30)
        yield place


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_runs(command, as_the_readme_goes, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_FEATURES", str(as_the_readme_goes / "features"))
    monkeypatch.setenv("PROD_EVALS_DATA", str(as_the_readme_goes / "data"))
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
    match shlex.split(command):
        case ["make", target]:
            # what the targets do is tested as `prod-evals demo`, as `prod-evals dev`, and by this suite's own run
            planned = subprocess.run(
                ["make", "--dry-run", target], check=False, cwd=CHECKOUT, capture_output=True, text=True
            )
            assert planned.returncode == 0, planned.stderr
        case [".", script]:
            assert script == ".venv/bin/activate"
            assert "venv .venv" in (CHECKOUT / "Makefile").read_text()
        case ["cp", source, target]:
            shutil.copy(CHECKOUT / source, as_the_readme_goes / target)
            make_rollout("my_feature", days=3, logs=30)  # the reader writes down where the logs are
            assert (features_directory() / "my_feature.yaml").exists()
        case ["prod-evals", *arguments]:
            ended = CliRunner().invoke(main, arguments, catch_exceptions=False)
            allowed = {0, 10, 20, 30} if arguments[0] == "gate" else {0}
            assert ended.exit_code in allowed, ended.output
        case ["python", *arguments]:
            ended = subprocess.run(
                [sys.executable, *arguments], check=False, cwd=as_the_readme_goes, capture_output=True, text=True
            )
            assert ended.returncode == 0, ended.stderr
        case other:
            pytest.fail(f"no way to run {other}")


if __name__ == "__main__":
    README.write_text(with_generated_parts(README.read_text()))
