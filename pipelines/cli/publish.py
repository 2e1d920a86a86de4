"""`prod-evals publish`: the DuckDB file, the gate files and the pages again, from what the lake holds."""

from pipelines import lake
from pipelines.cli import terminal
from pipelines.cli.run import every_feature
from pipelines.errors import UserError
from pipelines.publishing.database import publish_database
from pipelines.publishing.page import publish_page
from pipelines.publishing.ramp_gate import publish_ramp_gate


def publish_again() -> int:
    """Publish every feature; returns 1 when a feature file is wrong, or a page cannot be made as its file asks."""
    features, broken = every_feature()
    written = []
    for feature in features:
        with lake.steady(feature.name):
            written.append(publish_ramp_gate(feature))
            try:
                written.append(publish_page(feature))
            except UserError as error:
                broken.append(error)
    for mistake in broken:
        terminal.error(mistake)
    written.append(publish_database())
    for path in filter(None, written):
        terminal.console.print(terminal.plain(path))
    return int(bool(broken))
