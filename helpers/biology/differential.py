"""Genes whose expression differs between normal tissue and cancer (paper, Figure 5A).

Paper, section "Differentially expressed genes between normal and cancer": two-sided Mann-Whitney
U test of each gene, false discovery rate of at most 0.001, at least threefold change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.errors import BadInputError, one_of

Matrix = npt.NDArray[np.floating]
Values = npt.NDArray[np.float64]

DE_COLUMNS = ["normal", "cancer", "gene", "fold_change", "p", "fdr", "direction", "n_normal",
              "n_cancer"]  # fmt: skip
"""Columns of ``cancer_de.csv``."""

METHODS = ("auto", "asymptotic")
CENTRES: dict[str, Callable[[Matrix], Values]] = {
    "mean": lambda tpm: np.mean(tpm, axis=0),
    "median": lambda tpm: np.median(tpm, axis=0),
}
"""What stands for a gene's expression in a group of samples."""

_EXACT_UP_TO = 8
"""Samples on the smaller side up to which `scipy.stats.mannwhitneyu` chooses exact p-values."""
_CHUNK = 2_000_000
"""Values ranked at once: 16 MB, and a few times as much in between."""


@dataclass(frozen=True)
class Criteria:
    """When a gene counts as different.

    Attributes
    ----------
    fdr
        Largest false discovery rate (Benjamini & Hochberg, over the genes of one comparison).
    fold
        Smallest change, up or down.
    centre
        What is compared: ``"mean"`` or ``"median"`` TPM. The paper does not say which.
    offset
        TPM added to both sides of the quotient. It keeps that of an unexpressed gene finite, and
        changes that of a gene above 1 TPM by less than 1 %.
    method
        P-values of the test. ``"auto"``, as in scipy: for each gene by itself, exact where it has
        no ties and one side has at most 8 samples, else ``"asymptotic"``: the normal
        approximation, corrected for ties and continuity.
    """

    fdr: float = 0.001
    fold: float = 3.0
    centre: str = "mean"
    offset: float = 0.01
    method: str = "auto"

    def __post_init__(self) -> None:
        one_of("centre", self.centre, CENTRES)
        one_of("method of the test", self.method, METHODS)
        if not (self.fold > 1 and self.offset > 0 and 0 < self.fdr < 1):
            raise BadInputError(
                "Genes differ by a fold above 1, with an offset above 0 and a false discovery "
                f"rate between 0 and 1, not {self.fold}, {self.offset} and {self.fdr}."
            )


CRITERIA = Criteria()
"""The paper's."""


