"""The command line: `prod-evals demo | check | run | gate | ramp | plan | selftest | calibrate | publish | dev`.

This file declares the commands. What each does is the module of its name beside this file, imported only when the
command is used, so that help is quick. Two modules are no command: `terminal` prints for all of them, and
`judge_preview` is what `check` shows of a judge.
"""

import gc
import os
import sys
from datetime import date
from typing import Any

import click

from pipelines.errors import UserError

EXIT_FAILED = 1


class Day(click.ParamType):
    """A date as in 2026-11-23."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as in 2026-11-23", param, ctx)


def default_jobs() -> int:
    """Days to run at once: as many as there are cores, and no more than Dagster's own daemon runs."""
    return min(os.cpu_count() or 1, 4)


class Commands(click.Group):
    """The commands in the order in which a newcomer needs them; a user's mistake is a message, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except UserError as error:
            mistake: UserError = error
        except Exception as error:
            from pipelines.lake.misfits import misfit_behind

            misfit = misfit_behind(error)
            if misfit is None:
                raise
            mistake = misfit
        from pipelines.cli import terminal

        terminal.error(mistake)
        ctx.exit(EXIT_FAILED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="prod-evals")
def main() -> None:
    """Judge a sample of last night's production logs, compare it with the cold eval, decide the ramp.

    Features are files of features/ (PROD_EVALS_FEATURES); everything made is in data/ (PROD_EVALS_DATA).
    Begin with `prod-evals demo`, then copy features/_example.yaml and see `prod-evals check`.
    """
    gc.set_threshold(20_000, 50, 100)  # most of what a command makes lives to its end; looking takes a tenth of a night


@main.command()
@click.option("--as-of", type=Day(), help="The demo's today: its five weeks end the day before.  [default: today]")
@click.option("--seed", default=7, show_default=True, help="Another seed is another Acme with the same story.")
def demo(as_of: date | None, seed: int) -> None:
    """Five weeks of a rollout at Acme, made from a seed and evaluated night by night.

    Writes features/support_drafts.yaml and its logs, runs all 35 nights through the same pipeline as real logs, and
    shows the decisions, what was found and what to look at next. The judge is the offline one: rules, no model.
    """
    from pipelines.cli.demo import show_demo

    sys.exit(show_demo(as_of, seed, default_jobs()))


@main.command()
@click.argument("feature", required=False)
@click.option("--day", type=Day(), help="The day to read.  [default: the first day]")
def check(feature: str | None, day: date | None) -> None:
    """Validate feature files and read one day of logs, changing nothing.

    Shows what was parsed and rejected and why, the strata, what each column was filled from and how often it is empty,
    the cold items by category, and what a night will cost. Without FEATURE, checks every feature.
    """
    from pipelines.cli.check import check_features

    sys.exit(check_features(feature, day))


@main.command()
@click.argument("feature", required=False)
@click.option("--all", "every", is_flag=True, help="Every feature.")
@click.option("--day", type=Day(), help="One day.  [default: the latest complete day]")
@click.option("--from", "first", type=Day(), help="The first of several days.")
@click.option("--to", "last", type=Day(), help="The last of several days.  [default: the latest complete day]")
@click.option(
    "--jobs", type=click.IntRange(1), default=default_jobs, show_default="cores, at most 4", help="Days at once."
)
def run(feature: str | None, every: bool, day: date | None, first: date | None, last: date | None, jobs: int) -> None:
    """Run nights: each day's tables, then the history, the decision and what is published.

    A second run gives the same tables and asks the judge nothing again. Exits with 1 when a day failed; the days after
    it run all the same.

    \b
    Examples:
      prod-evals run support_drafts
      prod-evals run support_drafts --day 2026-11-23
      prod-evals run --all --from 2026-11-01 --to 2026-11-14
    """
    if bool(feature) == every:
        raise click.UsageError("name one FEATURE, or say --all")
    if day and (first or last):
        raise click.UsageError("--day is one day; --from and --to are several. Use one or the other")
    if last and not first:
        raise click.UsageError("--to needs --from")
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is after --to {last}")
    from pipelines.cli.run import run_nights

    sys.exit(run_nights(feature, first or day, last if first else day, jobs))


@main.command()
@click.argument("feature")
@click.option("--day", type=Day(), help="The decision about that day.  [default: the one that stands]")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(["roll_back"]),
    help="roll_back: exit with 20 on a roll-back and 0 on all else, for readers that know only pass and fail.",
)
def gate(feature: str, day: date | None, as_json: bool, fail_on: str | None) -> None:
    """Say whether the ramp may advance.

    \b
    Exit codes:
      0   advance
      10  hold
      20  roll back
      30  the decision is missing, or has expired
    Any other code but 0 also means: do not advance. Only 20 means: roll back.
    """
    from pipelines.cli.gate import answer

    sys.exit(answer(feature, day, as_json, fail_on == "roll_back"))


@main.group()
def ramp() -> None:
    """What a feature's ramp is at: its stage, the decision, and what its flag says."""


