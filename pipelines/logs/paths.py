"""Paths into a record, as in `request.messages[0]."content.type"`, and the SQL that reads a record along them.

A record is read into typed columns as far as its paths allow, since that is what DuckDB reads fastest: names make
nested structs of texts. What needs more, as a list's index or a field wanted whole and in part, is read as JSON.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipelines.errors import UserError
from pipelines.sql_quoting import identifier, literal

Step = str | int

_STEP = re.compile(r'(?P<dot>\.)?(?:(?P<name>[^."\[\]*]+)|"(?P<quoted>[^"*]+)")|\[(?P<index>-?\d{1,9})\]')


class PathError(UserError):
    """A path of `fields` that is not one."""


def parse_path(text: str, where: str) -> tuple[Step, ...]:
    """The steps of a path: names, and indexes of lists from 0, or from the end if negative.

    `where` names the field in the error. Raises PathError.
    """
    steps: list[Step] = []
    position = 0
    for match in _STEP.finditer(text.strip()):
        named = match["index"] is None
        if match.start() != position or (named and (match["dot"] is not None) != bool(steps)) or not (named or steps):
            break
        steps.append((match["quoted"] or match["name"].strip()) if named else int(match["index"]))
        position = match.end()
    if not steps or position != len(text.strip()) or "" in steps:
        raise PathError(
            f"{where} is {text!r}, which is not a path; write names joined by dots as in request.prompt, "
            'a list\'s element as in messages[0] or messages[-1], and a name with a dot in it as "gen_ai.prompt"'
        )
    return tuple(steps)


def json_path(steps: Iterable[Step]) -> str:
    """The same path as DuckDB's JSON functions take it."""
    return "$" + "".join(
        f'."{step}"' if isinstance(step, str) else f"[{step}]" if step >= 0 else f"[#{step}]" for step in steps
    )


@dataclass
class RecordReader:
    """How to read records along paths: the arguments for `read_json`, and each column's expression on what it gives.

    `texts` are columns that come as text (an object or a list as its JSON text), `documents` as JSON.
    """

    texts: Mapping[str, tuple[Step, ...]]
    documents: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._root = _Node()
        for path in self.texts.values():
            self._root.want(path, as_text=True)
        for path in self.documents.values():
            self._root.want(path, as_text=False)

    def arguments(self) -> str:
        """What `read_json` must be told about a record's fields."""
        if self._root.is_struct:
            columns = ", ".join(f"{literal(name)}: {literal(node.type)}" for name, node in self._root.children.items())
            return f"columns = {{{columns}}}"
        return "records = false, columns = {'record': 'JSON'}"

    def structure(self) -> str:
        """What `from_json` must be told about a record's fields, to read a record that is a JSON value already."""
        fields = {name: node.type for name, node in self._root.children.items()}
        return literal(json.dumps(fields if self._root.is_struct else "JSON"))

    def expressions(self, inside: str | None = None) -> dict[str, str]:
        """Each column's SQL expression, by the column's name: on the columns that `read_json` gives, or on the one
        column that holds what `from_json` does."""
        texts = {column: self._expression(path, "json_extract_string", inside) for column, path in self.texts.items()}
        return texts | {
            column: self._expression(path, "json_extract", inside) for column, path in self.documents.items()
        }

    def _expression(self, path: tuple[Step, ...], extract: str, inside: str | None) -> str:
        node, sql = self._root, inside or "record"
        for depth, step in enumerate(path):
            if not node.is_struct:
                return f"{extract}({sql}, {literal(json_path(path[depth:]))})"
            name = str(step)  # an index stands below what is read as JSON only
            is_column = node is self._root and inside is None
            sql = identifier(name) if is_column else f"struct_extract({sql}, {literal(name)})"
            node = node.children[name]
        return sql if node.type == "VARCHAR" else f"{extract}({sql}, '$')"


class _Node:
    """A place in a record: what is wanted of it, and of the places inside it."""

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.as_text = False
        self.as_json = False

    def want(self, path: tuple[Step, ...], as_text: bool) -> None:
        if not path:
            self.as_text |= as_text
            self.as_json |= not as_text
        elif isinstance(path[0], int):
            self.as_json = True
        else:
            self.children.setdefault(path[0], _Node()).want(path[1:], as_text)

    @property
    def is_struct(self) -> bool:
        """DuckDB's names differ in more than their case, and `filename` is the reader's own."""
        names = {name.casefold() for name in self.children}
        distinct = len(names) == len(self.children) and "filename" not in names
        return bool(names) and distinct and not (self.as_text or self.as_json)

    @property
    def type(self) -> str:
        if self.is_struct:
            return f"STRUCT({', '.join(f'{identifier(name)} {node.type}' for name, node in self.children.items())})"
        return "VARCHAR" if self.as_text and not self.as_json and not self.children else "JSON"
