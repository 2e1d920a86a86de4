"""published: the DuckDB file of all features and their pages, made once however many nights end together."""

from collections.abc import Iterable

import dagster as dg

from pipelines.assets.building import FEATURE, PUBLISHED, markdown
from pipelines.data_directory import data_directory
from pipelines.errors import UserError
from pipelines.publishing.publisher import Publication, ask, serve

CHECK = "pages_made"
LEFT_TO_ANOTHER = "by the run that is publishing: the build that it begins next has everything this run has made"


def published_asset(history: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """What is published of all features, after the tables of the history of each."""

    @dg.asset(
        key=PUBLISHED,
        group_name="published",
        deps=history,
        kinds={"duckdb", "html"},
        description="The DuckDB file that analysts read, and every feature's page, each replaced whole.",
        check_specs=[dg.AssetCheckSpec(CHECK, asset=PUBLISHED, description="The page of every feature could be made.")],
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        ask()
        try:
            publication = serve()
        except UserError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        if publication is None:
            left = dg.AssetCheckResult(passed=True, check_name=CHECK, description=LEFT_TO_ANOTHER)
            return dg.MaterializeResult(metadata={"built": LEFT_TO_ANOTHER}, check_results=[left])
        mine = publication.errors.get(context.run.tags.get(FEATURE, ""))
        if mine is not None:
            raise dg.Failure(str(mine), allow_retries=False)
        return dg.MaterializeResult(metadata=_metadata(publication), check_results=[_checked(publication)])

    return published


def _checked(publication: Publication) -> dg.AssetCheckResult:
    """Whether all pages could be made: the run of one feature goes on when another's could not."""
    return dg.AssetCheckResult(
        passed=not publication.errors,
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(str(error) for error in publication.errors.values()) or None,
        metadata={
            "pages made": len(publication.pages),
            "pages that could not be made": len(publication.errors),
            "bytes of the file": publication.database.stat().st_size,
        },
    )


def _metadata(publication: Publication) -> dict[str, dg.MetadataValue]:
    made = [publication.database, *publication.pages]
    rows = [(path.relative_to(data_directory()), path.stat().st_size) for path in made]
    table = dg.MetadataValue.md(markdown(("file in the data directory", "bytes"), rows))
    why = dg.MetadataValue.md(markdown(("feature", "why"), publication.errors.items()))
    not_made = {"pages that could not be made": why} if publication.errors else {}
    return {"built": dg.MetadataValue.text("by this run"), "table": table, **not_made}
