"""Steps: what of group II is algebra, and what DeepLiftShap adds to DeepLift."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
import xarray

from helpers.devices import device_of
from helpers.explain.explanation import explain
from helpers.explain.mlp.engine import explain_exact
from helpers.explain.references import make_references
from helpers.explain.scores import make_scores, top_genes
from helpers.models.mlp import MLP
from helpers.stability.collapsed import collapsed_groups
from helpers.stability.consistency import pairwise_overlap
from helpers.stability.identities import explainer_distances
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import Comparison, compare
from helpers.study.designs.references import REFERENCE_SETTINGS, ReferenceMaker
from helpers.study.designs.samples import explained_samples, labels, targets
from helpers.study.designs.seeds import EXPECTED_STREAM, FIXED_STREAM, RELEASED_STREAM, derived_seed
from helpers.study.sensitivity.training import FAMILY, NUMBERS, numbers
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

Scores = npt.NDArray[np.floating]


FIXED_MASKS, FIXED_STEPS = 3, 500
"""Masks that are held fixed, and the steps of IntegratedGradients with them."""

VARIANTS = {
    "DeepLift, universal": ("DeepLift", "universal"),
    "DeepLift, zero": ("DeepLift", "zero"),
    "InputXGradient": ("InputXGradient", "none"),
    "GuidedBackprop": ("GuidedBackprop", "none"),
    "Saliency": ("Saliency", "none"),
}
"""What is left of six explainers on MLPs when those that are equal by algebra are one."""


def with_fixed_mask(model: MLP, mask: npt.NDArray[np.bool_]) -> MLP:
    """Return the network with one dropout mask held fixed: the same network with other weights.

    Parameters
    ----------
    model
        An MLP; left as it is.
    mask
        True for each hidden unit that is kept.

    Returns
    -------
    MLP
        In double precision; to be used in mode ``"eval"``.
    """
    fixed = copy.deepcopy(model).double()
    kept = torch.as_tensor(mask, dtype=torch.float64) / (1 - model.dropout.p)
    with torch.no_grad():
        fixed.output.weight.mul_(kept.to(device_of(fixed)))
    return fixed


def make_fixed_masks(context: Context) -> pd.DataFrame:
    """Compare explainers by Captum where mask and references are the same for all."""
    chosen = context.settings
    adata = context["data/expression"]
    group = explained_samples(adata, context["tables/explained"], chosen.curve_samples)[0]
    maker = ReferenceMaker.of(context, "universal", FIXED_STREAM)
    pool = maker.make(2, [group.tissue])[group.tissue]
    assert pool is not None
    references = pool.astype(np.float64)
    model = context.member(FAMILY.step, numbers(chosen)[0])
    rng = np.random.default_rng([chosen.seed, FIXED_STREAM])
    rows: list[dict[str, Any]] = []
    for number in range(FIXED_MASKS):
        kept = rng.random(model.model.output.in_features) >= model.model.dropout.p
        network = with_fixed_mask(model.model, kept)

        def scores(explainer: str, pool: Scores, network: MLP = network) -> Scores:
            return explain(
                network, group.x.astype(np.float64), targets(model, group), explainer=explainer,
                references=pool, mode="eval", integration_steps=FIXED_STEPS, seed=0,
            )[0]  # fmt: skip

        single = [scores("DeepLift", references[[k]]) for k in range(2)]
        copies = np.repeat(references[:1], 3, axis=0)
        for a, b, first, second in (
            ("IntegratedGradients", "DeepLift", scores("IntegratedGradients", references[:1]),
             single[0]),
            ("DeepLiftShap, two references", "mean of DeepLift",
             scores("DeepLiftShap", references), np.mean(single, axis=0)),
            ("DeepLiftShap, one reference copied", "DeepLift", scores("DeepLiftShap", copies),
             single[0]),
        ):  # fmt: skip
            scale = np.abs(second).max(axis=1)
            found = np.abs(first - second).max(axis=1) / scale
            rows += [
                {"a": a, "b": b, "mask": number, "sample": sample,
                 "max_relative_difference": float(value)}
                for sample, value in zip(group.names, found, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows)


def make_expected(context: Context) -> pd.DataFrame:
    """Compare explainers with all chance over masks averaged out, by all MLPs together.

    In mode ``"eval"`` an explanation is the mean over all masks; for Saliency, whose scores have
    no sign, it is that of the network without dropout.
    """
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"])
    models = [context.member(FAMILY.step, name) for name in context.members(FAMILY.step)]
    pools: dict[str, Scores | None] = {
        "none": None,
        "zero": make_references("zero", 1, genes=adata.n_vars, seed=0),
        "universal": ReferenceMaker.of(context, "universal", EXPECTED_STREAM).make(
            chosen.sensitivity_estimates, [groups[0].tissue]
        )[groups[0].tissue],
    }
    values = []
    for explainer, kind in VARIANTS.values():
        parts = [
            explain_exact(
                [model.model for model in models], group.x, targets(models[0], group),
                explainer=explainer, references=pools[kind], mode="eval", seed=0,
            )[:, 0].mean(axis=0)
            for group in groups
        ]  # fmt: skip
        values.append(np.concatenate(parts))
    scores = make_scores(
        np.stack(values), explainers=list(VARIANTS), genes=adata.var_names.tolist(),
        **labels(groups),
    )  # fmt: skip
    means = scores.groupby("tissue").mean("sample")
    k = list_length(chosen.top, adata.n_vars)
    tables = [_of_tissue(means.sel(tissue=group.tissue), k) for group in groups]
    return pd.concat(tables, ignore_index=True)


def _of_tissue(means: xarray.DataArray, k: int) -> pd.DataFrame:
    """Return overlap and correlation of every two explainers in one tissue."""
    tissue = str(means["tissue"].item())
    lists = top_genes(means.drop_vars("tissue"), k=k).assign(
        architecture="mlp", aggregated=True, tissue=tissue
    )
    # All lists come from the same, averaged, estimates: the column would say the same again.
    pairs = pairwise_overlap(lists).drop(columns="same_model")
    for side in ("a", "b"):
        pairs[side] = [name.split(":")[1] for name in pairs[side]]
    distances = explainer_distances(means)[["a", "b", "spearman"]]
    return pairs.merge(distances, on=["a", "b"], validate="one_to_one")


def make_collapsed(context: Context) -> pd.DataFrame:
    """Cluster combinations with all members of group II, and with one for those that are equal."""
    return collapsed_groups(context["tables/consistency"])


def make_released(context: Context) -> pd.DataFrame:
    """Compare replicates of DeepLiftShap as released with those of DeepLift, all by Captum."""
    chosen = context.settings
    adata = context["data/expression"]
    groups = explained_samples(adata, context["tables/explained"], chosen.curve_samples)
    names = numbers(chosen)[:2]
    models = [(int(name), context.member(FAMILY.step, name)) for name in names]
    n, replicates = chosen.sensitivity_estimates, chosen.replicates
    pool = ReferenceMaker.of(context, "universal", RELEASED_STREAM).make(
        n * replicates * len(models), [groups[0].tissue]
    )[groups[0].tissue]
    assert pool is not None
    shaped = pool.reshape(len(models), replicates, n, -1)
    copied = np.broadcast_to(shaped[:, :, :1], shaped.shape)
    tables = []
    for name, explainer, references in (
        ("DeepLift, one estimate", "DeepLift", shaped[:, :, :1]),
        ("DeepLift, one reference, repeated", "DeepLift", copied),
        ("DeepLiftShap as released", "DeepLiftShap", copied),
        ("DeepLiftShap", "DeepLiftShap", shaped),
    ):
        values = [
            np.concatenate(
                [
                    explain(
                        model.model, group.x, targets(model, group), explainer=explainer,
                        references=references[place], replicates=replicates,
                        seed=derived_seed(
                            chosen.seed, RELEASED_STREAM, number, *name.encode(),
                            *group.tissue.encode(),
                        ),
                    )
                    for group in groups
                ],
                axis=1,
            )
            for place, (number, model) in enumerate(models)
        ]  # fmt: skip
        scores = make_scores(
            np.stack(values), models=[number for number, _ in models], replicates=replicates,
            genes=adata.var_names.tolist(), **labels(groups),
        )  # fmt: skip
        comparison = Comparison(
            "mlp",
            reference="universal",
            n=references.shape[2],
            k=list_length(chosen.top, adata.n_vars),
        )
        pairs = compare(scores, comparison, explainer=name)
        keys = ["explainer", "n", "design", "metric", "tissue", "sample"]
        tables.append(pairs.groupby(keys, sort=False)["value"].median().reset_index())
    return pd.concat(tables, ignore_index=True).rename(columns={"explainer": "variant"})


_INPUTS = ("data/expression", "tables/split", "tables/explained", FAMILY.step)

STEPS = (
    table_step(
        "fixed_masks",
        make_fixed_masks,
        "Holding masks fixed",
        inputs=_INPUTS,
        settings=(*REFERENCE_SETTINGS, "seed", *NUMBERS, "curve_samples"),
    ),
    table_step(
        "expected_overlap",
        make_expected,
        "Averaging all masks",
        inputs=_INPUTS,
        settings=(*REFERENCE_SETTINGS, "seed", "sensitivity_estimates", "top"),
    ),
    table_step(
        "collapsed_groups",
        make_collapsed,
        "Finding groups without copies",
        inputs=("tables/consistency",),
    ),
    table_step(
        "released_deepliftshap",
        make_released,
        "Running DeepLiftShap as released",
        inputs=_INPUTS,
        settings=(
            *REFERENCE_SETTINGS, "seed", *NUMBERS, "sensitivity_estimates", "replicates",
            "curve_samples", "top",
        ),
    ),
)  # fmt: skip
