"""Nothing outside the local disk's module knows that the lake is files on a disk."""

import ast

import pytest

from pipelines.checkout import CHECKOUT

DATA_DIRECTORY = "pipelines/data_directory.py"
LOCAL_DISK = "pipelines/lake/local_disk.py"
OPENING = "pipelines/lake/opening.py"

MODULES = {"filelock", "fcntl", "glob"}
OF_OS = {
    "link",
    "symlink",
    "replace",
    "rename",
    "listdir",
    "scandir",
    "walk",
    "stat",
    "utime",
    "kill",
    "getpid",
    "unlink",
}
OF_PATHS = {"glob", "rglob", "iterdir", "exists", "unlink", "rmdir", "rename", "hardlink_to", "stat", "mkdir"}
PLACES = ("data.parquet", "redacted.parquet", "feature=", "day=", "schema.json")

# What reads users' own files, which are on a disk and no part of the lake.
USERS_FILES = ("pipelines/logs/", "pipelines/people/labels.py")


def knowledge(path: str, source: str) -> list[str]:
    """What a module has of a disk's means, or of where the lake's files are."""
    in_lake = path.startswith("pipelines/lake/")
    known = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            known += [alias.name for alias in node.names if alias.name in MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module:
            known += [node.module] if node.module in MODULES else []
            known += ["local_disk"] if node.module == "pipelines.lake.local_disk" else []
            if node.module == "os":
                known += [f"os.{alias.name}" for alias in node.names if alias.name in OF_OS]
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "os":
                known += [f"os.{node.attr}"] if node.attr in OF_OS else []
            elif in_lake and node.attr in OF_PATHS:
                known.append(f".{node.attr}")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            if isinstance(node.right, ast.Constant) and node.right.value == "lake":
                known.append('/ "lake"')
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not in_lake:
            known += [place for place in PLACES if place in node.value]
    return known


def test_only_the_local_disk_and_the_data_directory_have_a_disks_means():
    known = {}
    for file in sorted((CHECKOUT / "pipelines").rglob("*.py")):
        path = str(file.relative_to(CHECKOUT))
        if path in (DATA_DIRECTORY, LOCAL_DISK) or path.startswith(USERS_FILES):
            continue
        if found := knowledge(path, file.read_text(encoding="utf-8")):
            known[path] = found
    assert known.pop(OPENING) == ["local_disk", '/ "lake"']  # which store it is, is said in one place
    # the published file is one of the data directory, and is known again by its inode
    assert known.pop("pipelines/publishing/database.py") == ["os.stat"]
    assert known == {}


@pytest.mark.parametrize(
    ("path", "source", "known"),
    [
        ("pipelines/gate/x.py", "import filelock", "filelock"),
        ("pipelines/gate/x.py", "from filelock import Timeout", "filelock"),
        ("pipelines/gate/x.py", "import os\nos.replace(a, b)", "os.replace"),
        ("pipelines/gate/x.py", "from os import link", "os.link"),
        ("pipelines/gate/x.py", 'where = data_directory() / "lake"', '/ "lake"'),
        ("pipelines/gate/x.py", 'where = f"{root}/sample/feature={name}"', "feature="),
        ("pipelines/gate/x.py", "from pipelines.lake.local_disk import LocalDisk", "local_disk"),
        ("pipelines/lake/tables.py", "path.unlink()", ".unlink"),
        ("pipelines/lake/tables.py", "path.exists()", ".exists"),
    ],
)
def test_what_knows_of_a_disk_is_noticed(path, source, known):
    assert knowledge(path, source) == [known]
