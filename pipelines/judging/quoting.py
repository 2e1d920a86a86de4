"""A passage of somebody else's text, safe to repeat in a table, a log or a terminal."""

QUOTED = 160  # characters of an item that a rationale or an evidence repeats at most


def quote(text: str, limit: int = QUOTED) -> str:
    """A passage of an item, safe to repeat anywhere text is stored: one line, printable characters only, cut."""
    shown = " ".join("".join(ch if ch.isprintable() else " " for ch in text[: 2 * limit]).split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"
