"""A file of flag definitions, written as an application's team would write it."""

import json
from pathlib import Path
from typing import Any

VARIANTS = {"on": True, "off": False}


def lot(share: int) -> dict:
    return {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "user"}]}, ["on", share], ["off", 100 - share]]}


class Arranged:
    def __init__(self, directory: Path):
        self.file = directory / "flags.json"
        self.section = {"service": "flagd_file", "path": str(self.file)}
        self.flags: dict[str, Any] = {}
        self._write()

    def give(self, key: str, share: int) -> None:
        self._define(key, lot(share))

    def give_apart(self, key: str, share: int) -> None:
        self._define(key, {"if": [{"in": [{"var": "cohort"}, ["internal"]]}, "on", lot(share)]})

    def turn_off(self, key: str) -> None:
        self._define(key, lot(25), state="DISABLED")

    def garble(self) -> None:
        self.file.write_bytes(b'{"flags": {"drafts": \xff')

    def vanish(self) -> None:
        self.file.unlink()

    def _define(self, key: str, targeting: dict, state: str = "ENABLED") -> None:
        self.flags[key] = {"state": state, "variants": VARIANTS, "defaultVariant": "off", "targeting": targeting}
        self._write()

    def _write(self) -> None:
        self.file.write_text(json.dumps({"flags": self.flags}))
