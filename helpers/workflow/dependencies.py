"""An order in which everything comes after what it needs, or the sentence that there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from helpers.errors import HelpersError


class CircleError(HelpersError):
    """Some need each other, so that none of them can be the first."""


def sorter(needs: Mapping[str, Iterable[str]]) -> TopologicalSorter[str]:
    """Return what hands out names as soon as all that they need are done.

    Parameters
    ----------
    needs
        For each name the names that must be done before.

    Raises
    ------
    CircleError
        If some need each other.
    """
    found = TopologicalSorter(needs)
    try:
        found.prepare()
    except CycleError as error:
        # Each of these is needed by the one after it.
        circle = " needs ".join(map(repr, reversed(error.args[1])))
        raise CircleError(
            f"There is no order of work: {circle}. Take one of them out of the inputs of another."
        ) from None
    return found


def in_order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return all names, each after all that it needs.

    Raises
    ------
    CircleError
        If some need each other.
    """
    ordered: list[str] = []
    waiting = sorter(needs)
    while waiting.is_active():
        ready = waiting.get_ready()
        waiting.done(*ready)
        ordered.extend(ready)
    return ordered
