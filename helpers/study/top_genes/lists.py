"""Steps: the top genes of each tissue."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd
import xarray

from helpers.explain.scores import top_genes
from helpers.study.optimisation.optimised import OPTIMA
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

ALL_MODELS = "all"
"""In place of a model's number where scores are averaged over all models."""


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue, by the first model alone and by all models together."""
    return _listed(context, 1).drop(columns="model")


def make_top_lists(context: Context) -> pd.DataFrame:
    """List the same for several single models."""
    return _listed(context, context.settings.inter_models)


def tissue_scores(
    scores: xarray.DataArray, models: int
) -> Iterator[tuple[bool, str, xarray.DataArray]]:
    """Average optimised scores over the samples of each tissue.

    Parameters
    ----------
    scores
        Models × samples × genes, coordinate ``tissue`` along samples.
    models
        How many single models are wanted.

    Yields
    ------
    Whether models were averaged, the model's number or `ALL_MODELS`, and tissues × genes in the
    order in which tissues first occur.
    """
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    for place in range(models):
        alone = scores.isel(model=place)
        yield False, str(alone["model"].item()), _tissue_means(alone, tissues)
    yield True, ALL_MODELS, _tissue_means(scores.mean("model"), tissues)


def without_models(scores: xarray.DataArray, left_out: Collection[int]) -> xarray.DataArray | None:
    """Average optimised scores over all models but some, and over the samples of each tissue.

    Parameters
    ----------
    scores
        Models × samples × genes, coordinate ``tissue`` along samples.
    left_out
        Numbers of models.

    Returns
    -------
    xarray.DataArray or None
        Tissues × genes; None if fewer than two models are left to be averaged.
    """
    kept = ~scores["model"].isin(list(left_out))
    if int(kept.sum()) < 2:
        return None
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    return _tissue_means(scores.isel(model=kept.to_numpy()).mean("model"), tissues)


def _tissue_means(scores: xarray.DataArray, tissues: list[str]) -> xarray.DataArray:
    return scores.groupby("tissue").mean("sample").sel(tissue=tissues)


def _listed(context: Context, models: int) -> pd.DataFrame:
    """Rank the genes of each tissue by the mean score of its samples."""
    parts = [
        top_genes(combined, k=context.settings.top).assign(
            architecture=optimum.family.architecture,
            explainer=explainer,
            aggregated=aggregated,
            model=model,
        )
        for optimum in OPTIMA
        for explainer, scores in context.each(optimum.step)
        for aggregated, model, combined in tissue_scores(scores, models)
    ]
    columns = ["architecture", "explainer", "aggregated", "model", "tissue", "rank", "gene"]
    return pd.concat(parts, ignore_index=True)[[*columns, "score"]]


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
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    return top_genes(_tissue_means(scores, tissues), k=k)


STEPS = (
    table_step(
        "top_genes",
        make_top_genes,
        "Ranking genes",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=("top",),
    ),
    table_step(
        "top_lists",
        make_top_lists,
        "Ranking genes, model by model",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=("top", "inter_models"),
    ),
)
