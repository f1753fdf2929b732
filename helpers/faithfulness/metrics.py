"""Infidelity and max-sensitivity (Yeh et al. 2019), as Captum measures them.

Both are about one network in evaluation mode and explanations that it gives in the same mode, with
one reference where one is needed: the sample with all genes taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from captum.metrics import infidelity, sensitivity_max
from torch import Tensor, nn

from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain

TAKEN = 0.01
"""Share of the genes that are taken away together where infidelity is measured. Of many genes the
sum is much the same whichever they are, and any scores of the right mean would foretell it."""

RADIUS = 0.1
"""How far each gene is moved at most where sensitivity is measured, log2 units: 7 % of TPM."""

ROWS = 256
"""Rows that are held at once."""


@dataclass(frozen=True)
class Task:
    """Samples whose explanations by one network are judged.

    Attributes
    ----------
    model
        A network in evaluation mode.
    x
        Samples × genes, log2(TPM + 1).
    target
        Class of each.
    without
        What genes are set to that are taken away, and the reference.
    draws
        Changes of each sample.
    seed
        Same seed, same changes, whatever the explainer.
    steps
        Steps of IntegratedGradients.
    """

    model: nn.Module
    x: npt.NDArray[np.float32]
    target: npt.NDArray[np.int64]
    without: npt.NDArray[np.float32]
    draws: int
    seed: int
    steps: int

    @property
    def rows(self) -> int:
        """Return the changed samples that are held at once: each as often as the others."""
        return len(self.x) * max(1, min(self.draws, ROWS // len(self.x)))

    def explain(
        self, explainer: str, x: npt.NDArray[np.float32], target: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """Explain samples × genes in evaluation mode."""
        needs = EXPLAINERS[explainer].needs_reference
        # Captum measures without gradients, which CNNs are explained by.
        with torch.enable_grad():
            found = explain(
                self.model, x, target, explainer=explainer, mode="eval", engine="exact",
                seed=self.seed, references=self.without[None] if needs else None,
                integration_steps=self.steps,
            )  # fmt: skip
        return found[0].astype(np.float32)


def unexplained(task: Task, explainer: str) -> npt.NDArray[np.float64]:
    """Measure what share of the changes of the output scores do not foretell.

    A hundredth of the genes, drawn at random, is taken away; the change that scores foretell is the
    sum of the scores of these genes, where scores are contributions, or the sum of score times
    change of the gene, where they are gradients. Infidelity is the mean square of what is left,
    with scores on the scale that fits best; it is divided by the mean square of the changes
    themselves, so that 0 means that all is foretold and 1 that nothing is.

    Returns
    -------
    numpy.ndarray
        One number a sample; missing where the output does not change.
    """
    entry = EXPLAINERS[explainer]
    x, target = torch.from_numpy(task.x), torch.from_numpy(task.target)
    scores = torch.from_numpy(task.explain(explainer, task.x, task.target))
    without = torch.from_numpy(task.without)
    # Whose contributions add up is told what each gene's contribution is to: zero, or a reference.
    base = without if entry.needs_reference else torch.zeros_like(without)

    def taken_away() -> Callable[[Tensor], tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(task.seed)

        def change(rows: Tensor) -> tuple[Tensor, Tensor]:
            gone = torch.rand(rows.shape, generator=generator) < TAKEN
            moved = torch.where(gone, rows - without, 0)
            after = rows - moved
            if not entry.times_input:
                return moved, after
            whole = rows - base
            # A gene at its base has no contribution to share out.
            return torch.where(whole.abs() > 1e-6, moved / whole, 0), after

        return change

    def measure(values: Tensor, normalize: bool) -> Tensor:
        return infidelity(
            task.model, taken_away(), x, values, target=target, n_perturb_samples=task.draws,
            max_examples_per_batch=task.rows, normalize=normalize,
        )  # fmt: skip

    left = measure(scores, True).double().numpy()
    size = measure(torch.zeros_like(scores), False).double().numpy()
    shares = np.full(len(left), np.nan)
    np.divide(left, size, out=shares, where=size > 0)
    return shares


def max_sensitivity(task: Task, explainer: str) -> npt.NDArray[np.float64]:
    """Measure how much an explanation changes at most where each gene moves a little.

    Returns
    -------
    numpy.ndarray
        One number a sample: the largest change of its scores over `Task.draws` draws, in parts of
        their own size (Euclidean norms).
    """

    def explained(given: Tensor | tuple[Tensor], target: Tensor) -> Tensor | tuple[Tensor]:
        # Captum hands samples over in a tuple, and moved ones by themselves.
        rows = given[0] if isinstance(given, tuple) else given
        # Of a single sample it does not repeat the class.
        classes = target.expand(len(rows)) if len(target) == 1 else target
        found = torch.from_numpy(task.explain(explainer, rows.numpy(), classes.numpy()))
        return (found,) if isinstance(given, tuple) else found

    generator = torch.Generator().manual_seed(task.seed)

    def moved(rows: Tensor) -> Tensor:
        return rows + RADIUS * (2 * torch.rand(rows.shape, generator=generator) - 1)

    found = sensitivity_max(
        explained, torch.from_numpy(task.x), perturb_func=moved, n_perturb_samples=task.draws,
        max_examples_per_batch=task.rows, target=torch.from_numpy(task.target),
    )  # fmt: skip
    return found.double().numpy()
