"""Progress bars with the time left, on standard error."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from helpers.publish.amounts import memory_text

WHOLE = "All together"
"""Title of the bar on all work of a run; it stands first and stays."""


class Bars:
    """A bar for each kind of work, made when that work is first heard of, and gone when it is done.

    The bar on all work, `WHOLE`, stays, and tells the time that is left.

    Parameters
    ----------
    console
        Where they are drawn; a log file gets one line for each bar that is full.
    sizes
        Whether what is counted are bytes.
    """

    def __init__(self, console: Console, *, sizes: bool = False) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn() if sizes else MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()
        self._sizes = sizes

    def __enter__(self) -> Bars:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def say(self, sentence: str) -> None:
        """Print a sentence beside the bars."""
        self._console.print(sentence, markup=False)

    def __call__(self, title: str, done: int, total: int) -> None:
        """Show that `done` of `total` pieces of the work called `title` are finished.

        A `total` of 0 stands for one that is not known.
        """
        if title not in self._tasks:
            self._tasks[title] = self._progress.add_task(title, total=total or None)
        folded = title != WHOLE and done == total and WHOLE in self._tasks
        self._progress.update(
            self._tasks[title], completed=done, total=total or None, visible=not folded
        )
        if done == total and title not in self._said and not self._console.is_terminal:
            self._said.add(title)
            # A log file cannot show a moving bar.
            amount = memory_text(total) if self._sizes else f"{total}"
            self._console.print(f"{title}: done ({amount})")
