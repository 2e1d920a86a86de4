"""A flag in a file of flag definitions (JSON), as flagd and the OpenFeature providers for flagd read it.

The file's form is https://flagd.dev/reference/flag-definitions/. Of its targeting rules, those are understood that a
ramp is made of: no rule, a variant, `fractional`, and an `if` whose conditions name users and whose last branch is one
of these. Every other rule is an error.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import Field

from pipelines.feature import Feature, FlagSettings
from pipelines.ramp.flags.service import FlagError, FlagService, FlagState

LARGEST_TOTAL = 2**31 - 1  # of a fractional's weights: above it, flagd gives the default variant
NAMES_ONE_VALUE = ("==", "===", "in", "starts_with", "ends_with")  # conditions on an attribute and a value of it


class Settings(FlagSettings):
    path: str = Field(min_length=1, description="the file of flag definitions, relative to this file")
    variant: str | None = Field(
        None, min_length=1, description="the variant that is the feature, where variants are not true and false"
    )

    def service_for(self, feature: Feature) -> FlagService:
        return FlagdFile(feature.directory / self.path, feature.ramp.flag or "", self.variant)


@dataclass(frozen=True)
class FlagdFile:
    """The flag `key` of a file. `variant` is the one of those who get the feature; None: those whose value is true."""

    path: Path
    key: str
    variant: str | None = None

    def state(self) -> FlagState:
        try:
            return self._state()
        except RecursionError:
            self.unknown("its file is nested too deeply to be read", "write a plainer rule")

    def _state(self) -> FlagState:
        flag = self._definition()
        match flag.get("state"):
            case "DISABLED":
                return FlagState(on=False, share=0)
            case "ENABLED":
                share, named_apart = _Definition(self, flag).share()
                return FlagState(on=True, share=share, named_apart=named_apart)
            case other:
                self.unknown(f"its state is {_shown(other)}", "write ENABLED or DISABLED")

    def _definition(self) -> dict[str, Any]:
        try:
            definitions = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.unknown("there is no such file", "correct flag.path of the feature file")
        except (OSError, ValueError) as error:
            self.unknown(f"the file cannot be read as JSON ({error})", "write it anew")
        flags = definitions.get("flags") if isinstance(definitions, dict) else None
        if not isinstance(flags, dict):
            self.unknown('the file has no object "flags"', "write flag definitions as flagd reads them")
        if self.key not in flags:
            self.unknown(f"the file has only the flags {_shown(list(flags))}", "add it, or correct ramp.flag")
        if not isinstance(flags[self.key], dict):
            self.unknown(f"its definition is {_shown(flags[self.key])}", "write an object, as flagd reads it")
        return flags[self.key]

    def unknown(self, why: str, remedy: str) -> NoReturn:
        raise FlagError(f"{self.path}: it is not known what the flag {self.key!r} gives: {why}; {remedy}")


class _Definition:
    """A flag that is enabled: its variants, which of them are the feature, and the share of users who get those."""

    def __init__(self, file: FlagdFile, flag: dict[str, Any]):
        self.file, self.flag = file, flag
        variants = flag.get("variants")
        if not isinstance(variants, dict) or not variants:
            file.unknown("it has no variants", 'write them, as in {"on": true, "off": false}')
        self.variants: dict[str, Any] = variants
        self.given = self._given()

    def share(self) -> tuple[float, bool]:
        """The percentage of users who get the feature, and whether rules before it name some users apart."""
        return self._share_of(self.flag.get("targeting") or None)

    def _given(self) -> set[str]:
        """The names of the variants that are the feature."""
        if self.file.variant is not None:
            if self.file.variant not in self.variants:
                self.file.unknown(
                    f"it has no variant {self.file.variant!r}", "correct flag.variant of the feature file"
                )
            return {self.file.variant}
        if not all(isinstance(value, bool) for value in self.variants.values()):
            self.file.unknown(
                f"its variants ({_shown(list(self.variants))}) are not true and false",
                "say in flag.variant of the feature file which of them is the feature",
            )
        return {name for name, value in self.variants.items() if value}

    def _share_of(self, rule: Any) -> tuple[float, bool]:
        match rule:
            case None:
                return self._share_of_variant(self.flag.get("defaultVariant"), "defaultVariant"), False
            case bool():  # flagd takes it for the variant of that name
                return self._share_of_variant(str(rule).lower(), "targeting"), False
            case str():
                return self._share_of_variant(rule, "targeting"), False
            case {"fractional": list(parts), **others} if not others:
                return self._share_of_parts(parts), False
            case {"if": [_, _, *_] as branches, **others} if not others:
                return self._share_after(branches), True
        self._unreadable(rule)

    def _share_of_variant(self, name: Any, field: str) -> float:
        if not isinstance(name, str) or name not in self.variants:
            self.file.unknown(
                f"{field} names the variant {_shown(name)}, and its variants are {_shown(list(self.variants))}",
                "name one of these",
            )
        return 100.0 if name in self.given else 0.0

    def _share_of_parts(self, parts: list) -> float:
        """Of a `fractional`: what users are told apart by, which may be left out, and variants with their weights."""
        if parts and not isinstance(parts[0], list):
            if not _tells_users_apart(parts[0]):
                self._unreadable(parts[0])
            parts = parts[1:]
        given = total = 0
        for part in parts:
            match part:
                case [str(name), int(weight)] if weight >= 0 and not isinstance(weight, bool):
                    pass
                case [str(name)]:
                    weight = 1
                case _:
                    self._unreadable(part)
            total += weight
            given += weight if self._share_of_variant(name, "fractional") else 0
        if not 0 < total <= LARGEST_TOTAL:
            self.file.unknown(f"the weights of its fractional add up to {total}", "write weights as in 5 and 95")
        return 100 * given / total

    def _share_after(self, branches: list) -> float:
        """Of an `if`: the share of those whom no condition names. Without a last branch they get the default."""
        for condition in branches[:-1:2]:
            if not _names_users(condition):
                self._unreadable(condition)
        return self._share_of(branches[-1] if len(branches) % 2 else None)[0]

    def _unreadable(self, rule: Any) -> NoReturn:
        self.file.unknown(
            f"no share of users can be read of {_shown(rule)} in its targeting",
            "write a fractional, or an if whose conditions name users and whose last branch is a fractional",
        )


def _names_users(condition: Any) -> bool:
    """Whether a condition names users by an attribute's values. One that excludes users (`!=`), goes by time or
    compares sizes does not: whom it leaves for the last branch is not the rest of the users."""
    match condition:
        case {"or": [_, *_] as parts, **others} | {"and": [_, *_] as parts, **others} if not others:
            return all(_names_users(part) for part in parts)
        case {**operation} if len(operation) == 1:
            ((operator, operands),) = operation.items()
            return (
                operator in NAMES_ONE_VALUE
                and isinstance(operands, list)
                and len(operands) == 2
                and sorted(map(_is_attribute, operands)) == [False, True]
                and any(map(_is_value, operands))
            )
    return False


def _tells_users_apart(expression: Any) -> bool:
    """Whether what a fractional hashes is an attribute of the user, alone or with constants before or after it."""
    match expression:
        case {"cat": list(parts), **others} if not others:
            is_known = all(isinstance(part, str) or _variable(part) is not None for part in parts)
            return is_known and any(map(_is_attribute, parts))
    return _is_attribute(expression)


def _is_attribute(operand: Any) -> bool:
    """Whether an operand is an attribute of the user: no constant, and nothing that flagd adds itself, as the time."""
    name = _variable(operand)
    return bool(name) and not str(name).startswith("$flagd")


def _variable(operand: Any) -> str | None:
    match operand:
        case {"var": str(name) | [str(name)], **others} if not others:
            return name
    return None


def _is_value(operand: Any) -> bool:
    """Whether an operand is a value, or values, that a user must have. What a missing attribute may equal is none."""
    if isinstance(operand, list):
        return bool(operand) and all(isinstance(value, str) and value for value in operand)
    return operand is True or (isinstance(operand, str) and bool(operand))


def _shown(value: Any) -> str:
    """A part of the file as JSON, cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
