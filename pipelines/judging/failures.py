"""What an error of a server means: for one request, for the moment, or for the night."""

from enum import Enum

from pipelines.errors import UserError
from pipelines.judging.quoting import quote

MESSAGE_CHARACTERS = 300


class Meaning(Enum):
    """What to do about an error."""

    STOP = "stop"  # no request can get past it: end the night and say what to do
    GIVE_UP = "give up"  # this request is wrong: another attempt would fail as well
    SLOW_DOWN = "slow down"  # the server has too much to do: all wait, then go on
    TRY_AGAIN = "try again"  # an accident of this request


class NightStopped(UserError):
    """An error that no request can get past. What had arrived before it is kept."""


class Failure(Exception):
    """An error of a server in our words.

    `status` is that of HTTP, `kind` what the server calls it, `message` what it said, shortened and harmless to print
    (without keys: that is the provider's part). `retry_after` is for how many seconds it wants to be left alone.
    """

    def __init__(
        self, meaning: Meaning, status: int | None, kind: str | None, message: str, retry_after: float | None = None
    ):
        super().__init__(message)
        self.meaning, self.status, self.kind = meaning, status, kind
        self.message = quote(message, MESSAGE_CHARACTERS)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.status or ''} {self.kind or ''}".strip() + (f": {self.message}" if self.message else "")


def meaning_of_status(status: int | None) -> Meaning:
    """What a status of HTTP means by itself; a connection that failed has none."""
    if status in (401, 402, 403, 404):
        return Meaning.STOP
    if status in (429, 503, 529):
        return Meaning.SLOW_DOWN
    is_client_error = status is not None and 400 <= status < 500 and status not in (408, 409)
    return Meaning.GIVE_UP if is_client_error else Meaning.TRY_AGAIN
