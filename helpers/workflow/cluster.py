"""Sending the work of a run to a Dask cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import joblib

from helpers.errors import BadInputError, MissingInputError

TIMEOUT = 5.0
"""Seconds in which a scheduler has to answer."""


@contextmanager
def cluster(address: str | None, tell: Callable[[str], None]) -> Iterator[None]:
    """Send joblib's work to a Dask cluster for the time of the context.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://host:8786``; None: nothing is sent.
    tell
        Called with a sentence if the scheduler has no workers yet.

    Raises
    ------
    BadInputError
        If no scheduler answers at the address.
    MissingInputError
        If Dask is not installed, or the cluster is lost while it works.
    """
    if address is None:
        yield
        return
    try:
        from distributed import CancelledError, Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        raise MissingInputError(
            "--scheduler needs Dask: in the project's folder, `pip install -e '.[dask]'`."
        ) from None
    _require_answer(address)
    with Client(address, timeout=TIMEOUT) as client, joblib.parallel_config(backend="dask"):
        if not client.scheduler_info()["workers"]:
            tell(f"The scheduler at {address} has no workers yet: waiting for them.")
        try:
            yield
        except (CancelledError, KilledWorker, CommClosedError) as error:
            raise MissingInputError(
                f"The Dask cluster at {address} was lost ({type(error).__name__}): see the logs of "
                "its workers, start it anew and run again; finished parts are kept."
            ) from None


def _require_answer(address: str) -> None:
    """Shake hands with a scheduler, for which Dask itself would wait without end."""
    from distributed.comm import connect

    async def greet() -> None:
        async with asyncio.timeout(TIMEOUT):
            comm = await connect(address, timeout=TIMEOUT)
            await comm.close()

    try:
        asyncio.run(greet())
    except Exception as error:
        # Whatever else listens there may answer anything.
        reason = "no answer in time" if isinstance(error, TimeoutError) else str(error)
        raise BadInputError(
            f"No Dask scheduler answers at {address} ({reason or type(error).__name__}): check the "
            "address, or leave --scheduler out to run on this machine."
        ) from None
