"""published: the DuckDB file of all features and their pages, made once however many nights end together."""

from collections.abc import Sequence

import dagster as dg

from pipelines.assets.building import FEATURE, PUBLISHED, asset_key, markdown
from pipelines.data_directory import data_directory
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.nights import history_tables
from pipelines.publishing.publisher import Publication, ask, serve

LEFT_TO_ANOTHER = "by the run that is publishing: the build that it begins next has everything this run has made"


def published_asset(features: Sequence[Feature]) -> dg.AssetsDefinition:
    """What is published of all features, after the history of each."""

    @dg.asset(
        key=PUBLISHED,
        group_name="publishing",
        deps=[asset_key(feature.name, table) for feature in features for table in history_tables(feature)],
        kinds={"duckdb", "html"},
        description="The DuckDB file that analysts read, and every feature's page, each replaced whole.",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        ask()
        try:
            publication = serve()
        except UserError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        if publication is None:
            return dg.MaterializeResult(metadata={"built": LEFT_TO_ANOTHER})
        mine = publication.errors.get(context.run.tags.get(FEATURE, ""))
        if mine is not None:
            raise dg.Failure(str(mine), allow_retries=False)
        return dg.MaterializeResult(metadata=_metadata(publication))

    return published


def _metadata(publication: Publication) -> dict[str, dg.MetadataValue]:
    made = [publication.database, *publication.pages]
    rows = [(path.relative_to(data_directory()), path.stat().st_size) for path in made]
    metadata: dict[str, dg.MetadataValue] = {
        "built": dg.MetadataValue.text("by this run"),
        "table": dg.MetadataValue.md(markdown(("file in the data directory", "bytes"), rows)),
    }
    if publication.errors:
        errors = [(feature, error) for feature, error in publication.errors.items()]
        metadata["pages that could not be made"] = dg.MetadataValue.md(markdown(("feature", "why"), errors))
    return metadata
