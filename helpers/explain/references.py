"""Reference samples, by kind: a new kind is one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import log_ndtr, ndtri_exp

from helpers.errors import BadInputError, one_of

Cut = Literal["mean_sd", "zero_sd"]
CUTS: tuple[str, ...] = get_args(Cut)
_GENE_BLOCK = 1024
_FLOAT64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GeneStatistics:
    """Mean and standard deviation of each gene (log2 units), over all samples or one tissue."""

    mean: _FLOAT64
    sd: _FLOAT64


@dataclass(frozen=True)
class TruncatedNormal:
    """One truncated normal distribution per gene; absolute values of what is drawn."""

    mean: _FLOAT64
    sd: _FLOAT64
    lower: _FLOAT64
    upper: _FLOAT64

    def draw(self, n: int, seed: int) -> npt.NDArray[np.float32]:
        """Draw n × genes values; row k depends on `seed` and k, not on n."""
        return self.draw_some(range(n), seed)

    def draw_some(self, numbers: Sequence[int], seed: int) -> npt.NDArray[np.float32]:
        """Draw the rows of these numbers by inversion, as `draw` does."""
        # Where a gene does not vary, its bounds coincide and settle the value.
        sd = np.where(self.sd > 0, self.sd, 1.0)
        # In logarithms: [0, σ] lies far in the tail for a gene with μ much larger than σ.
        log_lower = log_ndtr((self.lower - self.mean) / sd)
        log_upper = log_ndtr((self.upper - self.mean) / sd)
        rows = np.empty((len(numbers), len(self.mean)), dtype=np.float32)
        for row, k in zip(rows, numbers, strict=True):
            uniform = np.random.default_rng([seed, k]).random(len(self.mean))
            uniform = np.maximum(uniform, np.finfo(np.float64).tiny)
            log_p = np.logaddexp(np.log1p(-uniform) + log_lower, np.log(uniform) + log_upper)
            values = self.mean + sd * ndtri_exp(np.minimum(log_p, 0.0))
            row[:] = np.abs(np.clip(values, self.lower, self.upper))
        return rows


@dataclass(frozen=True)
class ReferenceKind:
    """A way to make reference samples.

    Attributes
    ----------
    name
        Its name in tables and on the command line.
    description
        One sentence for readers.
    random
        Whether two references differ.
    needs
        What it is estimated from.
    distribution
        ``distribution(genes, statistics, cut)``: what values are drawn from.
    colour, marker
        How it is drawn, as Matplotlib takes them.
    """

    name: str
    description: str
    random: bool
    needs: Literal["nothing", "all samples", "one tissue"]
    distribution: Callable[[int, GeneStatistics | None, str], TruncatedNormal]
    colour: str = "#5b6770"
    marker: str = "d"


def _zero(genes: int, statistics: GeneStatistics | None, cut: str) -> TruncatedNormal:
    zeros = np.zeros(genes)
    return TruncatedNormal(zeros, zeros, zeros, zeros)


def _normal(genes: int, statistics: GeneStatistics | None, cut: str) -> TruncatedNormal:
    zeros, ones = np.zeros(genes), np.ones(genes)
    return TruncatedNormal(zeros, ones, zeros, ones)


def _estimated(genes: int, statistics: GeneStatistics | None, cut: str) -> TruncatedNormal:
    if statistics is None:
        raise BadInputError(
            "These references are drawn around the mean of each gene: give 'expression' or "
            "'statistics'."
        )
    mean, sd = statistics.mean, statistics.sd
    if cut == "mean_sd":
        return TruncatedNormal(mean, sd, mean - sd, mean + sd)
    return TruncatedNormal(mean, sd, np.zeros_like(sd), sd)


REFERENCES: dict[str, ReferenceKind] = {
    kind.name: kind
    for kind in (
        ReferenceKind("zero", "No gene is expressed.", False, "nothing", _zero, "#949494", "o"),
        ReferenceKind(
            "normal",
            "N(0, 1) cut to [0, 1], the same for all genes.",
            True,
            "nothing",
            _normal,
            "#cc78bc",
            "s",
        ),
        ReferenceKind(
            "universal",
            "Cut N(μ, σ), estimated for each gene over all samples.",
            True,
            "all samples",
            _estimated,
            "#0173b2",
            "D",
        ),
        ReferenceKind(
            "specific",
            "Cut N(μ, σ), estimated for each gene over the samples of one tissue.",
            True,
            "one tissue",
            _estimated,
            "#029e73",
            "^",
        ),
    )
}


def gene_statistics(expression: npt.ArrayLike | pd.DataFrame) -> GeneStatistics:
    """Compute mean and standard deviation (divisor: number of samples) of each gene.

    Parameters
    ----------
    expression
        Samples × genes, log2(TPM + 1).

    Raises
    ------
    BadInputError
        If it is empty or holds negative values or values that are not finite.
    """
    matrix = np.asarray(expression)
    if matrix.ndim != 2 or not matrix.size or matrix.dtype.kind not in "fiub":
        raise BadInputError(
            "Parameter 'expression' must be a non-empty matrix of numbers, samples × genes, but "
            f"it has shape {matrix.shape} and type {matrix.dtype}."
        )
    mean, sd = np.empty(matrix.shape[1]), np.empty(matrix.shape[1])
    # Some genes at a time, since double precision would need twice the memory of the data.
    for start in range(0, matrix.shape[1], _GENE_BLOCK):
        block = matrix[:, start : start + _GENE_BLOCK].astype(np.float64)
        wrong = ~(np.isfinite(block) & (block >= 0))
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise BadInputError(
                f"Parameter 'expression' holds {block[row, column]} at sample {row}, gene "
                f"{start + column} (both counted from 0): log2(TPM + 1) is finite and not negative."
            )
        mean[start : start + _GENE_BLOCK] = block.mean(axis=0)
        sd[start : start + _GENE_BLOCK] = block.std(axis=0)
    return GeneStatistics(mean, sd)


def make_references(
    kind: str,
    n: int,
    *,
    genes: int,
    seed: int,
    expression: npt.ArrayLike | pd.DataFrame | None = None,
    tissues: Sequence[str] | npt.NDArray[np.generic] | pd.Series | None = None,
    tissue: str | None = None,
    statistics: GeneStatistics | None = None,
    cut: str = "mean_sd",
) -> npt.NDArray[np.float32]:
    """Simulate reference samples (paper, "Reference preparation").

    Parameters
    ----------
    kind
        A key of `REFERENCES`.
    n
        How many. Reference k is the same whatever `n` is.
    genes
        Number of genes.
    seed
        Same seed, same bytes.
    expression
        Samples × genes, log2(TPM + 1), from which kinds ``"universal"`` and ``"specific"``
        estimate μ and σ; the paper takes all samples, good practice the training samples.
    tissues, tissue
        For kind ``"specific"``: the tissue of each row of `expression`, and the one wanted.
    statistics
        In place of `expression`: what `gene_statistics` gave (for kind ``"specific"``: for the
        samples of that tissue).
    cut
        ``"mean_sd"``: values between μ − σ and μ + σ, absolute values taken (released
        scripts); ``"zero_sd"``: values between 0 and σ (paper's text). For a gene that does not
        vary these are μ and 0.

    Returns
    -------
    numpy.ndarray
        n × genes, float32, log2(TPM + 1).

    Raises
    ------
    UnknownNameError
        If there is no such kind, cut or tissue.
    BadInputError
        If what the kind needs is missing or does not fit.


    Examples
    --------
    >>> import helpers as hx
    >>> hx.make_references("zero", 2, genes=3, seed=0).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> _, adata = hx.example_network()
    >>> hx.make_references("universal", 5, genes=12, seed=0, expression=adata.X).shape
    (5, 12)
    """
    entry = REFERENCES[one_of("reference", kind, REFERENCES)]
    one_of("reference cut", cut, CUTS)
    if n < 1 or genes < 1:
        raise BadInputError(f"References need n ≥ 1 and genes ≥ 1, not n = {n}, genes = {genes}.")
    if entry.needs != "nothing" and statistics is None:
        statistics = _estimate(entry, expression, tissues, tissue)
    if statistics is not None and statistics.mean.shape != (genes,):
        raise BadInputError(
            f"References of {genes} genes cannot be estimated from data with "
            f"{statistics.mean.size} genes."
        )
    return entry.distribution(genes, statistics, cut).draw(n, seed)


def _estimate(
    kind: ReferenceKind,
    expression: npt.ArrayLike | pd.DataFrame | None,
    tissues: Sequence[str] | npt.NDArray[np.generic] | pd.Series | None,
    tissue: str | None,
) -> GeneStatistics:
    if expression is None:
        raise BadInputError(
            f"Reference {kind.name!r} is estimated from {kind.needs}: give 'expression' or "
            "'statistics'."
        )
    if kind.needs == "all samples":
        return gene_statistics(expression)
    matrix = np.asarray(expression)
    if tissues is None or tissue is None or len(tissues) != len(matrix):
        raise BadInputError(
            f"Reference {kind.name!r} is estimated from {kind.needs}: give 'tissue', and in "
            f"'tissues' the tissue of each of the {len(matrix)} samples."
        )
    labels = np.asarray(tissues).astype(str)
    one_of("tissue", tissue, sorted(set(labels.tolist())))
    return gene_statistics(matrix[labels == tissue])
