import gzip
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.demo import MARKER, NotTheDemosFile, make_demo, story
from pipelines.feature import CanonicalColumn, load_feature
from pipelines.ramp.record import stages_of

AS_OF = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def small_weeks(monkeypatch):
    """The same five weeks with few drafts, so that a whole demo takes a second."""
    monkeypatch.setattr(story, "WEEKS", tuple(week._replace(drafts=60) for week in story.WEEKS))


def made(root: Path, as_of=AS_OF, seed=7):
    (root / "features").mkdir(parents=True, exist_ok=True)
    return make_demo(as_of, root / "features", root / "logs", seed)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_feature_file_is_valid_and_its_paths_lead_to_what_was_written(tmp_path):
    demo = made(tmp_path)
    feature = load_feature(demo.feature_file)
    assert feature.name == "support_drafts"
    assert (feature.start, feature.timezone) == (demo.first_day, "America/New_York")
    for day in story.Story(AS_OF).days:
        assert (feature.directory / feature.logs.path.replace("{{ day }}", str(day))).exists()
    assert (feature.directory / feature.baseline.path).resolve() == demo.cold_eval.resolve()


def test_the_feature_file_fills_every_canonical_column(tmp_path):
    assert set(load_feature(made(tmp_path).feature_file).logs.fields) == set(CanonicalColumn)


def test_it_covers_the_35_days_before_as_of_at_five_stages_of_a_week_each(tmp_path):
    demo = made(tmp_path)
    feature = load_feature(demo.feature_file)
    assert (demo.first_day, demo.last_day) == (date(2026, 10, 20), date(2026, 11, 23))
    days = [demo.first_day + timedelta(days=k) for k in range(35)]
    record = stages_of(feature)
    stages = Counter(record.stage_on(day).name for day in days)
    assert stages == {"internal": 7, "5%": 7, "25%": 7, "50%": 7, "100%": 7}


def test_there_is_a_file_for_each_utc_date_and_one_for_the_last_evening(tmp_path):
    demo = made(tmp_path)
    dates = [date(2026, 10, 20) + timedelta(days=k) for k in range(36)]
    assert [path.name for path in demo.log_files] == [f"{each}.jsonl.gz" for each in dates]
    lines = sum(gzip.decompress(path.read_bytes()).count(b"\n") for path in demo.log_files)
    assert lines == demo.lines


def test_the_same_seed_and_day_give_the_same_bytes_and_another_seed_gives_others(tmp_path):
    for name in ("one", "two"):
        made(tmp_path / name)
    made(tmp_path / "three", seed=8)
    one, two, three = (contents(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys() == three.keys()
    assert one["features/support_drafts.yaml"] == three["features/support_drafts.yaml"]
    assert all(one[name] != three[name] for name in one if name.startswith("logs"))


def test_a_feature_file_that_somebody_wrote_is_not_replaced(tmp_path):
    own = tmp_path / "features" / "support_drafts.yaml"
    own.write_text("start: 2026-01-01\n", encoding="utf-8")
    with pytest.raises(NotTheDemosFile, match="support_drafts.yaml is there already.*Move it away"):
        made(tmp_path)
    assert own.read_text(encoding="utf-8") == "start: 2026-01-01\n"
    assert not (tmp_path / "logs").exists()


def test_the_demo_replaces_its_own_files_and_leaves_others_alone(tmp_path):
    made(tmp_path, as_of=date(2026, 12, 24))
    stranger = tmp_path / "logs" / "support_drafts" / "notes.txt"
    stranger.write_text("mine", encoding="utf-8")
    demo = made(tmp_path)
    assert demo.feature_file.read_text(encoding="utf-8").startswith(MARKER)
    assert load_feature(demo.feature_file).start == date(2026, 10, 20)
    assert sorted(stranger.parent.iterdir()) == sorted([*demo.log_files, stranger])
    assert stranger.read_text(encoding="utf-8") == "mine"


def test_a_path_that_yaml_might_misread_is_quoted(tmp_path):
    demo = make_demo(AS_OF, tmp_path, tmp_path / "logs: 'of' #1")
    assert (tmp_path / load_feature(demo.feature_file).baseline.path).exists()


def test_the_cold_eval_has_600_different_items_of_every_category_with_their_sources(tmp_path):
    items = [json.loads(line) for line in made(tmp_path).cold_eval.read_text(encoding="utf-8").splitlines()]
    assert len(items) == len({item["id"] for item in items}) == 600
    assert len({item["input"] for item in items}) > 590
    assert set(Counter(item["category"] for item in items)) == {
        *("billing", "login", "shipping", "refunds", "integrations", "api", "account", "bug_report"),
    }
    for item in items:
        assert item["output"]
        assert set(item["sources"][0]) == {"id", "title", "text"}


def test_what_was_planted_is_told_with_its_days_in_order(tmp_path):
    demo = made(tmp_path)
    assert len(demo.planted) == 5
    for planted in demo.planted:
        assert demo.first_day <= planted.first_day <= planted.last_day <= demo.last_day
        assert planted.what
        assert planted.where
