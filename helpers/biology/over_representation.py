"""How many genes of a set a list of top genes holds, and how many chance would put there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats

from helpers.biology.hypergeometric import share_interval
from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError
from helpers.stability.combinations import COMBINATION

LIST_KEYS = (*COMBINATION, "tissue", "model", "sample")
"""Columns that tell lists apart, as far as a table has them."""

Counts = npt.NDArray[np.integer]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matching:
    """How random genes are matched to a list by their expression.

    Attributes
    ----------
    width
        Width of a bin in log2(TPM + 1).
    smallest
        Fewest genes of a bin; smaller ones are joined to the next bin of lower expression (the
        lowest to the one above it).
    draws
        Random lists for each list of top genes.
    seed
        Seed of the draws.
    """

    width: float = 0.5
    smallest: int = 100
    draws: int = 1000
    seed: int = 0


MATCHED = Matching()


def gene_set(name: str, genes: Iterable[str]) -> pd.DataFrame:
    """Write a set of genes that counts in every tissue as a table: ``set``, ``gene``.

    A set without genes is one row without a gene, so that it is not lost.
    """
    members: list[str | None] = [*dict.fromkeys(genes)]
    return pd.DataFrame({"set": name, "gene": members or [None]})


def over_representation(
    lists: pd.DataFrame,
    sets: pd.DataFrame,
    expression: pd.DataFrame,
    *,
    keys: Sequence[str] | None = None,
    matching: Matching | None = MATCHED,
) -> pd.DataFrame:
    """Compare lists of top genes with sets of genes, against two kinds of chance.

    *All genes*: random lists of the measured genes. The number of hits is hypergeometric, so
    expected number and p-value are exact. The interval of the fold is Clopper and Pearson's for
    the share of the list that is in the set, divided by the set's share of all genes.

    *Matched genes*: random genes whose mean expression in the list's tissue is as that of the
    list's genes, by bins. A random list takes as many genes of every bin as the list has there;
    the number that is in the set is hypergeometric within each bin, which is how it is drawn.
    This chance asks what a list says beyond how highly its genes are expressed.

    Parameters
    ----------
    lists
        ``tissue``, ``gene`` and whatever else tells lists apart; one row a gene.
    sets
        ``set``, ``gene`` and optionally ``tissue``: a set, or a part of it, that counts for
        lists of this tissue only. Genes that are not measured are left out; a row without a
        gene only names a set.
    expression
        Measured genes × tissues, mean TPM.
    keys
        Columns that tell lists apart; by default those of `LIST_KEYS` that `lists` has.
    matching
        How genes are matched; None leaves out the matched columns.

    Returns
    -------
    pandas.DataFrame
        The keys; ``set``; ``hits``; ``size`` (genes of the list), ``set_size`` (measured genes
        of the set); ``expected``, ``fold``, ``fold_low``, ``fold_high`` (95 %), ``p``, ``fdr``;
        ``expected_matched`` (exact), ``fold_matched``, ``p_matched``, ``fdr_matched``. p-values
        are two-sided: twice the smaller tail, at most 1; those of draws count the list itself as
        one draw. False discovery rates (Benjamini & Hochberg) are over all rows. Folds over an
        expected number of 0 are missing.

    Raises
    ------
    BadInputError
        If a column is missing, a gene of a list is not measured or is there twice, a tissue has
        no expression, or expression is no table of TPM.


    Examples
    --------
    >>> import helpers as hx, pandas as pd
    >>> genes = ["ALB", "APOA2", "CYP2E1", "MYH6", "NPPA", "ACTB"]
    >>> lists = pd.DataFrame({"tissue": "liver", "gene": genes[:3]})
    >>> sets = pd.DataFrame({"set": "secreted by the liver", "gene": genes[:2]})
    >>> expression = pd.DataFrame({"liver": [9.0, 8.0, 7.0, 0.0, 0.0, 5.0]}, index=genes)
    >>> table = hx.over_representation(lists, sets, expression, matching=None)
    >>> table[["hits", "expected", "fold"]].to_numpy().tolist()
    [[2.0, 1.0, 2.0]]
    """
    values = check_expression(expression, tissues=1)
    chosen = list(keys) if keys is not None else [key for key in LIST_KEYS if key in lists.columns]
    _check(lists, sets, expression, chosen)
    groups = lists.groupby(chosen, sort=False, dropna=False, observed=True)
    table, number = groups.size().rename("size").reset_index(), groups.ngroup().to_numpy()
    places = expression.index.get_indexer(pd.Index(lists["gene"]))
    members = sparse.csr_array(
        (np.ones(len(lists)), (number, places)), shape=(len(table), len(expression))
    )
    names = pd.Index(dict.fromkeys(sets["set"]))
    rng = np.random.default_rng(matching.seed if matching else 0)
    parts = []
    for tissue in dict.fromkeys(table["tissue"]):
        rows = np.flatnonzero(table["tissue"] == tissue)
        inside = _set_members(sets, names, expression.index, tissue)
        part = table.loc[np.repeat(rows, len(names))].reset_index(drop=True)
        part["set"] = np.tile(names.to_numpy(), len(rows))
        part["hits"] = (members[rows] @ inside.T).toarray().ravel().astype(int)
        part["set_size"] = np.tile(inside.sum(axis=1).astype(int), len(rows))
        if matching is not None:
            bins = _bin_members(values[:, expression.columns.get_loc(tissue)], matching)
            matched = _matched(members[rows], inside, bins, part["hits"].to_numpy(), matching, rng)
            part["expected_matched"], part["p_matched"] = matched
        part["order"] = np.repeat(rows, len(names))
        parts.append(part)
    result = pd.concat(parts, ignore_index=True).sort_values("order", kind="stable")
    return _finished(result.reset_index(drop=True), len(expression), chosen)


def expression_bins(tpm: Values, matching: Matching = MATCHED) -> Counts:
    """Put genes into bins of similar expression.

    Parameters
    ----------
    tpm
        Expression of each gene in one tissue, TPM.
    matching
        Width and smallest size of bins.

    Returns
    -------
    numpy.ndarray
        Number of the bin of each gene, from 0 for the highest expressed.
    """
    level = np.floor(np.log2(np.asarray(tpm) + 1) / matching.width).astype(np.intp)
    counts = np.bincount(level)
    names = np.zeros(len(counts), dtype=np.intp)
    current, filled = 0, 0
    for place in range(len(counts) - 1, -1, -1):
        if filled >= matching.smallest:
            current, filled = current + 1, 0
        names[place] = current
        filled += int(counts[place])
    if filled < matching.smallest and current > 0:
        names[names == current] = current - 1
    return names[level]


def _check(
    lists: pd.DataFrame, sets: pd.DataFrame, expression: pd.DataFrame, keys: Sequence[str]
) -> None:
    for what, table, needed in (
        ("lists of top genes", lists, [*keys, "tissue", "gene"]),
        ("sets of genes", sets, ["set", "gene"]),
    ):
        missing = [name for name in needed if name not in table.columns]
        if missing or table.empty:
            fault = f"has no column {missing[0]!r}" if missing else "is empty"
            raise BadInputError(f"The table of {what} {fault}: it needs {', '.join(needed)}.")
    if "tissue" not in keys:
        raise BadInputError("'tissue' must be one of the keys: chance depends on the tissue.")
    unknown = lists.loc[~lists["gene"].isin(expression.index), "gene"].unique()
    if len(unknown):
        raise BadInputError(
            f"{len(unknown)} genes of the lists are not measured, {unknown[0]!r} among them: give "
            "the expression of all genes that could be in a list."
        )
    absent = lists.loc[~lists["tissue"].isin(expression.columns), "tissue"].unique()
    if len(absent):
        raise BadInputError(
            f"There is no expression of tissue {absent[0]!r}: add it as a column, or leave out its "
            "lists."
        )
    twice = lists.duplicated([*keys, "gene"])
    if twice.any():
        raise BadInputError(
            f"Gene {lists.loc[twice, 'gene'].iloc[0]!r} is twice in a list: keep one, or name the "
            "columns that tell lists apart in 'keys'."
        )


def _set_members(
    sets: pd.DataFrame, names: pd.Index, genes: pd.Index, tissue: str
) -> sparse.csr_array:
    """Return sets × genes, 1 where a gene is in the set as it counts in this tissue."""
    if "tissue" in sets.columns:
        sets = sets[sets["tissue"].isna() | (sets["tissue"] == tissue)]
    sets = sets[["set", "gene"]].drop_duplicates()
    rows = names.get_indexer(pd.Index(sets["set"]))
    columns = genes.get_indexer(pd.Index(sets["gene"]))
    known = columns >= 0
    entries = (np.ones(int(known.sum())), (rows[known], columns[known]))
    return sparse.csr_array(entries, shape=(len(names), len(genes)))


def _bin_members(tpm: Values, matching: Matching) -> sparse.csr_array:
    bins = expression_bins(tpm, matching)
    return sparse.csr_array((np.ones(len(bins)), (np.arange(len(bins)), bins)))


def _matched(
    lists: sparse.csr_array,
    sets: sparse.csr_array,
    bins: sparse.csr_array,
    hits: Counts,
    matching: Matching,
    rng: np.random.Generator,
) -> tuple[Values, Values]:
    """Return expected hits of matched random genes and two-sided p-values, lists × sets."""
    taken, within = (lists @ bins).toarray(), (sets @ bins).toarray()
    sizes = bins.sum(axis=0)
    expected = (taken @ (within / sizes).T).ravel()
    below, above = np.zeros(len(hits)), np.zeros(len(hits))
    # A list at a time keeps the draws small: draws × (sets and bins that can give a hit).
    for i, wanted in enumerate(taken.astype(np.int64)):
        pair, place = np.nonzero((wanted > 0) & (within > 0))
        good = within[pair, place].astype(np.int64)
        bad = sizes[place].astype(np.int64) - good
        drawn = rng.hypergeometric(good, bad, wanted[place], size=(matching.draws, len(place)))
        adds = sparse.csr_array(
            (np.ones(len(pair)), (np.arange(len(pair)), pair)), shape=(len(pair), len(within))
        )
        found = drawn @ adds
        own = slice(i * len(within), (i + 1) * len(within))
        below[own] = (found <= hits[own]).sum(axis=0)
        above[own] = (found >= hits[own]).sum(axis=0)
    smaller = (1 + np.minimum(below, above)) / (1 + matching.draws)
    return expected, np.minimum(2 * smaller, 1.0)


def _finished(table: pd.DataFrame, genes: int, keys: Sequence[str]) -> pd.DataFrame:
    """Add what follows from the counts, and put columns in order."""
    hits, size, inside = (table[name].to_numpy() for name in ("hits", "size", "set_size"))
    share = inside / genes
    table["expected"] = size * share
    table["fold"] = _over(hits, table["expected"].to_numpy())
    low, high = share_interval(hits, size)
    table["fold_low"], table["fold_high"] = _over(low, share), _over(high, share)
    upper = stats.hypergeom.sf(hits - 1, genes, inside, size)
    lower = stats.hypergeom.cdf(hits, genes, inside, size)
    table["p"] = np.minimum(2 * np.minimum(lower, upper), 1.0)
    table["fdr"] = stats.false_discovery_control(table["p"])
    columns = [*keys, "set", "hits", "size", "set_size", "expected", "fold", "fold_low",
               "fold_high", "p", "fdr"]  # fmt: skip
    if "p_matched" in table.columns:
        table["fold_matched"] = _over(hits, table["expected_matched"].to_numpy())
        table["fdr_matched"] = stats.false_discovery_control(table["p_matched"])
        columns += ["expected_matched", "fold_matched", "p_matched", "fdr_matched"]
    return table[columns]


def _over(values: npt.NDArray[np.generic], expected: Values) -> Values:
    numbers = np.asarray(values, dtype=float)
    return np.divide(numbers, expected, out=np.full(len(numbers), np.nan), where=expected > 0)
