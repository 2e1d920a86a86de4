"""`python -m pipelines.catalogue` writes the lists of docs/reference.md anew."""

from pipelines.catalogue.reference import REFERENCE, with_lists

REFERENCE.write_text(with_lists(REFERENCE.read_text(encoding="utf-8")), encoding="utf-8")
