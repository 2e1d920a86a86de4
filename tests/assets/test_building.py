"""What Dagster is told of every asset: where it belongs, what its columns are, what makes it, and who owns it."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from pipelines.assets import made_by
from pipelines.assets.funnel import make_funnel
from pipelines.assets.gate_decisions import make_gate_decisions
from pipelines.assets.judgments import make_judgments
from pipelines.catalogue import tables as catalogue
from pipelines.checkout import CHECKOUT, SQL
from pipelines.definitions import definitions_of
from pipelines.feature import FeatureError
from tests.orchestration.waiting_feature import feature_of

LIVE = "judge: {kind: anthropic, model: claude-haiku-5-5, redact: false, mode: live}\n"


def node(table, more=""):
    return definitions_of([feature_of(more)]).resolve_asset_graph().get(dg.AssetKey(["drafts", table]))


def test_assets_are_grouped_by_layer_and_tagged_with_their_feature():
    groups = {table: node(table).group_name for table in ("sample", "divergence", "gate_log")}
    assert groups == {"sample": "day", "divergence": "history", "gate_log": "record"}
    assert node("sample").tags["prod-evals/feature"] == "drafts"


def test_columns_are_those_of_the_contract_with_types_and_comments():
    schema = node("sample").metadata["dagster/column_schema"]
    assert {column.name: column.type for column in schema.columns} == catalogue.columns("sample")
    assert {column.name: column.description for column in schema.columns} == catalogue.comments("sample")[1]


def test_owners_are_those_of_the_feature_file():
    assert node("sample", "owners: [team:support, anna@acme.example]").owners == ("team:support", "anna@acme.example")
    assert node("sample").owners == ()
    with pytest.raises(FeatureError, match="must be an e-mail address or a team"):
        feature_of("owners: [anna]")


def test_code_references_lead_to_the_function_and_its_statements():
    references = node("funnel").metadata["dagster/code_references"].code_references
    function, *statements = references
    assert (Path(function.file_path), function.line_number) == (
        Path(make_funnel.__code__.co_filename),
        make_funnel.__code__.co_firstlineno,
    )
    files = {Path(statement.file_path).relative_to(SQL).as_posix() for statement in statements}
    assert {"night/funnel.sql", "tables/funnel.sql"} <= files


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of what makes assets, which a test may change."""
    for folder in ("pipelines", "sql"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(made_by, "CHECKOUT", tmp_path)
    monkeypatch.setattr(made_by, "SQL", tmp_path / "sql")
    monkeypatch.setattr(catalogue, "DECLARATIONS", tmp_path / "sql" / "tables")
    forget()
    yield tmp_path
    forget()


def forget():
    for cached in (made_by._behind, made_by._imported, made_by._statements, made_by._text, made_by._path):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ("sql/night/funnel.sql", {"funnel"}),
        ("sql/tables/funnel.sql", {"funnel"}),
        ("pipelines/gate/history.py", {"gate_decisions"}),  # which the function's module imports
        ("pipelines/gate/policy.py", {"gate_decisions"}),  # and what that imports
        ("pipelines/lake/__init__.py", set()),  # it only carries
        ("pipelines/demo/story.py", set()),
    ],
)
def test_a_code_version_changes_with_what_makes_its_asset_and_nothing_else(checkout, changed, stale):
    made = {"funnel": make_funnel, "gate_decisions": make_gate_decisions}

    def versions():
        forget()
        return {table: made_by.made_by(make, [table]).version for table, make in made.items()}

    before = versions()
    path = checkout / changed
    path.write_text(path.read_text() + "\n")
    after = versions()
    assert {table for table in made if after[table] != before[table]} == stale


def test_a_code_version_of_judgments_changes_with_the_rules_of_a_provider_that_nothing_imports_by_name(checkout):
    before = made_by.made_by(make_judgments, ["judgments"]).version
    rule = checkout / "pipelines/judging/providers/offline/rules/tone.py"
    rule.write_text(rule.read_text() + "\n")
    forget()
    assert made_by.made_by(make_judgments, ["judgments"]).version != before


def test_a_backfill_gives_a_run_several_days_unless_they_are_asked_live():
    assert node("judgments").backfill_policy == dg.BackfillPolicy.multi_run(5)
    assert node("judgments", LIVE).backfill_policy == dg.BackfillPolicy.multi_run(1)


def test_runs_that_make_one_feature_s_history_take_turns_in_its_pool():
    assert node("nights").pools == node("gate_log").pools == {"drafts_history"}
    assert node("sample").pools == set()


def test_the_decision_is_late_half_an_hour_after_its_hour_where_it_is_scheduled():
    policy = node("gate_decisions", 'night: {decide_by: "23:45"}').freshness_policy
    assert (policy.deadline_cron, policy.timezone) == ("15 0 * * *", "America/New_York")
    assert node("gate_decisions", "night: {scheduled: false}").freshness_policy is None
