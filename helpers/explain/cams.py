"""Class activation maps, and guided backpropagation weighted by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from captum import attr as captum
from captum._utils.gradient import compute_layer_gradients_and_eval
from torch import Tensor, nn

from helpers.models.grid import GeneGrid

ClassActivationMap = Callable[[nn.Module, Tensor, Tensor, nn.Module], Tensor]
"""``cam(model, x, target, layer)``: rows × 1 × height × width of the layer's feature maps."""


def grad_cam(model: nn.Module, x: Tensor, target: Tensor, layer: nn.Module) -> Tensor:
    """Weight feature maps by their mean gradient (Selvaraju et al. 2017), negative sums as 0."""
    cam: Tensor = captum.LayerGradCam(model, layer).attribute(
        x, target=target, relu_attributions=True
    )
    return cam


def grad_cam_plus_plus(model: nn.Module, x: Tensor, target: Tensor, layer: nn.Module) -> Tensor:
    """Weight feature maps by their positive gradients (Chattopadhyay et al. 2018).

    With class score S, Y = exp(S), feature maps A and g = ∂S/∂A, the weight of a map is
    Σ α · relu(∂Y/∂A) with α = ∂²Y / (2 ∂²Y + ΣA · ∂³Y). As S is piecewise linear in A, the n-th
    derivative of Y is exp(S) gⁿ, so α = g² / (2 g² + ΣA g³) = 1 / (2 + ΣA g), sums going over
    the places of a map (equations 12 to 14 and 19 there). The factor exp(S) that is left, one
    number for each sample, is dropped: it would not change the order of a sample's genes, but it
    would let the most certain of several estimates outweigh all others.

    Parameters
    ----------
    model, x, target
        Network, samples × genes (which take gradients), and class index of each sample.
    layer
        The layer whose output the feature maps are. Outputs of a ReLU are never negative, and
        then α lies between 0 and ½; those of a convolution can be, and α can be anything.

    Returns
    -------
    torch.Tensor
        Rows × 1 × height × width of the layer, none negative.
    """
    gradients, activations = compute_layer_gradients_and_eval(model, layer, x, target)
    gradient, activation = gradients[0], activations[0].detach()
    rest = 2 + activation.sum(dim=(2, 3), keepdim=True) * gradient
    alpha = torch.where(rest == 0, 0, 1 / rest)
    weights = (alpha * gradient.relu()).sum(dim=(2, 3), keepdim=True)
    return (weights * activation).sum(dim=1, keepdim=True).relu()


def guided(
    cam: ClassActivationMap, model: nn.Module, x: Tensor, target: Tensor, layer: str
) -> Tensor:
    """Multiply guided backpropagation by a map that is enlarged to the network's grid.

    As in Captum's GuidedGradCam: every cell of the map stands for the square of places above
    it, and in mode ``"dropout"`` the two factors have masks of their own.

    Parameters
    ----------
    cam
        What makes the map.
    model
        Network with a `GeneGrid` of name ``grid``.
    x, target
        Samples × genes, and class index of each sample.
    layer
        Name of the layer in the network.

    Returns
    -------
    torch.Tensor
        Samples × genes.
    """
    backprop, enlarged = guided_factors(cam, model, x, target, layer)
    return backprop * enlarged


def guided_factors(
    cam: ClassActivationMap, model: nn.Module, x: Tensor, target: Tensor, layer: str
) -> tuple[Tensor, Tensor]:
    """Return the two factors of `guided`: guided backpropagation, and the enlarged map at genes.

    Parameters
    ----------
    cam, model, x, target, layer
        As `guided` takes them.

    Returns
    -------
    torch.Tensor, torch.Tensor
        Samples × genes each. Dropout masks are drawn for the map first.
    """
    grid = cast(GeneGrid, model.grid)
    coarse = cam(model, x, target, model.get_submodule(layer)).detach()
    enlarged = captum.LayerAttribution.interpolate(coarse, (grid.side, grid.side))
    backprop: Tensor = captum.GuidedBackprop(model).attribute(x, target=target)
    return backprop.detach(), grid.to_genes(enlarged)
