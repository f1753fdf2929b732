"""Genes expressed in one or a few tissues: TissueEnrich's groups, and the index tau."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError, one_of

SPECIFIC_GROUPS = ("tissue_enriched", "group_enriched", "tissue_enhanced")
"""Groups of genes that are specific to tissues; the paper says it used the last."""

OTHER_GROUPS = ("not_expressed", "expressed_in_all", "mixed")
"""Groups of genes that belong to no tissue."""

ENHANCED = "enhanced"
"""Genes that meet the condition of tissue-enhanced, whatever group TissueEnrich puts them in."""

UNION = "tissue_specific"
"""Genes of any of the three groups."""

WITHOUT_TUMOURS = "_without_tumours"
"""Behind the name of a set that was found with the tumours of the tissue's own organ left out."""

_NARROW = ("tissue_enhanced",)

NO_TISSUE = "all"
"""In place of a tissue for genes of `OTHER_GROUPS`, as in TissueEnrich."""


ROUNDING = 1e-12
"""Relative difference below which a value counts as being at a threshold."""


@dataclass(frozen=True)
class SpecificityRule:
    """TissueEnrich's thresholds (Jain & Tuteja 2019; the Human Protein Atlas's groups).

    Attributes
    ----------
    expressed
        TPM from which a gene counts as expressed in a tissue.
    fold
        How many times as much as elsewhere it must be expressed.
    most
        Largest number of candidate tissues for a group.
    """

    expressed: float = 1.0
    fold: float = 5.0
    most: int = 7


TISSUE_ENRICH = SpecificityRule()


def tau(expression: pd.DataFrame) -> pd.Series:
    """Compute the index tau of tissue specificity (Yanai et al., Bioinformatics 2005).

    tau = Σ (1 − x / max x) / (tissues − 1), where x = log2(mean TPM + 1) of each tissue:
    0 if a gene is expressed equally in all tissues, 1 if in a single one.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM.

    Returns
    -------
    pandas.Series
        By gene, 0 to 1; missing for genes that no tissue expresses.

    Raises
    ------
    BadInputError
        As `helpers.biology.tissues.check_expression`.


    Examples
    --------
    >>> import helpers as hx, pandas as pd
    >>> tpm = {"liver": [900.0, 50.0], "heart": [1.0, 60.0], "lung": [0.0, 55.0]}
    >>> expression = pd.DataFrame(tpm, index=["ALB", "ACTB"])
    >>> hx.tau(expression).round(2).to_dict()
    {'ALB': 0.95, 'ACTB': 0.03}
    """
    logs = np.log2(check_expression(expression) + 1)
    highest = logs.max(axis=1)
    # Σ (1 − x / max) = tissues − Σ x / max; the division is the only one that can fail.
    ratio = np.divide(logs.sum(axis=1), highest, out=np.full(len(logs), np.nan), where=highest > 0)
    values = np.clip((logs.shape[1] - ratio) / (logs.shape[1] - 1), 0.0, 1.0)
    return pd.Series(values, index=expression.index, name="tau")


def own_tissue_specificity(expression: pd.DataFrame) -> pd.DataFrame:
    """Measure how specific the expression of every gene is to each tissue.

    The specificity measure SPM (Xiao et al., Bioinformatics 2010): the cosine of the angle between
    the gene's expression and expression in that tissue alone, x / √Σ x², x = log2(mean TPM + 1).
    Unlike tau, which is as high for a gene of another tissue, it asks for this one.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM.

    Returns
    -------
    pandas.DataFrame
        Genes × tissues, 0 to 1: 1 for a gene of this tissue alone, 1/√tissues for one expressed
        equally in all, 0 for one that this tissue does not express.

    Raises
    ------
    BadInputError
        As `helpers.biology.tissues.check_expression`.
    """
    logs = np.log2(check_expression(expression) + 1)
    length = np.sqrt((logs**2).sum(axis=1, keepdims=True))
    values = np.divide(logs, length, out=np.zeros_like(logs), where=length > 0)
    return pd.DataFrame(values, index=expression.index, columns=expression.columns)


