"""Steps: the top genes of each tissue."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd
import xarray

from helpers.explain.scores import top_genes
from helpers.stability.model_scale import on_one_scale
from helpers.stability.overlap import list_length
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

LIST_SETTINGS = ("top", "rank_by", "model_scale")
"""Settings that lists of top genes depend on."""

ALL_MODELS = "all"
"""In place of a model's number where scores are averaged over all models."""


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue, by the first model alone and by all models together."""
    return _listed(context, 1).drop(columns="model")


def make_top_lists(context: Context) -> pd.DataFrame:
    """List the same for several single models."""
    return _listed(context, context.settings.inter_models)


def tissue_scores(
    scores: xarray.DataArray, models: int, scale: str
) -> Iterator[tuple[bool, str, xarray.DataArray]]:
    """Average optimised scores over the samples of each tissue.

    Parameters
    ----------
    scores
        Models × samples × genes, coordinate ``tissue`` along samples.
    models
        How many single models are wanted.
    scale
        How models are weighed where they are averaged: see `on_one_scale`.

    Yields
    ------
    Whether models were averaged, the model's number or `ALL_MODELS`, and tissues × genes in the
    order in which tissues first occur.
    """
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    for place in range(models):
        alone = scores.isel(model=place)
        yield False, str(alone["model"].item()), _tissue_means(alone, tissues)
    yield True, ALL_MODELS, _tissue_means(on_one_scale(scores, scale).mean("model"), tissues)


def without_models(
    scores: xarray.DataArray, left_out: Collection[int], scale: str
) -> xarray.DataArray | None:
    """Average optimised scores over all models but some, and over the samples of each tissue.

    Parameters
    ----------
    scores
        Models × samples × genes, coordinate ``tissue`` along samples.
    left_out
        Numbers of models.
    scale
        How models are weighed where they are averaged: see `on_one_scale`.

    Returns
    -------
    xarray.DataArray or None
        Tissues × genes; None if fewer than two models are left to be averaged.
    """
    kept = ~scores["model"].isin(list(left_out))
    if int(kept.sum()) < 2:
        return None
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    others = on_one_scale(scores.isel(model=kept.to_numpy()), scale)
    return _tissue_means(others.mean("model"), tissues)


def _tissue_means(scores: xarray.DataArray, tissues: list[str]) -> xarray.DataArray:
    return scores.groupby("tissue").mean("sample").sel(tissue=tissues)


def _listed(context: Context, models: int) -> pd.DataFrame:
    """Rank the genes of each tissue by the mean score of its samples."""
    chosen = context.settings
    parts = [
        top_genes(
            combined, k=list_length(chosen.top, combined.sizes["gene"]), by=chosen.rank_by
        ).assign(
            architecture=optimum.family.architecture,
            explainer=explainer,
            aggregated=aggregated,
            model=model,
        )
        for optimum in OPTIMA
        for explainer, scores in context.each(optimum.step)
        for aggregated, model, combined in tissue_scores(scores, models, chosen.model_scale)
    ]
    columns = ["architecture", "explainer", "aggregated", "model", "tissue", "rank", "gene"]
    return pd.concat(parts, ignore_index=True)[[*columns, "score"]]


def rank_genes(scores: xarray.DataArray, k: int, by: str) -> pd.DataFrame:
    """Rank the genes of each tissue by the mean score of its samples.

    Parameters
    ----------
    scores
        Samples × genes, with the tissue of each sample.
    k, by
        Genes in a list, and which scores are top: see `helpers.explain.top_indices`.

    Returns
    -------
    pandas.DataFrame
        ``rank``, ``gene``, ``score``, ``tissue``.
    """
    tissues = list(dict.fromkeys(scores["tissue"].values.tolist()))
    return top_genes(_tissue_means(scores, tissues), k=k, by=by)


STEPS = (
    table_step(
        "top_genes",
        make_top_genes,
        "Ranking genes",
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=LIST_SETTINGS,
    ),
    table_step(
        "top_lists",
        make_top_lists,
        "Ranking genes, model by model",
        text=("model",),
        inputs=tuple(optimum.step for optimum in OPTIMA),
        settings=(*LIST_SETTINGS, "inter_models"),
    ),
)
