"""Sharing work out among threads, each of which uses PyTorch with one thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch

Run = Callable[[Callable[[Any], None], Iterable[Any]], None]
"""``run(work, items)`` calls ``work(item)`` for every item and waits for all."""


def in_turn(work: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Work on the items one after the other, in this thread."""
    for item in items:
        work(item)


@contextmanager
def workers(threads: int) -> Iterator[Run]:
    """Start threads that work on several items at once.

    PyTorch computes on one thread inside, here and in the workers, and on as many as before
    afterwards: products then do not depend on the number of workers, not even in the last bit.
    Its operations, and NumPy's, let other threads run meanwhile.

    Parameters
    ----------
    threads
        Number of workers; with one, items are worked on in this thread.

    Yields
    ------
    callable
        See `Run`. Gradients are not recorded in what it runs.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            if threads == 1:
                yield in_turn
                return
            with ThreadPoolExecutor(threads, initializer=_set_up) as pool:
                yield lambda work, items: _finish(pool.map(torch.no_grad()(work), items))
    finally:
        torch.set_num_threads(before)


def _set_up() -> None:
    torch.set_num_threads(1)


def _finish(results: Iterator[None]) -> None:
    """Wait for all, and raise what went wrong in one."""
    for _ in results:
        pass
