"""Up-sampling makes classes equal and forgets no sample."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.training import upsampled_epoch


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 2**31))
@settings(max_examples=50, deadline=None)
def test_classes_are_equal_and_samples_nearly_so(sizes: list[int], seed: int) -> None:
    labels = torch.from_numpy(np.repeat(np.arange(len(sizes)), sizes))
    drawn = upsampled_epoch(labels, torch.Generator().manual_seed(seed))
    assert labels[drawn].bincount().tolist() == [max(sizes)] * len(sizes)
    times = drawn.bincount(minlength=len(labels))
    for kind, size in enumerate(sizes):
        assert set(times[labels == kind].tolist()) <= {max(sizes) // size, max(sizes) // size + 1}


def test_the_order_is_random_and_repeatable() -> None:
    labels = torch.arange(4).repeat(50)

    def epochs(seed: int) -> list[list[int]]:
        generator = torch.Generator().manual_seed(seed)
        return [upsampled_epoch(labels, generator).tolist() for _ in range(2)]

    assert epochs(0) == epochs(0)
    assert epochs(0) != epochs(1)
    assert epochs(0)[0] != epochs(0)[1]


def test_a_class_number_without_samples_is_passed_over() -> None:
    drawn = upsampled_epoch(torch.tensor([0, 2, 2]), torch.Generator().manual_seed(0))
    assert sorted(drawn.tolist()) == [0, 0, 1, 2]
