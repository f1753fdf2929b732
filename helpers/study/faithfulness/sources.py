"""Steps: where disagreement between explanations comes from, and what it takes to agree."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.errors import BadInputError
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE, explainers
from helpers.explain.mlp.engine import explain_exact
from helpers.faithfulness.variance import (
    COMPONENT_COLUMNS,
    GENE_ORDER,
    MODEL,
    NEED_COLUMNS,
    SAMPLE,
    SOURCES,
    Error,
    Factor,
    Terms,
    by_source,
    components,
    models_needed,
)
from helpers.models.files import TrainedModel
from helpers.stability.model_scale import weighed
from helpers.study.designs.choices import Chosen
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.noise import NOISE_SETTINGS, smoothgrad_noise
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import Samples, explained_samples, targets
from helpers.study.designs.seeds import VARIANCE_STREAM, derived_seed
from helpers.study.designs.single_estimates import CNN_EXPLANATION_SETTINGS, explain_groups
from helpers.study.formats import TABLE
from helpers.study.optimisation.at_optimum import optimum_of_this_run
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import stacked, table_step

MASK, REFERENCE, NOISE = "mask", "reference", "noise"

OF_MLPS, OF_CNNS = "faithfulness/sources_mlp", "faithfulness/sources_cnn"

SOURCE_COLUMNS = ["architecture", "explainer", "smoothgrad", "tissue", *COMPONENT_COLUMNS]

ERROR_COLUMNS = ["architecture", "explainer", "smoothgrad", "tissue", "between", "within"]

ESTIMATES = ("optimum", "references", "repeats", "cnn_references", "cnn_repeats")
"""Settings that say how many estimates an optimised explanation has."""

CNN_FAMILIES = ("cnn_one_order", "cnn")
"""CNNs that differ in their seed alone, and CNNs that differ in the order of genes too."""


def make_of_mlps(context: Context, member: str) -> pd.DataFrame:
    """Tell sources apart for one explainer, without and with SmoothGrad's noise."""
    chosen = context.settings
    models = [context.member("models/mlp", name) for name in context.members("models/mlp")]
    models = models[: chosen.variance_models]
    parts = []
    for smoothgrad in (False, True):
        for group in _groups(context):
            scores, factors = crossed(context, member, models, group, smoothgrad)
            found = components(scores, factors)
            parts.append(_rows(found, factors, "mlp", member, smoothgrad, group.tissue))
    return pd.concat(parts, ignore_index=True)


def crossed(
    context: Context, explainer: str, models: list[TrainedModel], group: Samples, smoothgrad: bool
) -> tuple[npt.NDArray[np.floating], list[Factor]]:
    """Explain with every mask of every model, every reference and every noise copy.

    Returns
    -------
    numpy.ndarray, list
        Models × masks × references × noise copies × samples × genes, all factors but samples with
        as many levels as `variance_levels` says, or one where an explainer has none; and what the
        axes are. Dropout is on, as in the paper's text, whatever the run's mode.
    """
    chosen = context.settings
    n, genes = chosen.variance_levels, group.x.shape[1]
    seed = [chosen.seed, VARIANCE_STREAM, *group.tissue.encode()]
    generator = np.random.default_rng(seed)
    needs = EXPLAINERS[explainer].needs_reference
    references = _references(context, explainer, group.tissue) if needs else None
    copies = 1
    noise = None
    if smoothgrad:
        copies = n
        spread = np.asarray(smoothgrad_noise(context), dtype=np.float32)
        noise = generator.standard_normal((n, genes), dtype=np.float32) * spread
    levels = (n, 1 if references is None else len(references), copies)
    mask, reference, copy = (place.ravel() for place in np.indices(levels))
    first: Any = models[0].model
    rate, units = float(first.dropout.p), int(first.hidden.out_features)
    steps = (chosen.integration_steps,) if EXPLAINERS[explainer].takes_steps else ()
    drawn = generator.random((len(models), n, *steps, units)) >= rate
    masks = (drawn / (1 - rate)).astype(np.float32)[:, mask, None]
    found = explain_exact(
        [model.model for model in models], group.x, targets(models[0], group),
        explainer=explainer, replicates=len(mask), seed=chosen.seed,
        references=None if references is None else references[reference, None],
        masks=masks[..., None, :],
        noise=None if noise is None else noise[copy][None, :, None, None],
        combine="signed_mean", mode="dropout", integration_rule="steps",
        integration_steps=chosen.integration_steps,
    )  # fmt: skip
    scaled = np.stack([weighed(own, chosen.model_scale) for own in found])
    factors = [Factor(MODEL), Factor(MASK, (MODEL,)), Factor(REFERENCE), Factor(NOISE),
               Factor(SAMPLE)]  # fmt: skip
    return scaled.reshape(len(models), *levels, *found.shape[2:]), factors


