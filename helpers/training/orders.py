"""Which models read genes in the same order."""

from __future__ import annotations

import numpy as np
import pandas as pd


def order_groups(accuracy: pd.DataFrame) -> pd.Series:
    """Tell, for each row, which models share the way in which they read genes.

    Parameters
    ----------
    accuracy
        What `helpers.training.accuracy_table` gave.

    Returns
    -------
    pandas.Series
        "any order" (the architecture does not depend on it), "one order" (several models share
        its order; there can be several such orders) or "different orders".
    """
    models = accuracy.drop_duplicates(["architecture", "model", "gene_order"])
    shared = models.groupby(["architecture", "gene_order"])["model"].transform("size") > 1
    keys = pd.MultiIndex.from_frame(models[["architecture", "gene_order"]])[shared]
    found = pd.MultiIndex.from_frame(accuracy[["architecture", "gene_order"]]).isin(keys)
    groups = np.where(found, "one order", "different orders")
    groups = np.where(accuracy["gene_order"] == "none", "any order", groups)
    return pd.Series(groups, index=accuracy.index, name="group")
