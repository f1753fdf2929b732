"""Addresses at which no Dask scheduler answers; what a cluster does is tested by whole runs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from helpers.errors import BadInputError
from helpers.workflow import cluster as module
from helpers.workflow.cluster import cluster


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start something that listens and never answers."""
    monkeypatch.setattr(module, "TIMEOUT", 0.5)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def test_without_an_address_nothing_is_sent() -> None:
    with cluster(None, print):
        pass


@pytest.mark.parametrize("scheme", ["tcp://", "", "nonsense://"])
def test_a_scheduler_that_does_not_answer_is_named_in_time(silent: str, scheme: str) -> None:
    start = time.monotonic()
    said = f"No Dask scheduler answers at {scheme}{silent}"
    with pytest.raises(BadInputError, match=said), cluster(f"{scheme}{silent}", print):
        pass
    assert time.monotonic() - start < 30
