"""What makes an asset: the modules and SQL files behind its function, for its code version and its code references.

The version changes when one of these files does, so that Dagster shows what an upgrade has left stale. What only carries
(the lake, the feature file, the clock) is not among them: a change there makes no other numbers. Files are read as text,
and nothing is imported for it.
"""

import hashlib
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dagster as dg

from pipelines.catalogue import tables as catalogue
from pipelines.checkout import CHECKOUT, SQL

CARRIERS = (
    "pipelines.assets.building",
    "pipelines.assets.made_by",
    "pipelines.catalogue.headers",
    "pipelines.catalogue.tables",
    "pipelines.checkout",
    "pipelines.clock",
    "pipelines.data_directory",
    "pipelines.errors",
    "pipelines.feature",
    "pipelines.lake",
)

IMPORT = re.compile(r"^[ \t]*from (pipelines[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
STATEMENT = re.compile(r'"([a-z_]+/[a-z_0-9]+)"')  # as in lake.run(connection, "night/funnel")
FINDS_ITS_OWN = re.compile(r'import_module\(f"\{__name__\}')  # a package whose modules are found because they are there
FOLDER = re.compile(r'SQL / "([a-z_]+)"')  # a whole folder, as in SQL / "signals"


@dataclass(frozen=True)
class MadeBy:
    """What makes an asset: a digest of all of its code, and references to its function and to each of its statements."""

    version: str
    references: dg.CodeReferencesMetadataValue


def made_by(make: Callable, tables: Sequence[str]) -> MadeBy:
    """What makes tables by a function of ours."""
    modules = _behind(make.__module__)
    declared = {catalogue.DECLARATIONS / f"{catalogue.folders()[table].table}.sql" for table in tables}
    statements = declared.union(*map(_statements, modules))
    texts = {_file(module): _text(module).encode() for module in modules}  # which many assets share, and are read once
    texts |= {path: path.read_bytes() for path in statements}
    version = hashlib.sha256()
    for path, text in sorted(texts.items()):
        version.update(f"{path.relative_to(CHECKOUT)}\n".encode())
        version.update(text)
    function = make.__code__
    lines = {Path(function.co_filename): function.co_firstlineno} | dict.fromkeys(sorted(statements))
    return MadeBy(version.hexdigest()[:12], references(lines))


def references(lines: Mapping[Path, int | None]) -> dg.CodeReferencesMetadataValue:
    """Files as Dagster's UI links to them, each with a line where it has one."""
    with warnings.catch_warnings(action="ignore", category=dg.BetaWarning):
        return dg.CodeReferencesMetadataValue(
            code_references=[
                dg.LocalFileCodeReference(file_path=str(path), line_number=line, label=path.name)
                for path, line in lines.items()
            ]
        )


@cache
def _behind(module: str) -> frozenset[str]:
    """A module of ours and all that it imports of ours, directly or not, but for what only carries."""
    reached: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        if name not in reached and not any(f"{name}.".startswith(f"{carrier}.") for carrier in CARRIERS):
            reached.add(name)
            left += _imported(name)
    return frozenset(reached)


@cache
def _imported(module: str) -> frozenset[str]:
    """The modules of ours that a module imports: `from pipelines.gate import policy` is one of a module, too."""
    names: set[str] = set()
    for parent, listed in IMPORT.findall(_text(module)):
        children = {f"{parent}.{name}" for name in re.findall(r"\w+", re.sub(r" as \w+", "", listed))}
        submodules = {name for name in children if _path(name) is not None}
        names |= submodules if parent == "pipelines" else submodules | {parent}
    if FINDS_ITS_OWN.search(_text(module)):
        names |= _inside(module)
    return frozenset(names)


def _inside(package: str) -> set[str]:
    """The modules in a package's folder, and in those below it."""
    files = _file(package).parent.rglob("*.py")
    return {".".join(path.relative_to(CHECKOUT).with_suffix("").parts) for path in files if path.stem != "__init__"}


@cache
def _statements(module: str) -> frozenset[Path]:
    """The SQL files that a module names."""
    text = _text(module)
    named = {SQL / f"{name}.sql" for name in STATEMENT.findall(text)}
    for folder in FOLDER.findall(text):
        named |= set((SQL / folder).glob("*.sql"))
    return frozenset(path for path in named if path.exists())


@cache
def _text(module: str) -> str:
    return _file(module).read_text(encoding="utf-8")


def _file(module: str) -> Path:
    path = _path(module)
    assert path is not None, f"{module} is a module of ours"
    return path


@cache
def _path(module: str) -> Path | None:
    place = CHECKOUT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)
