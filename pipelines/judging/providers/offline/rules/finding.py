"""What a rule finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A level of 1 to 5, or None where the criterion does not apply; why; and the passage it rests on."""

    level: int | None
    rationale: str
    evidence: str | None = None
