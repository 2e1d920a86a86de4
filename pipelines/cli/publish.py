"""`prod-evals publish`: the DuckDB file, the gate files and the pages again, from what the lake holds."""

from pipelines import lake
from pipelines.cli import terminal
from pipelines.cli.run import every_feature
from pipelines.data_directory import data_directory
from pipelines.publishing.database import FILE_NAME
from pipelines.publishing.page import page_path
from pipelines.publishing.publisher import ask, settle
from pipelines.publishing.ramp_gate import publish_ramp_gate


def publish_again() -> int:
    """Publish every feature, the file from nothing; returns 1 when a feature file is wrong, or a page cannot be made as
    its file asks."""
    features, broken = every_feature()
    written = []
    for feature in features:
        with lake.unchanging(feature.name):
            written.append(publish_ramp_gate(feature))
    ask(from_nothing=True)
    publication = settle()
    failed = publication.errors if publication else {}
    broken += failed.values()
    for error in broken:
        terminal.error(error)
    written += [page_path(feature) for feature in features if feature.name not in failed]
    written.append(data_directory() / FILE_NAME)
    for path in filter(None, written):
        terminal.console.print(terminal.plain(path))
    return int(bool(broken))
