"""Many MLPs on the same samples, which are gathered once for all of them.

Networks are trained one after the other. Training several at once, with their first layers below
each other so that a batch is multiplied once, was tried: on twenty thousand genes it took as long
(0.61 s of a core for three epochs of 2,000 samples, and 0.63 s one by one), since a processor does
each of these products at full speed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import anndata
import numpy as np
import pandas as pd
import torch

from helpers.models.files import TrainedModel
from helpers.models.mlp import MLP
from helpers.training.enough_steps import drawn_in_an_epoch, with_enough_steps
from helpers.training.ensemble import aligned, described, encoded
from helpers.training.hyperparameters import draw_hyperparameters
from helpers.training.loop import train
from helpers.training.precision import PLAIN
from helpers.training.regime import Regime
from helpers.training.seeds import derived_seed


def train_many(
    adata: anndata.AnnData,
    split: pd.Series,
    indices: Iterable[int],
    *,
    regime: Regime,
    hyperparameter_spread: float,
    seed: int,
    patience: float = 1.0,
    device: torch.device | str = "cpu",
) -> Iterator[TrainedModel]:
    """Train MLPs of an ensemble, as `helpers.training.ensemble.train_member` trains each.

    Parameters
    ----------
    adata, split, regime, hyperparameter_spread, seed, device
        As there.
    indices
        Numbers of the models.
    patience
        Part of the epochs without improvement after which training stops. Where there is nothing to
        learn, the validation loss is flat after the first few epochs, and it is chance which of the
        later ones would be lowest.

    Yields
    ------
    TrainedModel
        In the order of `indices`, one at a time.
    """
    classes, labels = encoded(adata.obs)
    sides = aligned(split, adata)
    training, validation = (np.flatnonzero(sides == side) for side in ("train", "validation"))
    data = (adata.X[training], labels[training], adata.X[validation], labels[validation])
    regime = with_enough_steps(regime, drawn_in_an_epoch(labels[training]))
    stop_after = max(1, math.ceil(regime.stop_after * patience))
    regime = replace(regime, stop_after=stop_after, precision=PLAIN)
    centre = regime.hyperparameters
    for index in indices:
        drawn = draw_hyperparameters(
            index, seed, centre.learning_rate, centre.weight_decay, hyperparameter_spread
        )
        own = replace(regime, hyperparameters=drawn)
        model, history = train(
            *data,
            build=partial(MLP, adata.n_vars, len(classes)),
            regime=own,
            seed=derived_seed(seed, index),
            device=device,
        )
        yield TrainedModel(
            architecture="mlp",
            model=model,
            genes=tuple(adata.var_names),
            classes=classes,
            hyperparameters=described(own),
            seed=derived_seed(seed, index),
            history=tuple(history),
            best_epoch=int(min(history, key=lambda record: record["validation_loss"])["epoch"]),
            index=index,
        )
