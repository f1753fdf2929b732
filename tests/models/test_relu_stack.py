"""A stack is what it is written as, and is refused where it has no hidden layer."""

from __future__ import annotations

import pytest
import torch

from helpers.errors import BadInputError
from helpers.models import ReluStack


def test_a_stack_is_its_formula() -> None:
    stack = ReluStack((3, 4, 2, 5), (0.1, 0.0)).eval()
    x = torch.randn(6, 3)
    a, b, c = stack.linear
    assert torch.equal(stack(x), c(b(a(x).relu()).relu()))


@pytest.mark.parametrize(("sizes", "dropout"), [((3, 4), ()), ((3, 4, 2), (0.1, 0.1))])
def test_other_sizes_are_refused(sizes: tuple[int, ...], dropout: tuple[float, ...]) -> None:
    with pytest.raises(BadInputError, match="one layer at least"):
        ReluStack(sizes, dropout)
