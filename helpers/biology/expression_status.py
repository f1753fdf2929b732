"""Are top genes simply highly expressed ones? (paper, Figures 4A, S9 and S10)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray

from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError
from helpers.explain.scores import top_indices
from helpers.stability.combinations import COMBINATION
from helpers.stability.ranks import spearman_matrix

Combination = tuple[str, str, bool]


def expression_correlation(
    scores: Mapping[Combination, pd.DataFrame | xarray.DataArray], expression: pd.DataFrame
) -> pd.DataFrame:
    """Correlate scores with expression over genes (Spearman; paper, Figure S9).

    Parameters
    ----------
    scores
        (architecture, explainer, aggregated) → combined scores, tissues × genes.
    expression
        Genes × tissues, mean TPM; a correlation of ranks is the same on log2(TPM + 1).

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``, ``tissue``, ``spearman`` (of signed
        scores), ``spearman_absolute`` (of absolute scores, by which top genes are chosen),
        ``genes``. Missing where all scores are equal.

    Raises
    ------
    BadInputError
        If a gene or tissue of the scores has no expression, or a score is not a number.
    """
    check_expression(expression, tissues=1)
    rows = []
    for (architecture, explainer, aggregated), given in scores.items():
        frame = _tissues_by_genes(given)
        name = f"scores of {explainer} ({architecture})"
        places = _known(frame.columns, expression.index, "gene", name)
        columns = _known(frame.index, expression.columns, "tissue", name)
        levels = expression.to_numpy(dtype=float)[np.ix_(places, columns)].T
        for tissue, vector, level in zip(frame.index, frame.to_numpy(), levels, strict=True):
            found = spearman_matrix(np.stack([vector, np.abs(vector), level]))[:2, 2]
            rows.append((architecture, explainer, aggregated, tissue, *found, len(vector)))
    columns_out = [*COMBINATION, "tissue", "spearman", "spearman_absolute", "genes"]
    return pd.DataFrame(rows, columns=columns_out)


def top_expressed(expression: pd.DataFrame, k: int = 100) -> pd.DataFrame:
    """List the genes with the highest expression in each tissue.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM.
    k
        Length of each list. Of genes with equal expression at its end, those that come first in
        the data set are in it, as for top genes (`helpers.explain.top_indices`).

    Returns
    -------
    pandas.DataFrame
        ``set`` (``"top_expressed"``), ``tissue``, ``rank`` (from 1), ``gene``, ``tpm``: also a
        table of sets for `over_representation`. Chance by genes of matched expression says nothing
        there, for the set is made of the highest bins.

    Raises
    ------
    BadInputError
        If there are fewer than `k` genes, or expression is no table of TPM.
    """
    values = check_expression(expression, tissues=1)
    genes, parts = expression.index.to_numpy(), []
    for tissue, column in zip(expression.columns, values.T, strict=True):
        top = top_indices(column, k, "signed")
        ranks = {"set": "top_expressed", "tissue": tissue, "rank": np.arange(1, k + 1)}
        parts.append(pd.DataFrame(ranks | {"gene": genes[top], "tpm": column[top]}))
    return pd.concat(parts, ignore_index=True)


def _tissues_by_genes(scores: pd.DataFrame | xarray.DataArray) -> pd.DataFrame:
    if isinstance(scores, pd.DataFrame):
        return scores
    if set(scores.dims) != {"tissue", "gene"}:
        raise BadInputError(
            "Scores need the dimensions tissue and gene and no other, but they have "
            f"{', '.join(map(str, scores.dims))}: average the others first."
        )
    ordered = scores.transpose("tissue", "gene")
    return pd.DataFrame(
        ordered.values,
        index=pd.Index(ordered["tissue"].to_numpy()),
        columns=pd.Index(ordered["gene"].to_numpy()),
    )


def _known(wanted: pd.Index, among: pd.Index, kind: str, name: str) -> np.ndarray:
    places = among.get_indexer(wanted)
    if (places < 0).any():
        missing = wanted[places < 0]
        raise BadInputError(
            f"There is no expression of {kind} {missing[0]!r} that the {name} have "
            f"({len(missing)} missing): give the expression of the same {kind}s."
        )
    return places
