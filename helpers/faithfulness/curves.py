"""Deletion and insertion: what a network says when the first genes of a ranking are taken away.

Genes are taken away by setting them to a value that says nothing about the class (`replacement`).
*Deletion* starts from the sample and takes its genes away, first of the ranking first; *insertion*
starts from the sample with all genes taken away and puts them back (Petsiuk et al. 2018). Both are
read as a share of the way between the network's output for the two: a faithful ranking makes both
rise steeply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from helpers.devices import device_of
from helpers.errors import BadInputError

Outputs = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float64]]
"""Rows × genes → rows × classes: the logits."""

CHANGES = ("deletion", "insertion")

LEAST = 0.1
"""Logits by which a sample must stand above the one with all genes taken away: of a sample that
does not, no share of the way is known."""

ALIKE = 50
"""Genes of neighbouring mean expression that count as of like expression."""

CHUNK = 512
"""Rows that a network gets at once."""


def outputs_of(model: nn.Module) -> Outputs:
    """Return the logits of a network in evaluation mode, in which it is handed over."""

    @torch.no_grad()
    def outputs(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        place = device_of(model)
        parts = [
            model(torch.from_numpy(rows[start : start + CHUNK]).to(place)).cpu().double().numpy()
            for start in range(0, len(rows), CHUNK)
        ]
        return np.concatenate(parts)

    return outputs


def mean_outputs(outputs: Sequence[Outputs]) -> Outputs:
    """Return the mean of the logits of several networks."""
    return lambda rows: np.mean([one(rows) for one in outputs], axis=0)


def replacement(
    x: npt.NDArray[np.floating], classes: npt.NDArray[np.str_]
) -> npt.NDArray[np.float32]:
    """Return of each gene the median over classes of its median in each: all classes count alike.

    Parameters
    ----------
    x
        Samples × genes, log2(TPM + 1): those that networks are trained on.
    classes
        Class of each sample.
    """
    medians = [np.median(x[classes == name], axis=0) for name in np.unique(classes)]
    return np.median(medians, axis=0).astype(np.float32)


def usable_sizes(sizes: Sequence[int], genes: int) -> list[int]:
    """Return the numbers of genes that can be taken away, in order: at most half of all genes."""
    return sorted({min(int(size), max(1, genes // 2)) for size in sizes})


def changed_outputs(
    outputs: Outputs,
    x: npt.NDArray[np.float32],
    without: npt.NDArray[np.float32],
    orders: npt.NDArray[np.intp],
    sizes: Sequence[int],
    target: int,
) -> npt.NDArray[np.float64]:
    """Measure the output for one sample while genes are taken away, and put back.

    Parameters
    ----------
    outputs
        The network.
    x
        The sample, log2(TPM + 1): one number a gene.
    without
        What genes are set to.
    orders
        Rankings × genes: the first genes of each, as many as the largest size or more.
    sizes
        Numbers of genes, increasing.
    target
        Class whose output is measured.

    Returns
    -------
    numpy.ndarray
        2 (logit, probability) × changes × rankings × (sizes + 2). Before the sizes stands the
        sample where nothing was changed yet, at the end where all genes were.

    Raises
    ------
    BadInputError
        If a ranking is shorter than the largest size.
    """
    if orders.shape[1] < sizes[-1]:
        raise BadInputError(
            f"A ranking of {orders.shape[1]} genes cannot lose {sizes[-1]}: choose smaller sizes "
            "(faithful_sizes)."
        )
    ends = np.stack([x, without]).astype(np.float32)
    rows = np.empty((2, len(orders), len(sizes), len(x)), dtype=np.float32)
    for change, (start, end) in enumerate((ends, ends[::-1])):
        for ranking, order in enumerate(orders):
            current, done = start.copy(), 0
            for place, size in enumerate(sizes):
                genes = order[done:size]
                current[genes] = end[genes]
                rows[change, ranking, place] = current
                done = size
    logits = outputs(np.concatenate([ends, rows.reshape(-1, len(x))]))
    both = np.stack([logits[:, target], _probability(logits, target)])
    first = both[:, :2]
    found = np.empty((2, 2, len(orders), len(sizes) + 2))
    found[..., 1:-1] = both[:, 2:].reshape(2, *rows.shape[:-1])
    found[:, 0, :, 0] = found[:, 1, :, -1] = first[:, :1]
    found[:, 0, :, -1] = found[:, 1, :, 0] = first[:, 1:]
    return found


def _probability(logits: npt.NDArray[np.float64], target: int) -> npt.NDArray[np.float64]:
    spread = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = spread[:, target] / spread.sum(axis=1)
    return shares


def share_of_the_way(found: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far outputs have gone from the first place to the last.

    Parameters
    ----------
    found
        Logits as `changed_outputs` gives them: changes × rankings × places.

    Returns
    -------
    numpy.ndarray
        The same shape: 0 at the first place, 1 at the last; beyond 1 where a change goes further.
        Missing where the sample is not `LEAST` above the one with all genes taken away.
    """
    way = found[..., -1:] - found[..., :1]
    known = np.abs(way) >= LEAST
    # Deletion has to go down, insertion up.
    known &= np.array([-1.0, 1.0])[:, None, None] * way > 0
    shares = np.full(found.shape, np.nan)
    np.divide(found - found[..., :1], way, out=shares, where=np.broadcast_to(known, found.shape))
    return shares


def area(shares: npt.NDArray[np.float64], sizes: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return the mean height of curves (… × sizes), where 1 to 10 genes count as 10 to 100 do."""
    if len(sizes) == 1:
        return shares[..., 0]
    place = np.log10(np.asarray(sizes, dtype=np.float64))
    found: npt.NDArray[np.float64] = np.trapezoid(shares, place, axis=-1) / (place[-1] - place[0])
    return found


def matched(
    scores: npt.NDArray[np.floating],
    levels: npt.NDArray[np.floating],
    generator: np.random.Generator,
) -> npt.NDArray[np.floating]:
    """Shuffle scores among genes of like expression: what is left is how expression is spread.

    Parameters
    ----------
    scores
        One of each gene.
    levels
        Mean expression of every gene.
    generator
        What is drawn with.
    """
    by_level = np.argsort(levels, kind="stable")
    blocks = np.arange(len(levels)) // ALIKE
    shuffled = np.empty_like(scores)
    shuffled[by_level] = scores[by_level[np.lexsort((generator.random(len(levels)), blocks))]]
    return shuffled