def make_of_cnns(context: Context, member: str) -> pd.DataFrame:
    """Tell sources apart for one explainer; the order of genes by CNNs with and without their own.

    Masks are drawn anew for each estimate, so that they are within all else.
    """
    chosen = context.settings
    factors = [Factor(MODEL), Factor(REFERENCE), Factor(MASK, (MODEL, REFERENCE, SAMPLE)),
               Factor(SAMPLE)]  # fmt: skip
    parts = []
    for group in _groups(context, chosen.cnn_explained_samples):
        found = {}
        for family in CNN_FAMILIES:
            names = context.members(FAMILIES[family].step)[: chosen.variance_cnn_models]
            models = [(int(n), context.member(FAMILIES[family].step, n)) for n in names]
            found[family] = components(_nested(context, member, models, group), factors)
        one, many = (found[family] for family in CNN_FAMILIES)
        rows = _rows(many, factors, "cnn", member, False, group.tissue)
        parts.append(_with_gene_order(rows, one[frozenset({MODEL})]))
    return stacked(parts, [*SOURCE_COLUMNS, "between", "within"])


def _nested(
    context: Context, explainer: str, models: list[tuple[int, TrainedModel]], group: Samples
) -> npt.NDArray[np.floating]:
    """Explain with several masks a reference: models × references × masks × samples × genes."""
    chosen = context.settings
    n = chosen.variance_levels
    own = None
    if EXPLAINERS[explainer].needs_reference:
        own = _references(context, explainer, group.tissue)
    kinds = 1 if own is None else len(own)
    pools = None if own is None else np.repeat(own, n, axis=0)[:, None]
    under = Chosen(chosen, {
        "mode": "dropout", "combine": "signed_mean",
        "seed": derived_seed(chosen.seed, VARIANCE_STREAM),
    })  # fmt: skip
    values = []
    for number, model in models:
        found = explain_groups(
            model, number, [group], explainer=explainer, references={group.tissue: pools},
            integration_steps=chosen.cnn_repeated_steps, settings=under, replicates=kinds * n,
        )  # fmt: skip
        values.append(weighed(found, chosen.model_scale).reshape(kinds, n, *found.shape[1:]))
    return np.stack(values)


def _with_gene_order(rows: pd.DataFrame, seeds: float) -> pd.DataFrame:
    """Cut what differs between CNNs of different orders into what their seeds do, and the rest."""
    both = float(rows.loc[rows["source"] == MODEL, "component"].iloc[0])
    table = rows.copy()
    table.loc[table["source"] == MODEL, "component"] = seeds
    order = table[table["source"] == MODEL].assign(source=GENE_ORDER, component=both - seeds)
    table = pd.concat([table, order], ignore_index=True)
    positive = table["component"].clip(lower=0)
    table["share"] = positive / positive.sum() if positive.sum() > 0 else 0.0
    places = table["source"].map({source: place for place, source in enumerate(SOURCES)})
    return table.iloc[places.argsort(kind="stable")].reset_index(drop=True)


def _rows(
    found: dict[Terms, float], factors: list[Factor], architecture: str, explainer: str,
    smoothgrad: bool, tissue: str,
) -> pd.DataFrame:  # fmt: skip
    error = Error.of(found)
    rows = by_source(found, factors).assign(
        architecture=architecture, explainer=explainer, smoothgrad=smoothgrad, tissue=tissue,
        between=error.between, within=error.within,
    )  # fmt: skip
    return rows[[*SOURCE_COLUMNS, "between", "within"]]


def _groups(context: Context, limit: int | None = None) -> list[Samples]:
    chosen = context.settings
    most = min(chosen.curve_samples, limit or chosen.curve_samples)
    return explained_samples(context["data/expression"], context["tables/explained"], most)


def _references(context: Context, explainer: str, tissue: str) -> npt.NDArray[np.float32]:
    """Draw as many references as there are levels."""
    maker = ReferenceMaker.of(context, "universal", VARIANCE_STREAM)
    found = maker.make(context.settings.variance_levels, [tissue])[tissue]
    if found is None:
        raise BadInputError(f"{explainer} needs references, and there is no {NO_REFERENCE!r} one.")
    return found


def make_sources(context: Context) -> pd.DataFrame:
    """Collect components of all explainers and tissues."""
    return _tables(context)[SOURCE_COLUMNS]


