"""Items put before the model judge, as a night does it, with the test server for the Messages API."""

import json
from collections import Counter
from datetime import date

from pipelines.feature import features_directory, load_feature
from pipelines.judging.judge import Item, ItemKind, Sitting
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.ruler import rubric_of

DAY = date(2026, 11, 2)
CRITERION = "addressed_question"


def feature_of(url, **judge):
    """A feature whose judge is the model at a URL; `judge` changes its section of the file."""
    section = {
        "kind": "anthropic",
        "model": "claude-haiku-5-5",
        "mode": "live",
        "redact": False,
        "base_url": url,
        "concurrency": 8,
        "criteria": {CRITERION: 1},
    }
    path = features_directory() / "drafts.yaml"
    logs = "logs: {path: '{{ day }}.jsonl'}"
    path.write_text(f"start: {DAY}\n{logs}\njudge: {json.dumps(section | judge)}\n", encoding="utf-8")
    return load_feature(path)


def items_of(*outputs):
    """One item for each output, with that output for its id."""
    return {output: Item("Where is my invoice?", output) for output in outputs}


def judged(feature, items, kind=ItemKind.PROD):
    """Every item's verdict by its id, as a night gets it: from the ledger, or else from the judge."""
    judge = judge_of(feature)
    with Ledger() as ledger:
        sitting = Sitting(feature.name, kind, DAY, ledger, feature.judge.wait)
        found = judge_items(items, rubric_of(feature, judge), judge, sitting)
    return {judgment.item_id: judgment.entry.verdict for judgment in found.judgments}


def statuses(verdicts):
    return Counter(verdict.status.value for verdict in verdicts.values())
