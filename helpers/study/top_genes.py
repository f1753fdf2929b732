"""Steps: optimised explanations of every model, and the top genes of each tissue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.scores import make_scores, top_genes
from helpers.study.explaining import (
    CNN_EXPLANATION_SETTINGS,
    EXPLANATION_SETTINGS,
    NO_REFERENCE,
    ReferenceMaker,
    explain_groups,
    explained_samples,
    explainers,
    labels,
)
from helpers.study.families import FAMILIES, Family
from helpers.study.formats import SCORES, TABLE
from helpers.study.step import Context, Step


@dataclass(frozen=True)
class Optimum:
    """How the models of a family are explained at the optimum that the paper found (Table S1).

    Attributes
    ----------
    family
        The models, all of which are explained.
    reference
        The kind of reference that the paper finds best.
    references, repeats
        Fields of `Settings` that hold their numbers.
    title
        What it is called on a progress bar.
    """

    family: Family
    reference: str
    references: str
    repeats: str
    title: str

    @property
    def step(self) -> str:
        """Name of the step that explains the models."""
        return f"scores/optimised_{self.family.name}"

    @property
    def settings(self) -> tuple[str, ...]:
        """Fields of `Settings` that the explanations depend on."""
        cnn = self.family.architecture == "cnn"
        shared = CNN_EXPLANATION_SETTINGS if cnn else EXPLANATION_SETTINGS
        return (*shared, self.references, self.repeats, "aggregate_integration_steps")

    def members(self, settings: Settings, dataset: Dataset) -> list[str]:
        """Name the explainers."""
        return explainers(self.family.architecture)


OPTIMA = (
    Optimum(FAMILIES["mlp"], "universal", "references", "repeats", "Explaining MLPs, optimised"),
    Optimum(FAMILIES["cnn"], "zero", "cnn_references", "cnn_repeats", "Explaining CNNs, optimised"),
)


def _maker(optimum: Optimum) -> Callable[[Context, str], xarray.DataArray]:
    family = optimum.family

    def make(context: Context, member: str) -> xarray.DataArray:
        """Explain every sample by every model at the optimum: many repeats or references."""
        chosen = context.settings
        adata = context["data/expression"]
        limit = chosen.cnn_explained_samples if family.architecture == "cnn" else None
        groups = explained_samples(adata, context["tables/explained"], limit)
        split = context["tables/split"].set_index("sample")["split"]
        reference = optimum.reference if EXPLAINERS[member].needs_reference else NO_REFERENCE
        maker = ReferenceMaker(
            reference, adata, split, chosen.reference_cut, chosen.reference_samples, chosen.seed
        )
        pools = maker.make(getattr(chosen, optimum.references), [group.tissue for group in groups])
        models, values = context.members(family.step), []
        for name in models:
            combined = explain_groups(
                context.member(family.step, name),
                int(name),
                groups,
                explainer=member,
                references=pools,
                integration_steps=chosen.aggregate_integration_steps,
                settings=chosen,
                repeats=getattr(chosen, optimum.repeats),
            )
            values.append(combined[0])
        return make_scores(
            np.stack(values),
            models=[int(name) for name in models],
            genes=adata.var_names.tolist(),
            attributes={
                "architecture": family.architecture,
                "explainer": member,
                "reference": reference,
            },
            **labels(groups),
        )

    return make


def make_top_genes(context: Context) -> pd.DataFrame:
    """List the top genes of each tissue, by the first model alone and by all models together."""
    parts = [
        _ranked(combined, context.settings.top).assign(
            architecture=optimum.family.architecture, explainer=explainer, aggregated=aggregated
        )
        for optimum in OPTIMA
        for explainer, scores in context.each(optimum.step)
        for aggregated, combined in ((False, scores.isel(model=0)), (True, scores.mean("model")))
    ]
    columns = ["architecture", "explainer", "aggregated", "tissue", "rank", "gene", "score"]
    return pd.concat(parts, ignore_index=True)[columns]


def _ranked(scores: xarray.DataArray, k: int) -> pd.DataFrame:
    """Rank the genes of each tissue by the mean score of its samples."""
    tissues = dict.fromkeys(scores["tissue"].values.tolist())
    means = scores.groupby("tissue").mean("sample")
    lists = [top_genes(means.sel(tissue=tissue), k=k).assign(tissue=tissue) for tissue in tissues]
    return pd.concat(lists, ignore_index=True)


STEPS = (
    *(
        Step(
            name=optimum.step,
            path=f"scores/optimised-{optimum.family.name}-{{member}}.nc",
            form=SCORES,
            make=_maker(optimum),
            title=optimum.title,
            inputs=("data/expression", "tables/split", "tables/explained", optimum.family.step),
            settings=optimum.settings,
            members=optimum.members,
            parallel=True,
        )
        for optimum in OPTIMA
    ),
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
