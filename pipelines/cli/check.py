"""`prod-evals check`: validate, read one day without changing anything, and show what the pipeline would make of it."""

import tempfile
from datetime import date
from pathlib import Path

import click
import duckdb
import pandas as pd
import yaml

from pipelines import lake
from pipelines.cli import terminal
from pipelines.cli.judge_preview import show_cost, show_requests
from pipelines.cli.run import every_feature
from pipelines.errors import UserError
from pipelines.feature import Allocation, Feature, PublishText, find_feature
from pipelines.judging.items import read_items
from pipelines.judging.judges import judge_of
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import Rubric, rubric_of
from pipelines.logs.account import DayReading
from pipelines.logs.cold_items import read_cold_items
from pipelines.logs.ingest import read_day
from pipelines.people.labels import label_parts, read_labels
from pipelines.ramp.record import stages_of
from pipelines.redaction.redactor import Redactor
from pipelines.sampling.allocation import share_out
from pipelines.sampling.drawing import draw_sample
from pipelines.sampling.population import view_population
from pipelines.sampling.spread import measured_spread, spreads_of
from pipelines.sampling.strata import allocate_strata
from pipelines.statistics.allocation import standard_error


def check_features(name: str | None, day: date | None) -> int:
    """Check one feature, or all; returns 1 when something is wrong with any."""
    features, wrong = ([find_feature(name)], []) if name else every_feature()
    for feature in features:
        try:
            check_feature(feature, day or feature.start)
            show_labels(feature)
        except UserError as error:
            wrong.append(error)
    for mistake in wrong:
        terminal.error(mistake)
    return int(bool(wrong))


def check_feature(feature: Feature, day: date) -> None:
    """Print what a day of a feature looks like to the pipeline. Raises UserError for what is wrong with it."""
    if day < feature.start:
        raise click.UsageError(f"{feature.name} starts on {feature.start}; {day} is before it")
    stage = stages_of(feature).stage_on(day)
    terminal.console.rule(f"{feature.name}, {day:%A %d %B %Y} ({feature.timezone}), stage {stage.name}")
    rubric = rubric_of(feature, judge_of(feature))
    if feature.publish.text is PublishText.REDACTED:
        Redactor()
    with lake.connect() as connection, tempfile.TemporaryDirectory(prefix="prod-evals-check-") as directory:
        reading = read_day(connection, feature, day, Path(directory))
        _show_reading(reading)
        strata = _show_strata(connection, feature, day, Path(directory))
        _show_allocations(feature, strata, measured_spread(connection, feature, rubric.rubric_id))
        _show_cold_items(connection, feature)
        _show_judge(connection, feature, rubric, day)


def show_labels(feature: Feature) -> None:
    """Print how many human labels there are. Raises LabelError for missing files and lines that cannot be used."""
    if feature.human_labels is not None:
        files = len(label_parts(feature))
        shown = (
            f"Human labels: {len(read_labels(feature)):,} in {files} file{'' if files == 1 else 's'}. "
            f"`prod-evals calibrate {feature.name}` sets the judge beside them."
        )
        terminal.console.print(terminal.plain(shown), soft_wrap=True)


def _show_reading(reading: DayReading) -> None:
    header, rows = reading.accounts()
    terminal.table(
        "Files",
        header,
        [(file, *(f"{count:,}" for count in counts)) for file, *counts in rows],
        numeric=header[1:],
    )
    for pattern in reading.missing_neighbours:
        terminal.console.print(terminal.plain(f"warning: no file matches {pattern}, which may hold rows of this day"))
    if reading.missing_neighbours:
        terminal.console.print()
    if reading.rejected:
        terminal.table(
            "Rejected", ("reason", "lines"), [(reason.value, f"{lines:,}") for reason, lines in reading.rejected.items()], ("lines",)
        )  # fmt: skip
    terminal.table(
        "Columns",
        ("column", "filled from", "empty"),
        [(fill.column.value, fill.path, "" if fill.empty_share is None else f"{fill.empty_share:.1%}") for fill in reading.columns],
        numeric=("empty",),
    )  # fmt: skip


def _show_strata(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date, directory: Path) -> pd.DataFrame:
    """Print the strata of a day's population and how the sample is shared out; returns them."""
    connection.read_parquet(str(directory / "prod_logs.parquet")).create_view("prod_logs", replace=True)
    view_population(connection, feature, day)
    strata = allocate_strata(connection, feature.sample)
    terminal.table(
        f"Strata by {' / '.join(feature.sample.stratify_by)}, n = {feature.sample.n}, floor {feature.sample.floor}, "
        f"{feature.sample.allocation.value}",
        ("stratum", "logs", "sampled"),
        [(row.stratum, f"{row.stratum_size:,}", row.stratum_sampled) for row in strata.itertuples(index=False)],
        numeric=("logs", "sampled"),
    )
    return strata


def _show_allocations(feature: Feature, strata: pd.DataFrame, measured: dict[str, float]) -> None:
    """Print what each allocation would make of the day, by the spread that past nights had; nothing without any."""
    if strata.empty or not measured:
        return
    sizes = dict(zip(strata.stratum, strata.stratum_size.tolist(), strict=True))
    spreads = spreads_of(sizes, measured)
    units = {
        allocation: share_out(
            feature.sample.model_copy(update={"allocation": allocation, "spread": measured}), sizes, feature.sample.n
        )
        for allocation in Allocation
    }
    errors = (standard_error(list(sizes.values()), given, spreads) for given in units.values())
    terminal.table(
        "Allocations, by the spread of scores that past nights had",
        ("stratum", "spread", *units),
        [
            *(
                (stratum, f"{spread:.3f}", *given)
                for stratum, spread, *given in zip(sizes, spreads, *units.values(), strict=True)
            ),
            ("standard error", "", *(f"{error:.4f}" for error in errors)),
        ],
        numeric=("spread", *units),
    )
    written = {stratum: max(round(spread, 3), 0.001) for stratum, spread in measured.items()}
    line = yaml.safe_dump({"spread": written}, default_flow_style=True, sort_keys=False, width=float("inf")).strip()
    terminal.console.print("For neyman, write under sample:")
    terminal.console.print(terminal.plain(f"  {line[1:-1]}"), soft_wrap=True)
    terminal.console.print()


def _show_cold_items(connection: duckdb.DuckDBPyConnection, feature: Feature) -> None:
    """Print the cold eval by category."""
    if feature.baseline is None:
        terminal.console.print("No cold eval: every night will hold with no_baseline. Add baseline.path.\n")
        return
    baseline_id = read_cold_items(connection, feature)
    by_category = connection.execute(
        "SELECT category, count(*) FROM cold_eval GROUP BY category ORDER BY count(*) DESC, category"
    ).fetchall()
    terminal.table(f"Cold eval {baseline_id}", ("category", "items"), by_category, numeric=("items",))


def _show_judge(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric, day: date) -> None:
    """Print what is sent about the first log of the day's sample, and what judging costs."""
    provider, judge_model = provider_of(feature), judge_of(feature).model
    without_budget = feature.judge.model_copy(update={"budget_usd": None})
    draw_sample(connection, feature.model_copy(update={"judge": without_budget}), day)
    drawn = read_items(connection, "SELECT log_id, input, output, sources FROM drawn ORDER BY log_id")
    cold = {}
    if feature.baseline is not None:
        cold = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    for log_id, item in list(drawn.items())[:1]:
        show_requests(log_id, judge_model, provider.preview(feature, rubric, item))
    bounds = provider.preview_bounds(feature, rubric, list(drawn.values()) or list(cold.values()))
    show_cost(feature, rubric, judge_model, bounds, drawn, cold)
