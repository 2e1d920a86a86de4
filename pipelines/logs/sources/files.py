"""Files as a source: those that a path of the feature file names or, with globs, matches."""

import glob
import os
from datetime import date
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipelines.errors import UserError
from pipelines.feature import Feature, FileFormat
from pipelines.logs.containers.encoding import UnreadableFile, encoding_of
from pipelines.logs.sources.source import DaySource, FixedSource, Part, Source


class _Files(Source):
    """What files have in common, by day or not: a file is where it is, and its size and time of writing tell it."""

    def bring(self, part: Part, directory: Path) -> Path:
        return Path(part.place)

    def version(self, part: Part) -> str:
        return _version(Path(part.place))


class DayFiles(_Files, DaySource):
    """`logs.path` of a feature file: a template of the day that gives a path or a glob."""

    def has(self, day: date) -> bool:
        return bool(matches(self.feature.directory, self._pattern(day)))

    def find(self, day: date) -> list[Part]:
        feature = self.feature
        return [
            file_part(feature, path, feature.logs.format, "logs")
            for path in matches(feature.directory, self._pattern(day))
        ]

    def looked_for(self, day: date) -> str:
        return str(self._pattern(day))

    def missing(self, day: date) -> str:
        pattern = self._pattern(day)
        folder = pattern.parent
        if not folder.is_dir():
            instead = f"there is no folder {folder}"
        elif others := sorted(path.name for path in folder.iterdir() if path.is_file()):
            files = "file" if len(others) == 1 else "files"
            instead = f"{folder} holds {len(others)} other {files}, the last of them {others[-1]}"
        else:
            instead = f"{folder} is empty"
        name = self.feature.name
        return (
            f"{name}: no logs of {day}: looked for {pattern}; {instead}. "
            f"Bring the file (an empty one says that the day has no logs), or correct logs.path in {name}'s file"
        )

    def _pattern(self, day: date) -> Path:
        """`logs.path` for a day, absolute. Raises UserError when it is not a template that gives a path."""
        template = self.feature.logs.path
        try:
            text = ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(day=day)
        except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise UserError(
                f"{self.feature.name}: logs.path is {template!r}, which cannot be rendered: {error}. "
                "{{ day }} stands for the date as in 2026-10-19; {{ day.strftime('%Y/%m/%d') }} writes it another way"
            ) from error
        return self.feature.directory / text


class FixedFiles(_Files, FixedSource):
    """The path of a section that is no template: a file or, where `globs`, every file that it matches.

    A file is of the `declared` format or, without one, of that which its ending says, or of the one that it is
    `otherwise`.
    """

    def __init__(
        self,
        feature: Feature,
        section: str,
        path: str,
        declared: FileFormat | None,
        *,
        globs: bool,
        otherwise: FileFormat | None = None,
    ):
        self._feature = feature
        self._section = section
        self._declared = declared
        self._pattern = feature.directory / path
        self._globs = globs
        self._otherwise = otherwise

    @property
    def looked_for(self) -> str:
        return str(self._pattern)

    def parts(self) -> list[Part]:
        if self._globs:
            paths = matches(self._feature.directory, self._pattern)
        else:
            paths = [self._pattern] if self._pattern.is_file() else []
        return [file_part(self._feature, path, self._declared, self._section, self._otherwise) for path in paths]


def matches(directory: Path, pattern: Path) -> list[Path]:
    """The files that a pattern names or matches, sorted. `directory`, where it begins, is none of the pattern."""
    if pattern.is_file():
        return [pattern]  # a name that happens to hold a glob's characters
    # the folder of the feature file is no pattern, whatever characters its name has
    inside = os.path.relpath(pattern, directory) if pattern.is_relative_to(directory) else str(pattern)
    matched = (directory / match for match in glob.glob(inside, root_dir=directory, recursive=True))
    return sorted(path for path in matched if path.is_file())


def file_part(
    feature: Feature, path: Path, declared: FileFormat | None, section: str, otherwise: FileFormat | None = None
) -> Part:
    """A file as a part; `section` of the feature file is where its format can be declared. Raises UnreadableFile."""
    encoding = encoding_of(str(path), declared, otherwise, f"under {section} in {feature.name}'s file")
    # names are bytes to the file system; what is not UTF-8 could go into no table
    label = os.fsencode(os.path.relpath(path, feature.directory)).decode("utf-8", "replace")
    return Part(label, str(path), encoding, _version(path))


def _version(path: Path) -> str:
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be read: {error}") from error
    return f"{status.st_size}-{status.st_mtime_ns}"
