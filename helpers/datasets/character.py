"""What makes a data set easy or hard for networks: how its genes vary, alone and together.

It is measured alike on simulated and on real samples, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = ["measure", "quantile", "value", "n", "unit"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels that stand for a distribution."""

FEWEST = 5
"""Samples that a class needs for its spread to be measured."""

MOST = 100
"""Samples of a class that are looked at, drawn by the seed: more would change no digit shown."""

EXPRESSED = 1.0
"""Mean from which on a gene counts as expressed, log2(TPM + 1): 1 TPM."""

RESIDUALS = 200
"""Samples whose residuals are correlated: as many in every data set, since few samples make
correlations large by chance."""

PAIRS = 2_000
"""Random pairs of genes that are correlated."""

COMPONENTS = 5

WITHIN, BETWEEN = "spread_within", "spread_between"
CORRELATION, BY_CHANCE = "correlation", "correlation_by_chance"
FIRST, FIRST_BY_CHANCE = "first_component", "first_component_by_chance"
FIVE, FIVE_BY_CHANCE = "five_components", "five_components_by_chance"
ZEROS = "zeros"

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


def quantile_rows(
    measure: str, values: Iterable[float], unit: str, number: int | None = None
) -> pd.DataFrame:
    """Describe values by their quantiles.

    Parameters
    ----------
    measure
        What was measured.
    values
        Any number of values; those that are unknown (NaN) do not count.
    unit
        What a value was measured on, in the plural.
    number
        How many units there are, if not as many as values.

    Returns
    -------
    pandas.DataFrame
        Columns as `COLUMNS`, a row for each of `QUANTILES`; one value has only its median, and no
        value no row.
    """
    known = np.asarray(list(values), dtype=np.float64)
    known = known[~np.isnan(known)]
    levels = QUANTILES if len(known) > 1 else QUANTILES[2:3][: len(known)]
    found = np.quantile(known, levels) if levels else known
    return pd.DataFrame(
        {
            "measure": measure,
            "quantile": np.asarray(levels, dtype=np.float64),
            "value": np.asarray(found, dtype=np.float64),
            "n": len(known) if number is None else number,
            "unit": unit,
        },
        columns=COLUMNS,
    )


def character(adata: anndata.AnnData, *, seed: int) -> pd.DataFrame:
    """Measure how the genes of a data set vary within its classes, between them, and together.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1); ``obs["tissue"]`` is the class.
    seed
        Draws samples of large classes, samples for correlations, pairs of genes, and shuffles.

    Returns
    -------
    pandas.DataFrame
        Columns as `COLUMNS`. `WITHIN`: standard deviations of genes over the samples of a class of
        at least `FEWEST` samples, of genes with a mean of at least `EXPRESSED` there. `BETWEEN`:
        those of the classes' means, of genes with a mean of `EXPRESSED` over classes.
        `CORRELATION`: Pearson correlation of residuals (sample minus mean of its class) of such
        genes, over `PAIRS` pairs and at most `RESIDUALS` samples; `FIRST` and `FIVE`: share of
        the variance of these residuals on the first component and on the first five.
        The same ``…_by_chance`` after each gene's residuals were shuffled. `ZEROS`: share of genes
        that are 0 in a sample. What too few samples, classes or genes allow has no row.
    """
    generator = np.random.default_rng([seed, *b"character"])
    groups = _chosen(adata.obs["tissue"].to_numpy(dtype=str), generator)
    large = [rows for rows in groups if len(rows) >= FEWEST]
    picked = _residual_samples(large, generator)
    zeros, spreads, means, residuals = [], [], [], []
    for rows in groups:
        x = np.asarray(adata.X[rows], dtype=np.float64)
        zeros.append((x == 0).mean(axis=1))
        if len(rows) < FEWEST:
            continue
        mean, spread = x.mean(axis=0), x.std(axis=0, ddof=1)
        spreads.append(spread[mean >= EXPRESSED])
        means.append(mean)
        # The mean is that of the same samples, which takes a part of what they vary by.
        scale = np.sqrt(len(rows) / (len(rows) - 1))
        residuals.append((x[np.isin(rows, picked)] - mean) * scale)
    parts = [quantile_rows(ZEROS, _joined(zeros), "samples")]
    if means:
        expressed = np.mean(means, axis=0) >= EXPRESSED
        parts.append(quantile_rows(WITHIN, _joined(spreads), "genes in classes"))
        if len(means) > 1:
            between = np.std(means, axis=0, ddof=1)[expressed]
            parts.append(quantile_rows(BETWEEN, between, "genes"))
        parts += _together(np.concatenate(residuals)[:, expressed], generator)
    return pd.concat(parts, ignore_index=True)


def _joined(parts: list[Matrix]) -> Matrix:
    return np.concatenate(parts) if parts else np.empty(0)


def _chosen(tissues: npt.NDArray[np.str_], generator: np.random.Generator) -> list[Rows]:
    """Return the rows of each class that are looked at, in their order."""
    groups = [np.flatnonzero(tissues == name) for name in np.unique(tissues)]
    return [
        np.sort(generator.choice(rows, MOST, replace=False)) if len(rows) > MOST else rows
        for rows in groups
    ]


def _residual_samples(groups: list[Rows], generator: np.random.Generator) -> Rows:
    """Return the rows whose residuals count."""
    rows = np.concatenate(groups) if groups else np.empty(0, dtype=np.intp)
    return generator.choice(rows, min(RESIDUALS, len(rows)), replace=False)


def _together(residuals: Matrix, generator: np.random.Generator) -> list[pd.DataFrame]:
    """Measure how genes vary together: residuals, samples × genes."""
    samples = len(residuals)
    varying = residuals[:, residuals.std(axis=0) > 0] if samples else residuals
    genes = varying.shape[1]
    if samples < FEWEST or genes < 2:
        return []
    shuffled = generator.permuted(varying, axis=0)
    first = generator.integers(genes, size=PAIRS)
    second = (first + generator.integers(1, genes, size=PAIRS)) % genes
    parts = []
    for x, names in (
        (varying, (CORRELATION, FIRST, FIVE)),
        (shuffled, (BY_CHANCE, FIRST_BY_CHANCE, FIVE_BY_CHANCE)),
    ):
        standard = (x - x.mean(axis=0)) / x.std(axis=0)
        correlations = (standard[:, first] * standard[:, second]).mean(axis=0)
        shares = _shares(x)
        parts += [
            quantile_rows(names[0], correlations, "pairs of genes"),
            quantile_rows(names[1], [shares[0]], "samples", samples),
            quantile_rows(names[2], [shares[:COMPONENTS].sum()], "samples", samples),
        ]
    return parts


def _shares(x: Matrix) -> Matrix:
    """Return the share of the variance on each principal component, the largest first."""
    centred = x - x.mean(axis=0)
    # Samples are fewer than genes.
    values = np.linalg.eigvalsh(centred @ centred.T)[::-1].clip(0)
    return values / values.sum()
