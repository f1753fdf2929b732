"""The order of work: nothing before what it needs, and no worker idle while there is work."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from helpers.errors import HelpersError
from helpers.workflow.dependencies import in_order, sorter

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
        What to do.
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
    CircleError
        If some groups need each other.
    """
    named = {group.name: group for group in groups if group.calls}
    needs = {name: group.needs & named.keys() for name, group in named.items()}
    ranks = _ranks(needs)
    todo = {name: deque(group.calls) for name, group in named.items()}
    left = {name: len(calls) for name, calls in todo.items()}
    totals: Counter[str] = Counter()
    for group in named.values():
        totals[group.title] += left[group.name]
    done: Counter[str] = Counter()
    running: dict[Future[Any], Group] = {}
    waiting = sorter(needs)
    ready: list[str] = []
    while waiting.is_active():
        ready = sorted([*ready, *waiting.get_ready()], key=ranks.__getitem__)
        for group in map(named.__getitem__, ready):
            if group.title not in done:
                done[group.title] = 0
                progress(group.title, 0, totals[group.title])
            while todo[group.name] and len(running) < workers:
                running[executor.submit(todo[group.name].popleft())] = group
        ready = [name for name in ready if todo[name]]
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            group = running.pop(future)
            _check(future, group)
            done[group.title] += 1
            left[group.name] -= 1
            if not left[group.name]:
                waiting.done(group.name)
            progress(group.title, done[group.title], totals[group.title])


def _check(future: Future[Any], group: Group) -> None:
    try:
        future.result()
    except BrokenProcessPool as error:
        raise WorkerError(
            f"A process was ended by the system ({group.title}), perhaps for want of memory: run "
            "again, what is finished is kept; with --workers 1 less memory is needed."
        ) from error


def _ranks(needs: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Return the place of each group: the more others wait for it, the further in front."""
    followers: dict[str, set[str]] = {name: set() for name in needs}
    for name in reversed(in_order(needs)):
        for need in needs[name]:
            followers[need] |= {name} | followers[name]
    ordered = sorted(needs, key=lambda name: -len(followers[name]))
    return {name: rank for rank, name in enumerate(ordered)}
