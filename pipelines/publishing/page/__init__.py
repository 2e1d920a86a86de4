"""pages/FEATURE.html: what the owner of a rollout reads in the morning, in one file that refers to nothing else.

data       what it shows, out of the lake, as plain values
wording    values as people read them
charts     its charts, as SVG
rendering  these and the template page.html.j2 put together
"""

from functools import cache
from pathlib import Path

from pipelines import lake
from pipelines.checkout import SQL
from pipelines.data_directory import appearing_whole, data_directory, private_directory
from pipelines.feature import Feature
from pipelines.judging.ruler import digest
from pipelines.publishing import redacted
from pipelines.publishing.code_version import code_version


def publish_page(feature: Feature) -> Path:
    """Write the feature's page from what the lake holds, whole, and return its path.

    Raises RedactionUnavailable when its text is to be shown redacted, and the extra is not installed.
    """
    from pipelines.publishing.page.data import page_data
    from pipelines.publishing.page.rendering import render

    with lake.unchanging(feature.name):
        data = page_data(feature)
    html = render(data)
    target = page_path(feature)
    target.parent.mkdir(parents=True, exist_ok=True)  # readable by others: what is on it is what may be published
    with appearing_whole(target) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return target


def page_path(feature: Feature) -> Path:
    return data_directory() / "pages" / f"{feature.name}.html"


def made_from(feature: Feature, files: str) -> str:
    """What a page follows from: the code and its SQL, the feature file, and `files`, a digest of the feature's files of
    the lake."""
    return digest([code_version(), _words(), redacted.VERSION, feature.name, feature.model_dump_json(), files])


def remembered_page(feature: Feature) -> str | None:
    """What the page that is there was made from; None when there is none, or that is not known."""
    try:
        return _memory(feature).read_text(encoding="utf-8") if page_path(feature).exists() else None
    except OSError:
        return None


def remember_page(feature: Feature, made: str) -> None:
    """Write down what the page has been made from."""
    with appearing_whole(_memory(feature)) as temporary:
        temporary.write_text(made, encoding="utf-8")


def _memory(feature: Feature) -> Path:
    return private_directory("publishing") / f"{feature.name}.page"


@cache
def _words() -> dict[str, str]:
    """The texts that a page is made of besides the code: users may edit them."""
    parts = [*sorted(Path(__file__).parent.glob("page.*")), *sorted((SQL / "publishing").glob("*.sql"))]
    parts += [SQL / "comparison" / "nights.sql", SQL / "judging" / "item_scores.sql"]
    return {part.name: part.read_text(encoding="utf-8") for part in parts}
