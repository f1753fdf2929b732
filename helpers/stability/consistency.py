"""How many top genes different explainers and architectures share (paper, Figure 3, Table S3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.errors import BadInputError
from helpers.stability.combinations import split_name, top_lists

CONSISTENCY_COLUMNS = ["a", "b", "tissue", "overlap", "same_model"]


def pairwise_overlap(top_genes: pd.DataFrame) -> pd.DataFrame:
    """Compute which share of their top genes every two combinations have in common.

    Parameters
    ----------
    top_genes
        See `helpers.stability.combinations.top_lists`. Where a combination has a list for each
        of several models, its overlap is the mean over all pairs of lists.

    Returns
    -------
    pandas.DataFrame
        ``a``, ``b`` (names as ``mlp:DeepLift:aggregated`` or ``cnn:Saliency:single``; each
        unordered pair once, no combination with itself), ``tissue``, ``overlap`` (0 to 1) and
        ``same_model``: the mean over pairs of lists that come from the same model, or from the
        same aggregated models; missing where there are none.

    Raises
    ------
    BadInputError
        As `top_lists`.
    """
    found = top_lists(top_genes)
    number, every = pd.factorize(found.lists["combination"].to_numpy())
    whose = [name for name in ("architecture", "aggregated", "model") if name in found.lists]
    model = found.lists.groupby(whose, dropna=False, observed=True).ngroup().to_numpy()
    tables = []
    for tissue in dict.fromkeys(found.lists["tissue"]):
        rows = np.flatnonzero(found.lists["tissue"] == tissue)
        members = found.members[rows]
        shared = (members @ members.T).toarray() / found.k
        # In the order of the whole table, so that a pair is the same way round in all tissues.
        present, codes = np.unique(number[rows], return_inverse=True)
        names = every[present]
        # Combinations × lists; its rows average over the lists of a combination.
        average = np.equal.outer(np.arange(len(names)), codes) / np.bincount(codes)[:, None]
        # A mean of ones may come out as a little more than one.
        overlap = np.minimum(average @ shared @ average.T, 1.0)
        same = np.equal.outer(model[rows], model[rows])
        pairs = average @ same @ average.T
        of_one = np.divide(
            average @ (shared * same) @ average.T, pairs, where=pairs > 0,
            out=np.full_like(pairs, np.nan),
        )  # fmt: skip
        first, second = np.triu_indices(len(names), 1)
        columns = {"a": names[first], "b": names[second], "tissue": tissue}
        columns |= {"overlap": overlap[first, second]}
        columns |= {"same_model": np.minimum(of_one[first, second], 1.0)}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)[CONSISTENCY_COLUMNS]


def overlap_square(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean overlap over tissues as a symmetric matrix with ones on the diagonal.

    Parameters
    ----------
    table
        What `pairwise_overlap` gave.

    Raises
    ------
    BadInputError
        If a pair of combinations has no overlap in any tissue.
    """
    names = list(dict.fromkeys([*table["a"], *table["b"]]))
    both = pd.concat([table, table.rename(columns={"a": "b", "b": "a"})])
    means = both.groupby(["a", "b"])["overlap"].mean().unstack()
    values = means.reindex(index=names, columns=names).to_numpy(copy=True)
    np.fill_diagonal(values, 1.0)
    if np.isnan(values).any():
        i, j = np.argwhere(np.isnan(values))[0]
        raise BadInputError(
            f"{names[i]} and {names[j]} have no tissue in common, so their overlap is unknown: "
            "give top genes of the same tissues for both."
        )
    return pd.DataFrame(values, index=names, columns=names)


def chance_overlap(k: int, genes: int) -> float:
    """Return the expected overlap of two random lists: k / genes.

    Raises
    ------
    BadInputError
        If there are fewer genes than `k`, or `k` is not positive.
    """
    if not 1 <= k <= genes:
        raise BadInputError(
            f"A list of {k} genes cannot be taken from {genes}: choose between 1 and {genes}."
        )
    return k / genes


def chance_interval(k: int, genes: int, level: float = 0.95) -> tuple[float, float]:
    """Return the central interval of the overlap of two random lists (hypergeometric).

    Raises
    ------
    BadInputError
        As `chance_overlap`.
    """
    chance_overlap(k, genes)
    law = stats.hypergeom(genes, k, k)
    return float(law.ppf((1 - level) / 2) / k), float(law.ppf((1 + level) / 2) / k)


