"""Steps: the control, MLPs whose hidden layer does not look at the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.explain import explain_sets
from helpers.explain.scores import make_scores, top_genes
from helpers.models.files import TrainedModel
from helpers.models.mlp import NORMS
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.samples import Samples, explained_samples, labels
from helpers.study.designs.seeds import STATE_STREAM, derived_seed
from helpers.study.formats import MODEL
from helpers.study.network_state.lists import COLUMNS as COLUMNS_OF_LISTS
from helpers.study.network_state.lists import in_company
from helpers.study.network_state.states import FULL, SAME, batches
from helpers.study.network_state.statistics import INPUTS as COMPARED
from helpers.study.network_state.statistics import MEASURED, Compared, measured
from helpers.study.network_state.terms import GROUP_THREE
from helpers.study.top_genes.lists import tissue_scores
from helpers.training.ensemble import accuracy_table, train_member
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

FAMILY = FAMILIES["mlp"]

TRAINED = "models/norms"
OTHER_NORMS = tuple(norm for norm in NORMS if norm != "batch")

COLUMNS = ["norm", "mode", "explainer", "statistic", "model", "value"]
MODES = ("dropout", "training")


def numbers(settings: Any) -> list[str]:
    """Name the models of each norm: the first numbers of the run."""
    return [f"{index:03d}" for index in range(min(settings.norm_models, settings.models))]


def _members(settings: Settings, dataset: Dataset) -> list[str]:
    return [f"{norm}-{number}" for norm in OTHER_NORMS for number in numbers(settings)]


def make_model(context: Context, member: str) -> TrainedModel:
    """Train one MLP with another norm, in all else like the run's model of the same number."""
    norm, number = member.split("-")
    chosen = context.settings
    told = FAMILY.arguments(chosen, int(number))
    return train_member(
        context["data/expression"],
        context["tables/split"].set_index("sample")["split"],
        int(number),
        hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(),
        **{**told, "options": {**told["options"], "norm": norm}},
    )


def models_of(context: Context, norm: str) -> list[tuple[str, TrainedModel]]:
    """Return number and model of the MLPs with one norm; with BatchNorm, the run's own."""
    if norm == "batch":
        return [(each, context.member(FAMILY.step, each)) for each in numbers(context.settings)]
    return [(each, context.member(TRAINED, f"{norm}-{each}")) for each in numbers(context.settings)]


def make_norms(context: Context) -> pd.DataFrame:
    """Measure the lists of group III with every norm, each explained in both modes."""
    compared = Compared.of(context)
    groups = explained_samples(
        context["data/expression"], context["tables/explained"], context.settings.state_samples
    )
    groups = in_company(context, groups, SAME)
    parts = []
    for norm in NORMS:
        models = models_of(context, norm)
        for mode in MODES:
            for explainer in GROUP_THREE:
                lists = _listed(context, models, groups, explainer, mode)
                rows = pd.DataFrame(measured(lists, compared), columns=MEASURED)
                parts.append(rows.assign(norm=norm, mode=mode))
    table = pd.concat(parts, ignore_index=True)
    kept = ["between_models", "between_tissues", "tissue_specific", "top_expressed"]
    return table[table["statistic"].isin(kept)][COLUMNS]


def _listed(
    context: Context,
    models: list[tuple[str, TrainedModel]],
    groups: list[Samples],
    explainer: str,
    mode: str,
) -> pd.DataFrame:
    """List top genes from full batches of one tissue, through automatic differentiation."""
    if not groups:
        return pd.DataFrame(columns=COLUMNS_OF_LISTS[1:])
    adata, chosen = context["data/expression"], context.settings
    classes = adata.obs["tissue"].to_numpy(dtype=str)
    members = np.ones((1, chosen.state_estimates), dtype=bool)
    values = []
    for number, model in models:
        parts = []
        for group in groups:
            explained = adata.obs_names.get_indexer(group.names)
            others = np.setdiff1d(np.flatnonzero(classes == group.tissue), explained)
            seed = derived_seed(chosen.seed, STATE_STREAM, int(number), *group.tissue.encode())
            rng = np.random.default_rng(seed)
            for batch, wanted in batches(explained, others, FULL, rng):
                found = explain_sets(
                    model.model,
                    np.asarray(adata.X[batch], dtype=np.float32),
                    np.full(len(batch), model.classes.index(group.tissue)),
                    explainer=explainer,
                    members=members,
                    combine="absolute_median",
                    mode=mode,
                    seed=seed,
                    batch_rows=len(batch),
                    engine="captum",
                )
                parts.append(found[0, :wanted])
        values.append(np.concatenate(parts).astype(np.float32))
    scores = make_scores(
        np.stack(values),
        models=[int(number) for number, _ in models],
        genes=adata.var_names.tolist(),
        **labels(groups),
    )
    tables = [
        top_genes(combined, k=chosen.top, by=chosen.rank_by).assign(
            architecture="mlp", explainer=explainer, aggregated=aggregated, model=number
        )
        for aggregated, number, combined in tissue_scores(scores, len(models), chosen.model_scale)
    ]
    return pd.concat(tables, ignore_index=True)


def make_accuracy(context: Context) -> pd.DataFrame:
    """Measure how well the MLPs of each norm classify."""
    adata = context["data/expression"]
    split = context["tables/split"].set_index("sample")["split"]
    tables = [
        accuracy_table((model for _, model in models_of(context, norm)), adata, split).assign(
            norm=norm
        )
        for norm in NORMS
    ]
    return pd.concat(tables, ignore_index=True)


_SETTINGS = ("norm_models", "models", "state_models")

STEPS = (
    Step(
        name=TRAINED,
        path="models/norms-{member}.safetensors",
        form=MODEL,
        make=make_model,
        title="Training MLPs with other norms",
        inputs=("data/expression", "tables/split"),
        settings=(*FAMILY.settings, "hyperparameter_spread"),
        members=_members,
        parallel=True,
    ),
    table_step(
        "norms",
        make_norms,
        "Explaining MLPs with other norms",
        text=("model",),
        inputs=("data/expression", *COMPARED, TRAINED),
        settings=(
            *_SETTINGS,
            "state_estimates",
            "state_samples",
            "top",
            "rank_by",
            "model_scale",
            "seed",
        ),
    ),
    table_step(
        "norm_accuracy",
        make_accuracy,
        "Measuring MLPs with other norms",
        inputs=("data/expression", "tables/split", FAMILY.step, TRAINED),
        settings=_SETTINGS,
    ),
)
