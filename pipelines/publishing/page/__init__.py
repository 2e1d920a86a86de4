"""pages/FEATURE.html: what the owner of a rollout reads in the morning, in one file that refers to nothing else."""

from pathlib import Path

from pipelines import lake
from pipelines.feature import Feature


def publish_page(feature: Feature) -> Path:
    """Write the feature's page from what the lake holds, whole, and return its path."""
    from pipelines.publishing.page.data import page_data
    from pipelines.publishing.page.rendering import render

    html = render(page_data(feature))
    target = lake.data_directory() / "pages" / f"{feature.name}.html"
    target.parent.mkdir(parents=True, exist_ok=True)  # readable by others: what is on it is what may be published
    with lake.appearing_whole(target) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return target
