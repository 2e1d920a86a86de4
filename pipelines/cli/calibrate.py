"""`prod-evals calibrate`: the judge beside people, and what to give people to label."""

import json
import math
import unicodedata
from typing import Any

import click

from pipelines import lake
from pipelines.cli import terminal
from pipelines.errors import UserError
from pipelines.feature import Feature, find_feature
from pipelines.judging.criterion import load_criterion
from pipelines.judging.judges import judge_label
from pipelines.people.calibration import CONFIDENCE, LEVELS, Calibration, CriterionCalibration
from pipelines.people.calibration_rows import calibration_of
from pipelines.people.judged_items import judged_items
from pipelines.people.labelling import items_to_label, newest_rubric
from pipelines.people.labels import MissingLabels, read_labels
from pipelines.statistics.agreement import Agreement

KINDS = {"prod": "production", "cold": "cold eval"}
METHODS = {"ppi++": "mean score (PPI++)", "rogan_gladen": "share at 4 or 5 (Rogan-Gladen)"}


def show_calibration(name: str, file: str | None, as_json: bool) -> int:
    """Print how far judge and people agree, and the corrected means."""
    feature = find_feature(name)
    labels = read_labels(feature, file)
    with lake.unchanging(feature.name), lake.connect() as connection:
        calibration = calibration_of(connection, feature, labels)
    if as_json:
        click.echo(json.dumps(_plain(calibration, feature), indent=2, ensure_ascii=False))
    elif not labels:
        _show_how_to_begin(feature)
    else:
        _show(calibration, feature)
    return 0


def write_items_to_label(name: str, n: int, file: str | None) -> int:
    """Write n items as JSON lines, one for each criterion, to be filled in by people. They hold raw text."""
    feature = find_feature(name)
    with lake.unchanging(feature.name), lake.connect() as connection:
        judged = judged_items(connection, feature)
        try:
            labels = read_labels(feature, file)
        except MissingLabels:
            labels = []  # they are what is to be made
        labelled = {(label.item_id, str(label.day or "")) for label in labels}
        chosen = items_to_label(judged, labelled, n)
        rubric_id = newest_rubric(judged)
        if not len(chosen):
            raise UserError(
                f"{name}: nothing has been judged that is not labelled already; run `prod-evals run {name}` first"
            )
        connection.register("chosen", chosen)
        questions = [
            (criterion, load_criterion(criterion).front.question)
            for (criterion,) in connection.execute(
                "SELECT criterion FROM rubrics WHERE rubric_id = $rubric_id ORDER BY criterion",
                {"rubric_id": rubric_id},
            ).fetchall()
        ]
        items = lake.run(connection, "people/items_to_label").fetchall()
    for item_id, day, input_, output, sources in items:
        for criterion, question in questions:
            texts = {"input": input_, "output": output} | ({"sources": sources} if sources else {})
            about = {"item_id": item_id} | ({"day": day} if day else {}) | {"criterion": criterion}
            line = about | {"label": None, "rater": None, "question": question} | texts
            click.echo(_harmless(json.dumps(line, ensure_ascii=False)))
    return 0


def _harmless(line: str) -> str:
    """JSON whose control and format characters are escaped: it holds text from logs, and may go to a terminal."""
    return "".join(
        json.dumps(character)[1:-1] if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") else character
        for character in line
    )


