"""A file that begins as a copy holds what one built from nothing holds, and does not grow by what is deleted."""

import random
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.data_directory import data_directory
from pipelines.feature import features_directory
from pipelines.publishing import database, holdings, views
from pipelines.publishing.database import publish_database
from tests.lake.places import path_of
from tests.publishing import rows

DAY = rows.START
ROUNDS = 20  # it has been tried with 300


def contents() -> dict[str, list[tuple]]:
    """Every row of every table and view of the published file, sorted, but for when it was built."""
    path = data_directory() / database.FILE_NAME
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT DISTINCT schema_name || '.' || table_name FROM duckdb_columns() "
            "WHERE NOT internal AND schema_name IN ('main', 'lake') ORDER BY ALL"
        ).fetchall()
        hidden = {"main.publication": " EXCLUDE (published_at)"}
        found = {
            name: sorted(connection.execute(f"SELECT *{hidden.get(name, '')} FROM {name}").fetchall(), key=repr)
            for (name,) in names
        }
        found["files"] = sorted(connection.execute("FROM publishing.files").fetchall())
    return found


@pytest.fixture
def ways(monkeypatch):
    """How each file was built, in order: `copy` or `nothing`."""
    used = []
    for name, way in (("from_copy", "copy"), ("from_nothing", "nothing")):
        build = getattr(database._Build, name)

        def noted(self, *arguments, build=build, way=way):
            made = build(self, *arguments)
            used.append(way)
            return made

        monkeypatch.setattr(database._Build, name, noted)
    return used


def same_from_nothing() -> None:
    copied = contents()
    publish_database(from_nothing=True)
    built = contents()
    for table in built:
        assert copied[table] == built[table], table


def write_anchors(feature, judged_on: date, rubric: str = rows.RUBRIC, items: int = 2) -> None:
    known = {"item_kind": "anchor", "criterion": "tone", "ruler_id": "ruler_tone", "status": "scored", "level": 4}
    known |= {"day": judged_on, "baseline_id": rows.BASELINE, "rationale": rows.SECRET}
    judged = [known | {"item_id": f"c{number}"} for number in range(items)]
    rows.write("anchor_judgments", judged, feature=feature.name, judged_on=judged_on, rubric_id=rubric)


def test_a_night_more_is_a_copy_with_that_night(ways):
    feature = rows.make_feature()
    rows.write_rollout(feature, days=2)
    publish_database()
    rows.write_day(feature, DAY + timedelta(days=2))
    publish_database()
    assert ways == ["nothing", "copy"]
    same_from_nothing()


def test_days_verdicts_anchors_and_cold_verdicts_are_told_apart(ways):
    feature = rows.make_feature()
    rows.write_rollout(feature, days=2)
    # of the same days, the same rubric and the same cold eval
    for number in range(2):
        write_anchors(feature, DAY + timedelta(days=number))
    write_anchors(feature, DAY, rubric="another")
    publish_database()
    rows.write_day(feature, DAY, items=5)
    write_anchors(feature, DAY, items=3)
    publish_database()
    with duckdb.connect(str(data_directory() / database.FILE_NAME), read_only=True) as connection:
        counts = connection.execute("SELECT item_kind, count(*) FROM judgments GROUP BY ALL ORDER BY ALL").fetchall()
    # 3 anchors and twice 2; one cold verdict; 5 and 12 items on 3 criteria
    assert counts == [("anchor", 7), ("cold", 1), ("prod", 51)]
    assert ways == ["nothing", "copy"]
    same_from_nothing()


def test_a_table_that_is_cut_by_month_is_exchanged_month_by_month(ways, monkeypatch):
    folder = catalogue.folders()["divergence"]
    by_month = catalogue.Folder("divergence", "divergence", folder.layer, ("feature", "month"), False)
    monkeypatch.setitem(catalogue.folders(), "divergence", by_month)
    feature = rows.make_feature()

    def write(month: str, days: list[date], band: float) -> None:
        compared = [rows.comparison(day, "epoch", "overall", "all", "overall", 0.0, band=band) for day in days]
        rows.write("divergence", compared, feature=feature.name, month=month)

    write("2026-11", [date(2026, 11, 30), date(2026, 11, 1)], 0.05)
    write("2026-12", [date(2026, 12, 1)], 0.05)
    publish_database()
    write("2026-11", [date(2026, 11, 30)], 0.07)
    publish_database()
    with duckdb.connect(str(data_directory() / database.FILE_NAME), read_only=True) as connection:
        found = connection.execute("SELECT day, band FROM divergence ORDER BY day").fetchall()
    assert found == [(date(2026, 11, 30), 0.07), (date(2026, 12, 1), 0.05)]
    assert ways == ["nothing", "copy"]


