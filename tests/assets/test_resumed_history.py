"""History that is resumed is equal to history that is made from nothing, whatever happened to the days in between."""

import random
import shutil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import lake
from pipelines.assets.divergence import make_divergence
from pipelines.assets.gate_decisions import make_gate_decisions
from pipelines.assets.judge_flips import make_judge_flips
from pipelines.assets.mix_shift import make_mix_shift
from pipelines.assets.nights import make_nights
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import data_directory
from pipelines.feature import Feature, features_directory, load_feature
from tests.assets.test_divergence import CRITERIA, FEATURE, day, item, write_baseline, write_night
from tests.lake.places import path_of
from tests.publishing.rows import signal, write

DAYS = 40  # of two months
HISTORY = ("nights", "divergence", "mix_shift", "judge_flips", "gate_decisions")
STEPS = (make_nights, make_divergence, make_mix_shift, make_judge_flips, make_gate_decisions)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("resumed")


def begin(place, patch) -> Feature:
    """A feature of its own for each example, with a cold eval by two rulers."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "features").mkdir(parents=True)
    patch.setenv("PROD_EVALS_DATA", str(place / "data"))
    patch.setenv("PROD_EVALS_FEATURES", str(place / "features"))
    patch.setenv(NOW_VARIABLE, f"{day(DAYS)}T23:00:00+00:00")
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE)
    feature = load_feature(path)
    rubric = [{"criterion": name, "ruler_id": name, "weight": weight} for name, weight in CRITERIA.items()]
    for rubric_id in ("r", "newer"):
        write("rubrics", rubric, feature=feature.name, rubric_id=rubric_id)
    write_baseline(feature, categories=("billing", "login", "only cold"), standard_error=0.01)
    return feature


def make_history(feature: Feature) -> None:
    with lake.connect() as connection:
        for make in STEPS:
            make(connection, feature)


def history(feature: Feature) -> dict[str, list[tuple]]:
    found = {}
    with lake.connect() as connection:
        for table in HISTORY:
            lake.read(connection, table, feature=feature.name)
            found[table] = sorted(connection.execute(f"FROM {table}").fetchall(), key=repr)
    return found


def judged(number: int, version: int) -> list[dict]:
    """A night whose scores, mix, prompt, locale and failures depend on its number and on how often it was changed."""
    generator = random.Random(f"{number} {version}")
    prompt = f"v{(number + 4) // 13}"
    return [
        item(
            "errored" if generator.random() < 0.02 else generator.choice((0.25, 0.75, 1.0, 1.0)),
            category=generator.choice(("billing", "login", "refund")),
            tone=generator.choice((0.5, 1.0, "not_applicable")),
            prompt_version=prompt,
            cohort=generator.choice(("internal", "5%")),
            locale=generator.choice(("en", "es")) if number > 20 else "en",
            user_id=f"u{generator.randrange(30)}",
        )
        for _ in range(generator.choice((12, 40)))
    ]


def change_day(feature: Feature, number: int, version: int) -> None:
    """Make a day, or make it again otherwise; some are left incomplete, some are taken away."""
    what = version % 5
    if what == 3:
        for table in ("sample", "judgments", "funnel", "judge_votes", "signals", "night_summary"):
            shutil.rmtree(path_of(table, feature=feature.name, day=day(number)).parent, ignore_errors=True)
        return
    rubric_id = "newer" if number % 17 == 16 else "r"
    write_night(feature, number, judged(number, version), rubric_id=rubric_id, funnel=what != 4)
    votes = [
        {"item_id": f"log-{place:03}", "criterion": "tone", "ruler_id": "tone", "vote": 1, "chosen_by": "lot"}
        | {"first_level": 4, "status": "scored", "level": 4 - version % 2}
        for place in range(version)
    ]
    keys: dict[str, Any] = {"feature": feature.name, "day": day(number)}
    write("judge_votes", votes or [{"status": "errored"}], **keys)
    errors = None if (number + version) % 7 == 0 else 0.004 * (version % 4)
    write(
        "signals", [signal("error_rate", errors, 0.01, None, 0.01, "missing" if errors is None else "healthy")], **keys
    )


changes = st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(0, 9)), min_size=1, max_size=6)


@settings(max_examples=4)
@given(
    first=st.sets(st.integers(0, DAYS - 1), min_size=1, max_size=25), later=st.lists(changes, min_size=1, max_size=3)
)
def test_a_resumed_history_is_equal_to_one_made_from_nothing(place, first, later):
    with pytest.MonkeyPatch.context() as patch:
        feature = begin(place, patch)
        for number in first:
            change_day(feature, number, 0)
        make_history(feature)
        for together in later:
            for number, version in together:
                change_day(feature, number, version)
            make_history(feature)
        resumed = history(feature)
        for table in HISTORY:
            shutil.rmtree(data_directory() / "lake" / table)
        make_history(feature)
        assert history(feature) == resumed
