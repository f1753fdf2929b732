"""Top genes of several tissues: shared or not, and how they are expressed (Figures 4B, 4C)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError, one_of
from helpers.stability.combinations import (
    COMBINATION,
    combination_name,
    combination_names,
    split_name,
    top_lists,
)

REPRESENTATIVES: Mapping[str, str] = {
    "I": combination_name("cnn", "DeepLift", True),
    "II": combination_name("mlp", "DeepLift", True),
    "III": combination_name("mlp", "Saliency", True),
}
"""The combination that stands for each of the paper's groups in Figure 4B and 4C."""


def representatives(members: pd.DataFrame) -> dict[str, str]:
    """Choose a combination that stands for each group: the paper's, where it is a member.

    Parameters
    ----------
    members
        ``group``, ``combination``: what `helpers.stability.group_members` gave.

    Returns
    -------
    dict
        Group → combination; instead of the paper's the first aggregated member, or the first.
    """
    chosen = {}
    for group, part in members.groupby("group", sort=False)["combination"]:
        names = sorted(part, key=lambda name: not split_name(name)[2])
        paper = REPRESENTATIVES.get(str(group), "")
        chosen[str(group)] = paper if paper in names else names[0]
    return chosen


def distinct_genes(top_genes: pd.DataFrame, tissues: Sequence[str] | None = None) -> pd.DataFrame:
    """Count how many different genes the lists of several tissues hold (claim E8).

    Parameters
    ----------
    top_genes
        See `helpers.stability.combinations.top_lists`; with a list for each model, counts are
        means over models.
    tissues
        Tissues to take together; by default all.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``, ``tissues`` (number), ``listed`` (genes
        of all lists, counted each time), ``distinct`` (size of the union), ``in_all`` (genes in
        every list).
    """
    rows = _of_tissues(top_genes, tissues)
    top_lists(rows)
    by = [*COMBINATION, *(["model"] if "model" in rows.columns else [])]
    counts = rows.groupby([*by, "gene"], sort=False, dropna=False, observed=True).size()
    together = counts.groupby(level=by, sort=False, dropna=False)
    each = rows.groupby(by, sort=False, dropna=False, observed=True)["tissue"].nunique()
    table = pd.DataFrame(
        {"tissues": each, "listed": together.sum(), "distinct": together.size()}
    )  # fmt: skip
    number = each.reindex(counts.droplevel("gene").index).to_numpy()
    table["in_all"] = (counts == number).groupby(level=by, sort=False, dropna=False).sum()
    means = table.groupby(level=COMBINATION, sort=False).mean()
    return means.astype({"tissues": int}).reset_index()


def tissue_overlap(top_genes: pd.DataFrame) -> pd.DataFrame:
    """Compute which share of its top genes a combination finds in two tissues (Table S4).

    Parameters
    ----------
    top_genes
        See `helpers.stability.combinations.top_lists`; lists of different models are compared
        within each model, and averaged.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``aggregated``, ``a``, ``b`` (tissues, each unordered
        pair once), ``overlap`` (0 to 1).
    """
    found = top_lists(top_genes)
    by = [*COMBINATION, *(["model"] if "model" in found.lists.columns else [])]
    parts = []
    for key, group in found.lists.groupby(by, sort=False, dropna=False, observed=True):
        rows = group.index.to_numpy()
        members = found.members[rows]
        shared = (members @ members.T).toarray() / found.k
        first, second = np.triu_indices(len(rows), 1)
        names = group["tissue"].to_numpy()
        fixed = dict(zip(COMBINATION, key, strict=False))
        pairs = {"a": names[first], "b": names[second], "overlap": shared[first, second]}
        parts.append(pd.DataFrame(fixed | pairs))
    table = pd.concat(parts, ignore_index=True)
    keys = [*COMBINATION, "a", "b"]
    return table.groupby(keys, sort=False, observed=True)["overlap"].mean().reset_index()


