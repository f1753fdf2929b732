"""Sets of estimates for CNNs: all that estimates have in common is computed once.

Without noise, the estimates of a sample differ in their masks and references only. The masks come
after the convolutions (see `gradients`), so what comes before them is needed once for a
sample and once for a reference. Where scores are linear in the gradients (or multipliers) of the
feature maps, estimates with one reference are combined before these are carried back to the genes:
once for a set, or once for all sets that weigh them in the same proportions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from helpers.devices import device_of
from helpers.explain.cnn.gradients import draw_masks
from helpers.explain.cnn.rules import CnnRule, OneSample
from helpers.explain.cnn.weighted import WeightedSets
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import explanation_mode
from helpers.models import CNN


def explain_shared_sets(
    model: CNN,
    x: Tensor,
    target: Tensor,
    sets: WeightedSets,
    *,
    rule: CnnRule,
    mode: str,
    steps: int,
    rows: int,
    seed: int,
    masks: npt.ArrayLike | None = None,
) -> npt.NDArray[np.floating]:
    """Compute what `explain_sets` computes, with means, for CNNs.

    For the same masks and references scores are Captum's, up to rounding.

    Parameters
    ----------
    model
        Left as it was.
    x, target
        Samples × genes, and class index of each, found good.
    sets
        Estimates and sets.
    rule
        That of the explainer; with noise, one that can be noisy.
    mode
        See `explain`; no mode ``"training"``.
    steps
        Steps of explainers that take steps.
    rows
        Rows that go through the network at once.
    seed
        Of the masks; each sample has a generator of its own.
    masks
        In place of drawn ones: factors of the feature maps, samples × estimates × masks × maps.
        An estimate has as many masks as the rule says.

    Returns
    -------
    numpy.ndarray
        Sets × samples × genes.
    """
    shape = (sets.weights.shape[1], rule.masks_each(steps), model.norm.num_features)
    given = None if masks is None else np.broadcast_to(np.asarray(masks), (len(x), *shape))
    probability = model.dropout.p if mode == "dropout" else 0.0
    result = x.new_zeros((len(sets.weights), *x.shape))
    device = device_of(model)
    with explanation_mode(model, "eval", seed), channels_last(model):
        for i in range(len(x)):
            own = draw_masks(shape, probability, [seed, i]) if given is None else given[i]
            state = np.random.SeedSequence([seed, i, 1]).generate_state(1, np.uint64)[0] >> 1
            sample = x[i : i + 1].to(device)
            one = OneSample(
                model=model,
                x=sample,
                target=target[i : i + 1].to(device),
                sets=sets,
                steps=steps,
                rows=rows,
                masks=torch.as_tensor(np.array(own)).to(sample),
                noise=torch.Generator().manual_seed(int(state)),
            )
            parts = rule.parts(one) if sets.noise_sd is None else rule.noisy_parts(one)
            for weights, scores in parts:
                result[:, i] += weights @ scores.to(result.device)
    return result.numpy()
