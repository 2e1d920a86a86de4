"""calibration from the lake: labels find their item, and means are corrected by what people said."""

import json
from datetime import date

import pytest

from pipelines import lake
from pipelines.assets.building import PUBLISHED, asset_key
from pipelines.assets.calibration import make_calibration
from pipelines.definitions import definitions_of
from pipelines.feature import Feature, load_feature
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.people.calibration import Method
from pipelines.people.calibration_rows import calibration_of
from pipelines.people.labels import Label, LabelError
from tests.assets.test_divergence import START, day, feature, item, items, write_night  # noqa: F401 (a fixture)
from tests.publishing.rows import write


def label(item_id: str, level: int | None, criterion="addressed", rater="Ada", on: date | None = START) -> Label:
    return Label(item_id, criterion, level, rater, on, "labels.jsonl:1")


def calibrated(feature: Feature, *labels: Label):  # noqa: F811
    with lake.connect() as connection:
        found = calibration_of(connection, feature, labels)
    return found, {each.criterion: each for each in found.criteria}


def write_cold(feature: Feature, levels, baseline_id="b", rubric_id="r"):  # noqa: F811
    known = {"item_kind": "cold", "status": "scored", "rubric_id": rubric_id, "baseline_id": baseline_id}
    keys = {"feature": feature.name, "baseline_id": baseline_id}
    write("cold_items", [{"item_id": f"c{n}", "category": "billing"} for n in range(len(levels))], **keys)
    judged = [
        known
        | {"item_id": f"c{n}", "criterion": criterion, "ruler_id": criterion, "level": level, "score": (level - 1) / 4}
        for n, level in enumerate(levels)
        for criterion in ("addressed", "tone")
    ]
    write("cold_judgments", [{k: v for k, v in row.items() if k not in ("baseline_id", "rubric_id")} for row in judged],
          rubric_id=rubric_id, **keys)  # fmt: skip


def test_labels_are_set_beside_the_judges_levels_of_the_same_item(feature):  # noqa: F811
    write_night(feature, 0, items([1.0, 0.75, 0.5, 0.0]))
    found, by = calibrated(feature, *(label(f"log-00{n}", level) for n, level in enumerate((5, 4, 2, 1))))
    table = by["addressed"].confusion
    # people's level in rows, the judge's in columns: 5-5, 4-4, 2-3, 1-1
    assert [(r + 1, c + 1) for r, c in zip(*table.nonzero(), strict=True)] == [(1, 1), (2, 3), (4, 4), (5, 5)]
    # observed (0 + 0 + 1 + 0) / 4. Judge 5 4 3 1: mean 3.25, var 2.1875; people 5 4 2 1: mean 3, var 2.5.
    # 1 - .25 / (2.1875 + 2.5 + .0625)
    assert by["addressed"].judge.kappa == pytest.approx(1 - 0.25 / 4.75)
    assert (by["addressed"].judge.items, found.unmatched) == (4, ())


def test_what_does_not_apply_is_in_the_table_but_not_in_kappa(feature):  # noqa: F811
    write_night(feature, 0, [item(1.0), item("not_applicable"), item(0.5), item("errored")])
    _, by = calibrated(feature, label("log-000", None), label("log-001", 3), label("log-002", 3), label("log-003", 3))
    table = by["addressed"].confusion
    assert (table[5, 4], table[2, 5], table[2, 2], table.sum()) == (1, 1, 1, 3)
    assert by["addressed"].judge.items == 1


