"""Texts and names as SQL has them, where a statement takes no parameter."""


def literal(text: str) -> str:
    """A text as SQL has it, between quotes."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name of a column or table as SQL has it, between double quotes, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
