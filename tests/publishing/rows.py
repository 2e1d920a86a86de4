"""Rows of the contract, written into the lake as a rollout would leave them; hostile texts are part of them."""

import json
import math
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.judging.ruler import digest

START = date(2026, 11, 2)
RUBRIC, BASELINE = "rubric0000000001", "baseline00000001"
CRITERIA = {"addressed_question": 1.0, "grounded_in_sources": 1.0, "tone": 0.5}

SCRIPT = "<script>alert('x')</script>"
HOSTILE_CATEGORY = "<img src=x onerror=alert(1)>\" ' & `"
BIDI = "safe\u202etxt.exe\u2066 and \x1b[31mred\x00"
SECRET = "my card is 4111 1111 1111 1111"

FEATURE = """\
description: {description}
timezone: America/New_York
start: {start}
logs: {{path: "logs/{{{{ day }}}}.jsonl"}}
ramp:
  flag: drafts
  stages: [{{name: internal, min_nights: 3}}, {{name: "5%", min_nights: 5}}, {{name: "25%"}}]
  history: [{{stage: internal, from: {start}}}, {{stage: "5%", from: {second}}}]
  runbook: docs/runbook.md
publish: {{text: {text}}}
"""


def make_feature(name: str = "drafts", text: str = "full", description: str = "Drafts for tests") -> Feature:
    path = features_directory() / f"{name}.yaml"
    second = START + timedelta(days=7)
    path.write_text(FEATURE.format(start=START, second=second, text=text, description=json.dumps(description)))
    return load_feature(path)


def write(table: str, rows: list[dict], note: str | None = None, **keys) -> None:
    """Write a partition of a table; columns that a row does not name are null. A table of months is cut by them."""
    if "month" in catalogue.folders()[table].keys and "month" not in keys:
        for month in sorted({lake.month_of(row["day"]) for row in rows}):
            of_month = [row for row in rows if lake.month_of(row["day"]) == month]
            write(table, of_month, note=made_of(of_month), month=month, **keys)
        return
    columns = [name for name in lake.columns(table) if name not in keys]
    values: list[str] = []
    parameters: dict[str, Any] = {}
    for number, row in enumerate(rows or [{}]):
        assert row.keys() <= set(columns), row.keys() - set(columns)
        names = {column: f"p{number}_{column}" for column in columns}
        parameters |= {names[column]: row.get(column) for column in columns}
        values.append("(" + ", ".join(f"${name}" for name in names.values()) + ")")
    quoted = ", ".join(f'"{column}"' for column in columns)
    query = f"SELECT * FROM (VALUES {', '.join(values)}) AS t ({quoted}) LIMIT {len(rows)}"
    with _connection().cursor() as connection:
        lake.write(connection, table, query, parameters, note, **keys)


def made_of(rows: list[dict]) -> str:
    """What a history table notes of its days: other rows, another note."""
    days = sorted({row["day"] for row in rows})
    return " ".join(f"{day}={digest(repr([row for row in rows if row['day'] == day]))}" for day in days)


@cache
def _connection():
    return lake.connect()  # for all tests: where files go is asked at every write


def decision(day: date, decision: str = "hold", reason: str = "too_few_nights", **more) -> dict:
    return {
        "day": day,
        "decision": decision,
        "reason_codes": [reason],
        "explanation": "Two of 5 nights so far: about 3 more nights.",
        "from_stage": "5%",
        "to_stage": "25%" if decision == "advance" else "5%",
        "verdict": "within",
        "nights": 2,
        "min_nights": 5,
        "window_start": day - timedelta(days=1),
        "window_end": day,
        "judged": 400,
        "rubric_id": RUBRIC,
        "baseline_id": BASELINE,
        "policy_hash": "policy1",
        "evidence_digest": f"evidence of {day}",
        "restated": False,
    } | more


def write_decisions(feature: Feature, *rows: dict) -> None:
    write("gate_decisions", list(rows), feature=feature.name)


def write_rubric(feature: Feature) -> None:
    write(
        "rubrics",
        [
            {"criterion": criterion, "ruler_id": f"ruler_{criterion}", "weight": weight}
            for criterion, weight in CRITERIA.items()
        ],
        feature=feature.name,
        rubric_id=RUBRIC,
    )
    for criterion in CRITERIA:
        ruler = {"criterion": criterion, "judge": "offline", "judge_model": "offline rules 1", "parameters": "{}"}
        write("rulers", [ruler | {"prompt": "the whole question"}], ruler_id=f"ruler_{criterion}")


