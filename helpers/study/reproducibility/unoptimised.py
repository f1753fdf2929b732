"""Steps: unoptimised explanations of the models (Figure 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import conditions
from helpers.explain.references import REFERENCES
from helpers.explain.scores import make_scores
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import labels, samples_for
from helpers.study.designs.scores import SCORES
from helpers.study.designs.single_estimates import (
    CNN_EXPLANATION_SETTINGS,
    EXPLANATION_SETTINGS,
    explain_groups,
)
from helpers.workflow.step import Context, Step


@dataclass(frozen=True)
class Unoptimised:
    """Models whose unoptimised explanations are compared.

    Attributes
    ----------
    name
        Its name in those of steps and files.
    family
        The models, of which the setting ``inter_models`` says how many.
    references
        Kinds of reference that explainers use which need one.
    title
        What it is called on a progress bar.
    """

    name: str
    family: Family
    references: tuple[str, ...]
    title: str

    @property
    def step(self) -> str:
        """Name of the step that explains its models."""
        return f"scores/unoptimised_{self.name}"

    @property
    def settings(self) -> tuple[str, ...]:
        """Fields of `Settings` that the explanations depend on."""
        cnn = self.family.architecture == "cnn"
        shared = CNN_EXPLANATION_SETTINGS if cnn else EXPLANATION_SETTINGS
        return (*shared, "replicates", "inter_models", self.steps)

    @property
    def steps(self) -> str:
        """Field of `Settings` that holds the steps of IntegratedGradients."""
        return "cnn_integration_steps" if self.family.architecture == "cnn" else "integration_steps"

    def members(self, settings: Settings, dataset: Dataset) -> list[str]:
        """Name each explainer with each kind of reference it can use."""
        if self.family.architecture not in settings.architectures:
            return []
        pairs = conditions(self.family.architecture, self.references)
        return [f"{explainer}-{reference}" for explainer, reference in pairs]


UNOPTIMISED: dict[str, Unoptimised] = {
    compared.name: compared
    for compared in (
        Unoptimised("mlp", FAMILIES["mlp"], tuple(REFERENCES), "Explaining MLPs, unoptimised"),
        Unoptimised("cnn", FAMILIES["cnn_one_order"], ("zero",), "Explaining CNNs, one gene order"),
        Unoptimised(
            "cnn_orders", FAMILIES["cnn"], ("zero",), "Explaining CNNs of different gene orders"
        ),
    )
}
"""What Figure 1 compares. The other references for CNNs are the subject of a later chapter."""


def _maker(compared: Unoptimised) -> Callable[[Context, str], xarray.DataArray]:
    family = compared.family

    def make(context: Context, member: str) -> xarray.DataArray:
        """Explain every sample by every model several times, one estimate each time."""
        chosen = context.settings
        explainer, reference = member.rsplit("-", 1)
        adata = context["data/expression"]
        groups = samples_for(context, family.architecture)
        maker = ReferenceMaker.of(context, reference)
        replicates = chosen.replicates
        models = context.members(family.step)[: chosen.inter_models]
        pools = maker.make(replicates * len(models), [group.tissue for group in groups])
        values = []
        for position, name in enumerate(models):
            first = position * replicates
            own = {
                tissue: None if pool is None else pool[first : first + replicates, None]
                for tissue, pool in pools.items()
            }
            values.append(
                explain_groups(
                    context.member(family.step, name),
                    int(name),
                    groups,
                    explainer=explainer,
                    references=own,
                    integration_steps=getattr(chosen, compared.steps),
                    settings=chosen,
                    replicates=replicates,
                )
            )
        return make_scores(
            np.stack(values),
            models=[int(name) for name in models],
            replicates=replicates,
            genes=adata.var_names.tolist(),
            attributes={
                "architecture": family.architecture,
                "explainer": explainer,
                "reference": reference,
            },
            **labels(groups),
        )

    return make


STEPS = tuple(
    Step(
        name=compared.step,
        path=f"scores/unoptimised-{compared.name}-{{member}}.nc",
        form=SCORES,
        make=_maker(compared),
        title=compared.title,
        inputs=("data/expression", "tables/split", "tables/explained", compared.family.step),
        settings=compared.settings,
        members=compared.members,
        parallel=True,
    )
    for compared in UNOPTIMISED.values()
)
