"""Genes on a two-dimensional grid, as convolutional networks read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError, one_of

GENE_ORDERS = ("given", "random", "genomic")
COORDINATES = ("chromosome", "position")
_LAST_CHROMOSOMES = {"X": 23, "Y": 24, "M": 25, "MT": 25}


def grid_side(genes: int) -> int:
    """Return the side of the smallest square that holds all genes and is a multiple of 8.

    Three poolings halve a side that is a multiple of 8 without a remainder; the 19,241 genes
    of the paper get its 144 × 144.
    """
    return 8 * math.ceil((math.isqrt(genes - 1) + 1) / 8)


def gene_order(
    order: str,
    genes: Sequence[str],
    *,
    seed: int = 0,
    coordinates: pd.DataFrame | None = None,
) -> npt.NDArray[np.int64]:
    """Choose the order in which genes fill a grid (paper, "The architecture of CNN models").

    Parameters
    ----------
    order
        ``"given"``: as they come; ``"random"``: a permutation drawn with `seed`;
        ``"genomic"``: by chromosome (1 to 22, X, Y, M, then others by name) and position.
    genes
        HGNC symbols in the order of the data set.
    seed
        For ``"random"``: same seed, same order.
    coordinates
        For ``"genomic"``: columns ``chromosome`` and ``position`` (base pairs), index: symbols.

    Returns
    -------
    numpy.ndarray
        Place i of the grid, row by row, holds gene ``result[i]``.

    Raises
    ------
    UnknownNameError
        If there is no such order.
    BadInputError
        If the coordinate of a gene is not known.
    """
    one_of("gene order", order, GENE_ORDERS)
    if order == "given":
        return np.arange(len(genes), dtype=np.int64)
    if order == "random":
        return np.random.default_rng(seed).permutation(len(genes)).astype(np.int64)
    return _genomic(genes, coordinates)


def named_order(
    name: str, genes: Sequence[str], coordinates: pd.DataFrame | None = None
) -> npt.NDArray[np.int64]:
    """Choose an order by one name: "given", "genomic", or "random-0", "random-1" and so on.

    Parameters
    ----------
    name
        As above; the number is the seed.
    genes, coordinates
        As for `gene_order`.

    Raises
    ------
    UnknownNameError
        If there is no such order.
    BadInputError
        If the coordinate of a gene is not known.
    """
    kind, _, number = name.partition("-")
    if kind == "random" and number.isascii() and number.isdecimal():
        return gene_order(kind, genes, seed=int(number))
    one_of("gene order", name, ("given", "genomic", "random-<number>"))
    return gene_order(name, genes, coordinates=coordinates)


def _genomic(genes: Sequence[str], coordinates: pd.DataFrame | None) -> npt.NDArray[np.int64]:
    for column in COORDINATES:
        if coordinates is None or column not in coordinates:
            raise BadInputError(
                f"Gene order 'genomic' needs the {column} of every gene, which this data set does "
                "not know: choose 'given' or 'random'."
            )
    assert coordinates is not None
    known = coordinates[~coordinates.index.duplicated()].reindex(list(genes))
    positions = pd.to_numeric(known["position"], errors="coerce").to_numpy(dtype=float)
    missing = np.flatnonzero(known["chromosome"].isna().to_numpy() | ~np.isfinite(positions))
    if missing.size:
        raise BadInputError(
            f"Gene order 'genomic' needs chromosome and position of every gene, but gene "
            f"{genes[missing[0]]!r} has none ({missing.size} of {len(genes)} genes): add them, or "
            "choose 'given' or 'random'."
        )
    chromosomes = [_chromosome(str(name)) for name in known["chromosome"]]
    keys = list(zip(chromosomes, positions.tolist(), strict=True))
    return np.array(sorted(range(len(genes)), key=keys.__getitem__), dtype=np.int64)


def _chromosome(name: str) -> tuple[int, str]:
    """Make chromosomes sort as geneticists number them."""
    short = name.removeprefix("chr").upper()
    number = int(short) if short.isdecimal() else _LAST_CHROMOSOMES.get(short, 1000)
    return number, short


class GeneGrid(nn.Module):
    """Lays genes out on a square, row by row, and takes what is on the square back to genes.

    It has no weights. The order is a buffer, so that it is saved and moved with the network.

    Parameters
    ----------
    genes
        Number of genes.
    order
        A permutation of the gene numbers, such as `gene_order` makes; None: as given.
    side
        Side of the square; None: `grid_side`. Places left over at the end hold zero.

    Raises
    ------
    BadInputError
        If the square is too small or `order` is not a permutation.
    """

    order: Tensor

    def __init__(
        self, genes: int, *, order: npt.ArrayLike | Tensor | None = None, side: int | None = None
    ) -> None:
        super().__init__()
        if genes < 1:
            raise BadInputError(f"A grid needs at least one gene, not {genes}.")
        side = grid_side(genes) if side is None else side
        if side < 1 or side * side < genes:
            raise BadInputError(
                f"A grid of {side} × {side} is too small for {genes} genes: choose a side of "
                f"at least {math.isqrt(genes - 1) + 1}, such as {grid_side(genes)}."
            )
        self.genes, self.side = genes, side
        permutation = np.arange(genes) if order is None else _permutation(order, genes)
        self.register_buffer("order", torch.tensor(permutation, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        """Do the same as `to_grid`."""
        return self.to_grid(x)

    def to_grid(self, x: Tensor) -> Tensor:
        """Map samples × genes to samples × 1 × side × side.

        Raises
        ------
        BadInputError
            If `x` has another number of genes.
        """
        if x.ndim != 2 or x.shape[1] != self.genes:
            raise BadInputError(
                f"A grid of {self.genes} genes cannot read samples of {x.shape[-1]} genes: give it "
                "the genes it was made for, in the same order."
            )
        places = x.index_select(1, self.order)
        padded = nn.functional.pad(places, (0, self.side**2 - self.genes))
        return padded.view(len(x), 1, self.side, self.side)

    def to_genes(self, grid: Tensor) -> Tensor:
        """Map samples × 1 × side × side to samples × genes; what is on the padding is dropped.

        Raises
        ------
        BadInputError
            If `grid` has another shape.
        """
        if grid.shape[1:] != (1, self.side, self.side):
            raise BadInputError(
                f"Values on a grid must be samples × 1 × {self.side} × {self.side}, but their "
                f"shape is {tuple(grid.shape)}."
            )
        places = grid.flatten(1)[:, : self.genes]
        return torch.empty_like(places).index_copy(1, self.order, places)

    def extra_repr(self) -> str:
        """Describe the layout when the network is printed."""
        return f"{self.genes} genes on {self.side} × {self.side}"


def _permutation(order: npt.ArrayLike | Tensor, genes: int) -> npt.NDArray[np.int64]:
    array = np.asarray(order)
    if array.shape != (genes,) or array.dtype.kind not in "iu":
        raise BadInputError(
            f"A gene order must be {genes} whole numbers, one for each gene, but it has shape "
            f"{array.shape} and type {array.dtype}."
        )
    outside = array[(array < 0) | (array >= genes)]
    if outside.size:
        raise BadInputError(
            f"A gene order must hold each number from 0 to {genes - 1} once, but it holds "
            f"{outside[0]}."
        )
    times = np.bincount(array.astype(np.int64), minlength=genes)
    if times.max() > 1:
        twice = int(times.argmax())
        raise BadInputError(
            f"A gene order must hold each number from 0 to {genes - 1} once, but it holds "
            f"{twice} {times[twice]} times."
        )
    return array.astype(np.int64)