def tau_of_top_genes(top_genes: pd.DataFrame, tau: pd.Series) -> pd.DataFrame:
    """Give each top gene its tissue specificity (claim E7).

    Parameters
    ----------
    top_genes
        See `helpers.stability.combinations.top_lists`.
    tau
        What `helpers.biology.specificity.tau` gave.

    Returns
    -------
    pandas.DataFrame
        The columns of the input but for rank and score, ``combination``, ``tau`` (missing for
        genes that no tissue expresses).

    Raises
    ------
    BadInputError
        If a top gene has no tau.
    """
    top_lists(top_genes)
    unknown = top_genes.loc[~top_genes["gene"].isin(tau.index), "gene"]
    if len(unknown):
        raise BadInputError(
            f"The top gene {unknown.iloc[0]!r} has no tau: compute it for all measured genes."
        )
    table = top_genes.drop(columns=["rank", "score"], errors="ignore").reset_index(drop=True)
    return table.assign(
        combination=combination_names(table), tau=tau.reindex(table["gene"]).to_numpy()
    )


def expression_profiles(
    top_genes: pd.DataFrame,
    expression: pd.DataFrame,
    *,
    combinations: Mapping[str, str] = REPRESENTATIVES,
    tissues: Sequence[str] | None = None,
    scope: str = "all",
) -> pd.DataFrame:
    """Compute the heatmaps of the top genes' expression (paper, Figure 4B).

    Parameters
    ----------
    top_genes
        See `helpers.stability.combinations.top_lists`.
    expression
        Genes × tissues, mean TPM; z-scores are of log2(mean TPM + 1).
    combinations
        Label → name of a combination; those that have no lists are left out.
    tissues
        Tissues whose lists and expression are shown; by default all that have lists.
    scope
        ``"all"``: a gene's mean and standard deviation are over all tissues of `expression`;
        ``"shown"``: over the tissues shown, as in the paper.

    Returns
    -------
    pandas.DataFrame
        ``group`` (the label), ``combination``, ``gene``, ``listed_in`` (the first tissue whose
        list has the gene; genes are in this order, then by rank), ``tissue``, ``z`` (0 for a
        gene with the same expression everywhere).

    Raises
    ------
    UnknownNameError
        If `scope` is neither, or a tissue has no expression.
    BadInputError
        If a top gene has no expression, or expression is no table of TPM.
    """
    one_of("scope of z-scores", scope, ("all", "shown"))
    rows = _of_tissues(top_genes, tissues)
    shown = list(tissues or dict.fromkeys(rows["tissue"]))
    for tissue in shown:
        one_of("tissue with expression", tissue, map(str, expression.columns))
    logs = pd.DataFrame(
        np.log2(check_expression(expression) + 1), expression.index, expression.columns
    )
    parts = []
    for label, name in combinations.items():
        own = rows[combination_names(rows) == name]
        if own.empty:
            continue
        place = own["tissue"].map({tissue: i for i, tissue in enumerate(shown)})
        order = ["place", "rank"] if "rank" in own.columns else ["place"]
        first = own.assign(place=place).sort_values(order, kind="stable").drop_duplicates("gene")
        unknown = first.loc[~first["gene"].isin(logs.index), "gene"]
        if len(unknown):
            raise BadInputError(
                f"The top gene {unknown.iloc[0]!r} has no expression: give that of all genes."
            )
        values = logs.loc[first["gene"]]
        base = values if scope == "all" else values[shown]
        spread = base.std(axis=1, ddof=0).to_numpy()[:, None]
        centred = values[shown].to_numpy() - base.mean(axis=1).to_numpy()[:, None]
        # Rounding of the mean leaves a spread of 1e-16 where all values are equal.
        z = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
        parts.append(
            pd.DataFrame(
                {
                    "group": label,
                    "combination": name,
                    "gene": np.repeat(first["gene"].to_numpy(), len(shown)),
                    "listed_in": np.repeat(first["tissue"].to_numpy(), len(shown)),
                    "tissue": np.tile(np.array(shown, dtype=object), len(first)),
                    "z": z.ravel(),
                }
            )
        )
    if not parts:
        wanted = [" ".join(map(str, split_name(name)[:2])) for name in combinations.values()]
        raise BadInputError(f"There are no top genes of {', '.join(wanted)}: nothing to show.")
    return pd.concat(parts, ignore_index=True)


def _of_tissues(top_genes: pd.DataFrame, tissues: Sequence[str] | None) -> pd.DataFrame:
    if tissues is None:
        return top_genes
    for tissue in tissues:
        one_of("tissue with top genes", tissue, map(str, top_genes["tissue"].unique()))
    return top_genes[top_genes["tissue"].isin(list(tissues))]