def _show(calibration: Calibration, feature: Feature) -> None:
    terminal.console.print(
        terminal.plain(
            f"{feature.name}: {calibration.labels} labels by people beside scores by {judge_label(feature)}"
        ),
        soft_wrap=True,
    )
    if calibration.unmatched:
        first = calibration.unmatched[0]
        terminal.console.print(
            terminal.plain(
                f"warning: {_about_nothing(len(calibration.unmatched))}, the first at {first.place}: "
                f"{first.criterion} of {first.item_id!r}"
            ),
            soft_wrap=True,
        )
    terminal.console.print()
    graded = [criterion for criterion in calibration.criteria if criterion.confusion.any()]
    terminal.table(
        "Agreement: quadratic-weighted kappa (1 always, 0 no more than by chance)",
        (
            "criterion",
            "ruler",
            "items",
            "judge with people",
            f"{CONFIDENCE:.0%} interval",
            "people with people",
            "on items",
        ),
        [
            (
                criterion.criterion,
                criterion.ruler_id,
                criterion.judge.items,
                _number(criterion.judge.kappa),
                _interval(criterion.judge.low, criterion.judge.high),
                _number(criterion.people.kappa),
                criterion.people.items or None,
            )
            for criterion in graded
        ],
        numeric=("items", "judge with people", "people with people", "on items"),
    )
    levels = [*map(str, range(1, LEVELS + 1)), "na"]
    for criterion in graded:
        terminal.table(
            f"{criterion.criterion} by {criterion.ruler_id}: people's level in rows, the judge's in columns",
            ("", *levels),
            [
                (level, *(count or "." for count in row))
                for level, row in zip(levels, criterion.confusion.tolist(), strict=True)
            ],
            numeric=levels,
        )
    terminal.table(
        "Means as the judge has them, and corrected by what people say",
        ("criterion", "of", "what", "judged", "labelled", "by the judge", "corrected", f"{CONFIDENCE:.0%} interval"),
        [
            (
                criterion.criterion,
                KINDS[correction.item_kind],
                METHODS[correction.method],
                f"{correction.judged:,}",
                correction.labelled,
                _number(correction.mean.raw),
                _number(correction.mean.mean) or "cannot be told",
                _interval(correction.mean.low, correction.mean.high),
            )
            for criterion in calibration.criteria
            for correction in criterion.corrections
        ],
        numeric=("judged", "labelled", "by the judge", "corrected"),
    )


def _show_how_to_begin(feature: Feature) -> None:
    lines = (
        f"{feature.name} has no human labels yet, so nothing says how far its judge can be trusted.",
        "",
        f"  1. prod-evals calibrate {feature.name} --to-label 50 > {feature.name}.labels.jsonl",
        "     50 items, at random from the newest nights and the cold eval: a line for each criterion, with raw text.",
        '  2. People fill in "label" (1 to 5, or "na" where the criterion does not apply) and "rater". A second rater',
        "     on some items shows what a judge can be asked for.",
        f"  3. prod-evals calibrate {feature.name} --labels {feature.name}.labels.jsonl",
        "     or, for every night: `human_labels: {path: ...}` in the feature file, and the table `calibration`.",
    )
    for line in lines:
        terminal.console.print(terminal.plain(line), soft_wrap=True)


def _plain(calibration: Calibration, feature: Feature) -> dict[str, Any]:
    return {
        "feature": feature.name,
        "judge": judge_label(feature),
        "labels": calibration.labels,
        "unmatched": [label.place for label in calibration.unmatched],
        "criteria": [_criterion(criterion) for criterion in calibration.criteria],
    }


def _criterion(criterion: CriterionCalibration) -> dict[str, Any]:
    return {
        "criterion": criterion.criterion,
        "ruler_id": criterion.ruler_id,
        "judge_with_people": _agreement(criterion.judge),
        "people_with_people": _agreement(criterion.people),
        "confusion": criterion.confusion.tolist() if criterion.confusion.any() else None,
        "means": [
            {
                "item_kind": correction.item_kind,
                "method": correction.method.value,
                "judged": correction.judged,
                "labelled": correction.labelled,
                "raw": _finite(correction.mean.raw),
                "corrected": _finite(correction.mean.mean),
                "low": _finite(correction.mean.low),
                "high": _finite(correction.mean.high),
            }
            for correction in criterion.corrections
        ],
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    numbers = {name: _finite(getattr(agreement, name)) for name in ("kappa", "low", "high")}
    return {"items": agreement.items} | numbers


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _about_nothing(labels: int) -> str:
    return f"{labels} label{' is' if labels == 1 else 's are'} about no judged item and criterion"


def _number(value: float) -> str | None:
    return f"{round(value, 3) + 0.0:.3f}" if math.isfinite(value) else None  # no minus before a 0


def _interval(low: float, high: float) -> str | None:
    return f"{low:.3f} to {high:.3f}" if math.isfinite(low) and math.isfinite(high) else None
