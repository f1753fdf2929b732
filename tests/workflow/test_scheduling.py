from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import HelpersError, UnknownNameError
from helpers.workflow import processes
from helpers.workflow.dependencies import CircleError
from helpers.workflow.scheduling import Group, WorkerError, carry_out

PIECES = 3


def silent(title: str, done: int, total: int) -> None:
    pass


def group(name, calls, *needs, title="Working"):
    return Group(name, title, calls, frozenset(needs))


@st.composite
def graphs(draw):
    """Draw groups, each of which may need some of those before it."""
    count = draw(st.integers(1, 7))
    return [
        (draw(st.integers(0, PIECES)), draw(st.sets(st.integers(0, max(0, number - 1)))))
        if number
        else (draw(st.integers(0, PIECES)), set())
        for number in range(count)
    ]


@given(graphs(), st.integers(1, 3))
def test_everything_is_done_once_and_after_what_it_needs(graph, workers):
    done: list[int] = []
    groups = [
        group(str(number), [partial(done.append, number)] * pieces, *map(str, needs))
        for number, (pieces, needs) in enumerate(graph)
    ]
    carry_out(groups, processes.InTurn(), workers, silent)
    assert sorted(done) == [n for n, (pieces, _) in enumerate(graph) for _ in range(pieces)]
    for number, (_, needs) in enumerate(graph):
        if number in done:
            before = [piece for piece in done if piece in needs]
            last = max((i for i, piece in enumerate(done) if piece in needs), default=-1)
            assert last < done.index(number), (before, done)


def test_what_many_wait_for_comes_first_and_no_worker_idles():
    order: list[str] = []
    long = threading.Event()

    def note(name):
        order.append(name)

    def block():
        order.append("long")
        assert long.wait(10)

    groups = [
        group("side", [partial(note, "side")] * 3),
        group("long", [block]),
        group("table", [partial(note, "table")], "long"),
        group("page", [partial(note, "page")], "table"),
    ]

    def progress(title, done, total):
        # All that does not wait for the long piece is done beside it.
        if order.count("side") == 3:
            long.set()

    with ThreadPoolExecutor(2) as executor:
        carry_out(groups, executor, 2, progress)
    assert order[0] == "long"
    assert order[1:] == ["side"] * 3 + ["table", "page"]


def test_progress_counts_groups_of_one_title_together():
    heard: list[tuple[str, int, int]] = []
    groups = [
        group("a", [int] * 2, title="Pages"),
        group("b", [int], "a", title="Pages"),
        group("c", [], title="Nothing"),
    ]
    carry_out(groups, processes.InTurn(), 1, lambda *event: heard.append(event))
    assert heard == [("Pages", 0, 3), ("Pages", 1, 3), ("Pages", 2, 3), ("Pages", 3, 3)]


def fail() -> None:
    raise UnknownNameError("tissue", "livr", ["liver"])


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_stops_the_work_and_keeps_its_sentence(workers):
    later = []
    groups = [group("a", [fail]), group("b", [partial(later.append, 1)], "a")]
    with ThreadPoolExecutor(2) as executor, pytest.raises(UnknownNameError, match="'liver'"):
        carry_out(groups, executor if workers == 2 else processes.InTurn(), workers, silent)
    assert later == []


@pytest.mark.slow
def test_processes_work_fail_and_are_missed():
    with processes.pool(2) as executor:
        carry_out([group("a", [os.getpid] * 4)], executor, 2, silent)
        with pytest.raises(HelpersError, match=r"no tissue 'livr'.*'liver'"):
            carry_out([group("a", [fail])], executor, 2, silent)
    with processes.pool(2) as executor, pytest.raises(WorkerError, match="want of memory"):
        carry_out([group("a", [partial(signal.raise_signal, 9)])], executor, 2, silent)


def test_groups_that_need_each_other_are_named_and_nothing_is_begun():
    begun = []
    groups = [
        group("a", [partial(begun.append, 1)], "b"),
        group("b", [partial(begun.append, 1)], "a"),
        group("c", [partial(begun.append, 1)]),
    ]
    with pytest.raises(CircleError, match=r"no order of work: '[ab]' needs '[ab]' needs '[ab]'"):
        carry_out(groups, processes.InTurn(), 1, silent)
    assert begun == []


@pytest.mark.skipif(not processes.can_fork(), reason="needs a fork server")
def test_python_keeps_its_fork_server_where_we_look_for_it(monkeypatch):
    assert processes._server() is not None, (
        f"Python {sys.version.split()[0]} keeps its handle on the fork server elsewhere: mend "
        "`processes._server`, or every worker imports everything again for its kernels"
    )
    processes.context()
    assert processes._server_address() == processes._server()._forkserver_address
    assert processes._server_address()
    # Without it, everything works, only slower.
    monkeypatch.delattr(processes.forkserver, "_forkserver")
    assert processes._server() is None
    assert processes._server_address() is None
    processes._share_server("nowhere")


def start_and_tell(path: str) -> None:
    """Be killed while a process that was started here is at work."""
    child = processes.context().Process(target=count_on, args=(path,))
    child.start()
    while not os.path.exists(path):  # noqa: PTH110
        time.sleep(0.01)
    signal.raise_signal(signal.SIGKILL)


def count_on(path: str) -> None:
    processes.end_with_parent()
    for number in itertools.count():
        with open(path, "w") as file:  # noqa: PTH123
            file.write(str(number))
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.skipif(not processes.can_fork(), reason="needs a fork server")
def test_nothing_outlives_a_process_that_was_killed(tmp_path):
    path = tmp_path / "count"
    parent = processes.context().Process(target=start_and_tell, args=(str(path),))
    parent.start()
    parent.join()
    time.sleep(0.5)
    before = path.read_text()
    time.sleep(0.3)
    assert path.read_text() == before
