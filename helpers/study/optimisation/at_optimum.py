"""Steps: optimised explanations of every model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE, explainers
from helpers.explain.scores import make_scores
from helpers.study.designs.combined_estimates import (
    SetsOfEstimates,
    combined_sets,
    engine_settings,
    own_references,
)
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.designs.noise import NOISE_SETTINGS, Noise, smoothgrad_noise
from helpers.study.designs.references import Pool, ReferenceMaker
from helpers.study.designs.samples import labels, samples_for
from helpers.study.designs.scores import SCORES
from helpers.study.designs.seeds import REFERENCE_CHOICE_STREAM, derived_seed
from helpers.study.designs.single_estimates import Scores
from helpers.workflow.step import Context, Step


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
        architecture = self.family.architecture
        limit = ("cnn_explained_samples",) if architecture == "cnn" else ()
        own = (self.references, self.repeats, "optimum", *NOISE_SETTINGS, "reference_pool")
        return (*engine_settings(architecture), *limit, *own)

    def members(self, settings: Settings, dataset: Dataset) -> list[str]:
        """Name the explainers."""
        if self.family.architecture not in settings.architectures:
            return []
        return explainers(self.family.architecture)

    def conditions(self, context: Context, explainer: str) -> Conditions:
        """Return the conditions of one explainer: the paper's, or those of this run."""
        chosen = context.settings
        needs_reference = EXPLAINERS[explainer].needs_reference
        if chosen.optimum == "paper":
            if needs_reference:
                return Conditions(self.reference, getattr(chosen, self.references))
            return Conditions(NO_REFERENCE, getattr(chosen, self.repeats))
        table: pd.DataFrame = context["tables/optimum"]
        own = table["architecture"] == self.family.architecture
        row = table[own & (table["explainer"] == explainer)].iloc[0]
        noise = smoothgrad_noise(context) if row["smoothgrad"] else 0.0
        if needs_reference and row["references"] > 1:
            return Conditions(str(row["reference"]), int(row["references"]), noise)
        kind = str(row["reference"]) if needs_reference else NO_REFERENCE
        return Conditions(kind, int(row["repeats"]), noise)


@dataclass(frozen=True)
class Conditions:
    """What is averaged: estimates, each with a reference of its own where one is needed."""

    reference: str
    estimates: int
    noise_sd: Noise = 0.0


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
        groups = samples_for(context, family.architecture)
        found = optimum.conditions(context, member)
        references = reference_pools(context, found, [group.tissue for group in groups])
        models, values = context.members(family.step), []
        for name in models:
            model = context.member(family.step, name)
            parts = [
                combined_sets(
                    model,
                    int(name),
                    group,
                    pool_of(member, found, references[group.tissue], chosen.seed, int(name)),
                    chosen,
                )[0]
                for group in groups
            ]
            values.append(np.concatenate(parts))
        return make_scores(
            np.stack(values),
            models=[int(name) for name in models],
            genes=adata.var_names.tolist(),
            attributes={
                "architecture": family.architecture,
                "explainer": member,
                "reference": found.reference,
                "n": found.estimates,
            },
            **labels(groups),
        )

    return make


def reference_pools(
    context: Context, found: Conditions, tissues: list[str]
) -> dict[str, Pool | None]:
    """Make the references (estimates × genes) of every tissue, which models draw theirs from."""
    pool = max(context.settings.reference_pool, found.estimates)
    maker = ReferenceMaker.of(context, found.reference)
    return maker.pools(1 if found.reference == "zero" else pool, tissues)


def pool_of(
    explainer: str,
    found: Conditions,
    references: Scores | Pool | None,
    seed: int,
    number: int,
) -> SetsOfEstimates:
    """Take all estimates as one set; every model draws its own references."""
    own = own_references(
        references, found.estimates, [derived_seed(seed, REFERENCE_CHOICE_STREAM), number]
    )
    members = np.ones((1, found.estimates), dtype=bool)
    return SetsOfEstimates(explainer, members, own, found.noise_sd)


def optimum_of_this_run(settings: Settings) -> tuple[str, ...]:
    """Name the table that the conditions are read from, if they are those of this run."""
    return ("tables/optimum",) if settings.optimum == "ours" else ()


STEPS = tuple(
    Step(
        name=optimum.step,
        path=f"scores/optimised-{optimum.family.name}-{{member}}.nc",
        form=SCORES,
        make=_maker(optimum),
        title=optimum.title,
        inputs=("data/expression", "tables/split", "tables/explained", optimum.family.step),
        more_inputs=optimum_of_this_run,
        settings=optimum.settings,
        members=optimum.members,
        parallel=True,
    )
    for optimum in OPTIMA
)
