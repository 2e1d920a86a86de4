"""A small rollout of its own for whole nights: a feature file, days of logs with known faults, a cold eval."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.data_directory import data_directory
from pipelines.feature import Feature, features_directory, load_feature

START = date(2026, 11, 2)
TOPICS = {
    "billing": ("invoice", "The invoice is in Settings under Billing, and a copy goes out by email on the first day of the month."),
    "login": ("password", "A password is reset with the link on the sign-in page, which stays valid for one hour."),
    "shipping": ("parcel", "A parcel leaves the warehouse within two days, and the tracking number comes by email."),
}  # fmt: skip
GOOD = "Thanks for getting in touch. {fact} Let me know if anything is unclear."
POOR = "I CAN'T HELP WITH THAT!!! Refunds of 900 dollars are wired on Sundays from our Lisbon office."

FEATURE = """\
description: Drafts for tests
start: {start}
timezone: {timezone}
night: {{scheduled: false}}
logs:
  path: logs/{{{{ day }}}}.jsonl
  fields: {{log_id: id, ts: timestamp, cohort: user.cohort, user_id: user.id, input: request.prompt, output: response.text,
    input_tokens: usage.input_tokens, output_tokens: usage.output_tokens}}
sample: {{n: 24, floor: 4}}
baseline: {{path: cold.jsonl, fields: {{item_id: id}}}}
forecast: {{daily_cost_usd: {{internal: 0.12}}, p50_ms: 900, p95_ms: 1100}}
ramp:
  flag: drafts
  stages: [{{name: internal, min_nights: 2}}, {{name: "5%"}}]
  history: [{{stage: internal, from: {start}}}]
publish: {{text: full}}
"""

# Every day of a rollout has these lines besides its logs, and a blank one.
FAULTS_A_DAY = {"malformed": 2, "missing_id": 1, "duplicate": 1}


def make_rollout(
    name: str = "drafts", days: int = 3, logs: int = 60, poor: float = 0.05, timezone: str = "UTC"
) -> Feature:
    """Write a feature file, `days` of logs from START on and a cold eval; `poor` is the share of bad answers."""
    root = features_directory()
    path = root / f"{name}.yaml"
    path.write_text(
        FEATURE.format(start=START, timezone=timezone).replace("logs/{{", f"logs/{name}/{{{{".replace("{{{{", "{{"))
    )
    for number in range(days):
        write_day(name, START + timedelta(days=number), logs, poor)
    random_ = random.Random("cold")
    cold = [
        {"id": f"c{number}", "category": category, "input": question, "output": output, "sources": sources}
        for number in range(60)
        for category, question, output, sources in [_exchange(random_, 0.05)]
    ]
    (root / "cold.jsonl").write_text("\n".join(map(json.dumps, cold)))
    return load_feature(path)


def write_day(name: str, day: date, logs: int = 60, poor: float = 0.05) -> Path:
    """Write one day's log file, the same on every call."""
    random_ = random.Random(f"{name} {day}")
    lines = []
    for number in range(logs):
        category, question, output, sources = _exchange(random_, poor)
        moment = datetime.combine(day, time(), UTC) + timedelta(seconds=random_.randrange(86_400))
        lines.append(
            json.dumps(
                {
                    "id": f"{day}-{number}",
                    "timestamp": moment.isoformat(),
                    "category": category,
                    "user": {"id": f"u{number % 7}", "cohort": "internal"},
                    "request": {"prompt": question},
                    "response": {"text": output},
                    "sources": sources,
                    "usage": {"input_tokens": 100, "output_tokens": 40},
                    "cost_usd": 0.002,
                    "latency_ms": random_.uniform(700, 1100),
                }
            )
        )
    lines += [
        lines[0],
        '{"id": "cut off',
        "not json",
        json.dumps({"timestamp": f"{day}T10:00:00Z", "response": {"text": "x"}}),
        "",
    ]
    path = features_directory() / "logs" / name / f"{day}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def _exchange(random_: random.Random, poor: float) -> tuple[str, str, str, list[dict]]:
    category = random_.choices(list(TOPICS), weights=(5, 3, 2))[0]
    thing, fact = TOPICS[category]
    question = f"Hello, where do I find my {thing}? My reference is {random_.randrange(10_000)}."
    output = POOR if random_.random() < poor else GOOD.format(fact=fact)
    return category, question, output, [{"id": category, "title": thing, "text": fact}]


# What a model's answer took is as it comes, too: the first to send a system prompt pays for its place in the cache.
ANSWERED = ("judged_at", "batch_id", "request_id", "latency_ms", "input_tokens", "cost_usd")
PROVENANCE = {
    "judgments": ANSWERED,
    "cold_judgments": ANSWERED,
    "night_summary": ("made_of",),
    "nights": ("made_of",),
    "judge_drift": ("made_of",),
    "gate_decisions": ("restated",),  # compares with what was issued when
    "stage_history": ("recorded_at",),
    "cold_eval_history": ("recorded_at",),
    "gate_log": ("issued_at", "expires_at", "code_version"),
}


def tables(feature: str) -> dict[str, list[tuple]]:
    """Every row of every table of a feature, sorted, without what says when and by which code it was made."""
    found = {}
    with lake.connect() as connection:
        for table in catalogue.folders():
            lake.read(connection, table, feature=feature)
            left_out = "".join(f" EXCLUDE ({', '.join(PROVENANCE[table])})" if table in PROVENANCE else "")
            rows = connection.execute(f"SELECT *{left_out} FROM {table}").fetchall()
            found[table] = sorted(rows, key=repr)
    return found


def strays() -> list[str]:
    """Files of the data directory that are neither in their place nor a lock, a log or a database's own."""
    return [str(path) for path in data_directory().rglob("*.tmp*")]
