"""SmoothGrad of guided class activation maps: of the product, or of its two factors apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from helpers.devices import device_of
from helpers.errors import BadInputError, one_of
from helpers.explain.cams import ClassActivationMap, grad_cam, grad_cam_plus_plus, guided_factors
from helpers.explain.captum.estimates import parts
from helpers.explain.checks import checked_inputs
from helpers.explain.entry import quiet_captum
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.network.layout import channels_last
from helpers.explain.network.modes import explanation_mode

CAMS: dict[str, ClassActivationMap] = {
    "GuidedGradCam": grad_cam,
    "GuidedGradCam++": grad_cam_plus_plus,
}
"""Explainers that multiply guided backpropagation by a map, and what makes the map."""


class Smoothed(NamedTuple):
    """Scores of the same noisy copies, samples × genes, combined in two ways.

    Attributes
    ----------
    product
        Mean of the products: each copy is explained, and explanations are averaged.
    factors
        Product of the means: guided backpropagation is averaged, the map is averaged, and the two
        averages are multiplied.
    """

    product: npt.NDArray[np.floating]
    factors: npt.NDArray[np.floating]


def smoothed_cam(
    model: nn.Module,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    noise: npt.ArrayLike,
    *,
    explainer: str,
    mode: str = "dropout",
    layer: str | None = None,
    seed: int,
) -> Smoothed:
    """Smooth a guided class activation map in both ways, with the same noise and the same masks.

    SmoothGrad (Smilkov et al. 2017) averages the explanations of noisy copies of a sample. The
    paper's text smooths an explainer's scores; its released scripts smooth the two factors of
    Guided Grad-CAM by themselves. The two differ by the covariance of the factors over copies.

    Parameters
    ----------
    model
        Network from samples × genes to logits, with a `GeneGrid`. Left as it was.
    x
        Samples × genes, log2(TPM + 1).
    target
        Class index of each sample, or one for all.
    noise
        What is added to the samples in each copy: copies × samples × genes.
    explainer
        A key of `CAMS`.
    mode
        See `explanation_mode`.
    layer
        Name of the layer whose feature maps are looked at; None: the last convolution.
    seed
        Of the dropout masks.

    Returns
    -------
    Smoothed
        In the model's floating-point type.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, mode or layer.
    BadInputError
        If the arrays do not fit together or to the model. Nothing has been computed then.
    """
    entry = EXPLAINERS[one_of("explainer of two factors", explainer, CAMS)]
    checked = checked_inputs(model, entry, x, target, None, layer, {})
    samples = checked.samples
    copies = torch.as_tensor(np.asarray(noise), dtype=samples.dtype)
    if copies.ndim != 3 or not len(copies) or copies.shape[1:] != samples.shape:
        raise BadInputError(
            f"Parameter 'noise' must be copies × {len(samples)} samples × {samples.shape[1]} "
            f"genes, but it has shape {tuple(copies.shape)}."
        )
    device = device_of(model)
    # Sums in double precision, so that their rounding does not depend on the number of copies.
    sums = torch.zeros(3, *samples.shape, dtype=torch.float64)
    with explanation_mode(model, mode, seed), channels_last(model), quiet_captum():
        for copy in copies:
            # A batch holds each sample once, as BatchNorm in mode "training" should see it.
            for rows in parts(len(samples), checked.rows):
                inputs = (samples[rows] + copy[rows]).to(device).requires_grad_()
                backprop, cam = guided_factors(
                    CAMS[explainer], model, inputs, checked.target[rows].to(device), checked.layer
                )
                sums[:, rows] += torch.stack([backprop * cam, backprop, cam]).cpu()
    product, backprop, cam = sums / len(copies)
    return Smoothed(product.to(samples.dtype).numpy(), (backprop * cam).to(samples.dtype).numpy())
