"""Steps: top genes by MLPs that explain in one state after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE
from helpers.explain.mlp.batch import explain_batch
from helpers.explain.scores import make_scores, top_genes
from helpers.models.files import TrainedModel
from helpers.stability.overlap import list_length
from helpers.study.designs.choices import Chosen
from helpers.study.designs.combined_estimates import combined_sets, engine_settings
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.reach import explainer_names
from helpers.study.designs.samples import Samples, explained_samples, labels
from helpers.study.designs.seeds import STATE_STREAM, derived_seed
from helpers.study.network_state.states import MIXED, STATES, State, batches
from helpers.study.optimisation.at_optimum import Conditions, pool_of, reference_pools
from helpers.study.top_genes.lists import tissue_scores
from helpers.workflow.step import Context, Step
from helpers.workspace.formats import table_format

FAMILY = FAMILIES["mlp"]

LISTS = "network_state/lists"

COLUMNS = ["state", "architecture", "explainer", "aggregated", "model", "tissue", "rank", "gene",
           "score"]  # fmt: skip

INPUTS = ("data/expression", "tables/split", "tables/explained", "tables/cancer_explained",
          FAMILY.step)  # fmt: skip

SETTINGS = (*dict.fromkeys((*engine_settings("mlp"), "state_models", "state_estimates",
                            "state_samples", "reference_pool", "top", "rank_by",
                            "model_scale")),)  # fmt: skip


def models_of(context: Context) -> list[tuple[str, TrainedModel]]:
    """Return number and model of the first MLPs of the run."""
    numbers = context.members(FAMILY.step)[: context.settings.state_models]
    return [(number, context.member(FAMILY.step, number)) for number in numbers]


def groups_of(context: Context) -> list[Samples]:
    """Collect the samples that are explained: of the tissues, and of their organs' cancers."""
    columns = ["tissue", "sample"]
    tables = [context["tables/explained"][columns], context["tables/cancer_explained"][columns]]
    explained = pd.concat([table for table in tables if len(table)])
    return explained_samples(context["data/expression"], explained, context.settings.state_samples)


def make_lists(context: Context, explainer: str) -> pd.DataFrame:
    """List the top genes of each tissue by one explainer in every state."""
    models, groups = models_of(context), groups_of(context)
    tables = [
        listed(context, models, groups, explainer, state).assign(state=state.name)
        for state in STATES
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def listed(
    context: Context,
    models: list[tuple[str, TrainedModel]],
    groups: list[Samples],
    explainer: str,
    state: State,
) -> pd.DataFrame:
    """List the top genes of each tissue, by each model alone and by all together.

    Parameters
    ----------
    context
        Of a step with `INPUTS` and `SETTINGS`.
    models
        Number and model of each.
    groups
        Samples, tissue by tissue.
    explainer
        An explainer of MLPs.
    state
        The state of the network.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` without the state. A tissue of a single sample is left out where it would be a
        batch of its own, of which BatchNorm has no statistics.
    """
    chosen = context.settings
    kind = "universal" if EXPLAINERS[explainer].needs_reference else NO_REFERENCE
    found = Conditions(kind, chosen.state_estimates)
    pools = reference_pools(context, found, [group.tissue for group in groups])
    make = _in_batches if state.batch else _alone
    if state.batch:
        groups = in_company(context, groups, state.company)
    if not groups:
        return pd.DataFrame(columns=COLUMNS[1:])
    values = [
        np.concatenate(
            [
                make(context, model, int(number), group, (explainer, found, pools), state)
                for group in groups
            ]
        )
        for number, model in models
    ]
    return ranked(context, models, groups, explainer, values)


def ranked(
    context: Context,
    models: list[tuple[str, TrainedModel]],
    groups: list[Samples],
    explainer: str,
    values: list[npt.NDArray[np.float32]],
) -> pd.DataFrame:
    """Rank the genes of each tissue by scores, of each model alone and of all together.

    Parameters
    ----------
    context, models, groups, explainer
        See `listed`.
    values
        Of each model: samples × genes, in the order of the groups.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` without the state.
    """
    chosen = context.settings
    scores = make_scores(
        np.stack(values),
        models=[int(number) for number, _ in models],
        genes=context["data/expression"].var_names.tolist(),
        **labels(groups),
    )
    k = list_length(chosen.top, scores.sizes["gene"])
    tables = [
        top_genes(combined, k=k, by=chosen.rank_by).assign(
            architecture="mlp", explainer=explainer, aggregated=aggregated, model=number
        )
        for aggregated, number, combined in tissue_scores(scores, len(models), chosen.model_scale)
    ]
    return pd.concat(tables, ignore_index=True)


def in_company(context: Context, groups: list[Samples], company: str) -> list[Samples]:
    """Leave out tissues whose samples would find none to share a batch with."""
    if company == MIXED:
        return groups
    counts = context["data/expression"].obs["tissue"].astype(str).value_counts()
    return [group for group in groups if counts[group.tissue] > 1]


def _alone(
    context: Context, model: TrainedModel, number: int, group: Samples, how: Any, state: State
) -> npt.NDArray[np.float32]:
    """Explain samples where a batch has no effect: samples × genes."""
    explainer, found, pools = how
    chosen = Chosen(context.settings, {"mode": state.mode, "combine": state.combine})
    pool = pool_of(explainer, found, pools[group.tissue], context.settings.seed, number)
    return combined_sets(model, number, group, pool, chosen)[0]


def _in_batches(
    context: Context, model: TrainedModel, number: int, group: Samples, how: Any, state: State
) -> npt.NDArray[np.float32]:
    """Explain samples in training mode, in the company that the state asks for."""
    explainer, found, pools = how
    adata, chosen = context["data/expression"], context.settings
    classes = adata.obs["tissue"].to_numpy(dtype=str)
    explained = adata.obs_names.get_indexer(group.names)
    alike = np.full(len(classes), True) if state.company == MIXED else classes == group.tissue
    others = np.setdiff1d(np.flatnonzero(alike), explained)
    seed = derived_seed(chosen.seed, STATE_STREAM, number, *group.tissue.encode())
    pool = pool_of(explainer, found, pools[group.tissue], chosen.seed, number)
    parts = []
    for batch, wanted in batches(explained, others, state.batch, np.random.default_rng(seed)):
        parts.append(
            explain_batch(
                [model.model],
                np.asarray(adata.X[batch], dtype=np.float32),
                [model.classes.index(label) for label in classes[batch]],
                explainer=explainer,
                members=pool.members,
                rows=np.arange(wanted),
                references=pool.references,
                combine=state.combine,
                integration_steps=chosen.integration_steps,
                seed=[seed, *batch[:1]],
            )[0, 0]
        )
    return np.concatenate(parts).astype(np.float32)


def _members(settings: Settings, dataset: Dataset) -> list[str]:
    return explainer_names(settings, dataset)


STEPS = (
    Step(
        name=LISTS,
        path="network_state/lists-{member}.csv",
        form=table_format("model"),
        make=make_lists,
        title="Explaining in other states of the network",
        inputs=INPUTS,
        settings=SETTINGS,
        members=_members,
        parallel=True,
    ),
)
