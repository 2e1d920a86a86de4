"""The lists of docs/reference.md: what each catalogue says, as Markdown between markers."""

from collections.abc import Iterable, Sequence

from pipelines.catalogue.reasons import REASONS, Effect, next_step
from pipelines.catalogue.signals import Against, Signal, signals
from pipelines.catalogue.tables import tables
from pipelines.checkout import CHECKOUT

REFERENCE = CHECKOUT / "docs" / "reference.md"
EFFECTS = {Effect.ROLLS_BACK: "rolls back", Effect.HOLDS: "holds", Effect.ALLOWS: "allows"}


def with_lists(text: str) -> str:
    """A text with the lists between its markers as they are now. Raises ValueError when it has not all the markers."""
    for name, rows in (("tables", table_list()), ("signals", signal_list()), ("reasons", reason_list())):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"{REFERENCE} has no {begin.strip()} ... {end}")
        before, _, rest = text.partition(begin)
        text = before + begin + rows + "\n" + end + rest.partition(end)[2]
    return text


def table_list() -> str:
    rows = ((f"`{table.name}`", table.grain, table.layer, table.published) for table in tables().values())
    return markdown(("table", "one row is", "layer", "published"), rows)


def signal_list() -> str:
    rows = (
        (f"`{signal.name}`", signal.title, signal.measures, signal.unit, *_comparison(signal), signal.harmful)
        for signal in signals()
    )
    return markdown(("signal", "title", "what it measures", "unit", "reference", "band", "harmful"), rows)


def reason_list() -> str:
    rows = (
        (
            f"`{reason.code}`",
            " or ".join(EFFECTS[effect] for effect in reason.effects),
            reason.title,
            next_step(reason.code, "FEATURE", "DAY"),
        )
        for reason in REASONS.values()
    )
    return markdown(("code", "effect", "what it means", "what to do next"), rows)


def markdown(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _comparison(signal: Signal) -> tuple[str, str]:
    """A signal's reference and band in words."""
    if signal.band is None:
        return "none", "none"
    band = f"`bands.{signal.band.name}`, {signal.band.default:g} by default: {signal.band.text}"
    if signal.reference.against is Against.LIMIT:
        return "the band is the limit", band
    return f"`forecast.{signal.reference.field}`: {signal.reference.text}", band