def comparison(
    day: date, window: str, kind: str, slice_: str, criterion: str, difference: float | None, **more
) -> dict:
    cold = 0.86
    half = 0.02 if window == "epoch" else 0.05
    known = difference is not None
    shift = 0.0 if difference is None else difference
    return {
        "day": day,
        "window": window,
        "slice_kind": kind,
        "slice": slice_,
        "criterion": criterion,
        "prod_mean": cold + shift if known else None,
        "prod_standard_error": half / 3 if known else None,
        "baseline_mean": cold,
        "baseline_standard_error": 0.006,
        "difference": difference,
        "relative_difference": shift / cold if known else None,
        "ci_low": shift - half if known else None,
        "ci_high": shift + half if known else None,
        "band": 0.05,
        "verdict": "within" if known else "no_data",
        "nights": 3,
        "items": 600,
        "minimum_detectable": 0.03,
        "prod_low": cold + shift - half if known else None,
        "prod_high": cold + shift + half if known else None,
        "alarm": False,
        "baseline_uncertainty": "sampled",
        "adjusted_p": 0.4,
        "stage": "internal" if day < START + timedelta(days=7) else "5%",
        "epoch_start": START if day < START + timedelta(days=7) else START + timedelta(days=7),
        "rubric_id": RUBRIC,
        "baseline_id": BASELINE,
        "inputs_digest": "digest",
    } | more


def item(number: int, **more) -> dict:
    return {
        "log_id": f"log-{number}",
        "stratum": "billing",
        "stratum_size": 40,
        "stratum_sampled": 10,
        "inclusion_probability": 0.25,
        "weight": 4.0,
        "ts": datetime(2026, 11, 2, 15, tzinfo=UTC),
        "category": "billing",
        "cohort": "internal",
        "user_id": "u1",
        "input": f"{SECRET} {SCRIPT}",
        "output": f"{BIDI} " + "a long answer " * 60,
        "sources": [{"id": "s", "title": "T", "text": SECRET}],
        "error": f"could not bill {SECRET}" if number == 3 else None,
    } | more


LOG_COLUMNS = ("log_id", "ts", "category", "cohort", "user_id", "input", "output", "sources", "error")


