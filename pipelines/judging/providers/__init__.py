"""Who answers the judge's questions, one package each. Nothing outside a package knows how its provider is asked.

A package's name is what `judge.kind` of a feature file says; its module `provider` holds PROVIDER, which keeps the
promises of pipelines/judging/provider.py. A package is found because it is here: there is no list of them.

anthropic  a model, over the Messages API, live or in batches
offline    rules, without a model: a rehearsal of the pipeline
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a feature file asks here which providers there are, so nothing of it is imported here
    from pipelines.feature import Feature
    from pipelines.judging.provider import Provider

DEFAULT = "offline"


def provider_names() -> list[str]:
    """What `judge.kind` may say: the default first. No provider is imported for it."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return sorted(names, key=lambda name: (name != DEFAULT, name))


@cache
def provider_named(name: str) -> "Provider":
    """The provider of that name, one of `provider_names`; only its own package is imported."""
    return import_module(f"{__name__}.{name}.provider").PROVIDER


def provider_of(feature: "Feature") -> "Provider":
    """The provider that a feature file's `judge.kind` names."""
    return provider_named(feature.judge.kind)
