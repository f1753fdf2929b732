"""One network that is trained to say what several say together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from helpers.errors import BadInputError
from helpers.models import MLP
from helpers.training.enough_steps import with_enough_steps
from helpers.training.loop import batch_sizes
from helpers.training.regime import Regime


def distilled(
    teacher: nn.Module,
    x: npt.NDArray[np.float32],
    *,
    hidden: int,
    dropout: float,
    regime: Regime,
    seed: int,
) -> MLP:
    """Train one MLP to say what a larger network says (Ba & Caruana 2014).

    It is trained to have the teacher's logits (square of the difference), while the learning
    rate rises over the first third of the epochs and falls over the rest.

    Parameters
    ----------
    teacher
        A network in evaluation mode.
    x
        Samples × genes, log2(TPM + 1): those that the teacher was trained on.
    hidden, dropout
        Of the student.
    regime
        Learning rate, L2, batch size and epochs are used; where samples are few, see
        `helpers.training.enough_steps`.
    seed
        Same seed, same student.

    Returns
    -------
    MLP
        In evaluation mode.

    Raises
    ------
    BadInputError
        If there are fewer than two samples.
    """
    if len(x) < 2:
        raise BadInputError(f"A network cannot be trained on {len(x)} samples: give two or more.")
    rows = torch.from_numpy(np.require(x, requirements=["C", "W"]))
    with torch.no_grad():
        aim = teacher(rows)
    regime = with_enough_steps(regime, len(x))
    rates, epochs = regime.hyperparameters, regime.max_epochs
    with torch.random.fork_rng([]):
        torch.default_generator.manual_seed(seed)
        student = MLP(x.shape[1], aim.shape[1], hidden=hidden, dropout=dropout)
        adam = torch.optim.Adam(
            student.parameters(), lr=rates.learning_rate, weight_decay=rates.weight_decay,
            fused=True,
        )  # fmt: skip
        for epoch in range(epochs):
            up, down = 3 * (epoch + 1) / epochs, 1.5 * (1 - epoch / epochs)
            adam.param_groups[0]["lr"] = rates.learning_rate * min(1.0, up, down)
            for some in torch.randperm(len(rows)).split(batch_sizes(len(rows), regime.batch_size)):
                # Over classes a sum, as L2 would outweigh a mean over many of them.
                loss = (student(rows[some]) - aim[some]).square().sum(dim=1).mean()
                adam.zero_grad(set_to_none=True)
                loss.backward()
                adam.step()
    return student.eval()
