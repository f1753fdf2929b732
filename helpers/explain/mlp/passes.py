"""What is random in the passes of a batch: dropout masks, and noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from helpers.explain.mlp.coupling import TrainingLayer
from helpers.explain.mlp.hidden import draw_kept


@dataclass(frozen=True)
class PassMasks:
    """Dropout masks of one model's passes: given, drawn, or none.

    Attributes
    ----------
    given
        Estimates × [steps ×] rows of a pass × hidden: the factors of the hidden units.
    probability
        Probability of a unit to be dropped where masks are drawn; 0: no unit is.
    bits
        What they are drawn with.
    """

    given: npt.NDArray[np.generic] | None
    probability: float
    bits: np.random.BitGenerator

    def of(self, estimates: Tensor, rows: int, units: int, copies: int) -> Tensor:
        """Make the masks of some passes, estimates × rows × hidden.

        Drawn ones are the mean of as many as there are copies of each row.
        """
        if self.given is not None:
            return torch.as_tensor(self.given[estimates.numpy()]).double()
        shape = (len(estimates), rows, units)
        if self.probability in {0.0, 1.0}:
            return torch.full(shape, 1 - self.probability, dtype=torch.float64)
        if copies == 1:
            kept = torch.from_numpy(draw_kept(self.bits, self.probability, shape)).double()
        else:
            counts = np.random.Generator(self.bits).binomial(copies, 1 - self.probability, shape)
            kept = torch.from_numpy(counts) / copies
        return kept / (1 - self.probability)

    def of_steps(
        self, estimate: int, steps: int, units: int
    ) -> tuple[Callable[[Tensor], Tensor], float]:
        """Make the masks of all steps of one pass.

        Returns
        -------
        callable, float
            Given numbers of samples: masks, steps × those × hidden, to be asked for in turn. And
            the factor of what is kept.
        """
        if self.given is not None:
            own = self.given[estimate]
            return lambda samples: torch.as_tensor(own[:, samples.numpy()]), 1.0
        if self.probability in {0.0, 1.0}:
            return lambda samples: torch.ones(1, 1, 1), 1 - self.probability

        def draw(samples: Tensor) -> Tensor:
            shape = (steps, len(samples), units)
            return torch.from_numpy(draw_kept(self.bits, self.probability, shape))

        return draw, 1 / (1 - self.probability)


@dataclass(frozen=True)
class PassNoise:
    """Noise that is added to all samples of a batch, anew in each of a model's passes.

    Of samples that are explained, it is noise of the genes, and W₁ times it reaches the hidden
    units. Of the others only this product is ever needed: it is normal with covariance σ² W₁ W₁ᵀ,
    and so it is drawn directly. (Where genes have a σ each, with covariance W₁ diag(σ²) W₁ᵀ.)

    Attributes
    ----------
    given
        In place of drawn noise, estimates × samples × genes.
    sd
        Standard deviation of drawn noise, of all genes or of each; None where noise is given.
    seed
        Of this model. Each sample and pass has a generator of its own, so that its noise can be
        drawn again in place of being kept.
    layer
        The network.
    """

    given: npt.NDArray[np.generic] | None
    sd: Tensor | None
    seed: Sequence[int]
    layer: TrainingLayer

    def of(self, estimates: int, rows: Tensor) -> Tensor:
        """Return the noise of some samples in all passes, estimates × rows × genes."""
        return torch.stack([self._of_pass(estimate, rows) for estimate in range(estimates)])

    def reach_hidden(self, estimates: Tensor, samples: int, explained: Tensor) -> Tensor:
        """Return what reaches the hidden units in some passes: estimates × samples × hidden.

        Parameters
        ----------
        estimates
            Numbers of the passes.
        samples
            Number of samples in the batch.
        explained
            Numbers of those for which noise of the genes is needed.
        """
        every = torch.arange(samples)
        by_genes = every if self.given is not None else explained.unique()
        others = every[~torch.isin(every, by_genes)]
        units = len(self.layer.weight)
        found = torch.empty(len(estimates), samples, units, dtype=torch.float64)
        for place, estimate in enumerate(estimates.tolist()):
            found[place, by_genes] = self.layer.reach(self._of_pass(estimate, by_genes))
            if len(others):
                drawn = torch.empty(len(others), units, dtype=torch.float64)
                drawn.normal_(generator=self._generator(estimate))
                found[place, others] = drawn @ self._root.T
        return found

    def _of_pass(self, estimate: int, rows: Tensor) -> Tensor:
        first = self.layer.first
        if self.given is not None:
            return torch.as_tensor(np.array(self.given[estimate, rows.numpy()])).to(first)
        assert self.sd is not None
        genes = first.shape[1]
        drawn = torch.stack(
            [torch.randn(genes, generator=self._generator(estimate, row)) for row in rows.tolist()]
        )
        return drawn.mul_(self.sd.float()).to(first)

    def _generator(self, *parts: int) -> torch.Generator:
        state = np.random.SeedSequence([*self.seed, *parts]).generate_state(1, np.uint64)[0]
        # PyTorch draws normal numbers three times as fast as NumPy.
        return torch.Generator().manual_seed(int(state >> 1))

    @cached_property
    def _root(self) -> Tensor:
        """A root of the covariance, which need not have full rank."""
        assert self.sd is not None
        first = self.layer.first.cpu().double() * self.sd
        values, vectors = torch.linalg.eigh(first @ first.T)
        return vectors * values.clamp_min(0).sqrt()