def test_views_are_made_again_only_when_they_would_be_other_ones(monkeypatch):
    made = []
    make = views._make
    monkeypatch.setattr(views, "_make", lambda *arguments: (made.append(arguments[1]), make(*arguments)))
    feature = rows.make_feature()
    rows.write_rollout(feature, days=2)
    publish_database()
    first = len(made)
    assert first == 7  # prod_logs; sample, judgments, judge_votes, log_files, night_summary, rejected_logs
    rows.write_day(feature, DAY + timedelta(days=2))
    publish_database()
    assert len(made) == first
    broken = path_of("prod_logs", feature=feature.name, day=DAY)
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-20])
    publish_database()
    assert made[first:] == ["published.main.prod_logs"]
    same_from_nothing()
    del made[:]
    publish_database()
    broken.write_bytes(whole)  # mended: the glob again
    publish_database()
    assert made == ["published.main.prod_logs"]
    same_from_nothing()


@pytest.mark.parametrize("table", ["sample", "signals", "divergence"])
def test_a_file_that_cannot_be_read_any_more_and_then_again_costs_and_gives_its_rows(table, ways):
    feature = rows.make_feature()
    rows.write_rollout(feature, days=2)
    publish_database()
    keys = {"feature": feature.name} | ({"month": lake.month_of(DAY)} if table == "divergence" else {"day": DAY})
    path = path_of(table, **keys)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    for _ in range(2):  # it is tried again, and named again
        publish_database()
        (named,) = contents()["main.publication"][0][-1:]
        assert [data_directory() / name for name in named] == [path]
    path.write_bytes(whole)
    publish_database()
    assert contents()["main.publication"][0][-1] == []
    assert ways == ["nothing", "copy", "copy", "copy"]
    same_from_nothing()


def test_another_text_policy_another_contract_and_a_feature_that_has_gone_are_built_from_nothing(ways, monkeypatch):
    feature = rows.make_feature("drafts")
    for name in ("drafts", "search"):
        rows.write_rollout(rows.make_feature(name), days=1)
    publish_database()
    rows.make_feature("drafts", text="none")
    publish_database()
    lake.remove_feature("search")
    publish_database()
    assert ways == ["nothing", "nothing", "nothing"]
    # nothing of what is shown no longer stays between the rows either
    assert rows.SECRET.encode() not in (data_directory() / database.FILE_NAME).read_bytes()
    monkeypatch.setattr(database, "SCHEMA_VERSION", 3)
    publish_database()
    assert ways == ["nothing"] * 4
    rows.write_day(feature, DAY + timedelta(days=1))
    publish_database()
    assert ways[4:] == ["copy"]


def test_a_file_that_somebody_else_wrote_to_is_built_from_nothing(ways):
    rows.write_rollout(rows.make_feature(), days=1)
    path = publish_database()
    with duckdb.connect(str(path)) as stranger:
        stranger.execute("DELETE FROM sample")
    publish_database()
    assert ways == ["nothing", "nothing"]
    same_from_nothing()


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_a_file_that_cannot_be_opened_is_built_from_nothing(content, ways):
    rows.write_rollout(rows.make_feature(), days=1)
    path = publish_database()
    path.write_bytes(path.read_bytes()[:50_000] if content is None else content)
    database._remember(path)
    publish_database()
    assert ways == ["nothing", "nothing"]
    assert len(contents()["main.sample"]) == 12


def test_rows_that_their_place_does_not_tell_are_noticed(ways):
    feature = rows.make_feature()
    rows.write_day(feature, DAY)
    # a verdict of another kind than its folder's: it would stay when its day is exchanged
    odd = {"item_kind": "cold", "item_id": "log-1", "criterion": "tone", "rubric_id": rows.RUBRIC, "status": "scored"}
    rows.write("judgments", [odd], feature=feature.name, day=DAY)
    publish_database()
    rows.write("judgments", [odd | {"criterion": "addressed_question"}], feature=feature.name, day=DAY)
    publish_database()
    assert ways == ["nothing", "nothing"]
    assert [row[4] for row in contents()["main.judgments"]] == ["addressed_question"]