def tissue_specificity(
    expression: pd.DataFrame, rule: SpecificityRule = TISSUE_ENRICH
) -> pd.DataFrame:
    """Sort genes into TissueEnrich's groups (paper, Methods, gene classification).

    The first that holds, for the TPM of a gene in descending order:

    1. below `expressed` everywhere: ``not_expressed``;
    2. first ≥ `fold` × second: ``tissue_enriched``;
    3. candidates are tissues with at least `expressed` and at least 1/`fold` of the first. If
       there are two to `most`: the smallest group of the first i ≥ 2 candidates whose mean is
       ≥ `fold` × the next tissue: ``group_enriched`` in each tissue of the group;
    4. at least `expressed` everywhere: ``expressed_in_all``;
    5. tissues with at least `expressed` and ≥ `fold` × the mean of all: ``tissue_enhanced``;
    6. ``mixed``.

    On TissueEnrich's own data (Human Protein Atlas, 19,613 genes × 35 tissues) every gene but
    one gets exactly the tissues and the group that were published. The one is COL4A6: its
    33.6 TPM in endometrium are exactly 5 × the mean of 6.72, so it is ``tissue_enhanced`` there
    by the rule, but not in the published file. Where a group would have to hold all tissues
    there is no next one to compare with, so it is none.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM of the tissue; a single sample will do, but then its noise is
        the tissue's.
    rule
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        ``gene``, ``tissue``, ``group``: a row for each tissue of genes of `SPECIFIC_GROUPS`,
        one row with the tissue ``"all"`` for each other gene; genes in the order of the input.

    Raises
    ------
    BadInputError
        As `check_expression`, or if a tissue is called ``"all"``.


    Examples
    --------
    >>> import helpers as hx, pandas as pd
    >>> tpm = {"liver": [900.0, 50.0], "heart": [1.0, 60.0], "lung": [0.0, 55.0]}
    >>> expression = pd.DataFrame(tpm, index=["ALB", "ACTB"])
    >>> hx.tissue_specificity(expression).to_numpy().tolist()
    [['ALB', 'liver', 'tissue_enriched'], ['ACTB', 'all', 'expressed_in_all']]
    """
    values = check_expression(expression)
    if NO_TISSUE in expression.columns:
        raise BadInputError(
            f"A tissue is called {NO_TISSUE!r}, which stands for genes of no tissue: rename it."
        )
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    first = ordered[:, 0]
    expressed = values >= rule.expressed

    silent = first < rule.expressed
    enriched = ~silent & _times(first, ordered[:, 1], rule.fold)
    size = _group_sizes(ordered, rule)
    grouped = ~silent & ~enriched & (size > 0)
    everywhere = ~(silent | enriched | grouped) & expressed.all(axis=1)
    above = expressed & _times(values, values.mean(axis=1)[:, None], rule.fold)
    enhanced = ~(silent | enriched | grouped | everywhere) & above.any(axis=1)
    mixed = ~(silent | enriched | grouped | everywhere | enhanced)

    in_group = np.zeros_like(expressed)
    np.put_along_axis(in_group, order, np.arange(values.shape[1]) < size[:, None], axis=1)
    top = np.zeros_like(expressed)
    np.put_along_axis(top, order[:, :1], True, axis=1)
    chosen = {
        "tissue_enriched": enriched[:, None] & top,
        "group_enriched": grouped[:, None] & in_group,
        "tissue_enhanced": enhanced[:, None] & above,
    }
    parts = []
    for group, cells in chosen.items():
        genes, tissues = np.nonzero(cells)
        names = expression.columns.to_numpy(dtype=object)[tissues]
        parts.append(pd.DataFrame({"place": genes, "tissue": names, "group": group}))
    for group, rows in zip(OTHER_GROUPS, (silent, everywhere, mixed), strict=True):
        genes = np.flatnonzero(rows)
        parts.append(pd.DataFrame({"place": genes, "tissue": NO_TISSUE, "group": group}))
    table = pd.concat(parts, ignore_index=True).sort_values("place", kind="stable")
    table.insert(0, "gene", expression.index.to_numpy()[table.pop("place")])
    return table.reset_index(drop=True)


def specific_genes(table: pd.DataFrame, groups: Sequence[str] = SPECIFIC_GROUPS) -> pd.DataFrame:
    """List the tissue-specific genes of each tissue, by group and for all groups together.

    Parameters
    ----------
    table
        What `tissue_specificity` gave.
    groups
        Groups to list, of `SPECIFIC_GROUPS`.

    Returns
    -------
    pandas.DataFrame
        ``set`` (a group, or ``"tissue_specific"``, their union), ``tissue``, ``gene``: sets of
        genes as `helpers.biology.over_representation.over_representation` takes them.

    Raises
    ------
    UnknownNameError
        If a group is not one of `SPECIFIC_GROUPS`.
    """
    for group in groups:
        one_of("group of tissue-specific genes", group, SPECIFIC_GROUPS)
    rows = table[table["group"].isin(list(groups))]
    each = [rows[rows["group"] == group] for group in groups]
    union = rows.drop_duplicates(["gene", "tissue"]).assign(group="tissue_specific")
    stacked = pd.concat([*each, union], ignore_index=True)
    return stacked.rename(columns={"group": "set"})[["set", "tissue", "gene"]]


