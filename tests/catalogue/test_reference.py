"""docs/reference.md is what the catalogues say now, and the catalogues know nothing of who derives from them."""

import re

from pipelines.catalogue.reference import REFERENCE, with_lists
from pipelines.checkout import CHECKOUT


def test_the_reference_is_what_would_be_generated_now():
    text = REFERENCE.read_text(encoding="utf-8")
    assert text == with_lists(text), "run `make docs`"


def test_a_catalogue_imports_nothing_of_what_derives_from_it():
    for path in (CHECKOUT / "pipelines" / "catalogue").glob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (pipelines[\w.]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        allowed = ("pipelines.catalogue", "pipelines.checkout", "pipelines.errors")
        assert all(name.startswith(allowed) for name in imported), path