def test_deletes_do_not_let_the_file_grow_without_bound(ways, monkeypatch):
    monkeypatch.setattr(database, "SMALL", 0)
    monkeypatch.setattr(holdings, "DAYS_INSIDE", 20)
    feature = rows.make_feature()
    texts = random.Random(5)

    def night(number: int) -> None:
        items = [rows.item(k, output=texts.randbytes(10_000).hex(), log_id=f"l{number}-{k}") for k in range(20)]
        rows.write("sample", items, feature=feature.name, day=DAY + timedelta(days=number))

    for number in range(20):
        night(number)
    first = publish_database().stat().st_size
    sizes = []
    for number in range(20, 20 + ROUNDS):
        night(number)
        sizes.append(publish_database().stat().st_size)
    # a night is a twentieth more, and a file ends with a block of 256 KiB
    assert max(sizes) <= database.MOST_GROWTH * first * 1.05 + 2**18
    assert ways.count("copy") >= 0.9 * ROUNDS
    assert len(contents()["main.sample"]) == 20 * 20
    same_from_nothing()


CHANGES = ("day", "restate", "forget day", "history", "cold", "anchors", "text", "feature", "break", "forget feature")
NAMES = ("drafts", "search")


@settings(max_examples=6)
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(CHANGES), st.sampled_from(NAMES), st.integers(0, 5), st.integers(0, 3)),
            min_size=1,
            max_size=5,
        ),
        min_size=2,
        max_size=4,
    )
)
def test_whatever_changes_a_copy_holds_what_a_file_from_nothing_holds(tmp_path_factory, rounds):
    root = tmp_path_factory.mktemp("changes")
    (root / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROD_EVALS_DATA", str(root / "data"))
        patch.setenv("PROD_EVALS_FEATURES", str(root / "features"))
        patch.setattr("pipelines.publishing.holdings.DAYS_INSIDE", 4)  # so that days leave the window
        rows.write_rollout(rows.make_feature("drafts"), days=2)
        publish_database()
        for changes in rounds:
            for kind, name, number, size in changes:
                change(kind, name, number, size)
            publish_database()
            copied = contents()
        publish_database(from_nothing=True)
        built = contents()
    for table in built:
        assert copied[table] == built[table], table


def change(kind: str, name: str, number: int, size: int) -> None:
    """One change of the lake or of a feature file; `number` picks the day, `size` how many rows."""
    text = ("full", "none", "redacted", "full")[size]
    path = features_directory() / f"{name}.yaml"
    feature = rows.make_feature(name, text="full") if not path.exists() else None
    day, keys = DAY + timedelta(days=number), {"feature": name}
    if kind in ("day", "restate"):
        rows.write_day(feature or rows.load_feature(path), day, items=size + 1)
    elif kind == "forget day":
        for table in ("sample", "judgments", "signals"):
            path_of(table, day=day, **keys).unlink(missing_ok=True)
    elif kind == "history":
        compared = [rows.comparison(day, "epoch", "overall", f"s{k}", "overall", 0.0) for k in range(size)]
        rows.write("divergence", compared, **keys)
    elif kind == "cold":
        judged = [{"item_kind": "cold", "item_id": f"c{k}", "criterion": "tone", "level": size} for k in range(size)]
        rows.write("cold_judgments", judged, baseline_id=f"b{number}", rubric_id=rows.RUBRIC, **keys)
    elif kind == "anchors":
        write_anchors(rows.load_feature(path), day, items=size)
    elif kind == "text":
        rows.make_feature(name, text=text)
    elif kind == "feature":
        rows.write_day(rows.load_feature(path), day)
        path.unlink()
    elif kind == "break":
        broken = path_of(("sample", "funnel", "prod_logs", "judgments")[size], day=day, **keys)
        if broken.exists():
            broken.write_bytes(broken.read_bytes()[:-9])
    else:
        lake.remove_feature(name)
