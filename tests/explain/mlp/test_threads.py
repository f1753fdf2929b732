"""Threads: all work is done, errors come through, and PyTorch is left as it was."""

from __future__ import annotations

import threading

import pytest
import torch

from helpers.explain.mlp.threads import workers


@pytest.mark.parametrize("threads", [1, 3])
def test_every_item_is_worked_on_with_one_thread_of_pytorch(threads):
    before = torch.get_num_threads()
    seen, lock = [], threading.Lock()

    def work(item: int) -> None:
        with lock:
            seen.append((item, torch.get_num_threads(), torch.is_grad_enabled()))

    with workers(threads) as run:
        run(work, range(20))
        assert torch.get_num_threads() == 1
    assert sorted(seen) == [(item, 1, False) for item in range(20)]
    assert torch.get_num_threads() == before
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("threads", [1, 3])
def test_errors_come_through(threads):
    before = torch.get_num_threads()

    def work(item: int) -> None:
        if item == 2:
            raise ValueError("two")

    with pytest.raises(ValueError, match="two"), workers(threads) as run:
        run(work, range(4))
    assert torch.get_num_threads() == before
