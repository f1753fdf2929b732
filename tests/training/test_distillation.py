"""A distilled network says what its teacher says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from helpers.errors import BadInputError
from helpers.training.distillation import distilled
from helpers.training.hyperparameters import Hyperparameters
from helpers.training.regime import Regime

REGIME = Regime(Hyperparameters(0.01, 0.0001), max_epochs=60, batch_size=32)


def teacher() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(20, 3).eval()


X = np.random.default_rng(0).standard_normal((200, 20)).astype(np.float32)


def test_a_student_says_what_its_teacher_says_of_samples_that_it_has_not_seen() -> None:
    student = distilled(teacher(), X, hidden=32, dropout=0.1, regime=REGIME, seed=1)
    unseen = torch.from_numpy(np.random.default_rng(1).standard_normal((100, 20)).astype("f4"))
    with torch.no_grad():
        ours, theirs = student(unseen), teacher()(unseen)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.9
    assert not student.training


def test_the_same_seed_gives_the_same_student_and_leaves_the_random_state_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    made = [distilled(teacher(), X, hidden=4, dropout=0.25, regime=REGIME, seed=s).state_dict()
            for s in (1, 1, 2)]  # fmt: skip
    weights = [state["hidden.weight"] for state in made]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    torch.manual_seed(5)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_single_sample_is_refused() -> None:
    with pytest.raises(BadInputError, match="cannot be trained on 1 samples"):
        distilled(teacher(), X[:1], hidden=4, dropout=0.0, regime=REGIME, seed=0)
