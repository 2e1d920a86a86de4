"""Day files that another version wrote: columns that lack, that are too many, and that are of another type."""

from datetime import date
from pathlib import Path

import click
import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from pipelines import lake
from pipelines.assets.building import Shown, _made
from pipelines.cli import Commands
from pipelines.feature import Feature
from pipelines.lake.misfits import MisfitError, find_misfit, telling_misfits
from tests.lake.places import path_of

DAYS = [date(2026, 11, day) for day in (2, 3, 4)]


def write_file(number: int, query: str) -> Path:
    """A file of the funnel as another program might have written it."""
    target = path_of("funnel", feature="f", day=DAYS[number])
    with lake.writing("funnel", feature="f", day=DAYS[number]) as place, duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{place}' (FORMAT parquet)")
    return target


def read() -> list[tuple]:
    with lake.connect() as connection:
        lake.read(connection, "funnel", feature="f")
        described = {name: kind for name, kind, *_ in connection.execute("DESCRIBE funnel").fetchall()}
        assert described == lake.columns("funnel")
        return connection.execute("SELECT day, stage, items FROM funnel ORDER BY day").fetchall()


def test_a_column_that_an_old_file_lacks_is_null_and_one_too_many_is_left_out():
    write_file(0, "SELECT 'logs' AS stage, 'sampled' AS status")
    write_file(1, "SELECT 'logs' AS stage, 'sampled' AS status, 3::BIGINT AS items, 'x' AS more")
    assert read() == [(DAYS[0], "logs", None), (DAYS[1], "logs", 3)]


def test_a_column_of_another_type_is_read_as_the_declared_one_where_it_can_be():
    write_file(0, "SELECT 'logs' AS stage, 'sampled' AS status, 3::BIGINT AS items")
    write_file(1, "SELECT 'logs' AS stage, 'sampled' AS status, '4' AS items")
    write_file(2, "SELECT 5 AS stage, 'sampled' AS status, 6::SMALLINT AS items")
    assert read() == [(DAYS[0], "logs", 3), (DAYS[1], "logs", 4), (DAYS[2], "5", 6)]
    assert find_misfit() is None


@pytest.mark.parametrize(
    ("items", "kind"), [("'many'", "VARCHAR"), ("DATE '2026-11-02'", "DATE"), ("{'k': 1}", "STRUCT(k INTEGER)")]
)
def test_a_value_that_cannot_be_cast_is_told_with_its_file_and_how_to_mend_it(items, kind):
    write_file(0, "SELECT 'logs' AS stage, 'sampled' AS status, 3::BIGINT AS items")
    misfit = write_file(1, f"SELECT 'logs' AS stage, 'sampled' AS status, {items} AS items")
    with pytest.raises(MisfitError) as caught, telling_misfits():
        read()
    assert str(caught.value) == (
        f"funnel: {misfit}: the column items is {kind} and is declared BIGINT, and 1 of its values cannot be cast; "
        "run that day again: prod-evals run f --day 2026-11-03"
    )


def test_an_asset_and_a_command_that_read_it_fail_with_the_sentence():
    misfit = write_file(0, "SELECT 'logs' AS stage, 'sampled' AS status, 'many' AS items")

    def make(connection: duckdb.DuckDBPyConnection) -> dict[str, Shown]:
        lake.read(connection, "funnel", feature="f")
        return {"funnel": Shown(len(connection.execute("FROM funnel").fetchall()))}

    @click.group(cls=Commands)
    def commands() -> None:
        pass

    @commands.command()
    def command() -> None:
        read()

    feature = Feature.model_validate({"start": "2026-11-02", "logs": {"path": "{{ day }}"}})
    with pytest.raises(dg.Failure, match=f"funnel: {misfit}: the column items is VARCHAR"):
        _made(feature, ("funnel",), make)
    ended = CliRunner().invoke(commands, ["command"], catch_exceptions=False)
    assert ended.exit_code == 1
    assert f"funnel: {misfit}: the column items is VARCHAR" in ended.stderr


def test_what_fails_otherwise_fails_as_it_did():
    with lake.connect() as connection, pytest.raises(duckdb.ConversionException), telling_misfits():
        connection.execute("SELECT CAST('many' AS BIGINT)")
