"""A long history without the nights: a data directory as hundreds of nights of a feature would have left it.

Nothing is ingested and no log is judged; every table of the day layer, the anchors, the issued decisions and the
ledger's verdicts are drawn from a seed, night by night, so that the nights of a short history are the first ones of a
longer one. The cold eval alone is judged, by the offline judge: what the history makes of it again is what is there.

Only `prod_logs` is smaller than the rest of its night says: no history reads it, and publishing its place alone.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import numpy as np
import pandas as pd
import sqlalchemy as sa

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.data_directory import data_directory, private_directory
from pipelines.definitions import definitions_of
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.judging.judge import ItemKind, Status
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger, moment
from pipelines.judging.ledger_tables import VERDICTS
from pipelines.judging.ruler import rubric_of
from pipelines.lake.tables import FILE_NAME
from pipelines.logs.cold_items import read_cold_items
from pipelines.orchestration.command_line_runs import QUIET
from pipelines.orchestration.jobs import JobKind, job_name

START = date(2023, 1, 2)
STAGES = {"internal": 0, "5%": 7, "25%": 14, "50%": 21, "100%": 28}  # and the night on which each begins
PROMPTS_BEGIN = (0, 63, 120, 160, 300, 1000)  # the night on which each version of the prompt begins
COLD_EVAL_NIGHTS = 365  # a version of the cold eval stands for a year, and so does the longest epoch
MODEL_CHANGES = 200

CATEGORIES = {  # how many logs a night are sampled of each; a day has some ten times as many
    "billing": (48, "invoice", "The invoice is in Settings under Billing, and a copy goes out by email every month."),
    "login": (40, "password", "A password is reset with the link on the sign-in page, which stays valid for an hour."),
    "shipping": (30, "parcel", "A parcel leaves the warehouse within two days, and its number comes by email."),
    "returns": (24, "return", "A return is free for thirty days, with the label that is printed from the order."),
    "account": (20, "address", "The address is changed in the profile, and counts from the next order on."),
    "orders": (16, "order", "An order can be cancelled until it is packed, with the button on its page."),
    "privacy": (12, "data", "The data of an account is exported from its settings as one archive within a day."),
    "outages": (10, "status", "The status page lists every outage, and sends an email as soon as one is over."),
}
COHORTS = ("internal", "wave_1", "wave_2")
LOCALES = ("en-US", "de-DE", "fr-FR")
USERS = 400
LEVELS = (0.03, 0.04, 0.08, 0.15)  # the shares of the levels 1 to 4; the rest is a 5
FAILED, WITHOUT_SOURCES = 0.003, 0.1  # shares of judgments, and of logs
VOTED, FLIPPED = 10, 0.06  # items a night that are judged again, and the share of votes that differ
ANCHORS = 40
COLD_ITEMS, POOR = 320, 0.15
NIGHTS_AT_ONCE = 50

GOOD_ANSWER = "Thanks for getting in touch. {fact} Let me know if anything is unclear."
POOR_ANSWER = "I CAN'T HELP WITH THAT!!! Refunds of 900 dollars are wired on Sundays from our Lisbon office."

FEATURE = """\
description: A made history
start: {start}
night: {{scheduled: false}}
logs: {{path: "logs/{{{{ day }}}}.jsonl"}}
baseline: {{path: cold_eval/{name}.jsonl}}
forecast: {{daily_cost_usd: {{internal: 4, "5%": 4, "25%": 4, "50%": 4, "100%": 4}}, p50_ms: 1900, p95_ms: 4200}}
ramp:
  flag: {name}
  stages: [{{name: internal}}, {{name: "5%"}}, {{name: "25%"}}, {{name: "50%"}}, {{name: "100%"}}]
  history: [{history}]
publish: {{text: full}}
"""


def day_of(night: int) -> date:
    """The day of a night, counted from 0."""
    return START + timedelta(days=night)


def noon_after(count: int) -> str:
    """The value of PROD_EVALS_NOW at which the first `count` nights are over and decided on, and no other is."""
    return datetime.combine(day_of(count), time(12), UTC).isoformat()


def make_feature(name: str = "made") -> Feature:
    """Write the feature's file."""
    history = ", ".join(f'{{stage: "{stage}", from: {day_of(night)}}}' for stage, night in STAGES.items())
    path = features_directory() / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FEATURE.format(name=name, start=START, history=history), encoding="utf-8")
    return load_feature(path)


