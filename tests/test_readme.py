"""The README cannot rot: its commands run, its list of tables and its help text are generated.

`python -m tests.test_readme` writes the generated parts anew.
"""

import re

from click.testing import CliRunner

from pipelines import lake
from pipelines.cli import main
from pipelines.feature import CHECKOUT

README = CHECKOUT / "README.md"


def generated(name: str) -> str:
    if name == "help":
        text = CliRunner().invoke(main, ["--help"], prog_name="prod-evals", terminal_width=100).output
        return f"```\n{text.rstrip()}\n```"
    declared = dict.fromkeys(lake.DECLARED_AS.get(table, table) for table in lake.PARTITIONS)
    return "\n".join(["| table | one row is |", "|---|---|", *(f"| `{table}` | {grain(table)} |" for table in declared)])


def grain(table: str) -> str:
    return re.match(r"-- Grain: (.*)\.\n", lake.declaration(table))[1]


def with_generated_parts(text: str) -> str:
    for name in ("tables", "help"):
        text = re.sub(
            f"<!-- {name} -->\n.*?<!-- /{name} -->",
            lambda _, name=name: f"<!-- {name} -->\n{generated(name)}\n<!-- /{name} -->",
            text,
            flags=re.DOTALL,
        )
    return text


def test_the_generated_parts_are_what_they_would_be_now():
    assert README.read_text() == with_generated_parts(README.read_text())


if __name__ == "__main__":
    README.write_text(with_generated_parts(README.read_text()))