def test_two_raters_are_set_beside_each_other(feature):  # noqa: F811
    write_night(feature, 0, items([1.0, 0.75, 0.5, 0.0]))
    said = {"Ada": (5, 4, 2, 1), "Bo": (5, 5, 2, 1)}
    labels = [label(f"log-00{n}", level, rater=name) for name, levels in said.items() for n, level in enumerate(levels)]
    _, by = calibrated(feature, *labels)
    # observed 1/4; Ada mean 3, var 2.5; Bo mean 3.25, var 3.1875: 1 - .25 / (2.5 + 3.1875 + .0625)
    assert by["addressed"].people.kappa == pytest.approx(1 - 0.25 / 5.75)
    assert (by["addressed"].people.items, by["addressed"].judge.items) == (4, 4)
    # where one of the two says that it does not apply, there are no two levels
    _, by = calibrated(feature, *labels[:-1], label("log-003", None, rater="Bo"))
    assert by["addressed"].people.items == 3


def test_the_same_log_id_on_two_days_needs_its_day(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 5))
    write_night(feature, 1, items([0.0] * 5))
    _, by = calibrated(feature, label("log-001", 1, on=day(1)))
    assert by["addressed"].confusion[0, 0] == 1
    with pytest.raises(LabelError, match=r"labels\.jsonl:1: item 'log-001' is of 2026-11-02, 2026-11-03; add its day"):
        calibrated(feature, label("log-001", 1, on=None))


def test_a_night_that_is_not_complete_has_no_items_yet(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 5), funnel=False)
    assert len(calibrated(feature, label("log-001", 3))[0].unmatched) == 1


def test_labels_of_nothing_that_was_judged_are_told(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 5))
    odd = [label("gone", 3), label("log-001", 3, criterion="brevity"), label("log-001", 3, on=day(3))]
    assert calibrated(feature, *odd)[0].unmatched == tuple(odd)


def test_production_and_the_cold_eval_are_corrected_by_labels_of_their_own(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 20))
    write_cold(feature, [5] * 10)
    labels = [label(f"log-{n:03}", 3) for n in range(6)] + [label(f"c{n}", 5, on=None) for n in range(6)]
    _, by = calibrated(feature, *labels)
    graded = {each.item_kind: each for each in by["addressed"].corrections if each.method is Method.PPI}
    assert (graded["prod"].mean.raw, graded["prod"].mean.mean) == (1.0, 0.5)
    assert (graded["cold"].mean.raw, graded["cold"].mean.mean) == (1.0, 1.0)
    assert (graded["prod"].judged, graded["prod"].labelled, graded["cold"].labelled) == (20, 6, 6)


def test_the_share_of_good_items_is_corrected_by_all_labels(feature):  # noqa: F811
    # the judge calls 15 of 20 good
    write_night(feature, 0, items([1.0] * 15 + [0.25] * 5))
    good = [label(f"log-{n:03}", 4) for n in range(8)]
    poor = [label(f"log-{n:03}", 1) for n in (13, 14, 15, 16)]
    _, by = calibrated(feature, *good, *poor)
    (binary,) = (each for each in by["addressed"].corrections if each.method is Method.ROGAN_GLADEN)
    # sensitivity 8/8, specificity 2/4: (.75 + .5 - 1) / (.5 + 1 - 1)
    assert (binary.mean.raw, binary.mean.mean, binary.labelled) == (pytest.approx(0.75), pytest.approx(0.5), 12)


def test_the_overall_mean_needs_labels_on_every_criterion(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 20))
    some = [label(f"log-{n:03}", 1) for n in range(8)]
    assert "overall" not in calibrated(feature, *some)[1]
    both = some + [label(f"log-{n:03}", 4, criterion="tone") for n in range(6)]
    (overall,) = calibrated(feature, *both)[1]["overall"].corrections
    # (0 + .5 * .75) / 1.5 by the six
    assert (overall.labelled, overall.mean.raw, overall.mean.mean) == (6, 1.0, pytest.approx(0.25))


def test_a_night_counts_once_however_many_logs_it_had(feature):  # noqa: F811
    write_night(feature, 0, items([1.0] * 10, weight=90.0))
    write_night(feature, 1, items([0.0] * 10, weight=1.0))
    labels = [label("log-000", 5, on=day(0)), label("log-000", 1, on=day(1))]
    with lake.connect() as connection:
        found = calibration_of(connection, feature, labels)
    (binary,) = (each for each in found.criteria[0].corrections if each.method is Method.ROGAN_GLADEN)
    assert binary.mean.raw == pytest.approx(0.5)