def make_nights(feature: Feature, first: int, count: int, seed: int = 1, anchors: int = ANCHORS) -> None:
    """Write what `count` nights from `first` on left in the data directory, and the cold evals that they need.

    `anchors`, at most 320, are judged on every date; 0 for a judge without them.
    """
    cold_eval = make_cold_eval(feature, first // COLD_EVAL_NIGHTS)
    for begin in range(first, first + count, NIGHTS_AT_ONCE):
        numbers = range(begin, min(begin + NIGHTS_AT_ONCE, first + count))
        made = []
        for number in numbers:
            if number // COLD_EVAL_NIGHTS != cold_eval.version:
                cold_eval = make_cold_eval(feature, number // COLD_EVAL_NIGHTS)
            made.append(_Night(seed, number, cold_eval, anchors))
        _write_tables(feature, made)
        _write_verdicts(feature, made)


def _write_tables(feature: Feature, made: list["_Night"]) -> None:
    """Write every table of some nights by one statement, which makes a file of each partition; `lake.write`, a statement
    a file, would take most of the time."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for night in made:
        for table, frame in night.tables():
            frames.setdefault(table, []).append(frame.assign(**night.keys(feature, table)))
    with lake.connect() as connection:
        connection.execute("SET threads = 1")  # each would write files of its own
        for table, of_nights in frames.items():
            connection.register("made", pd.concat(of_nights, ignore_index=True))
            _write_partitions(connection, table)


def _write_partitions(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    keys, types = catalogue.folders()[table].keys, lake.columns(table)
    own = [f'CAST("{name}" AS {types[name]}) AS "{name}"' for name in catalogue.own_columns(table)]
    root = private_directory("lake") / table
    (_, files), *_ = connection.execute(
        f"COPY (SELECT {', '.join([*own, *keys])} FROM ({_QUERIES.get(table, 'FROM made')}) ORDER BY {', '.join(keys)}) "
        f"TO '{root}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {lake.ROW_GROUP_SIZE}, "
        f"PARTITION_BY ({', '.join(keys)}), APPEND, FILENAME_PATTERN '{{uuid}}', RETURN_FILES)"
    ).fetchall()
    for file in map(Path, files):
        file.rename(file.with_name(FILE_NAME))


def _write_verdicts(feature: Feature, made: list["_Night"]) -> None:
    with Ledger() as ledger, ledger.engine.begin() as transaction:
        transaction.execute(sa.insert(VERDICTS), [row for night in made for row in night.verdicts(feature)])


def copy_feature(feature: Feature, name: str) -> Feature:
    """Another feature with the same nights, judged by itself: its files are links to the first one's."""
    copied = make_feature(name)
    shutil.copy(_cold_eval_path(feature.name), _cold_eval_path(name))
    for folder in (data_directory() / "lake").glob(f"*/feature={feature.name}"):
        shutil.copytree(folder, folder.with_name(f"feature={name}"), copy_function=os.link)
    columns: dict[str, sa.ColumnElement] = {column.name: column for column in VERDICTS.c}
    # the same place in the table's order, so that rows go in one behind the other
    columns["content_id"] = sa.func.substr(VERDICTS.c.content_id, 1, 56).concat(_digest(name)[:8])
    columns["feature"] = sa.literal(name)
    of_nights = VERDICTS.c.feature == feature.name, VERDICTS.c.item_kind == ItemKind.PROD.value
    query = sa.select(*columns.values()).where(*of_nights)
    with Ledger() as ledger, ledger.engine.begin() as transaction:
        transaction.execute(sa.insert(VERDICTS).from_select(list(columns), query))
    return copied


@dataclass(frozen=True)
class ColdEval:
    """One version of the cold eval, judged: its ids, those of its rulers by criterion, and its items' levels.

    `levels` has a column for each criterion and a row for each item, by item_id; null where it does not apply.
    """

    version: int
    baseline_id: str
    rubric_id: str
    rulers: dict[str, str]
    levels: pd.DataFrame


def make_cold_eval(feature: Feature, version: int) -> ColdEval:
    """Write a version of the cold eval as the one that counts from now on, and judge it unless that has been done."""
    path = _cold_eval_path(feature.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, _cold_items(version))), encoding="utf-8")
    rubric = rubric_of(feature, judge_of(feature))
    with lake.connect() as connection:
        baseline_id = read_cold_items(connection, feature)
        keys: dict[str, Any] = {"feature": feature.name, "baseline_id": baseline_id, "rubric_id": rubric.rubric_id}
        if not lake.exists("baseline", **keys):
            job = definitions_of([feature]).resolve_job_def(job_name(feature, JobKind.HISTORY))
            tables = ("cold_items", "cold_judgments", "baseline")
            selection = [dg.AssetKey([feature.name, table]) for table in tables]
            job.execute_in_process(run_config=QUIET, asset_selection=selection)
        lake.read(connection, "cold_judgments", **keys)
        judged = connection.execute("SELECT item_id, criterion, level FROM cold_judgments").df()
    levels = judged.pivot(index="item_id", columns="criterion", values="level")
    rulers = {ruler.criterion.name: ruler.ruler_id for ruler in rubric.rulers}
    return ColdEval(version, baseline_id, rubric.rubric_id, rulers, levels)