def mann_whitney(a: Matrix, b: Matrix, *, method: str = "auto") -> Values:
    """Compute two-sided p-values of the Mann-Whitney U test of every gene.

    The same as `scipy.stats.mannwhitneyu` called gene by gene in double precision. Called once
    for all genes, scipy chooses one method for all of them, and for float32 values it also
    computes p-values in single precision.

    Parameters
    ----------
    a, b
        Samples × genes; any monotone unit.
    method
        See `Criteria`.

    Returns
    -------
    numpy.ndarray
        One p-value per gene; 1 for a gene that is equal in all samples.

    Raises
    ------
    BadInputError
        If a side has no sample, the genes differ in number, or a value is not a number.
    UnknownNameError
        If there is no such method.
    """
    one_of("method of the test", method, METHODS)
    _check(a, b)
    p = np.empty(a.shape[1])
    small = min(len(a), len(b)) <= _EXACT_UP_TO and method == "auto"
    step = max(1, _CHUNK // (len(a) + len(b)))
    for start in range(0, a.shape[1], step):
        here = slice(start, start + step)
        # Genes × samples: scipy sorts along the last axis.
        x, y = (np.ascontiguousarray(side[:, here].T, dtype=float) for side in (a, b))
        if not np.isfinite(x).all() or not np.isfinite(y).all():
            raise BadInputError("Expression holds values that are not numbers: correct the data.")
        exact = ~_tied(x, y) if small else np.zeros(len(x), dtype=bool)
        found = np.empty(len(x))
        names: dict[Literal["exact", "asymptotic"], npt.NDArray[np.bool_]]
        names = {"exact": exact, "asymptotic": ~exact}
        for name, chosen in names.items():
            if chosen.any():
                found[chosen] = stats.mannwhitneyu(x[chosen], y[chosen], axis=1, method=name).pvalue
        p[here] = found
    return p


def _check(a: Matrix, b: Matrix) -> None:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not len(a) or not len(b):
        raise BadInputError(
            "The two sides of a comparison need samples × the same genes, at least one sample "
            f"each, not {' × '.join(map(str, a.shape))} and {' × '.join(map(str, b.shape))}."
        )


def _tied(x: Values, y: Values) -> npt.NDArray[np.bool_]:
    ordered = np.sort(np.concatenate([x, y], axis=1), axis=1)
    tied: npt.NDArray[np.bool_] = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    return tied


def log2_fold_change(
    a: Matrix, b: Matrix, *, centre: str = "mean", offset: float = CRITERIA.offset
) -> Values:
    """Compute the log2 of the change of every gene's TPM from `a` to `b`.

    Parameters
    ----------
    a, b
        Samples × genes, log2(TPM + 1).
    centre, offset
        See `Criteria`.
    """
    one_of("centre", centre, CENTRES)
    before, after = (CENTRES[centre](_tpm(side)) for side in (a, b))
    change: Values = np.log2((after + offset) / (before + offset))
    return change


def _tpm(values: Matrix) -> Matrix:
    tpm: Matrix = np.expm1(np.asarray(values, dtype=float) * np.log(2))
    return tpm


def differential(
    a: Matrix, b: Matrix, genes: Sequence[str], criteria: Criteria = CRITERIA
) -> pd.DataFrame:
    """Test every gene for a difference between two groups of samples.

    Parameters
    ----------
    a, b
        Samples × genes, log2(TPM + 1).
    genes
        Symbols.
    criteria
        When a gene counts as different.

    Returns
    -------
    pandas.DataFrame
        ``gene``; ``fold_change``: log2 of b over a; ``p``; ``fdr``; ``direction``: ``"up"`` or
        ``"down"`` (in b) where the gene differs, else ``"none"``.

    Raises
    ------
    BadInputError
        See `mann_whitney`.
    """
    p = mann_whitney(a, b, method=criteria.method)
    change = log2_fold_change(a, b, centre=criteria.centre, offset=criteria.offset)
    fdr = stats.false_discovery_control(p)
    differs = (fdr <= criteria.fdr) & (np.abs(change) >= np.log2(criteria.fold))
    direction = np.where(differs, np.where(change > 0, "up", "down"), "none")
    return pd.DataFrame(
        {"gene": list(genes), "fold_change": change, "p": p, "fdr": fdr, "direction": direction}
    )


def cancer_differential(
    adata: anndata.AnnData, pairs: pd.DataFrame, criteria: Criteria = CRITERIA
) -> pd.DataFrame:
    """Test every gene between the normal tissue and the cancer of each pair.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1), with ``tissue`` in ``obs``.
    pairs
        Columns ``normal`` and ``cancer``: what `helpers.biology.pairs.cancer_pairs` gives, or
        some rows of it.
    criteria
        When a gene counts as different.

    Returns
    -------
    pandas.DataFrame
        Columns of ``cancer_de.csv`` (`DE_COLUMNS`), one row per pair and gene; ``fold_change``
        is the log2 of cancer over normal, ``direction`` that of the cancer.

    Raises
    ------
    BadInputError
        If a class has no sample, or expression holds values that are not numbers.
    """
    parts = [pd.DataFrame(columns=DE_COLUMNS)]
    for normal, cancer in zip(pairs["normal"], pairs["cancer"], strict=True):
        a, b = (expression_of(adata, adata.obs["tissue"] == name) for name in (normal, cancer))
        if not len(a) or not len(b):
            empty = cancer if len(a) else normal
            raise BadInputError(
                f"Class {empty!r} of the pair {normal} and {cancer} has no sample: take pairs from "
                "the same data."
            )
        table = differential(a, b, adata.var_names.tolist(), criteria)
        named = {"normal": normal, "cancer": cancer, "n_normal": len(a), "n_cancer": len(b)}
        parts.append(table.assign(**named))
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[DE_COLUMNS]


def expression_of(adata: anndata.AnnData, chosen: pd.Series) -> Matrix:
    """Return the expression of the samples that are chosen, dense, samples × genes."""
    part = adata.X[np.flatnonzero(chosen.to_numpy())]
    dense: Matrix = np.asarray(part.todense() if hasattr(part, "todense") else part)
    return dense
