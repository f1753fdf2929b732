"""The order of work: nothing before what it needs, and no worker idle while there is work."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from helpers.errors import HelpersError

Progress = Callable[[str, int, int], None]


class WorkerError(HelpersError):
    """A process that worked for this one has been ended from outside."""

    exit_code = 1


@dataclass(frozen=True)
class Group:
    """Pieces of work that do not need each other.

    Attributes
    ----------
    name
        What other groups call it.
    title
        What it is called on a progress bar; groups of one title share a bar.
    calls
        Functions without arguments that other processes can be sent.
    needs
        Names of the groups that must be done before; those that are not there are done.
    """

    name: str
    title: str
    calls: Sequence[Callable[[], Any]]
    needs: frozenset[str]


def carry_out(
    groups: Sequence[Group], executor: Executor, workers: int, progress: Progress
) -> None:
    """Do all work of all groups.

    Of the groups that can be worked on, the one that most others wait for comes first, and
    among equals the first. Others fill in where one has too few pieces for all workers.

    Parameters
    ----------
    groups
        What to do, each after all that it needs.
    executor
        Who does it.
    workers
        How many pieces are given to `executor` at a time.
    progress
        Told of every piece that is done.

    Raises
    ------
    WorkerError
        If a process has been ended from outside.
    """
    todo = {group.name: deque(group.calls) for group in groups if group.calls}
    left = {name: len(calls) for name, calls in todo.items()}
    ordered = _by_importance([group for group in groups if group.name in todo])
    totals: Counter[str] = Counter()
    for group in ordered:
        totals[group.title] += left[group.name]
    done: Counter[str] = Counter()
    running: dict[Future[Any], Group] = {}
    while left:
        for group in ordered:
            if not todo[group.name] or group.needs & left.keys():
                continue
            if group.title not in done:
                done[group.title] = 0
                progress(group.title, 0, totals[group.title])
            while todo[group.name] and len(running) < workers:
                running[executor.submit(todo[group.name].popleft())] = group
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            group = running.pop(future)
            _check(future, group)
            done[group.title] += 1
            left[group.name] -= 1
            if not left[group.name]:
                del left[group.name]
            progress(group.title, done[group.title], totals[group.title])


def _check(future: Future[Any], group: Group) -> None:
    try:
        future.result()
    except BrokenProcessPool as error:
        raise WorkerError(
            f"A process was ended by the system ({group.title}), perhaps for want of memory: run "
            "again, what is finished is kept; with --workers 1 less memory is needed."
        ) from error


def _by_importance(groups: Sequence[Group]) -> list[Group]:
    """Sort groups by how many others wait for them, at once or later."""
    waiting: dict[str, set[str]] = {group.name: set() for group in groups}
    for group in reversed(groups):
        for need in group.needs & waiting.keys():
            waiting[need] |= {group.name} | waiting[group.name]
    return sorted(groups, key=lambda group: -len(waiting[group.name]))