def test_unequal_weights_leave_the_share_of_good_items_less_sure(feature):  # noqa: F811
    labels = [label(f"log-{n:03}", 5 if n < 10 else 1) for n in range(20)]
    widths = []
    for weight in (1.0, 50.0):
        judged = items([1.0] * 10 + [0.0] * 10) + items([1.0, 0.0] * 3, weight=weight)
        write_night(feature, 0, judged)
        (_, binary) = calibrated(feature, *labels)[1]["addressed"].corrections
        widths.append(binary.mean.high - binary.mean.low)
    # six items of weight 50 among twenty of 1: worth (320)^2 / (20 + 15,000) = 6.8 of 26
    assert widths[1] > 1.3 * widths[0]


def test_the_cold_eval_is_the_one_that_the_last_night_was_compared_with(feature):  # noqa: F811
    write_cold(feature, [5] * 6, baseline_id="old")
    write_cold(feature, [1] * 6, baseline_id="newer")
    write_night(feature, 0, items([1.0] * 10), baseline_id="newer")
    write_night(feature, 1, items([1.0] * 10), baseline_id="old")
    _, by = calibrated(feature, label("c0", 5, on=None))
    assert (by["addressed"].confusion[4, 4], by["addressed"].confusion.sum()) == (1, 1)


def labels_in_files(feature: Feature, *lines: dict | str) -> Feature:  # noqa: F811
    folder = feature.directory / "labels"
    folder.mkdir(exist_ok=True)
    (folder / "a.jsonl").write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    path = feature.directory / "drafts.yaml"
    path.write_text(path.read_text() + "human_labels: {path: labels/*.jsonl}\n")
    return load_feature(path)


def test_the_table_has_a_row_for_each_way_to_correct_a_mean(feature):  # noqa: F811
    write_night(feature, 0, items([1.0, 0.25] * 10))
    lines = [
        {"item_id": f"log-{n:03}", "criterion": "addressed", "label": 5 if n % 2 else 2, "day": str(START)}
        for n in range(12)
    ]
    with lake.connect() as connection:
        shown = make_calibration(connection, labels_in_files(feature, *lines))["calibration"]
        lake.read(connection, "calibration", feature=feature.name)
        rows = connection.execute(
            "SELECT criterion, ruler_id, item_kind, method, items, raw_mean FROM calibration"
        ).fetchall()
    known = ("addressed", "addressed", "prod")
    assert sorted(rows) == [
        (*known, "ppi++", 12, pytest.approx(0.625)),
        (*known, "rogan_gladen", 12, pytest.approx(0.5)),
    ]
    assert shown.checks["labels_are_usable"][0]


def test_the_history_has_it_where_labels_are_named_and_publishes_after_it(feature):  # noqa: F811
    def steps(of: Feature) -> set[str]:
        return set(definitions_of([of]).resolve_job_def(job_name(of, JobKind.HISTORY)).graph.node_dict)

    assert "drafts__calibration" not in steps(feature)
    labelled = labels_in_files(feature)
    assert "drafts__calibration" in steps(labelled)
    published = definitions_of([labelled]).resolve_asset_graph().get(PUBLISHED)
    assert asset_key("drafts", "calibration") in published.parent_keys


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "a.jsonl:1: is not JSON"),
        ({"item_id": "gone", "criterion": "tone", "label": 3}, "1 labels are about no judged item"),
    ],
)
def test_labels_that_cannot_be_used_fail_a_check_and_not_the_night(feature, line, said):  # noqa: F811
    write_night(feature, 0, items([1.0] * 5))
    with lake.connect() as connection:
        shown = make_calibration(connection, labels_in_files(feature, line))["calibration"]
    passed, text = shown.checks["labels_are_usable"]
    assert (passed, shown.rows) == (False, 0) and said in text
