"""Differential expression of one class against the rest, as scanpy's ``rank_genes_groups`` has it.

Tests and numbers are those of scanpy 1.11 with its defaults, so that a list of genes found here is
the list that its users know: Wilcoxon's rank-sum test in its normal approximation, without a
correction for ties; Welch's t-test; and the log2 of the fold change between means of logarithms,
made linear again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.errors import BadInputError

Matrix = npt.NDArray[np.floating]

BLOCK = 1000
"""Genes that are ranked at once: memory holds their ranks as double precision."""

OFFSET = 1e-9
"""What scanpy adds to both sides of a fold change."""

COLUMNS = (
    "class", "gene", "wilcoxon_z", "wilcoxon_p", "wilcoxon_fdr", "welch_t", "welch_p", "welch_fdr",
    "log2_fold_change", "differential_rank",
)  # fmt: skip


def one_vs_rest(
    x: Matrix, labels: Sequence[str], classes: Sequence[str], genes: Sequence[str]
) -> pd.DataFrame:
    """Test every gene in each class against all other samples.

    Parameters
    ----------
    x
        Samples × genes, logarithms to base 2 such as log2(TPM + 1).
    labels
        Class of each sample.
    classes
        Those that are compared with the rest.
    genes
        Symbols.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, a row for each class and gene: ``wilcoxon_z`` and ``welch_t`` are above 0 where
        the gene is higher in the class; both p-values are two-sided, with the false discovery rate
        (Benjamini and Hochberg) over the genes of a class; ``differential_rank`` is 1 for the
        largest ``wilcoxon_z`` (ties in the order of the genes), as in scanpy's list.

    Raises
    ------
    BadInputError
        If a class, or what is left beside it, has fewer than two samples.
    """
    names = np.asarray(labels, dtype=str)
    sides = np.stack([names == name for name in classes])
    for name, inside in zip(classes, sides, strict=True):
        if min(inside.sum(), (~inside).sum()) < 2:
            raise BadInputError(
                f"Class {name!r} has {inside.sum()} samples and the rest {(~inside).sum()}, but a "
                "comparison needs two on either side: add samples or leave the class out."
            )
    z, sums, squares = _passes(x, sides)
    parts = [
        _of_class(name, inside, genes, z[row], (sums, squares), row)
        for row, (name, inside) in enumerate(zip(classes, sides, strict=True))
    ]
    return pd.concat(parts, ignore_index=True)


def _passes(x: Matrix, sides: npt.NDArray[np.bool_]) -> tuple[Matrix, Matrix, Matrix]:
    """Return z of the rank sums, and sums and squared deviations: sides (and all others) × genes.

    Rows of the last two: first all classes, then the rest beside each.
    """
    samples, genes = x.shape
    groups = np.concatenate([sides, ~sides]).astype(float)
    sizes = groups.sum(axis=1, keepdims=True)
    n = sides.sum(axis=1, keepdims=True)
    expected = n * (samples + 1) / 2
    spread = np.sqrt(n * (samples - n) * (samples + 1) / 12)
    z = np.empty((len(sides), genes))
    means, deviations = np.empty((2, len(groups), genes))
    for block, columns in _blocks(x):
        ranks = stats.rankdata(block, axis=0)
        z[:, columns] = (sides.astype(float) @ ranks - expected) / spread
        means[:, columns] = groups @ block / sizes
        for row, inside in enumerate(groups.astype(bool)):
            rest = block[inside] - means[row, columns]
            deviations[row, columns] = np.einsum("ij,ij->j", rest, rest)
    return z, means, deviations


def _blocks(x: Matrix) -> Iterator[tuple[Matrix, slice]]:
    for start in range(0, x.shape[1], BLOCK):
        columns = slice(start, start + BLOCK)
        yield np.asarray(x[:, columns], dtype=np.float64), columns


def _of_class(
    name: str,
    inside: npt.NDArray[np.bool_],
    genes: Sequence[str],
    z: Matrix,
    moments: tuple[Matrix, Matrix],
    row: int,
) -> pd.DataFrame:
    means, deviations = moments
    beside = len(means) // 2 + row
    first, second = means[row], means[beside]
    n, m = int(inside.sum()), int((~inside).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        t, p = stats.ttest_ind_from_stats(
            first, np.sqrt(deviations[row] / (n - 1)), n,
            second, np.sqrt(deviations[beside] / (m - 1)), m,
            equal_var=False,
        )  # fmt: skip
    # Where nothing varies there is no test: scanpy writes 0 and 1.
    t, p = np.where(np.isnan(t), 0.0, t), np.where(np.isnan(p), 1.0, p)
    p_of_ranks = 2 * stats.norm.sf(np.abs(z))
    rank = np.empty(len(z), dtype=np.int64)
    rank[np.argsort(-z, kind="stable")] = np.arange(1, len(z) + 1)
    return pd.DataFrame(
        {
            "class": name,
            "gene": list(genes),
            "wilcoxon_z": z,
            "wilcoxon_p": p_of_ranks,
            "wilcoxon_fdr": stats.false_discovery_control(p_of_ranks),
            "welch_t": t,
            "welch_p": p,
            "welch_fdr": stats.false_discovery_control(p),
            "log2_fold_change": np.log2(
                (np.exp2(first) - 1 + OFFSET) / (np.exp2(second) - 1 + OFFSET)
            ),
            "differential_rank": rank,
        }
    )[list(COLUMNS)]
