"""Many networks on samples gathered once are those that are trained one by one."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import torch

from helpers.training import Hyperparameters, Regime
from helpers.training.ensemble import train_member
from helpers.training.many import train_many

NAMES = [f"s{i}" for i in range(80)]
REGIME = Regime(Hyperparameters(0.003, 0.001), max_epochs=12, batch_size=16, stop_after=8)
SPLIT = pd.Series(["train"] * 50 + ["validation"] * 20 + ["test"] * 10, index=NAMES)


def samples(*, shuffled: bool = False) -> anndata.AnnData:
    rng = np.random.default_rng(0)
    y = np.arange(len(NAMES)) % 4
    x = rng.random((len(NAMES), 30)) + 2.0 * (np.arange(30) % 4 == y[:, None])
    y = rng.permutation(y) if shuffled else y
    obs = pd.DataFrame({"tissue": [f"c{k}" for k in y]}, index=NAMES)
    return anndata.AnnData(x.astype(np.float32), obs=obs)


def test_each_is_that_of_the_ensemble_to_the_last_bit() -> None:
    arguments = {"regime": REGIME, "hyperparameter_spread": 0.2, "seed": 9}
    found = list(train_many(samples(), SPLIT, (3, 0), **arguments))
    assert [model.index for model in found] == [3, 0]
    for model in found:
        alone = train_member(samples(), SPLIT, model.index, **arguments)
        assert model.history == alone.history
        assert model.hyperparameters == alone.hyperparameters
        assert (model.seed, model.best_epoch, model.classes, model.genes) == (
            alone.seed, alone.best_epoch, alone.classes, alone.genes
        )  # fmt: skip
        for name, tensor in alone.model.state_dict().items():
            assert torch.equal(model.model.state_dict()[name], tensor), name


def test_less_patience_gives_the_same_network_where_the_loss_only_rises() -> None:
    """On shuffled labels the best epoch is an early one, and waiting on changes nothing."""
    arguments = {"regime": REGIME, "hyperparameter_spread": 0.0, "seed": 1}
    long, short = (
        next(train_many(samples(shuffled=True), SPLIT, [0], patience=share, **arguments))
        for share in (1.0, 0.25)
    )
    assert len(short.history) < len(long.history)
    assert short.history == long.history[: len(short.history)]
    assert len(short.history) == short.best_epoch + 2
    if short.best_epoch == long.best_epoch:
        for name, tensor in long.model.state_dict().items():
            assert torch.equal(short.model.state_dict()[name], tensor), name
    assert long.best_epoch >= short.best_epoch


def test_patience_is_never_less_than_an_epoch() -> None:
    arguments = {"regime": REGIME, "hyperparameter_spread": 0.0, "seed": 1}
    found = next(train_many(samples(shuffled=True), SPLIT, [0], patience=0.01, **arguments))
    assert found.hyperparameters["stop_after"] == 1
