"""How much of a known truth a ranking of genes finds.

Average precision (area under the precision-recall curve) looks at the whole ranking, recall at the
first genes of it. Both ask whether a gene was planted, not how large its score should be: there is
no true score.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.datasets.truth import DECOY, TRUTH_COLUMNS, real_genes
from helpers.errors import BadInputError
from helpers.explain.scores import top_indices

MEASURES = ["auprc", "recall", "decoys"]

STRATUM_COLUMNS = ["stratum", "genes", "recall", "bundles_found"]


def average_precision(
    scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_], by: str = "absolute"
) -> float:
    """Compute the area under the precision-recall curve, as a sum over steps of recall.

    The same as `sklearn.metrics.average_precision_score` (genes of equal score count together), at
    a tenth of its time.

    Parameters
    ----------
    scores
        One of each gene.
    positive
        Whether the gene is among those to be found.
    by
        ``"absolute"`` or ``"signed"``.

    Raises
    ------
    BadInputError
        If no gene is to be found, or a score is not a number.
    """
    key = np.abs(scores) if by == "absolute" else np.asarray(scores)
    if not positive.any():
        raise BadInputError("Average precision needs a gene to be found, and there is none.")
    if np.isnan(key).any():
        raise BadInputError(
            f"The score of gene {int(np.flatnonzero(np.isnan(key))[0])} (counted from 0) is not a "
            "number, so genes cannot be put in order."
        )
    own = np.sort(key[positive])
    # Of all genes, and of those to be found, how many have a score at least as large.
    everyone = len(key) - np.searchsorted(np.sort(key), own, side="left")
    found = len(own) - np.searchsorted(own, own, side="left")
    return float(np.mean(found / everyone))


class Truth:
    """The planted genes of a class, as places among the measured genes.

    Parameters
    ----------
    table
        What `helpers.datasets.truth.draw_truth` gave.
    tissue
        The class.
    genes
        All measured genes, in the order of scores.

    Raises
    ------
    BadInputError
        If the class has no planted gene, or one of them is not measured.
    """

    def __init__(self, table: pd.DataFrame, tissue: str, genes: Sequence[str]) -> None:
        own = table.loc[table["tissue"] == tissue, TRUTH_COLUMNS].reset_index(drop=True)
        if not len(real_genes(own, tissue)):
            raise BadInputError(f"Class {tissue!r} has no planted gene that could be found.")
        places = pd.Index(genes).get_indexer(pd.Index(own["gene"]))
        if (places < 0).any():
            lost = own["gene"].to_numpy()[places < 0]
            raise BadInputError(
                f"The planted gene {str(lost[0])!r} of class {tissue!r} is not among the "
                f"{len(genes):,} genes measured."
            )
        self.table = own.assign(place=places)
        # Numbers of strata and of sets, in which much is counted.
        self.strata, self.names = pd.factorize(own["stratum"])
        wide = int(own["bundle"].max()) + 1
        self.sets, firsts = pd.factorize(self.strata * wide + own["bundle"].to_numpy())
        self.stratum_of_set = firsts // wide
        self.positive = np.zeros(len(genes), dtype=bool)
        self.positive[places[(own["stratum"] != DECOY).to_numpy()]] = True
        self.decoy = np.zeros(len(genes), dtype=bool)
        self.decoy[places[(own["stratum"] == DECOY).to_numpy()]] = True


def recovery(
    scores: npt.NDArray[np.floating], truth: Truth, k: int, by: str = "absolute"
) -> dict[str, float]:
    """Measure how much of the truth a ranking finds.

    Parameters
    ----------
    scores
        One of each gene.
    truth
        Of the class.
    k
        Genes in a list.
    by
        ``"absolute"`` or ``"signed"``.

    Returns
    -------
    dict
        `MEASURES`: ``auprc``; ``recall``, the share of planted genes in the list; ``decoys``, the
        share of the list that is decoys.
    """
    top = top_indices(scores, k, by)
    return {
        "auprc": average_precision(scores, truth.positive, by),
        "recall": float(truth.positive[top].sum() / truth.positive.sum()),
        "decoys": float(truth.decoy[top].sum() / k),
    }


def by_stratum(
    scores: npt.NDArray[np.floating], truth: Truth, k: int, by: str = "absolute"
) -> pd.DataFrame:
    """Count what is found of each kind of planted gene.

    Returns
    -------
    pandas.DataFrame
        `STRATUM_COLUMNS`: ``genes`` of the stratum, the share of them in the list (``recall``), and
        the share of its bundles with one gene or more in the list (``bundles_found``): of two genes
        that say the same, one is enough for a prediction.
    """
    listed = np.zeros(len(scores), dtype=bool)
    listed[top_indices(scores, k, by)] = True
    found = listed[truth.table["place"].to_numpy()]
    genes = np.bincount(truth.strata)
    of_sets = np.bincount(truth.sets, weights=found) > 0
    return pd.DataFrame(
        {
            "stratum": truth.names,
            "genes": genes,
            "recall": np.bincount(truth.strata, weights=found) / genes,
            "bundles_found": np.bincount(truth.stratum_of_set, weights=of_sets)
            / np.bincount(truth.stratum_of_set),
        }
    )