@ramp.command()
@click.argument("feature")
@click.option("--json", "as_json", is_flag=True, help="Print what is known as JSON.")
def show(feature: str, as_json: bool) -> None:
    """Show the recorded stage, the decision that stands, and whether the flag gives what is recorded.

    The stage is that of today in the feature's time zone, with who recorded it and why. The flag is read where the
    section `flag` of the feature file says that it is kept; its share is compared with a stage that is named by one, as
    in "5%". Nothing is changed.

    Exits with 1 when something of this cannot be read, as the flag, and shows all that can.

    \b
    Examples:
      prod-evals ramp show support_drafts
      prod-evals ramp show support_drafts --json
    """
    from pipelines.cli.ramp import show_ramp

    sys.exit(show_ramp(feature, as_json))


@main.command()
@click.argument("feature")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(feature: str, as_json: bool) -> None:
    """Nights until quality decides, for several sizes of the nightly sample, and what they cost.

    Assumes that production is truly 0, 2 or 3 % below the cold eval, and uses the gate's own boundary. Says where no
    number of nights is enough, and how large a cold eval would be.
    """
    from pipelines.cli.plan import show_plan

    sys.exit(show_plan(feature, as_json))


@main.command()
@click.argument("feature")
@click.option("--rollouts", type=click.IntRange(20, 1_000_000), default=1000, show_default=True, help="How many.")
@click.option("--nights", type=click.IntRange(1, 365), default=28, show_default=True, help="Nightly looks at each.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed draws other rollouts.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def selftest(feature: str, rollouts: int, nights: int, seed: int, as_json: bool) -> None:
    """How often the gate's quality rule is wrong, on rollouts drawn from the feature's own scores.

    Draws nights and cold evals from what has been judged, with no divergence and with planted ones (at the band's edge,
    1.6 and 2.4 times as far), reads the rule every night, and counts false advances, false roll-backs and nights.
    """
    from pipelines.cli.selftest import show_selftest

    sys.exit(show_selftest(feature, rollouts, nights, seed, as_json))


@main.command()
@click.argument("feature")
@click.option("--labels", type=click.Path(exists=True, dir_okay=False), help="A file.  [default: human_labels.path]")
@click.option("--to-label", type=click.IntRange(1), metavar="N", help="Write N items for people to label.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def calibrate(feature: str, labels: str | None, to_label: int | None, as_json: bool) -> None:
    """Set the judge beside people: agreement, and means corrected by what they said.

    Agreement is quadratic-weighted kappa with a bootstrap interval, by criterion, and that of people with each other
    where an item has two raters. Means are corrected for production and for the cold eval.

    \b
    Examples:
      prod-evals calibrate support_drafts --to-label 50 > labels.jsonl
      prod-evals calibrate support_drafts --labels labels.jsonl
    """
    if to_label and as_json:
        raise click.UsageError("--to-label writes JSON lines anyway; use it without --json")
    from pipelines.cli.calibrate import show_calibration, write_items_to_label

    if to_label:
        sys.exit(write_items_to_label(feature, to_label, labels))
    sys.exit(show_calibration(feature, labels, as_json))


@main.command()
def publish() -> None:
    """Publish again what the lake holds: the DuckDB file, and every feature's gate file and page."""
    from pipelines.cli.publish import publish_again

    sys.exit(publish_again())


@main.command()
@click.option("--port", default=3000, show_default=True, help="The port on 127.0.0.1.")
def dev(port: int) -> None:
    """Dagster's UI and daemon on this machine: the graph, backfills, schedules, runs."""
    from pipelines.cli.dev import serve

    serve(port)
