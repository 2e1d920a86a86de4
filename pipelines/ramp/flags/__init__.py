"""Who keeps the feature's flag, one module each. Nothing outside a module knows how its service is asked.

A module's name is what `flag.service` of a feature file says; it keeps the promises of service.py. A module is found
because it is here: there is no list of them.

flagd_file  a file of flag definitions, as flagd and OpenFeature providers read it
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a feature file asks here which services there are, so nothing of it is imported here
    from pipelines.feature import FlagSettings

CONTRACT = "service"  # the module that is no service: what all of them promise


def service_names() -> list[str]:
    """What `flag.service` may say, in alphabetical order. No service is imported for it."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != CONTRACT)


@cache
def settings_of(name: str) -> "type[FlagSettings]":
    """What the service of that name, one of `service_names`, has in the section `flag` of a feature file."""
    return import_module(f"{__name__}.{name}").Settings
