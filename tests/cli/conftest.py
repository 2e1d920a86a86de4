"""A small rollout that has been judged, for the commands that read what the lake holds: rows as nights leave them."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.clock import NOW_VARIABLE
from pipelines.feature import Feature
from pipelines.judging.judges import judge_of
from pipelines.judging.ruler import rubric_of
from tests.nights.rollout import START, TOPICS, make_rollout
from tests.publishing.rows import write

NIGHTS, COLD_ITEMS = 3, 60
STRATA = {"billing": (30, 12), "login": (18, 7), "shipping": (12, 5)}  # logs of a day, and how many are judged
CRITERIA = {"addressed_question": 1.0, "grounded_in_sources": 1.0, "tone": 0.5}
COST_OF_A_VERDICT = 0.002


def environment(place):
    return {
        "PROD_EVALS_FEATURES": str(place / "features"),
        "PROD_EVALS_DATA": str(place / "data"),
        NOW_VARIABLE: f"{START + timedelta(days=NIGHTS)}T05:00:00+00:00",
    }


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory):
    """Three nights of 24 judged logs each, and a cold eval of 60 items."""
    place = tmp_path_factory.mktemp("evaluated")
    (place / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(place).items():
            patch.setenv(name, value)
        feature = make_rollout(days=1)
        generator = random.Random(1)
        known = {"rubric_id": rubric_of(feature, judge_of(feature)).rubric_id, "baseline_id": "b"}
        rubric = [
            {"criterion": name, "ruler_id": f"ruler_{name}", "weight": weight} for name, weight in CRITERIA.items()
        ]
        write("rubrics", rubric, feature=feature.name, rubric_id=known["rubric_id"])
        for number in range(NIGHTS):
            write_night(feature, START + timedelta(days=number), known, generator)
        cold = [{"item_id": f"c{n}", **texts(generator.choice(list(TOPICS)))} for n in range(COLD_ITEMS)]
        write("cold_items", cold, feature=feature.name, baseline_id="b")
        verdicts = [row for each in cold for row in judged("cold", each["item_id"], {}, generator)]
        write("cold_judgments", verdicts, feature=feature.name, **known)
    return place


def write_night(feature: Feature, day: date, known: dict, generator: random.Random) -> None:
    keys: dict[str, Any] = {"feature": feature.name, "day": day}
    sampled = [
        {"log_id": f"{day}-{stratum}-{n}", "stratum": stratum, "stratum_size": size, "stratum_sampled": count,
         "weight": size / count, **texts(stratum)}
        for stratum, (size, count) in STRATA.items()
        for n in range(count)
    ]  # fmt: skip
    write("sample", sampled, **keys)
    write("judgments", [row for each in sampled for row in judged("prod", each["log_id"], known, generator)], **keys)
    write("funnel", [{"stage": "sample", "status": "scored", "items": len(sampled)}], **keys)


def texts(category: str) -> dict:
    thing, fact = TOPICS[category]
    return {"category": category, "input": f"Where is my {thing}?", "output": fact}


def judged(kind: str, item_id: str, known: dict, generator: random.Random) -> list[dict]:
    known = known | {"item_kind": kind, "item_id": item_id, "status": "scored"}
    levels = [generator.choice((3, 4, 5, 5, 5)) for _ in CRITERIA]
    known |= {"cost_usd": COST_OF_A_VERDICT}
    return [
        known | {"criterion": criterion, "ruler_id": f"ruler_{criterion}", "level": level, "score": (level - 1) / 4}
        for criterion, level in zip(CRITERIA, levels, strict=True)
    ]


@pytest.fixture
def drafts(evaluated, monkeypatch):
    """The directories of that rollout, for one test; nothing may write to them."""
    for name, value in environment(evaluated).items():
        monkeypatch.setenv(name, value)
