"""Averaging networks and explaining the mean, or explaining networks and averaging explanations.

The mean of the logits of M networks with one hidden layer is one network whose hidden layer is
theirs side by side (`side_by_side`). Explainers that are linear in what leaves the hidden layer
give for it exactly the mean of what they give for each. Saliency is not, since it takes absolute
values; nor is any explainer where probabilities are averaged, or where a median is taken of
explanations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from helpers.errors import BadInputError
from helpers.models.mlp import MLP


def side_by_side(models: Sequence[MLP]) -> MLP:
    """Return one MLP whose logits are the means of those of all.

    Parameters
    ----------
    models
        MLPs with BatchNorm for the same genes and classes, and with the same dropout, all in
        evaluation mode.

    Raises
    ------
    BadInputError
        If there is none, or shapes differ.
    """
    if not models:
        raise BadInputError("There is no network to average: give one at least.")
    shapes = {(model.hidden.in_features, model.output.out_features) for model in models}
    if len(shapes) > 1:
        raise BadInputError(
            f"Networks of shapes {sorted(shapes)} (genes, classes) have no mean: average only "
            "networks of the same genes and classes."
        )
    (genes, classes) = shapes.pop()
    units = sum(model.hidden.out_features for model in models)
    wide = MLP(genes, classes, hidden=units, dropout=models[0].dropout.p)
    with torch.no_grad():
        for whole, parts in (
            (wide.hidden.weight, [model.hidden.weight for model in models]),
            (wide.hidden.bias, [model.hidden.bias for model in models]),
            (wide.norm.weight, [model.norm.weight for model in models]),
            (wide.norm.bias, [model.norm.bias for model in models]),
            (wide.norm.running_mean, [model.norm.running_mean for model in models]),
            (wide.norm.running_var, [model.norm.running_var for model in models]),
        ):
            assert whole is not None
            whole.copy_(torch.cat([part for part in parts if part is not None]))
        weights = torch.cat([model.output.weight for model in models], dim=1)
        wide.output.weight.copy_(weights / len(models))
        wide.output.bias.copy_(torch.stack([model.output.bias for model in models]).mean(dim=0))
    wide.norm.eps = models[0].norm.eps
    return wide.eval()


class MeanProbability(nn.Module):
    """The logarithm of the mean of the probabilities of several networks."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)

    def forward(self, x: Tensor) -> Tensor:
        """Map samples × genes to log probabilities, samples × classes."""
        each = torch.stack([model(x).log_softmax(dim=1) for model in self.models])
        found: Tensor = each.logsumexp(dim=0) - math.log(len(self.models))
        return found