Sides = tuple[str, str, bool]


@dataclass(frozen=True)
class Relation:
    """A kind of pair of combinations whose mean overlap answers a statement of the paper.

    Attributes
    ----------
    title
        What is compared, in words.
    holds
        Whether a pair, each side (architecture, explainer, aggregated), is of this kind; asked
        both ways round.
    column
        Column of `pairwise_overlap` that is averaged.
    """

    title: str
    holds: Callable[[Sides, Sides], bool]
    column: str = "overlap"


def _within(architecture: str, aggregated: bool) -> Callable[[Sides, Sides], bool]:
    return lambda a, b: a[0] == b[0] == architecture and a[2] == b[2] == aggregated


def _with_and_without(architecture: str, same: bool) -> Callable[[Sides, Sides], bool]:
    return lambda a, b: (
        a[0] == b[0] == architecture and a[2] and not b[2] and (a[1] == b[1]) == same
    )


RELATIONS: dict[str, Relation] = {
    "cnn_same_model": Relation(
        "CNN, one single model, two explainers", _within("cnn", False), "same_model"
    ),
    "cnn_single": Relation(
        "CNN, all pairs of single models, two explainers", _within("cnn", False)
    ),
    "cnn_aggregated": Relation("CNN, aggregated, two explainers", _within("cnn", True)),
    "mlp_same_model": Relation(
        "MLP, one single model, two explainers", _within("mlp", False), "same_model"
    ),
    "mlp_single": Relation(
        "MLP, all pairs of single models, two explainers", _within("mlp", False)
    ),
    "mlp_aggregated": Relation("MLP, aggregated, two explainers", _within("mlp", True)),
    "cnn_aggregated_mlp": Relation(
        "aggregated CNN and MLP, aggregated or not",
        lambda a, b: a[0] == "cnn" and a[2] and b[0] == "mlp",
    ),
    "cnn_same_explainer": Relation(
        "CNN with and without aggregation, same explainer", _with_and_without("cnn", True)
    ),
    "cnn_other_explainer": Relation(
        "CNN with and without aggregation, two explainers", _with_and_without("cnn", False)
    ),
    "mlp_same_explainer": Relation(
        "MLP with and without aggregation, same explainer", _with_and_without("mlp", True)
    ),
    "mlp_other_explainer": Relation(
        "MLP with and without aggregation, two explainers", _with_and_without("mlp", False)
    ),
}
"""Claims C1: the first six; C2: ``cnn_aggregated_mlp``; C3, C4: with and without aggregation."""


def relations(table: pd.DataFrame) -> pd.DataFrame:
    """Average overlaps by kind of pair: the numbers behind claims C1 to C4.

    Parameters
    ----------
    table
        What `pairwise_overlap` gave.

    Returns
    -------
    pandas.DataFrame
        ``relation`` (a key of `RELATIONS`), ``title``, ``tissue``, ``overlap`` (mean over
        pairs), ``pairs``. Kinds without a pair are left out; the tissue is the unit to
        resample for an interval.
    """
    sides = {name: split_name(name) for name in {*table["a"], *table["b"]}}
    pairs = table[["a", "b"]].drop_duplicates()
    kinds = [
        (a, b, name)
        for a, b in pairs.itertuples(index=False)
        for name, relation in RELATIONS.items()
        if relation.holds(sides[a], sides[b]) or relation.holds(sides[b], sides[a])
    ]
    rows = table.merge(pd.DataFrame(kinds, columns=["a", "b", "relation"]), on=["a", "b"])
    other = rows["relation"].map(lambda name: RELATIONS[name].column) == "same_model"
    rows = rows.assign(overlap=rows["overlap"].where(~other, rows["same_model"]))
    groups = rows.dropna(subset="overlap").groupby(["relation", "tissue"], sort=False)["overlap"]
    means = groups.agg(overlap="mean", pairs="size").reset_index()
    means.insert(1, "title", [RELATIONS[name].title for name in means["relation"]])
    order = means["relation"].map({name: i for i, name in enumerate(RELATIONS)})
    return means.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
