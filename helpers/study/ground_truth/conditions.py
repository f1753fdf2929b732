"""Steps: every network of planted genes explained under every condition, class by class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray

from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.network.modes import MODES
from helpers.study.designs.choices import Chosen
from helpers.study.designs.combined_estimates import SetsOfEstimates, combined_sets, engine_settings
from helpers.study.designs.noise import NOISE_SETTINGS, Noise, training_spread
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import Samples, explained_samples
from helpers.study.designs.scores import SCORES
from helpers.study.designs.seeds import (
    PLANTED_EXPLANATION_STREAM,
    PLANTED_REFERENCE_STREAM,
    derived_seed,
)
from helpers.study.ground_truth.known_genes import DATA, EXPLAINED, SPLIT
from helpers.study.ground_truth.networks import NETWORKS, Planted
from helpers.workflow.step import Context, Step

REFERENCE = "universal"
"""The kind of reference of all explainers that need one: the best for MLPs, as the paper found."""

NONE, SMOOTHGRAD, REPEATS, REFERENCES = "none", "smoothgrad", "repeats", "references"

SEPARATOR = "|"


@dataclass(frozen=True)
class Condition:
    """A way to explain: which explainer, in which mode, from which estimates.

    Attributes
    ----------
    explainer
        A key of `EXPLAINERS`.
    mode
        State of the network, a key of `MODES`.
    optimisation
        ``"none"``: one estimate; else the mean of many: of noisy copies (``"smoothgrad"``), of
        ``"repeats"``, or of ``"references"``.
    """

    explainer: str
    mode: str
    optimisation: str

    @property
    def name(self) -> str:
        """Its label among scores."""
        return SEPARATOR.join((self.explainer, self.mode, self.optimisation))

    @classmethod
    def of(cls, name: str) -> Condition:
        """Return the condition of a label."""
        return cls(*name.split(SEPARATOR))


def conditions(architecture: str) -> list[Condition]:
    """Return every explainer in every mode with every optimisation that means anything there.

    Where nothing is random, repeats are all the same.
    """
    found = []
    for explainer in explainers(architecture):
        for mode in MODES:
            found += [Condition(explainer, mode, NONE), Condition(explainer, mode, SMOOTHGRAD)]
            if EXPLAINERS[explainer].needs_reference:
                found.append(Condition(explainer, mode, REFERENCES))
            elif mode != "eval":
                found.append(Condition(explainer, mode, REPEATS))
    return found


def usual(explainer: str) -> Condition:
    """Return the paper's way: dropout on, many repeats, or many references."""
    needs = EXPLAINERS[explainer].needs_reference
    return Condition(explainer, "dropout", REFERENCES if needs else REPEATS)


def make_scores(networks: Planted, context: Context, member: str) -> xarray.DataArray:
    """Explain every class by one network under every condition: conditions × classes × genes."""
    chosen, number = context.settings, int(member)
    adata, model = context[DATA], context.member(networks.step, member)
    groups = explained_samples(adata, context[EXPLAINED])
    if networks.family.architecture == "cnn":
        groups = explained_samples(adata, context[EXPLAINED], chosen.cnn_explained_samples)
    noise, references = _noise(context), _references(context, number)
    own = {"seed": derived_seed(chosen.seed, PLANTED_EXPLANATION_STREAM)}
    found: dict[str, list[npt.NDArray[np.float32]]] = {}
    for explainer in explainers(networks.family.architecture):
        for mode in MODES:
            under = Chosen(chosen, {**own, "mode": mode, "gradcampp_mode": "as_others"})
            for group in groups:
                pools = _pools(explainer, mode, references, noise, chosen.sensitivity_estimates)
                for names, pool in pools:
                    sets = combined_sets(model, number, group, pool, under)
                    for name, values in zip(names, sets, strict=True):
                        found.setdefault(name, []).append(values.mean(axis=0))
    return _labelled(found, groups, adata.var_names.tolist())


def _labelled(
    found: dict[str, list[npt.NDArray[np.float32]]], groups: list[Samples], genes: list[str]
) -> xarray.DataArray:
    return xarray.DataArray(
        np.stack([np.stack(classes) for classes in found.values()]).astype(np.float32),
        dims=("condition", "tissue", "gene"),
        coords={
            "condition": list(found), "tissue": [group.tissue for group in groups], "gene": genes,
        },
    )  # fmt: skip


def _pools(
    explainer: str, mode: str, references: npt.NDArray[np.float32], noise: Noise, n: int
) -> Iterator[tuple[list[str], SetsOfEstimates]]:
    """Yield pools of estimates, and the conditions that their sets are of."""
    needs = EXPLAINERS[explainer].needs_reference
    many = Condition(explainer, mode, REFERENCES if needs else REPEATS).name
    one = Condition(explainer, mode, NONE).name
    own = references if needs else None
    if mode == "eval" and not needs:
        yield [one], SetsOfEstimates(explainer, np.ones((1, 1), dtype=bool), own)
    else:
        members = np.stack([np.arange(n) == 0, np.ones(n, dtype=bool)])
        yield [one, many], SetsOfEstimates(explainer, members, own)
    # Noise alone, so that it can be told from what many references do.
    same = None if own is None else np.repeat(own[:1], n, axis=0)
    smooth = Condition(explainer, mode, SMOOTHGRAD).name
    yield [smooth], SetsOfEstimates(explainer, np.ones((1, n), dtype=bool), same, noise)


def _noise(context: Context) -> Noise:
    chosen = context.settings
    if chosen.smoothgrad_spread == "fixed":
        return float(chosen.smoothgrad_noise)
    spread = training_spread(context[DATA], context[SPLIT].set_index("sample")["split"])
    return (chosen.smoothgrad_noise * spread).astype(np.float32)


def _references(context: Context, number: int) -> Any:
    """Draw a model's references; models that shared them would agree because of that."""
    chosen = context.settings
    maker = ReferenceMaker(
        REFERENCE,
        context[DATA],
        context[SPLIT].set_index("sample")["split"],
        chosen.reference_cut,
        chosen.reference_statistics,
        chosen.reference_samples,
        derived_seed(chosen.seed, PLANTED_REFERENCE_STREAM, number),
    )
    return maker.make(chosen.sensitivity_estimates, ["all"])["all"]


def scores_of(networks: Planted) -> str:
    """Name the step that explains networks."""
    return f"scores/planted_{networks.name}"


def _members(networks: Planted, settings: Any, dataset: Any) -> list[str]:
    return networks.members(settings)


def _settings(architecture: str) -> tuple[str, ...]:
    limit = ("cnn_explained_samples",) if architecture == "cnn" else ()
    own = (*engine_settings(architecture), *NOISE_SETTINGS, "sensitivity_estimates", *limit)
    return tuple(dict.fromkeys(name for name in own if name not in ("mode", "gradcampp_mode")))


STEPS = tuple(
    Step(
        name=scores_of(networks),
        path=scores_of(networks) + "-{member}.nc",
        form=SCORES,
        make=partial(make_scores, networks),
        title=f"Explaining planted genes, {networks.name}",
        inputs=(DATA, SPLIT, EXPLAINED, networks.step),
        settings=_settings(networks.family.architecture),
        members=partial(_members, networks),
        parallel=True,
    )
    for networks in NETWORKS
)
