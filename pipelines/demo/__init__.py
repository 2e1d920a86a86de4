"""Five weeks of a rollout at Acme, made from a seed: a feature file, its logs and its cold eval.

The faults of the story are in the texts and in what the logger counts. Nothing knows what a judge or a gate will say.

story    the five weeks: stages, volumes, and what was planted where
world    what Acme sells and its customers ask, from world.yaml
drafts   tickets and the drafts that answer them
traffic  a day of them as the logger writes it
"""

import gzip
import json
import os
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.data_directory import appearing_whole
from pipelines.demo.drafts import Mix, write_draft, write_ticket
from pipelines.demo.story import FEATURE, P50_MS, P95_MS, PLANNED_USD_PER_DRAFT, TIME_ZONE, WEEKS, Planted, Story
from pipelines.demo.traffic import lines_of
from pipelines.demo.world import load_world
from pipelines.errors import UserError

MARKER = "# Made by `prod-evals demo`, which replaces this file when it runs again."
COLD = Mix(load_world().cold_mix, complaints=0.08, two_topics=0.05)
COLD_ITEMS = 600
SEED = 7


class NotTheDemosFile(UserError):
    """A feature file of the demo's name that the demo did not write."""


@dataclass(frozen=True)
class Demo:
    """What was made: the files, the first and the last day with logs, how many lines, and what to look for."""

    feature_file: Path
    cold_eval: Path
    log_files: tuple[Path, ...]
    first_day: date
    last_day: date
    lines: int
    planted: tuple[Planted, ...]


def make_demo(as_of: date, features_directory: Path, logs_directory: Path, seed: int = SEED) -> Demo:
    """Write FEATURES/support_drafts.yaml, 36 day files of logs and a cold eval, of the 35 days before `as_of`.

    The same `as_of` and seed give the same bytes. Day files of an earlier demo in the same folder are removed. Raises
    NotTheDemosFile rather than replace a feature file that somebody wrote.
    """
    feature_file = features_directory.absolute() / f"{FEATURE}.yaml"
    logs_directory = logs_directory.absolute()
    _refuse_another_file(feature_file)
    story = Story(as_of)

    log_files, lines = _write_logs(story, logs_directory / FEATURE, seed)
    cold_eval = logs_directory / f"{FEATURE}_cold.jsonl"
    with appearing_whole(cold_eval) as temporary:
        temporary.write_text("".join(f"{json.dumps(item)}\n" for item in _cold_items(seed)), encoding="utf-8")
    with appearing_whole(feature_file) as temporary:
        temporary.write_text(_feature_text(story, feature_file, logs_directory / FEATURE, cold_eval), encoding="utf-8")
    return Demo(feature_file, cold_eval, log_files, story.days[0], story.days[-1], lines, story.planted)


def _refuse_another_file(feature_file: Path) -> None:
    try:
        with feature_file.open(encoding="utf-8", errors="replace") as file:
            first_line = file.readline().rstrip("\n")
    except FileNotFoundError:
        return
    if first_line != MARKER:
        raise NotTheDemosFile(
            f"{feature_file} is there already, and the demo did not write it: its first line is not the demo's mark. "
            "Move it away or give it another name, then run the demo again"
        )


def _write_logs(story: Story, directory: Path, seed: int) -> tuple[tuple[Path, ...], int]:
    """One file for each UTC date, written once nothing more comes: a day leaves lines in its file and the next."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        if re.fullmatch(r"\d{4}-\d\d-\d\d\.jsonl\.gz", old.name):
            old.unlink()
    written, count = [], 0
    open_files: dict[date, list[str]] = {}
    for day in story.days:
        for line in lines_of(story, day, seed):
            open_files.setdefault(line.file_day, []).append(line.text)
            count += 1
        written.append(_write_file(directory, day, open_files.pop(day)))
    last = story.days[-1] + timedelta(days=1)
    written.append(_write_file(directory, last, open_files.pop(last, [])))
    return tuple(written), count


def _write_file(directory: Path, day: date, lines: list[str]) -> Path:
    target = directory / f"{day}.jsonl.gz"
    text = "".join(f"{line}\n" for line in lines).encode("utf-8")
    with appearing_whole(target) as temporary:
        temporary.write_bytes(gzip.compress(text, compresslevel=1, mtime=0))
    return target


def _cold_items(seed: int) -> list[dict]:
    rng = Random(f"{seed} cold")
    items = []
    for k in range(COLD_ITEMS):
        ticket = write_ticket(rng, COLD)
        draft = write_draft(rng, ticket)
        items.append(
            {
                "id": f"cold-{k + 1:03d}",
                "category": ticket.topic.category,
                "input": ticket.text,
                "output": draft.text,
                "sources": [page._asdict() for page in draft.sources],
            }
        )
    return items


def _feature_text(story: Story, feature_file: Path, logs: Path, cold_eval: Path) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
    )
    start = feature_file.parent
    return environment.get_template(f"{FEATURE}.yaml.j2").render(
        marker=MARKER,
        time_zone=TIME_ZONE,
        start=story.days[0],
        log_path=json.dumps(os.path.relpath(logs, start) + "/{{ day }}.jsonl.gz"),
        cold_path=json.dumps(os.path.relpath(cold_eval, start)),
        daily_cost=", ".join(f'"{week.stage}": {week.drafts * PLANNED_USD_PER_DRAFT:.3g}' for week in WEEKS),
        p50_ms=P50_MS,
        p95_ms=P95_MS,
        weeks=WEEKS,
        stage_starts=story.stage_starts,
    )