def enhanced_genes(expression: pd.DataFrame, rule: SpecificityRule = TISSUE_ENRICH) -> pd.DataFrame:
    """List the genes that meet the condition of tissue-enhanced, whatever group they are in.

    At least `expressed` in the tissue, and ≥ `fold` × the mean of all: condition 5 of
    `tissue_specificity`, which there counts only where no condition before it does.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM.
    rule
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        ``set`` (`ENHANCED`), ``tissue``, ``gene``.

    Raises
    ------
    BadInputError
        As `check_expression`.
    """
    values = check_expression(expression)
    above = (values >= rule.expressed) & _times(values, values.mean(axis=1)[:, None], rule.fold)
    genes, tissues = np.nonzero(above)
    return pd.DataFrame(
        {
            "set": ENHANCED,
            "tissue": expression.columns.to_numpy(dtype=object)[tissues],
            "gene": expression.index.to_numpy()[genes],
        }
    )


def specific_definitions(
    expression: pd.DataFrame,
    tumours: Mapping[str, Sequence[str]],
    rule: SpecificityRule = TISSUE_ENRICH,
) -> pd.DataFrame:
    """List the tissue-specific genes of tissues by every definition.

    Parameters
    ----------
    expression
        Genes × tissues, mean TPM.
    tumours
        Tissues to list, each with the tumours of its own organ.
    rule
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        ``set``, ``tissue``, ``gene``. Sets: those of `specific_genes` and `enhanced_genes`; and
        `UNION`, `ENHANCED` and ``tissue_enhanced`` once more with `WITHOUT_TUMOURS` behind the
        name, found without the tissue's own tumours.

    Raises
    ------
    BadInputError
        As `check_expression`.
    """

    def every(table: pd.DataFrame) -> pd.DataFrame:
        return pd.concat(
            [specific_genes(tissue_specificity(table, rule)), enhanced_genes(table, rule)]
        )

    found = every(expression)
    parts = [found[found["tissue"].isin(list(tumours))]]
    for tissue, own in tumours.items():
        left = [name for name in expression.columns if name not in own]
        rows = every(expression[left]) if own else found
        rows = rows[(rows["tissue"] == tissue) & rows["set"].isin([UNION, ENHANCED, *_NARROW])]
        parts.append(rows.assign(set=rows["set"] + WITHOUT_TUMOURS))
    return pd.concat(parts, ignore_index=True)


def specific_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count the tissue-specific genes of each tissue (paper, Figure S11B).

    Parameters
    ----------
    table
        What `tissue_specificity` gave.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``group`` (of `SPECIFIC_GROUPS`), ``genes``; zero where a tissue has none.
    """
    rows = table[table["group"].isin(SPECIFIC_GROUPS)]
    counts = pd.crosstab(rows["tissue"], rows["group"])
    counts = counts.reindex(columns=list(SPECIFIC_GROUPS), fill_value=0)
    long = counts.rename_axis(columns=None).reset_index()
    table = long.melt("tissue", var_name="group", value_name="genes")
    return table.sort_values("tissue", kind="stable", ignore_index=True)


def _times(
    over: npt.NDArray[np.float64], under: npt.NDArray[np.float64], fold: float
) -> npt.NDArray[np.bool_]:
    """Tell where one is at least `fold` times the other, whatever the last bit of a mean is."""
    return (over > 0) & (over >= fold * under * (1 - ROUNDING))


def _group_sizes(
    ordered: npt.NDArray[np.float64], rule: SpecificityRule
) -> npt.NDArray[np.integer]:
    """Return how many tissues make up the group of each gene, 0 where there is none."""
    first = ordered[:, :1]
    candidates = ((ordered >= rule.expressed) & _times(ordered, first / rule.fold, 1)).sum(axis=1)
    size = np.zeros(len(ordered), dtype=np.intp)
    possible = (candidates >= 2) & (candidates <= rule.most)
    for i in range(2, min(rule.most, ordered.shape[1] - 1) + 1):
        mean = ordered[:, :i].sum(axis=1) / i
        found = possible & (i <= candidates) & (size == 0)
        size[found & (_times(mean, ordered[:, i], rule.fold))] = i
    return size