def _cold_eval_path(name: str) -> Path:
    return features_directory() / "cold_eval" / f"{name}.jsonl"


def _cold_items(version: int) -> Iterator[dict]:
    """The items of a version; a version has a few poor answers less than the one before it."""
    generator = np.random.default_rng([version, COLD_ITEMS])
    topics = [(category, *about) for category, about in CATEGORIES.items()]
    for number in range(COLD_ITEMS):
        category, _, thing, fact = topics[number % len(topics)]
        is_poor = generator.random() < POOR - 0.01 * version
        yield {
            "item_id": f"cold-{version}-{number}",
            "category": category,
            "input": f"Hello, where do I find my {thing}? My reference is {version}-{number}.",
            "output": POOR_ANSWER if is_poor else GOOD_ANSWER.format(fact=fact),
            "sources": [{"id": category, "title": thing, "text": fact}],
        }


_QUERIES = {  # where a column is not a plain value
    "sample": "SELECT *, [{'id': category, 'title': category, 'text': output}] AS sources FROM made",
    "prod_logs": "SELECT *, [{'id': category, 'title': category, 'text': output}] AS sources FROM made",
    "gate_log": "SELECT * REPLACE ([reason_codes] AS reason_codes) FROM made",
}


class _Night:
    """One night: its items and their levels are drawn at once, and every table is about these."""

    def __init__(self, seed: int, number: int, cold_eval: ColdEval, anchors: int):
        self.number, self.cold_eval, self.anchors = number, cold_eval, anchors
        self.day = day_of(number)
        self.judged_at = datetime.combine(self.day + timedelta(days=1), time(5), UTC)
        self.criteria = sorted(cold_eval.rulers)
        self.generator = np.random.default_rng([seed, number])
        self.sampled = np.array([sampled for sampled, _, _ in CATEGORIES.values()])
        self.stratum = np.repeat(np.arange(len(CATEGORIES)), self.sampled)
        self.log_ids = np.array([f"{self.day}-{place:03}" for place in range(len(self.stratum))])
        self.logs = self.sampled * 10 + self.generator.integers(0, self.sampled * 2)
        self._draw_levels()

    def _draw_levels(self) -> None:
        """Levels (items, criteria), 0 where there is none; an item's are alike, and a night differs from others."""
        generator, shape = self.generator, (len(self.stratum), len(self.criteria))
        place = np.where(generator.random(shape) < 0.3, generator.random((shape[0], 1)), generator.random(shape))
        place = place + 0.01 * generator.standard_normal() - 0.02 * (self.stratum % 3)[:, None]
        self.levels = 1 + np.searchsorted(np.cumsum(LEVELS), place)
        self.status = np.full(shape, Status.SCORED.value, dtype=object)
        without_sources = generator.random(shape[0]) < WITHOUT_SOURCES
        self.status[without_sources, self.criteria.index("grounded_in_sources")] = Status.NOT_APPLICABLE.value
        self.status[generator.random(shape) < FAILED] = Status.ERRORED.value
        self.levels[self.status != Status.SCORED.value] = 0

    def keys(self, feature: Feature, table: str) -> dict[str, str | date]:
        """The keys of a table's partition of the night."""
        keys: dict[str, str | date] = {
            "feature": feature.name,
            "day": self.day,
            "judged_on": self.judged_at.date(),
            "rubric_id": self.cold_eval.rubric_id,
            "decision_id": _decision_id(self.number),
        }
        return {key: keys[key] for key in catalogue.folders()[table].keys}

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Every folder of the lake that a night writes to, and its rows."""
        sample = self._sample()
        rejected = self._rejected()
        yield "log_files", self._log_files(len(rejected))
        yield "rejected_logs", rejected
        yield "prod_logs", sample.head(5)
        yield "signals", self._signals()
        yield "sample", sample
        yield "judgments", self._judgments()
        yield "judge_votes", self._votes()
        yield "funnel", self._funnel(rejected)
        if self.anchors:
            yield "anchor_judgments", self._anchors()
        yield "gate_log", self._issued()

    def _sample(self) -> pd.DataFrame:
        items, generator = len(self.stratum), self.generator
        categories = np.array(list(CATEGORIES))[self.stratum]
        logs, sampled = self.logs[self.stratum], self.sampled[self.stratum]
        begin = datetime.combine(self.day, time(), UTC)
        seconds = generator.integers(0, 86_400, items)
        users = (USERS * generator.random(items) ** 2).astype(int)  # some ask far more often than others
        prompt = sum(begins <= self.number for begins in PROMPTS_BEGIN)
        models = np.where(generator.random(items) < 0.1, "assistant-small", _model(self.number))
        return pd.DataFrame(
            {
                "log_id": self.log_ids,
                "stratum": categories,
                "stratum_size": logs,
                "stratum_wanted": sampled,
                "stratum_sampled": sampled,
                "inclusion_probability": sampled / logs,
                "weight": logs / sampled,
                "ts": [begin + timedelta(seconds=int(second)) for second in seconds],
                "category": categories,
                "cohort": np.array(COHORTS)[generator.integers(0, len(COHORTS), items)],
                "user_id": [f"u{user}" for user in users],
                "conversation_id": [f"t{user}-{second // 3600}" for user, second in zip(users, seconds, strict=True)],
                "locale": np.array(LOCALES)[generator.choice(len(LOCALES), items, p=(0.6, 0.25, 0.15))],
                "model": models,
                "prompt_version": f"v{prompt}",
                "input": [
                    _question(category, log_id) for category, log_id in zip(categories, self.log_ids, strict=True)
                ],
                "output": [_answer(category) for category in categories],
                "input_tokens": generator.integers(300, 900, items),
                "output_tokens": generator.integers(60, 300, items),
                "cost_usd": np.round(0.001 + 0.002 * generator.random(items), 6),
                "latency_ms": np.round(generator.lognormal(7.5, 0.5, items)),
                "error": None,
                "feedback": ["up" if drawn < 0.05 else None for drawn in generator.random(items)],
                "regenerated": generator.random(items) < 0.04,
                "fallback": False,
                "injection_flag": False,
            }
        )

    def _judgments(self) -> pd.DataFrame:
        items, criteria = self.levels.shape
        judged = self._judged(np.repeat(self.log_ids, criteria), np.tile(self.criteria, items), self.levels.ravel())
        judged["item_kind"] = ItemKind.PROD.value
        judged["status"] = self.status.ravel()
        return judged

    def _anchors(self) -> pd.DataFrame:
        """The first cold items again, a few of them a level lower or higher than they were."""
        first = self.cold_eval.levels.head(self.anchors)[self.criteria].fillna(0).to_numpy(dtype=int)
        moved = (self.generator.random(first.shape) < 0.04) * self.generator.choice((-1, 1), first.shape)
        now = np.where(first > 0, np.clip(first + moved, 1, 5), 0)
        item_ids = np.repeat(self.cold_eval.levels.index[: self.anchors], len(self.criteria))
        judged = self._judged(item_ids, np.tile(self.criteria, len(first)), now.ravel())
        judged["day"] = self.judged_at.date()
        judged["item_kind"] = ItemKind.ANCHOR.value
        judged["status"] = np.where(judged["level"].isna(), Status.NOT_APPLICABLE.value, Status.SCORED.value)
        return judged

    def _judged(self, item_ids: np.ndarray, criteria: np.ndarray, levels: np.ndarray) -> pd.DataFrame:
        """What judgments of all kinds say; a level of 0 is none."""
        given = pd.Series(levels, dtype="Int64").mask(levels == 0)
        return pd.DataFrame(
            {
                "item_id": item_ids,
                "criterion": criteria,
                "ruler_id": [self.cold_eval.rulers[criterion] for criterion in criteria],
                "rubric_id": self.cold_eval.rubric_id,
                "baseline_id": self.cold_eval.baseline_id,
                "level": given,
                "score": ((given - 1) / 4).astype("Float64"),
                "rationale": [_rationale(level) for level in levels.tolist()],
                "evidence": None,
                "injection_suspected": False,
                "judge_model": "made",
                "input_tokens": 1200,
                "output_tokens": 80,
                "cost_usd": 0.0008,
                "batch_id": f"batch-{self.day}",
                "request_id": None,
                "latency_ms": None,
                "cut_characters": 0,
                "redactions": None,
                "judged_at": self.judged_at,
            }
        )

    def _votes(self) -> pd.DataFrame:
        """Ten items by lot and two with a level of 3, judged twice more on the first criterion that they were."""
        by_lot = self.generator.choice(len(self.stratum), VOTED, replace=False)
        borderline = np.flatnonzero(self.levels[:, 0] == 3)[:2]
        rows = []
        for chosen_by, chosen in (("lot", by_lot), ("borderline", borderline)):
            for item in chosen[self.levels[chosen, 0] > 0]:
                level = int(self.levels[item, 0])
                for vote in (1, 2):
                    flips = self.generator.random() < FLIPPED
                    rows.append((self.log_ids[item], vote, chosen_by, level, max(1, level - 1) if flips else level))
        frame = pd.DataFrame(rows, columns=["item_id", "vote", "chosen_by", "first_level", "level"])
        criterion = self.criteria[0]
        return frame.assign(criterion=criterion, ruler_id=self.cold_eval.rulers[criterion], status=Status.SCORED.value)

    def _rejected(self) -> pd.DataFrame:
        reasons = ["malformed", "malformed", "duplicate"]
        lines = np.sort(self.generator.choice(1000, len(reasons), replace=False)) + 1
        nothing = {"log_id": None, "log_of_line": None}
        return pd.DataFrame(
            {"file": self._file(), "line": lines, "reason": reasons, "raw": '{"id": "cut off', **nothing}
        )

    def _log_files(self, rejected: int) -> pd.DataFrame:
        logs, blank = int(self.logs.sum()), 1
        counts = {"prod_logs": logs, "rejected": rejected, "other_day": 0, "blank": blank}
        about = {"file": self._file(), "file_day": self.day, "unreadable_cells": 0, "left_out": 0, "further_logs": 0}
        return pd.DataFrame([about | counts | {"physical_lines": sum(counts.values())}])

    def _file(self) -> str:
        return f"logs/{self.day}.jsonl"

    def _funnel(self, rejected: pd.DataFrame) -> pd.DataFrame:
        failed = int((self.status == Status.ERRORED.value).any(axis=1).sum())
        logs, items = int(self.logs.sum()), len(self.stratum)
        counts = {("lines", "prod_logs"): logs, ("lines", "blank"): 1}
        counts |= {("lines", reason): count for reason, count in Counter(rejected["reason"]).items()}
        counts |= {("logs", "sampled"): items, ("logs", "not_sampled"): logs - items}
        counts |= {("sample", "scored"): items - failed, ("sample", "failed"): failed}
        statuses, of_status = np.unique(self.status.astype(str), return_counts=True)
        counts |= {("judgments", status): count for status, count in zip(statuses, of_status, strict=True)}
        rows = [(*place, items) for place, items in counts.items() if items]
        return pd.DataFrame(rows, columns=["stage", "status", "items"])

    def _signals(self) -> pd.DataFrame:
        """Healthy signals of the whole feature; of a cohort, those that have a reference are shown alone."""
        rows: list[tuple] = []
        for cohort in ("all", *COHORTS):
            logs = int(self.logs.sum()) if cohort == "all" else int(self.logs.sum()) // len(COHORTS)
            for signal, usual, low, high in _SIGNALS:
                value = usual * (1 + 0.02 * self.generator.standard_normal())
                status = "informational" if cohort != "all" and signal == "daily_cost_usd" else "healthy"
                rows.append((cohort, signal, value, high and usual, low, high, status, logs))
            rows.append((cohort, "logs", float(logs), None, None, None, "informational", logs))
        columns = ["cohort", "signal", "value", "reference", "band_low", "band_high", "status", "observations"]
        return pd.DataFrame(rows, columns=columns)

    def _issued(self) -> pd.DataFrame:
        stage = [name for name, begins in STAGES.items() if begins <= self.number][-1]
        return pd.DataFrame(
            [
                {
                    "previous_decision_id": _decision_id(self.number - 1) if self.number else None,
                    "day": self.day,
                    "decision": "hold",
                    "reason_codes": "too_few_nights",
                    "from_stage": stage,
                    "to_stage": stage,
                    "policy_hash": "made",
                    "evidence_digest": f"made {self.day}",
                    "issued_at": self.judged_at,
                    "expires_at": self.judged_at + timedelta(days=1),
                    "code_version": "made",
                }
            ]
        )

    def verdicts(self, feature: Feature) -> list[dict]:
        """The night's verdicts as the ledger keeps them, in the order of their key, those on anchors without."""
        name, judged_at = feature.name, moment(self.judged_at)
        rows = [
            {
                "ruler_id": self.cold_eval.rulers[criterion],
                "content_id": content_id,
                "occasion": "",
                "feature": name,
                "item_kind": ItemKind.PROD.value,
                "status": self.status[item, place],
                "level": int(self.levels[item, place]) or None,
                "rationale": _rationale(int(self.levels[item, place])),
                "injection_suspected": False,
                "judge_model": "made",
                "batch_id": f"batch-{self.day}",
                "input_tokens": 1200,
                "output_tokens": 80,
                "cache_write_5m_tokens": 0,
                "cache_write_1h_tokens": 0,
                "cache_read_tokens": 900,
                "cost_usd": 0.0008,
                "cut_characters": 0,
                "judged_at": judged_at,
            }
            for item, log_id in enumerate(self.log_ids)
            for content_id in [_digest(f"{name} {log_id}")]
            for place, criterion in enumerate(self.criteria)
            if self.status[item, place] != Status.ERRORED.value  # an error that may pass is not kept
        ]
        return sorted(rows, key=lambda row: (row["ruler_id"], row["content_id"]))


_SIGNALS = (  # signal, usual value, lowest and highest healthy one
    ("daily_cost_usd", 4.0, 3.2, 4.8),
    ("p50_latency_ms", 1900.0, 1710.0, 2090.0),
    ("p95_latency_ms", 4200.0, 3780.0, 4620.0),
    ("error_rate", 0.004, None, 0.01),
    ("thumbs_down_rate", 0.03, None, 0.1),
    ("regenerated_rate", 0.04, None, 0.1),
)
_RATIONALE = "The answer names where to look and what follows, and a reader who knows the page would give it {level}."


@cache
def _rationale(level: int) -> str:
    return _RATIONALE.format(level=level)


def _decision_id(number: int) -> str:
    return _digest(f"made {number}")[:16]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _model(number: int) -> str:
    return "assistant-1" if number < MODEL_CHANGES else "assistant-2"


def _question(category: str, log_id: str) -> str:
    return (
        f"Hello, where do I find my {CATEGORIES[category][1]}? I have looked on every page. My reference is {log_id}."
    )


@cache
def _answer(category: str) -> str:
    return GOOD_ANSWER.format(fact=" ".join([CATEGORIES[category][2]] * 3))
