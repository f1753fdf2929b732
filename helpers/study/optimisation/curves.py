"""Steps: how agreement between models grows with the number of estimates (Figure 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, conditions
from helpers.explain.references import REFERENCES
from helpers.stability.curves import REFERENCES_AND_REPEATS, curve
from helpers.stability.subsets import draw_subsets
from helpers.study.designs.combined_estimates import (
    SetsOfEstimates,
    combined_sets,
    engine_settings,
    own_references,
)
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.designs.noise import NOISE_SETTINGS, Noise, smoothgrad_noise
from helpers.study.designs.references import Pool, ReferenceMaker
from helpers.study.designs.samples import explained_samples, labels
from helpers.study.designs.seeds import SUBSET_STREAM, derived_seed
from helpers.study.designs.single_estimates import COMPARISON_SETTINGS, compared
from helpers.study.formats import TABLE
from helpers.workflow.step import Context, Step

COMPARED = {"mlp": FAMILIES["mlp"], "cnn": FAMILIES["cnn_one_order"]}
"""The models of each architecture that curves compare: without the effect of gene orders."""


@dataclass(frozen=True)
class Design:
    """A way of combining many estimates of one explanation.

    Attributes
    ----------
    optimisation
        As in ``reproducibility.csv``.
    title
        What it is called on a progress bar.
    references
        Kinds of reference that explainers use which need one.
    only_references
        Whether explainers that need no reference are left out.
    sizes
        Field of `Settings` with the n of the curve, less ``cnn_`` for CNNs.
    noisy
        Whether noise is added to the sample in every estimate.
    many
        Whether each estimate has a reference of its own.
    repeated
        Whether each reference is explained several times.
    """

    optimisation: str
    title: str
    references: tuple[str, ...]
    only_references: bool
    sizes: str
    noisy: bool = False
    many: bool = False
    repeated: bool = False

    def members(self, architecture: str) -> list[str]:
        """Name each explainer with each kind of reference."""
        return [
            f"{explainer}-{kind}"
            for explainer, kind in conditions(architecture, self.references)
            if EXPLAINERS[explainer].needs_reference or not self.only_references
        ]


_OTHERS = tuple(kind for kind in REFERENCES if kind != "zero")

DESIGNS: dict[str, Design] = {
    design.optimisation: design
    for design in (
        Design("smoothgrad", "SmoothGrad", ("zero",), False, "curve_sizes", noisy=True),
        Design("repeats", "Repeats", ("zero",), False, "curve_sizes"),
        Design("references", "References", tuple(REFERENCES), True, "reference_sizes", many=True),
        # Zero references with repeats are more zero references.
        Design(
            REFERENCES_AND_REPEATS, "References with repeats", _OTHERS, True,
            "repeated_reference_sizes", many=True, repeated=True,
        ),
    )
}  # fmt: skip
"""The designs of the paper's Figures 2A, 2B, 2C (with S4) and S5."""


def sizes_of(design: Design, architecture: str) -> str:
    """Return the field of `Settings` with the n of a curve."""
    return f"cnn_{design.sizes}" if architecture == "cnn" else design.sizes


def _maker(design: Design, family: Family) -> Callable[[Context, str], pd.DataFrame]:
    def make(context: Context, member: str) -> pd.DataFrame:
        """Compare models at every n of one curve."""
        chosen = context.settings
        explainer, kind = member.rsplit("-", 1)
        adata = context["data/expression"]
        cnn = family.architecture == "cnn"
        limit = chosen.cnn_curve_samples if cnn else chosen.curve_samples
        groups = explained_samples(adata, context["tables/explained"], limit)
        sizes = getattr(chosen, sizes_of(design, family.architecture))
        fixed = kind == "zero" or not design.many
        references = ReferenceMaker.of(context, kind).pools(
            1 if fixed else chosen.reference_pool, [group.tissue for group in groups]
        )
        noise = smoothgrad_noise(context) if design.noisy else 0.0
        names = context.members(family.step)[: chosen.inter_models]
        values = []
        for number, name in enumerate(names):
            model = context.member(family.step, name)
            parts = [
                combined_sets(
                    model,
                    int(name),
                    group,
                    _pool(
                        design, explainer, references[group.tissue], sizes, number, noise, chosen
                    ),
                    chosen,
                )
                for group in groups
            ]
            values.append(np.concatenate(parts, axis=1))
        scores = xarray.DataArray(
            np.stack(values),
            dims=("model", "set", "sample", "gene"),
            coords={
                "model": [int(name) for name in names],
                "n": ("set", list(sizes)),
                "sample": labels(groups)["samples"],
                "tissue": ("sample", labels(groups)["tissues"]),
            },
        )
        comparison = compared(
            family.architecture,
            chosen,
            scores.sizes["gene"],
            reference=kind,
            optimisation=design.optimisation,
        )
        return curve(scores, comparison, explainer=explainer)

    return make


def _pool(
    design: Design,
    explainer: str,
    references: Pool | None,
    sizes: Sequence[int],
    number: int,
    noise: Noise,
    settings: Any,
) -> SetsOfEstimates:
    """Draw the estimates of one model, and the sets of them that are combined."""
    seed = [derived_seed(settings.seed, SUBSET_STREAM), number]
    largest = max(sizes)
    members = draw_subsets(largest, sizes, 1, seed).weights > 0
    repeats = settings.repeats_per_reference if design.repeated else 1
    own = own_references(references, largest, seed)
    return SetsOfEstimates(
        explainer,
        np.repeat(members, repeats, axis=1),
        None if own is None else np.repeat(own, repeats, axis=0),
        noise,
    )


def _members(design: Design, architecture: str) -> Callable[[Settings, Dataset], list[str]]:
    def members(settings: Settings, dataset: Dataset) -> list[str]:
        """Name the curves; there are none of networks that are not there, or without a point."""
        points = getattr(settings, sizes_of(design, architecture))
        present = architecture in settings.architectures
        return design.members(architecture) if present and points else []

    return members


def _settings(design: Design, family: Family) -> tuple[str, ...]:
    samples = "cnn_curve_samples" if family.architecture == "cnn" else "curve_samples"
    own = [samples, sizes_of(design, family.architecture), "inter_models"]
    own += [name for name in COMPARISON_SETTINGS if name != "combine"]
    own += NOISE_SETTINGS if design.noisy else ()
    own += ["reference_pool"] * design.many
    own += ["repeats_per_reference"] * design.repeated
    return (*engine_settings(family.architecture), *own)


def step_name(optimisation: str, architecture: str) -> str:
    """Return the name of the step that makes the curves of one design and architecture."""
    return f"curves/{optimisation}_{architecture}"


STEPS = tuple(
    Step(
        name=step_name(name, architecture),
        path=f"agreement/{name}-{architecture}-{{member}}.csv",
        form=TABLE,
        make=_maker(design, family),
        title=f"{design.title}, {architecture.upper()}s",
        inputs=("data/expression", "tables/split", "tables/explained", family.step),
        settings=_settings(design, family),
        members=_members(design, architecture),
        parallel=True,
    )
    for name, design in DESIGNS.items()
    for architecture, family in COMPARED.items()
)
