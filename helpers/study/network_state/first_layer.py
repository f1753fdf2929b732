"""The genes that a network weighs most, whatever the sample: what is left where a batch cancels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from helpers.explain.scores import top_indices
from helpers.models import MLP
from helpers.stability.overlap import list_length
from helpers.study.designs.families import FAMILIES
from helpers.study.top_genes.lists import ALL_MODELS
from helpers.workflow.step import Context


def weight_sizes(model: MLP) -> npt.NDArray[np.float64]:
    """Return the root mean square, over hidden units, of each gene's weight in units of spread.

    Parameters
    ----------
    model
        An MLP with BatchNorm; each unit's weights are multiplied by BatchNorm's own weight, and
        divided by the standard deviation of what enters the unit, as in prediction.

    Returns
    -------
    numpy.ndarray
        A value for each gene. No sample enters it.
    """
    norm = model.norm
    assert isinstance(norm, torch.nn.BatchNorm1d)
    assert norm.running_var is not None
    with torch.no_grad():
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights = (model.hidden.weight * scale[:, None]).double()
        return np.asarray(weights.square().mean(dim=0).sqrt().cpu().numpy())


def weight_lists(context: Context) -> dict[str, frozenset[str]]:
    """Return the genes with the largest weights, as many as a list has, by model and of all.

    Parameters
    ----------
    context
        Of a step that reads data/tissues and the MLPs, with the settings top and state_models.
    """
    family, chosen = FAMILIES["mlp"], context.settings
    genes = np.array(context["data/tissues"].var_names.tolist())
    numbers = context.members(family.step)[: chosen.state_models]
    sizes = {}
    for number in numbers:
        size = weight_sizes(context.member(family.step, number).model)
        sizes[str(int(number))] = size / size.mean()
    sizes[ALL_MODELS] = np.mean(list(sizes.values()), axis=0)
    k = list_length(chosen.top, len(genes))
    return {name: frozenset(genes[top_indices(of, k)]) for name, of in sizes.items()}
