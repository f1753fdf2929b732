"""What all commands share on a terminal: how they print, get ready and show how far they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from helpers.publish.progress import Bars


def console(**more: Any) -> Console:
    """Return what prints names as they are: brackets and colons in them are no commands."""
    return Console(markup=False, emoji=False, **more)


def get_ready() -> None:
    """Let processes open files enough, and import what they need while this one does."""
    from helpers.publish import PRELOADED
    from helpers.workflow.processes import warm_up
    from helpers.workspace.surroundings import allow_open_files

    allow_open_files()
    warm_up(PRELOADED)


@contextmanager
def at_work(scheduler: str | None = None) -> Iterator[Bars]:
    """Show bars in the context, and send work to a Dask scheduler if there is one."""
    from helpers.publish.progress import Bars
    from helpers.workflow.cluster import cluster

    with Bars(console(stderr=True)) as bars, cluster(scheduler, bars.say):
        yield bars
