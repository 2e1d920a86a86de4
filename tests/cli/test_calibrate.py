"""`prod-evals calibrate`: from nothing, over a template that people fill in, to corrected means."""

import json

from pipelines.cli.calibrate import _harmless
from tests.nights.commands import prod_evals
from tests.nights.rollout import make_rollout


def template(n, *more):
    answer = prod_evals("calibrate", "drafts", "--to-label", str(n), *more)
    assert answer.exit_code == 0, answer.output
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_without_labels_it_says_how_to_get_them(drafts):
    answer = prod_evals("calibrate", "drafts")
    assert answer.exit_code == 0
    assert "has no human labels yet" in answer.stdout and "--to-label 50" in answer.stdout


def test_the_template_is_half_production_half_cold_with_all_that_a_person_needs(drafts):
    lines = template(30)
    items = {(line["item_id"], line.get("day")) for line in lines}
    assert (len(items), sum(day is not None for _, day in items)) == (30, 15)
    assert len(lines) == 3 * 30
    assert lines == template(30)
    for line in lines:
        assert line["label"] is None and line["question"] and line["input"] and line["output"]
        assert not {"level", "score", "rationale"} & line.keys()


def test_text_from_logs_is_no_command_to_the_terminal_and_comes_back_as_it_was():
    text = "a\x1b[2J\x9b31m\u202e\U000e0001\ud800 caf\u00e9"
    line = _harmless(json.dumps({"input": text}, ensure_ascii=False))
    assert "caf\u00e9" in line and line.encode() and not set("\x1b\x9b\u202e\U000e0001") & set(line)
    assert json.loads(line)["input"] == text


def test_what_is_labelled_already_is_not_asked_again(drafts, tmp_path):
    first = template(30)
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(line | {"label": 4}) for line in first))
    second = template(30, "--labels", str(path))
    assert not {(line["item_id"], line.get("day")) for line in first} & {
        (line["item_id"], line.get("day")) for line in second
    }


def test_a_template_that_is_filled_in_gives_agreement_and_corrected_means(drafts, tmp_path):
    lines = template(40)
    for number, line in enumerate(lines):
        line["label"] = 1 + number % 5 if line["criterion"] == "tone" else (4 if number % 4 else None)
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    answer = prod_evals("calibrate", "drafts", "--labels", str(path), "--json")
    found = json.loads(answer.stdout)
    by = {each["criterion"]: each for each in found["criteria"]}
    assert by["tone"]["judge_with_people"]["items"] == 40 and sum(map(sum, by["tone"]["confusion"])) == 40
    graded = {each["item_kind"]: each for each in by["tone"]["means"] if each["method"] == "ppi++"}
    assert set(graded) == {"prod", "cold"}
    for each in graded.values():
        assert each["low"] < each["corrected"] < each["high"] and each["corrected"] < each["raw"]
    shown = prod_evals("calibrate", "drafts", "--labels", str(path))
    assert shown.exit_code == 0
    for word in ("tone", "kappa", "production", "cold eval", "corrected", "people's level in rows"):
        assert word in shown.stdout


def test_labels_that_are_still_to_be_made_are_no_reason_not_to_say_which(drafts, evaluated, monkeypatch, tmp_path):
    text = (evaluated / "features" / "drafts.yaml").read_text()
    (tmp_path / "features" / "drafts.yaml").write_text(text + "human_labels: {path: labels.jsonl}\n")
    monkeypatch.setenv("PROD_EVALS_FEATURES", str(tmp_path / "features"))
    assert len(template(12)) == 3 * 12
    (tmp_path / "features" / "labels.jsonl").write_text("{")
    for arguments in (["--to-label", "5"], []):
        assert "labels.jsonl:1: is not JSON" in prod_evals("calibrate", "drafts", *arguments).stderr


def test_lines_that_cannot_be_used_are_an_error_with_their_place(drafts, tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"item_id": "c1", "criterion": "tone", "label": 9}\n')
    answer = prod_evals("calibrate", "drafts", "--labels", str(path))
    assert answer.exit_code == 1
    assert "labels.jsonl:1: label is 9" in answer.stderr


def test_a_feature_without_nights_has_nothing_to_label():
    make_rollout(days=1)
    answer = prod_evals("calibrate", "drafts", "--to-label", "5")
    assert answer.exit_code == 1
    assert "run `prod-evals run drafts` first" in answer.stderr
