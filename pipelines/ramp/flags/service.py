"""The door for flag services: what a service promises to those who ask it, and who know nothing else about it.

A service is a module of pipelines/ramp/flags/. It has a class `Settings`, a subclass of FlagSettings: the fields of the
section `flag` of a feature file, and `service_for`, which gives a feature's FlagService. Every service is held to the
tests in tests/ramp/flags/test_contract.py.
"""

from dataclasses import dataclass
from typing import Protocol

from pipelines.errors import UserError


class FlagError(UserError):
    """What the flag says is not known. The message names the flag, says what is (not) known of it, and how to mend it."""


@dataclass(frozen=True)
class FlagState:
    """What a flag says now.

    `share` is the percentage of users who get the feature, 0 to 100. With `named_apart`, rules name some users before
    the lot is drawn, and `share` is of all the others. A flag that is not `on` gives the feature to nobody, so its share
    is 0: clients fall back to what their own code says, which no service knows.
    """

    on: bool
    share: float
    named_apart: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 100:
            raise ValueError(f"a share of {self.share} is no percentage")
        if self.share and not self.on:
            raise ValueError(f"a flag that is off has a share of {self.share}")


class FlagService(Protocol):
    """One feature's flag, wherever it is kept."""

    def state(self) -> FlagState:
        """What the flag says now, asked afresh on every call. Changes nothing.

        Raises FlagError for all that keeps it from being known: a service that does not answer or answers garbage, a
        flag that is not there, a rule that no share can be read of. A share is never guessed.
        """
        ...
