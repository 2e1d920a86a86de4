"""funnel.sql: where every line, log, sampled item and judgment ended, each stage adding up to what enters it."""

from pipelines import lake
from tests.sql.rows import ask, fill

SAMPLED = {"log_id": "a", "output": "x", "cohort": "internal"}


def funnel(logs=(), sample=(), judgments=(), rejected=(), files=(), cohorts=None) -> dict[tuple[str, str], int]:
    with lake.connect() as connection:
        fill(connection, "prod_logs", [{"feature": "f"} | log for log in logs])
        fill(connection, "sample", [{"log_id": log_id} for log_id in sample])
        known = {"feature": "f", "rubric_id": "r"}
        fill(connection, "rubrics", [known | {"criterion": name, "weight": 1.0} for name in ("tone", "grounded")])
        keys = ("item_id", "criterion", "status", "score")
        fill(connection, "judgments", [known | dict(zip(keys, row, strict=False)) for row in judgments])
        fill(connection, "rejected_logs", [{"reason": reason} for reason in rejected])
        fill(
            connection, "log_files", [dict(zip(("prod_logs", "other_day", "blank"), row, strict=True)) for row in files]
        )
        lake.view(connection, "judging/item_scores")
        return {(row["stage"], row["status"]): row["items"] for row in ask(connection, "night/funnel", cohorts=cohorts)}


def test_lines_are_those_of_every_file_and_every_reason():
    found = funnel(rejected=["malformed", "malformed", "duplicate"], files=[(10, 2, 1), (5, 3, 0)])
    assert found == {
        ("lines", "prod_logs"): 15,
        ("lines", "other_day"): 5,
        ("lines", "blank"): 1,
        ("lines", "malformed"): 2,
        ("lines", "duplicate"): 1,
    }


def test_every_log_is_sampled_or_says_why_not():
    logs = [
        SAMPLED,
        {"log_id": "b", "output": "x", "cohort": "internal"},
        {"log_id": "c", "output": None, "cohort": "internal", "error": "timeout"},
        {"log_id": "d", "output": "x", "cohort": "5%"},
        {"log_id": "e", "output": "x", "cohort": None},
    ]
    found = funnel(logs, sample=["a"], cohorts=["internal"])
    by_log = {status: items for (stage, status), items in found.items() if stage == "logs"}
    assert by_log == {"sampled": 1, "not_sampled": 1, "no_output": 1, "other_cohort": 2}
    everyone = funnel(logs, sample=["a"])
    assert (everyone["logs", "not_sampled"], ("logs", "other_cohort") in everyone) == (3, False)


def test_a_sampled_item_is_scored_only_when_none_of_its_judgments_failed():
    judgments = [
        ("scored", "tone", "scored", 1.0), ("scored", "grounded", "not_applicable"),
        ("failed", "tone", "scored", 1.0), ("failed", "grounded", "refused"),
        ("nothing", "tone", "not_applicable"), ("nothing", "grounded", "not_applicable"),
    ]  # fmt: skip
    sample = ["scored", "failed", "nothing", "never judged"]
    found = funnel([SAMPLED | {"log_id": name} for name in sample], sample, judgments)
    fates = {status: items for (stage, status), items in found.items() if stage == "sample"}
    assert fates == {"scored": 1, "failed": 2, "not_applicable": 1}
    verdicts = {status: items for (stage, status), items in found.items() if stage == "judgments"}
    assert verdicts == {"scored": 2, "not_applicable": 3, "refused": 1}


def test_a_sampled_item_with_a_verdict_on_its_way_has_not_failed():
    judgments = [
        ("waits", "tone", "pending"), ("waits", "grounded", "refused"),
        ("failed", "tone", "scored", 1.0), ("failed", "grounded", "refused"),
    ]  # fmt: skip
    found = funnel([SAMPLED | {"log_id": name} for name in ("waits", "failed")], ["waits", "failed"], judgments)
    fates = {status: items for (stage, status), items in found.items() if stage == "sample"}
    assert fates == {"pending": 1, "failed": 1}


def test_a_day_without_lines_has_a_funnel_all_the_same():
    assert funnel() == {("lines", "prod_logs"): 0}
