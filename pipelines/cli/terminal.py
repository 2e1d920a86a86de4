"""What the command line prints: tables, progress, and text from logs made harmless."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

console = Console()
errors = Console(stderr=True)


def plain(text: Any) -> Text:
    """Text as it is, never markup and never a command to the terminal: control and format characters become `·`."""
    return Text(
        "".join(
            "·" if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") else character for character in str(text)
        )
    )


def error(message: Any) -> None:
    """Print an error to stderr, each of its lines on a line of its own, unbroken."""
    for line in f"error: {message}".splitlines():
        errors.print(plain(line), soft_wrap=True)


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[str] = ()) -> None:
    """Print a table; the columns named in `numeric` are set to the right. A `Text` cell keeps its style."""
    console.print(Text(title, style="bold underline"))
    made = Table(header_style="bold", box=None, pad_edge=False)
    for header in headers:
        made.add_column(header, justify="right" if header in numeric else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else plain("" if cell is None else cell) for cell in row))
    console.print(made)
    console.print()


def block(title: str, text: str) -> None:
    """Print a text as it is, line by line and unbroken, under a title."""
    console.print(Text(title, style="bold"))
    for line in text.splitlines():
        console.print(plain(line), soft_wrap=True)
    console.print()


@contextmanager
def progress(total: int, what: str) -> Iterator["Steps"]:
    """A progress display: a bar in a terminal, a line per item where the output is no terminal."""
    if not console.is_terminal:
        yield Steps(total, None, None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Steps(total, bar, bar.add_task(what, total=total))


class Steps:
    """A progress display's two hands: what is being done now, and one more done."""

    def __init__(self, total: int, bar: Progress | None, task: Any):
        self.total, self.bar, self.task = total, bar, task
        self.number, self.item = 0, ""

    def begin(self, item: str) -> None:
        """Begin the next item; the one before it is done."""
        if self.number and self.bar is not None:
            self.bar.advance(self.task)
        self.number, self.item = self.number + 1, item
        if self.bar is None:
            console.print(f"[{self.number}/{self.total}] {item}", markup=False, highlight=False)
        else:
            self.bar.update(self.task, description=item)

    def more(self, items: int) -> None:
        """There is more to do than was known at first."""
        self.total += items
        if self.bar is not None:
            self.bar.update(self.task, total=self.total)

    def at(self, stage: str) -> None:
        """Name the stage that the item is at."""
        if self.bar is not None:
            self.bar.update(self.task, description=f"{self.item}: {stage}")
