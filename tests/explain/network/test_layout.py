"""Filters with channels last: the same scores up to rounding, and filters as they were."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain
from helpers.explain.captum import fallback
from helpers.explain.network.layout import channels_last


def test_only_inside_and_only_in_single_precision(build):
    for dtype, expected in ((torch.float32, True), (torch.float64, False)):
        model = build("cnn", dtype=dtype)
        weight = model.conv2.weight
        pointer = weight.data_ptr()
        with pytest.raises(ZeroDivisionError), channels_last(model):
            inside = weight.is_contiguous(memory_format=torch.channels_last)
            raise ZeroDivisionError
        assert inside is expected
        assert weight.data_ptr() == pointer
        assert weight.is_contiguous()


@pytest.mark.parametrize("name", EXPLAINERS)
def test_scores_are_the_same_up_to_rounding(build, x, target, references, name, monkeypatch):
    model = build("cnn", dtype=torch.float32)
    arguments = {"explainer": name, "references": references, "mode": "eval", "seed": 0}
    observed = explain(model, x, target, **arguments)
    monkeypatch.setattr(fallback, "channels_last", lambda model: nullcontext())
    expected = explain(model, x, target, **arguments)
    assert expected.any()
    np.testing.assert_allclose(observed, expected, atol=2e-5 * np.abs(expected).max())
