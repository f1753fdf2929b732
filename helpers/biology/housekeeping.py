"""Genes that every tissue expresses at about the same level (paper, Methods; Figure 4E)."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.biology.tissues import check_expression
from helpers.errors import BadInputError, MissingInputError, one_of


@dataclass(frozen=True)
class HousekeepingRule:
    """Thresholds for the medians of a gene in all tissues.

    Attributes
    ----------
    expressed
        TPM that every median must reach.
    fold
        What is compared must differ less than this many times.
    compared
        ``"extremes"``: the highest with the lowest median; ``"average"``: every median with the
        gene's geometric mean over tissues.
    spread
        The standard deviation over tissues of log2 medians must be below this.
    """

    expressed: float = 1.0
    fold: float = 2.0
    compared: str = "extremes"
    spread: float = np.inf


HOUSEKEEPING_RULES: dict[str, HousekeepingRule] = {
    "paper": HousekeepingRule(),
    "eisenberg": HousekeepingRule(fold=4.0, compared="average", spread=1.0),
}
"""The paper's rule as it is written, and that of the publication it cites for it.

Eisenberg and Levanon ask for expression in all tissues, a standard deviation of log2(RPKM) below
one, and no tissue whose log2 differs from the average by two (fourfold) or more. They ask it of
exons, and of more than half of a transcript's exons; here it is asked of genes, and expressed is
1 TPM or more. The paper's words, "less than
2-fold change on median expression level among all tissue types", are taken to the letter: over
the 83 classes of the embedded data no gene meets them, while 768 meet the other rule (70 % of
them in Eisenberg and Levanon's list).
"""


ENOUGH = 100
"""Fewer housekeeping genes than a list of top genes holds say nothing about lists."""


def usable_rule(found: Mapping[str, int]) -> str:
    """Choose the rule to speak of: the paper's where it finds enough genes, else its source's.

    Parameters
    ----------
    found
        Number of genes that meet each of `HOUSEKEEPING_RULES`.
    """
    return "paper" if found["paper"] >= ENOUGH else "eisenberg"


def housekeeping_genes(
    medians: pd.DataFrame, rule: HousekeepingRule = HOUSEKEEPING_RULES["paper"]
) -> pd.DataFrame:
    """Find housekeeping genes: expressed everywhere, with little change between tissues.

    The more tissues there are, and the more these differ, the fewer genes pass, for the most
    extreme tissue of a gene decides.

    Parameters
    ----------
    medians
        Genes × tissues, median TPM.
    rule
        Thresholds; `HOUSEKEEPING_RULES` has two by name.

    Returns
    -------
    pandas.DataFrame
        ``gene``, ``lowest``, ``highest`` (medians, TPM), ``fold`` (of what the rule compares;
        infinite where the lowest median is 0), ``housekeeping``.

    Raises
    ------
    UnknownNameError
        If the rule compares neither ``"extremes"`` nor ``"average"``.
    BadInputError
        As `helpers.biology.tissues.check_expression`.


    Examples
    --------
    >>> import helpers as hx, pandas as pd
    >>> tpm = {"liver": [900.0, 50.0], "heart": [1.0, 60.0], "lung": [0.0, 55.0]}
    >>> expression = pd.DataFrame(tpm, index=["ALB", "ACTB"])
    >>> hx.housekeeping_genes(expression)[["gene", "housekeeping"]].to_numpy().tolist()
    [['ALB', False], ['ACTB', True]]
    """
    one_of("comparison of medians", rule.compared, ("extremes", "average"))
    values = check_expression(medians)
    low, high = values.min(axis=1), values.max(axis=1)
    expressed = low > 0
    logs = np.log2(values, out=np.zeros_like(values), where=expressed[:, None])
    if rule.compared == "extremes":
        fold = np.divide(high, low, out=np.full(len(low), np.inf), where=expressed)
    else:
        change = np.abs(logs - logs.mean(axis=1, keepdims=True)).max(axis=1)
        fold = np.where(expressed, np.exp2(change), np.inf)
    passes = (low >= rule.expressed) & (fold < rule.fold) & (logs.std(axis=1) < rule.spread)
    return pd.DataFrame(
        {
            "gene": medians.index.to_numpy(),
            "lowest": low,
            "highest": high,
            "fold": fold,
            "housekeeping": passes & expressed,
        }
    )


def read_housekeeping(path: Path) -> list[str]:
    """Read a published list of housekeeping genes (Eisenberg & Levanon, Trends Genet. 2013).

    Parameters
    ----------
    path
        Text, tab-separated: a header whose first word is ``symbol``, then a line for each gene;
        other columns, such as the RefSeq transcript, are ignored.

    Returns
    -------
    list of str
        Symbols in the order of the file.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is not text, has no such header or no genes, or a symbol is empty or repeated.
    """
    if not path.is_file():
        raise MissingInputError(f"There is no list of housekeeping genes at {path}: give its path.")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except UnicodeDecodeError:
        raise BadInputError(f"{path} is no text in UTF-8: unpack or convert it.") from None
    if not lines or not lines[0] or lines[0][0].strip().lower() != "symbol":
        raise BadInputError(
            f"{path} does not start with a header whose first column is 'symbol': it should be a "
            "tab-separated list of gene symbols."
        )
    symbols: dict[str, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        symbol = line[0].strip() if line else ""
        if not symbol:
            raise BadInputError(f"{path}, line {number}: there is no gene symbol; delete the line.")
        if symbol in symbols:
            raise BadInputError(
                f"{path}, line {number}: {symbol!r} is already on line {symbols[symbol]}; keep one."
            )
        symbols[symbol] = number
    if not symbols:
        raise BadInputError(f"{path} has a header and no genes.")
    return list(symbols)


def compare_with_published(table: pd.DataFrame, published: Collection[str]) -> pd.DataFrame:
    """Compare the housekeeping genes found here with a published list.

    Parameters
    ----------
    table
        What `housekeeping_genes` gave.
    published
        Gene symbols.

    Returns
    -------
    pandas.DataFrame
        One row: ``measured``, ``found``, ``published``, ``published_measured``, ``shared``,
        ``jaccard`` (of measured genes), ``expected`` (shared by chance), ``fold`` and ``p``
        (hypergeometric, probability of at least as many).
    """
    named = table["gene"].isin(set(published)).to_numpy()
    found = table["housekeeping"].to_numpy(dtype=bool)
    genes, ours, theirs = len(table), int(found.sum()), int(named.sum())
    shared, either = int((found & named).sum()), int((found | named).sum())
    expected = ours * theirs / genes
    row = {
        "measured": genes,
        "found": ours,
        "published": len(set(published)),
        "published_measured": theirs,
        "shared": shared,
        "jaccard": shared / either if either else float("nan"),
        "expected": expected,
        "fold": shared / expected if expected else float("nan"),
        "p": float(stats.hypergeom.sf(shared - 1, genes, theirs, ours)),
    }
    return pd.DataFrame([row])