def _tables(context: Context) -> pd.DataFrame:
    tables = [table for name in (OF_MLPS, OF_CNNS) for _, table in context.each(name)]
    return stacked(tables, [*SOURCE_COLUMNS, "between", "within"])


def make_needed(context: Context) -> pd.DataFrame:
    """Say for each explainer how many models, or repeats, it takes to halve the error or to agree.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``between`` and ``within`` (shares of the variance of one
        estimate, mean over tissues), ``estimates_that_halve``, ``models_that_halve`` (with the
        run's estimates each) and the columns of `helpers.faithfulness.variance.models_needed`.
    """
    rows = []
    errors = _tables(context).drop_duplicates(ERROR_COLUMNS[:4])
    errors = errors[~errors["smoothgrad"].astype(bool)]
    disjoint = context["tables/disjoint"]
    for (architecture, explainer), part in errors.groupby(
        ["architecture", "explainer"], sort=False
    ):
        whole = part["between"] + part["within"]
        known = part[whole > 0]
        if known.empty:
            continue
        shares = known[["between", "within"]].div(whole[whole > 0], axis=0).mean()
        error = Error(float(shares["between"]), float(shares["within"]))
        estimates = estimates_of(context, str(architecture), str(explainer))
        rows.append(
            {"architecture": architecture, "explainer": explainer, "between": error.between,
             "within": error.within, "estimates_that_halve": error.estimates_that_halve,
             "models_that_halve": error.models_that_halve(estimates),
             **models_needed(error, _measured(disjoint, architecture, explainer), estimates)}
        )  # fmt: skip
    columns = ["architecture", "explainer", "between", "within", "estimates_that_halve",
               "models_that_halve", *NEED_COLUMNS]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def estimates_of(context: Context, architecture: str, explainer: str) -> int:
    """Return how many estimates an optimised explanation has: repeats, or references.

    For a step that declares the settings `ESTIMATES` and the inputs of `optimum_of_this_run`.
    """
    chosen, needs = context.settings, EXPLAINERS[explainer].needs_reference
    if chosen.optimum == "paper":
        cnn = "cnn_" if architecture == "cnn" else ""
        return int(getattr(chosen, cnn + ("references" if needs else "repeats")))
    table = context["tables/optimum"].set_index(["architecture", "explainer"])
    row = table.loc[[(architecture, explainer)]].iloc[0]
    return int(row["references"] if needs and row["references"] > 1 else row["repeats"])


def _measured(disjoint: pd.DataFrame, architecture: object, explainer: object) -> pd.Series:
    """Return the mean overlap of top genes of means over n models that share none, by n."""
    own = disjoint[
        (disjoint["architecture"] == architecture)
        & (disjoint["explainer"] == explainer)
        & disjoint["metric"].str.startswith("top")
    ]
    found: pd.Series = own.groupby("n")["value"].mean()
    return found


def _members(architecture: str, settings: Settings, dataset: Dataset) -> list[str]:
    if architecture not in settings.architectures:
        return []
    if architecture == "cnn":
        return explainers("cnn") if settings.variance_cnn_models > 1 else []
    # Only the engine of MLPs takes masks that are given.
    return [name for name in explainers("mlp") if EXPLAINERS[name].mlp is not None]


def _step(architecture: str, name: str, make: Any, models: tuple[str, ...], *own: str) -> Step:
    return Step(
        name=name,
        path=f"faithfulness/sources-{architecture}-{{member}}.csv",
        form=TABLE,
        make=make,
        title=f"Telling sources of disagreement apart, {architecture.upper()}s",
        inputs=("data/expression", "tables/split", "tables/explained", *models),
        settings=tuple(dict.fromkeys((
            "seed", "variance_levels", "curve_samples", "model_scale", "reference_cut",
            "reference_statistics", "reference_samples", *own,
        ))),
        members=partial(_members, architecture),
        parallel=True,
    )  # fmt: skip


STEPS = (
    _step("mlp", OF_MLPS, make_of_mlps, ("models/mlp",), "variance_models", "integration_steps",
          *NOISE_SETTINGS),
    _step("cnn", OF_CNNS, make_of_cnns, tuple(FAMILIES[name].step for name in CNN_FAMILIES),
          "variance_cnn_models", "cnn_repeated_steps", *CNN_EXPLANATION_SETTINGS),
    table_step("sources", make_sources, "Collecting sources of disagreement",
               inputs=(OF_MLPS, OF_CNNS)),
    table_step("networks_needed", make_needed, "Counting networks that are needed",
               text=("how",), inputs=(OF_MLPS, OF_CNNS, "tables/disjoint"),
               settings=ESTIMATES, more_inputs=optimum_of_this_run),
)  # fmt: skip
