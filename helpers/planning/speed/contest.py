"""Every method on every task, each in a process of its own, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.devices import one_thread
from helpers.errors import HelpersError
from helpers.planning.speed.methods import EXACT, METHODS
from helpers.planning.speed.tasks import TASKS, Array, Sizes, make_work
from helpers.workflow.processes import context

ROUNDS = 3
"""How often a method is timed; one that takes longer than `LONG` seconds, once."""

LONG = 5.0

COLUMNS = ["task", "method", "seconds", "ratio", "megabytes", "difference"]

_STATUS, _PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class SpeedError(HelpersError):
    """A method that failed, or whose numbers are others."""

    exit_code = 1


@dataclass(frozen=True)
class Outcome:
    """What a method did.

    Attributes
    ----------
    seconds
        That its process computed, the median of some rounds.
    megabytes
        By which its memory grew at most; NaN where the system does not tell.
    scores
        Models × samples × genes.
    """

    seconds: float
    megabytes: float
    scores: Array


def contest(
    sizes: Sizes, said: Callable[[str], None] = lambda line: None, *, apart: bool = True
) -> pd.DataFrame:
    """Let every method that is installed do every task that it can.

    Parameters
    ----------
    sizes
        How large the work is.
    said
        Told of each task and method before it begins.
    apart
        Whether each has a process of its own; memory is known only then.

    Returns
    -------
    pandas.DataFrame
        Columns as `COLUMNS`: ``ratio`` says how many times as long as the exact engine,
        ``difference`` the largest difference from its scores, as a share of the largest score.

    Raises
    ------
    SpeedError
        If a method fails.
    """
    rows = []
    for task, method in pairs():
        said(f"{task}, {METHODS[method].title}")
        found = (_in_own_process if apart else measured)(task, method, sizes)
        if method == EXACT:
            first = found
        rows.append(
            {
                "task": task,
                "method": method,
                "seconds": found.seconds,
                "ratio": found.seconds / first.seconds,
                "megabytes": found.megabytes,
                "difference": _difference(found.scores, first.scores),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def pairs() -> Iterator[tuple[str, str]]:
    """Yield each task with each method that can do it here, the exact engine first."""
    for task in TASKS:
        for name, method in METHODS.items():
            if task in method.able and method.installed:
                yield task, name


def measured(task: str, method: str, sizes: Sizes) -> Outcome:
    """Measure a method on a task in this process, after a warm-up with hardly any work."""
    compute, asked = METHODS[method].compute, TASKS[task]
    with one_thread():
        work = make_work(sizes)
        compute(asked, work.cut())
        before = _begin_peak()
        scores, first = _timed(lambda: compute(asked, work))
        megabytes = _megabytes("VmHWM") - before
        times = [first]
        while len(times) < ROUNDS and first < LONG:
            times.append(_timed(lambda: compute(asked, work))[1])
    return Outcome(float(np.median(times)), megabytes, scores)


def _timed(call: Callable[[], Array]) -> tuple[Array, float]:
    """Return a result, and the seconds that this process computed: others do not count."""
    start = time.process_time()
    found = call()
    return found, time.process_time() - start


def _begin_peak() -> float:
    """Let the system count the peak of memory from here; return what is taken now."""
    if not _PEAK.exists():
        return float("nan")
    _PEAK.write_text("5")
    return _megabytes("VmRSS")


def _megabytes(field: str) -> float:
    if not _PEAK.exists():
        return float("nan")
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(field))


def _in_own_process(task: str, method: str, sizes: Sizes) -> Outcome:
    own = context((__name__,))
    here, there = own.Pipe(duplex=False)
    process = own.Process(target=_send, args=(there, task, method, sizes))  # type: ignore[attr-defined]
    process.start()
    there.close()
    try:
        found = here.recv()
    except EOFError:
        raise SpeedError(
            f"{METHODS[method].title} on {task} ended without a result, perhaps for want of memory."
        ) from None
    finally:
        process.join()
    if isinstance(found, str):
        raise SpeedError(f"{METHODS[method].title} on {task} failed: {found}")
    return Outcome(*found)


def _send(to: Connection, task: str, method: str, sizes: Sizes) -> None:
    try:
        found = measured(task, method, sizes)
    except Exception as error:
        # Whatever it is, the process that asks has to be told.
        to.send(f"{type(error).__name__}: {error}")
        return
    to.send((found.seconds, found.megabytes, found.scores))


def _difference(scores: Array, exact: Array) -> float:
    return float(np.abs(scores - exact).max() / np.abs(exact).max())
