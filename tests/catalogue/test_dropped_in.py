"""A signal that is dropped in as a file is measured, banded, decided on, shown and documented, with no other edit."""

import json
import os
import shutil
import subprocess
import sys

from pipelines.checkout import CHECKOUT
from tests.catalogue.test_signals import GOOD

SCRIPT = """
import json
from datetime import date

from pipelines import lake
from pipelines.assets.gate_decisions import make_gate_decisions
from pipelines.assets.signals import make_signals
from pipelines.catalogue.reference import signal_list
from pipelines.catalogue.tables import own_columns
from pipelines.feature import FeatureError, features_directory, load_feature
from pipelines.publishing.page import publish_page
from pipelines.publishing.ramp_gate import publish_ramp_gate, read_ramp_gate

DAY = date(2026, 11, 2)
path = features_directory() / "drafts.yaml"
text = "start: 2026-11-02\\nlogs: {path: '{{ day }}'}\\n"
text += "ramp: {stages: [{name: a}, {name: b}], roll_back_on: [fallback]}\\n"
try:
    path.write_text(text + "bands: {fallback: 2}\\n")
    load_feature(path)
except FeatureError as error:
    too_wide = str(error)
path.write_text(text + "bands: {fallback: 0.05}\\n")
feature = load_feature(path)
with lake.connect() as connection:
    # 60 of 200: a share of 0.3, whose 99 % interval is over 0.05
    logs = "SELECT i::VARCHAR AS log_id, i < 60 AS fallback FROM range(200) t(i)"
    rest = ", ".join(f"NULL AS {name}" for name in own_columns("prod_logs") if name not in ("log_id", "fallback"))
    lake.write(connection, "prod_logs", f"SELECT *, {rest} FROM ({logs})", feature="drafts", day=DAY)
    make_signals(connection, feature, DAY)
    lake.read(connection, "signals", feature="drafts", day=DAY)
    whole = "FROM signals WHERE signal = 'fallback_rate' AND cohort = 'all'"
    row = connection.execute(f"SELECT value, reference, status {whole}").fetchone()
    make_gate_decisions(connection, feature)
publish_ramp_gate(feature)
gate = read_ramp_gate("drafts")
page = publish_page(feature).read_text()
print(json.dumps({
    "too_wide": too_wide,
    "row": row,
    "decision": gate["decision"],
    "explanation": gate["explanation"],
    "signals": [signal["name"] for signal in gate["signals"]],
    "page": "Fallback rate" in page,
    "docs": "`fallback_rate`" in signal_list(),
}))
"""


def test_a_signal_is_one_file(tmp_path):
    copy = tmp_path / "checkout"
    for folder in ("pipelines", "sql"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "sql" / "signals" / "fallback_rate.sql").write_text(GOOD)
    environment = os.environ | {"PYTHONPATH": str(copy), "PROD_EVALS_NOW": "2026-11-03T12:00:00+00:00"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert (
        "bands.fallback is 2; it must be less than 1 (highest healthy share of logs that fell back)"
        in found["too_wide"]
    )
    assert found["row"] == [0.3, 0.05, "unhealthy"]
    assert found["decision"] == "roll_back"
    assert found["explanation"].startswith("Fallback rate is 30 %; healthy is at most 5 %.")
    assert "fallback_rate" in found["signals"]
    assert found["page"] and found["docs"]
