"""Where raw records come from. Which source reads a section of a feature file is asked here, and nowhere else.

source   what each is held to
files    the files of a path, or of all paths that match
"""

from pathlib import Path

from pipelines.feature import Feature, FileFormat
from pipelines.logs.sources.files import DayFiles, FixedFiles
from pipelines.logs.sources.source import DaySource, FixedSource


def log_source(feature: Feature) -> DaySource:
    """The source of `logs`."""
    return DayFiles(feature)


def cold_source(feature: Feature) -> FixedSource | None:
    """The source of `baseline`; None without the section."""
    baseline = feature.baseline
    if baseline is None:
        return None
    return FixedFiles(feature, "baseline", baseline.path, baseline.format, globs=False)


def label_source(feature: Feature, file: str | None = None) -> FixedSource | None:
    """The source of `human_labels`, or of one file in their place; None without either.

    Files whose ending says nothing are JSON lines.
    """
    labels = feature.human_labels
    if file is not None:
        path, declared, globs = str(Path(file).absolute()), None, False
    elif labels is not None:
        path, declared, globs = labels.path, labels.format, True
    else:
        return None
    return FixedFiles(feature, "human_labels", path, declared, globs=globs, otherwise=FileFormat.JSONL)
