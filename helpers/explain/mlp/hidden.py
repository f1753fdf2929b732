"""The hidden layer of the MLP: what an estimate amounts to before it reaches the genes.

In modes ``"dropout"`` and ``"eval"`` BatchNorm is an affine map, so that the input of the ReLU is
``a = s ∘ W₁x + t``. Scores are then, up to a factor per gene, ``W₁ᵀ g``, where g is s times what
the explainer's gate lets through (see `gates`), times the dropout mask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.devices import device_of
from helpers.errors import BadInputError
from helpers.models import MLP

# Masks that are drawn and counted at once: so few that 8 bits hold a count.
_COUNTED = 64


@dataclass(frozen=True)
class HiddenLayer:
    """A trained MLP with BatchNorm as an affine map.

    Attributes
    ----------
    first
        W₁, hidden × genes.
    scale, offset
        s and t: one number per hidden unit.
    second
        W₂, classes × hidden.
    dropout
        Probability with which a hidden unit is dropped.
    """

    first: Tensor
    scale: Tensor
    offset: Tensor
    second: Tensor
    dropout: float

    @classmethod
    def of(cls, model: nn.Module, dtype: torch.dtype) -> HiddenLayer:
        """Read the weights of an MLP; raise `BadInputError` if it is another network."""
        if not isinstance(model, MLP):
            raise BadInputError(
                f"The exact engine explains networks of architecture 'mlp' only, not "
                f"{type(model).__name__}: choose engine 'captum'."
            )
        norm = model.norm
        if norm.running_mean is None or norm.running_var is None:
            raise BadInputError(
                "The exact engine needs the running statistics of BatchNorm, which this network "
                "does not keep: choose engine 'captum'."
            )
        weight, bias, mean, variance, before = (
            # NumPy's square root is exact and, unlike PyTorch's, wakes up no other threads.
            p.detach().cpu().double().numpy()
            for p in (
                norm.weight,
                norm.bias,
                norm.running_mean,
                norm.running_var,
                model.hidden.bias,
            )
        )
        device = device_of(model)
        scale = weight / np.sqrt(variance + norm.eps)
        offset = scale * (before - mean) + bias
        return cls(
            first=model.hidden.weight.detach().to(dtype),
            scale=torch.from_numpy(scale).to(dtype).to(device),
            offset=torch.from_numpy(offset).to(dtype).to(device),
            second=model.output.weight.detach().to(dtype),
            dropout=float(model.dropout.p),
        )

    def inputs(self, x: Tensor) -> Tensor:
        """Map genes (last axis) to what goes into the ReLU of each hidden unit."""
        flat = x.reshape(-1, x.shape[-1]) @ self.first.T
        return (flat * self.scale + self.offset).reshape(*x.shape[:-1], -1)

    def some_inputs(self, x: Tensor, units: slice) -> Tensor:
        """Do the same for some units: rows × genes to rows × units."""
        return torch.addcmul(self.offset[units], x @ self.first[units].T, self.scale[units])


@dataclass(frozen=True)
class Masks:
    """Dropout masks of one model: given, drawn, or none.

    Attributes
    ----------
    given
        Replicates × estimates × [steps ×] samples × hidden: the factors of the hidden units.
    probability
        Probability of a unit to be dropped where masks are drawn; 0: no unit is.
    bits
        What they are drawn with.
    """

    given: npt.NDArray[np.generic] | None
    probability: float
    bits: np.random.BitGenerator

    def of(
        self, estimates: npt.NDArray[np.intp], repeats: int, step: int | None, like: Tensor
    ) -> Tensor:
        """Make the masks of some estimates: estimates (1: all have the same) × shape of `like`.

        Estimate e is estimate ``e % repeats`` of replicate ``e // repeats``.
        """
        if self.given is not None:
            chosen = self.given[estimates // repeats, estimates % repeats]
            mask = torch.as_tensor(chosen if step is None else chosen[:, step])
            return mask.to(like.dtype).to(like.device)
        if self.probability in {0.0, 1.0}:
            return torch.full_like(like, 1 - self.probability)[None]
        kept = torch.from_numpy(
            draw_kept(self.bits, self.probability, (len(estimates), *like.shape))
        )
        return kept.to(like.device).to(like.dtype).mul_(1 / (1 - self.probability))

    def of_samples(self, some: Tensor) -> Masks:
        """Return the masks of some samples only."""
        given = None if self.given is None else self.given[..., some.numpy(), :]
        return Masks(given, self.probability, self.bits)

    def means(self, replicates: int, repeats: int, like: Tensor) -> Tensor:
        """Return the mean mask of each replicate: replicates × shape of `like`.

        Drawn masks are counted, which takes fewer steps than to make them one by one.
        """
        if self.given is not None:
            return torch.as_tensor(self.given.mean(axis=1)).to(like.dtype).to(like.device)
        if self.probability in {0.0, 1.0}:
            return torch.full_like(like, 1 - self.probability).expand(replicates, *like.shape)
        counts = np.zeros((replicates, *like.shape), dtype=np.uint32)
        for count in counts:
            for start in range(0, repeats, _COUNTED):
                some = (min(_COUNTED, repeats - start), *like.shape)
                kept = draw_kept(self.bits, self.probability, some)
                count += np.add.reduce(kept.view(np.uint8), axis=0, dtype=np.uint8)
        means = torch.from_numpy(counts / (repeats * (1 - self.probability)))
        return means.to(like.dtype).to(like.device)


def draw_kept(
    bits: np.random.BitGenerator, probability: float, shape: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Draw which units are kept, each dropped with the given probability.

    Random whole numbers are compared with it: 16 bits each, if these do.
    """
    width = 16 if (probability * 2**16).is_integer() else 32
    count = int(np.prod(shape))
    drawn = bits.random_raw(-(-count * width // 64)).view(f"u{width // 8}")
    kept: npt.NDArray[np.bool_] = drawn[:count] >= round(probability * 2**width)
    return kept.reshape(shape)


def steps(
    inputs: Tensor,
    references: Tensor,
    weights: Tensor,
    masks: Callable[[int], Tensor],
    number: int,
) -> Tensor:
    """Gauss–Legendre quadrature of the gradient along the path, a mask for each step.

    Captum rounds the weights of the steps to single precision, whatever the network's type;
    so does this. Unlike what a gate gives, the result contains the masks.
    """
    nodes, node_weights = np.polynomial.legendre.leggauss(number)
    difference = inputs - references
    total = torch.zeros_like(difference)
    for step, (node, weight) in enumerate(zip(nodes, node_weights, strict=True)):
        on = (references + (1 + node) / 2 * difference) > 0
        total += on.to(total.dtype) * masks(step) * float(np.float32(weight / 2))
    return total * weights
