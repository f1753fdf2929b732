"""Processes that start with the package already imported.

Importing PyTorch, pandas and the rest takes seconds of a core. On Linux one process, the fork
server, does it once; workers and kernels are forks of it, each as fresh as a new interpreter.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, forkserver, util
from multiprocessing.context import BaseContext
from typing import Any

from helpers.workspace.surroundings import short_temporary_folders, socket_folder


def can_fork() -> bool:
    """Tell whether processes can be forked safely here: not on Windows, nor surely on macOS.

    The server that forks is reached through a socket, for which a folder with a short path is
    needed.
    """
    return sys.platform == "linux" and socket_folder() is not None


def context(preload: Sequence[str] = ()) -> BaseContext:
    """Return how processes are started: by the fork server, which then runs, or anew.

    Parameters
    ----------
    preload
        Modules that the server imports before it forks, if this call starts it.
    """
    if not can_fork():
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    if multiprocessing.parent_process() is not None and _server_address():
        return forking
    forking.set_forkserver_preload(list(preload))
    with short_temporary_folders():
        util.get_temp_dir()  # where sockets will lie
    # Some Pythons let the server import from other folders than the process that started it.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(part) for part in sys.path)  # noqa: PTH100
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return forking


def warm_up(preload: Sequence[str]) -> None:
    """Let the fork server begin to import `preload`, while this process does something else."""
    if can_fork():
        context(preload)


@contextmanager
def pool(workers: int, preload: Sequence[str] = ()) -> Iterator[Executor]:
    """Start processes that work until the end of the context; with one worker, none.

    Parameters
    ----------
    workers
        Number of processes.
    preload
        Modules that they have imported when they start.
    """
    if workers < 2:
        yield InTurn()
        return
    executor = ProcessPoolExecutor(
        workers,
        mp_context=context(preload),
        initializer=_begin_worker,
        initargs=(_server_address(),),
    )
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


class InTurn(Executor):
    """Does everything at once, in this process."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it, and return the result as a future."""
        done: Future[Any] = Future()
        try:
            done.set_result(call(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def _server_address() -> str | None:
    """Return where the fork server listens that this process knows, if there is one."""
    server = _server()
    address: str | None = server._forkserver_address if server else None
    return address


def _server() -> Any | None:
    """Return Python's own handle on the fork server, which has no public name.

    None where processes cannot be forked, or if a version of Python keeps it elsewhere: then
    each worker starts a server of its own for its kernels, which is slower.
    """
    server = getattr(forkserver, "_forkserver", None) if can_fork() else None
    known = hasattr(server, "_forkserver_address") and hasattr(server, "ensure_running")
    return server if known else None


def _share_server(address: str) -> None:
    """Let the kernels of a worker be forks of the server that the worker itself is a fork of.

    Python would start another server for each worker, which would import everything again.
    """
    if server := _server():
        server._forkserver_address = address
        # It is not this process's child, so that its end cannot be waited for here.
        server.ensure_running = lambda: None


def _begin_worker(address: str | None) -> None:
    end_with_parent()
    if address:
        _share_server(address)
    # The process that started the workers tells the user what Ctrl-C has stopped.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))


def end_with_parent() -> None:
    """Let this process end as soon as the one that started it has, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
