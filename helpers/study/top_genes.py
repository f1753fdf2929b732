"""Steps: the top genes of each tissue."""

from __future__ import annotations

import pandas as pd
import xarray

from helpers.explain.scores import top_genes
from helpers.study.formats import TABLE
from helpers.study.optimised import OPTIMA
from helpers.study.step import Context, Step


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue, by the first model alone and by all models together."""
    parts = [
        rank_genes(combined, context.settings.top).assign(
            architecture=optimum.family.architecture, explainer=explainer, aggregated=aggregated
        )
        for optimum in OPTIMA
        for explainer, scores in context.each(optimum.step)
        for aggregated, combined in ((False, scores.isel(model=0)), (True, scores.mean("model")))
    ]
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene", "score"]
    return pd.concat(parts, ignore_index=True)[columns]


def rank_genes(scores: xarray.DataArray, k: int) -> pd.DataFrame:
    """Rank the genes of each tissue by the mean score of its samples.

    Parameters
    ----------
    scores
        Samples × genes, with the tissue of each sample.
    k
        Genes in a list.

    Returns
    -------
    pandas.DataFrame
        ``rank``, ``gene``, ``score``, ``tissue``.
    """
    tissues = dict.fromkeys(scores["tissue"].values.tolist())
    means = scores.groupby("tissue").mean("sample")
    lists = [top_genes(means.sel(tissue=tissue), k=k).assign(tissue=tissue) for tissue in tissues]
    return pd.concat(lists, ignore_index=True)


STEPS = (
    Step(
        name="tables/top_genes",
        path="tables/top_genes.csv",
        form=TABLE,
        make=make_top_genes,
        title="Ranking genes",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=("top",),
    ),
)