def write_day(feature: Feature, day: date, items: int = 12) -> None:
    """The day tables of one day: logs, sample, judgments, signals, funnel, rejected lines."""
    keys: dict[str, Any] = {"feature": feature.name, "day": day}
    sampled = [item(number) for number in range(items)]
    write("prod_logs", [{column: row[column] for column in LOG_COLUMNS} for row in sampled], **keys)
    write("sample", sampled, **keys)
    write("rejected_logs", [{"file": "logs/a.jsonl", "line": 4, "reason": "malformed", "raw": SECRET}], **keys)
    judged = []
    for number in range(items):
        for criterion in CRITERIA:
            level = min(5, 1 + number // 2)
            failed = number == items - 1 and criterion == "tone"
            judged.append(
                {
                    "item_kind": "prod",
                    "item_id": f"log-{number}",
                    "criterion": criterion,
                    "ruler_id": f"ruler_{criterion}",
                    "rubric_id": RUBRIC,
                    "baseline_id": BASELINE,
                    "status": "errored" if failed else "scored",
                    "level": None if failed else level,
                    "score": None if failed else (level - 1) / 4,
                    "rationale": f"quotes: {SECRET} {SCRIPT}",
                    "evidence": SECRET,
                    "judge_model": "offline rules 1",
                    "judged_at": datetime(2026, 11, 3, 5, tzinfo=UTC),
                }
            )
    write("judgments", judged, **keys)
    write("funnel", funnel_rows(items), **keys)
    number = (day - START).days
    cost = 12 + (8 if day.weekday() == 0 else 0) + math.sin(number)
    write(
        "signals",
        [
            signal("daily_cost_usd", cost, 12, 9.6, 14.4, "healthy" if cost < 14.4 else "unhealthy"),
            signal("p50_latency_ms", 1900 + 10 * number, 1900, 1710, 2090, "healthy"),
            signal("p95_latency_ms", 4312.5, 4200, 3780, 4620, "healthy"),
            signal("error_rate", 0.004, 0.01, None, 0.01, "healthy"),
            signal("thumbs_down_rate", None, 0.1, None, 0.1, "missing"),
            signal("regenerated_rate", 0.12, 0.1, None, 0.1, "inconclusive"),
            signal("logs", 612, None, None, None, "informational"),
            signal("p95_latency_ms", 9000, 4200, 3780, 4620, "unhealthy", cohort=HOSTILE_CATEGORY),
        ],
        **keys,
    )


def funnel_rows(items: int = 12) -> list[dict]:
    counts = {
        ("lines", "prod_logs"): 612,
        ("lines", "malformed"): 3,
        ("lines", "duplicate"): 1,
        ("lines", "other_day"): 20,
        ("lines", "blank"): 2,
        ("logs", "sampled"): items,
        ("logs", "not_sampled"): 612 - items,
        ("sample", "scored"): items - 1,
        ("sample", "failed"): 1,
        ("judgments", "scored"): 3 * items - 1,
        ("judgments", "errored"): 1,
    }
    return [{"stage": stage, "status": status, "items": number} for (stage, status), number in counts.items()]


def signal(name: str, value, reference, low, high, status: str, cohort: str = "all") -> dict:
    return {
        "cohort": cohort,
        "signal": name,
        "value": value,
        "reference": reference,
        "band_low": low,
        "band_high": high,
        "status": status,
        "observations": 612,
    }


def write_cold(feature: Feature) -> None:
    cold = {
        "category": "billing",
        "input": SECRET,
        "output": SECRET,
        "sources": [{"id": "s", "title": "T", "text": SECRET}],
    }
    write("cold_items", [cold | {"item_id": "c1"}], feature=feature.name, baseline_id=BASELINE)
    judged = {"item_kind": "cold", "item_id": "c1", "criterion": "tone", "ruler_id": "ruler_tone", "status": "scored"}
    write(
        "cold_judgments",
        [judged | {"level": 5, "score": 1.0, "rationale": SECRET}],
        feature=feature.name,
        baseline_id=BASELINE,
        rubric_id=RUBRIC,
    )


def write_judge_drift(feature: Feature, *dates: date, **more) -> None:
    """A steady judge, criterion by criterion, on every date."""
    known: dict[str, Any] = {
        "anchors": 40,
        "mean_first": 0.9,
        "mean_now": 0.896,
        "difference": -0.004,
        "ci_low": -0.013,
    }
    known |= {"ci_high": 0.005, "tolerance": 0.0215, "status": "steady"} | more
    about = [{"criterion": criterion, "ruler_id": f"ruler_{criterion}"} for criterion in CRITERIA]
    rows = [known | each | {"judged_on": judged_on} for each in about for judged_on in dates]
    write("judge_drift", rows, feature=feature.name)


def write_mix_shift(feature: Feature, day: date) -> None:
    """A difference of -0.04 from 0.86 on one day: a quarter from quality, the rest from a category that grew."""
    known = {"day": day, "window": "epoch", "criterion": "overall", "epoch_start": START}
    known |= {"rubric_id": RUBRIC, "baseline_id": BASELINE, "only_in_production": 0.0, "only_in_baseline": 0.0}
    sums = {"slice_kind": "overall", "slice": "all", "prod_mean": 0.82, "baseline_mean": 0.86}
    sums |= {"composition": -0.03, "quality": -0.01, "total": -0.04}
    grew = {"slice_kind": "category", "slice": HOSTILE_CATEGORY, "prod_share": 0.6, "baseline_share": 0.3}
    grew |= {"composition": -0.03, "quality": -0.01, "total": -0.04}
    write("mix_shift", [known | sums, known | grew], feature=feature.name)


def write_calibration(feature: Feature) -> None:
    known = {"criterion": "tone", "ruler_id": "ruler_tone", "items": 60}
    known |= {"kappa": 0.71, "kappa_low": 0.6, "kappa_high": 0.8}
    mean = {"judged": 400, "labelled": 60, "raw_mean": 0.9, "corrected_mean": 0.84, "low": 0.8, "high": 0.88}
    write("calibration", [known | mean | {"item_kind": "prod", "method": "ppi++"}], feature=feature.name)


def write_rollout(feature: Feature, days: int = 14) -> date:
    """`days` nights from START on, their comparison, and a decision for each; returns the last day."""
    write_rubric(feature)
    write_cold(feature)
    comparisons, decisions = [], []
    for number in range(days):
        day = START + timedelta(days=number)
        write_day(feature, day)
        difference = -0.015 + 0.012 * math.sin(number)
        for window in ("night", "epoch"):
            shift = difference if window == "night" else -0.015
            comparisons.append(comparison(day, window, "overall", "all", "overall", shift))
            for offset, criterion in enumerate(CRITERIA):
                comparisons.append(comparison(day, window, "overall", "all", criterion, shift + 0.01 * offset))
            for slice_, by, verdict in (
                ("billing", 0.005, "within"),
                ("login", -0.012, "inconclusive"),
                (HOSTILE_CATEGORY, -0.09, "below"),
            ):
                comparisons.append(
                    comparison(day, window, "category", slice_, "overall", by, verdict=verdict, items=80)
                )
            only_here: dict[str, Any] = {"baseline_mean": None, "difference": None, "relative_difference": None}
            only_here |= {"ci_low": None, "ci_high": None, "verdict": "no_baseline", "items": 31}
            comparisons.append(comparison(day, window, "category", "new in prod", "overall", 0.0) | only_here)
            comparisons.append(comparison(day, window, "category", "cold only", "overall", None, items=0, nights=0))
            for cohort, by in (("internal", 0.0), (HOSTILE_CATEGORY, -0.02)):
                comparisons.append(comparison(day, window, "cohort", cohort, "overall", by))
        decisions.append(decision(day, *(("advance", "within_band") if number % 7 == 6 else ())))
    write("divergence", comparisons, feature=feature.name)
    write_judge_drift(feature, *(START + timedelta(days=number + 1) for number in range(days)))
    write_mix_shift(feature, START + timedelta(days=days - 1))
    write_calibration(feature)
    write_decisions(feature, *decisions)
    return START + timedelta(days=days - 1)
