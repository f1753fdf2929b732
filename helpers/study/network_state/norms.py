"""Steps: the control, how MLPs are explained whose hidden layer does not look at the batch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.explain import explain_sets
from helpers.models.files import TrainedModel
from helpers.models.mlp import NORMS
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.samples import Samples, explained_samples
from helpers.study.designs.seeds import STATE_STREAM, derived_seed
from helpers.study.network_state.lists import COLUMNS as COLUMNS_OF_LISTS
from helpers.study.network_state.lists import in_company, ranked
from helpers.study.network_state.states import FULL, SAME, batches
from helpers.study.network_state.statistics import INPUTS as COMPARED
from helpers.study.network_state.statistics import MEASURED, Compared, measured
from helpers.study.network_state.terms import GROUP_THREE
from helpers.study.network_state.training import TRAINED, models_of
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

FAMILY = FAMILIES["mlp"]

COLUMNS = ["norm", "mode", "explainer", "statistic", "model", "value"]
MODES = ("dropout", "training")


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
    return ranked(context, models, groups, explainer, values)


STEPS = (
    table_step(
        "norms",
        make_norms,
        "Explaining MLPs with other norms",
        text=("model",),
        inputs=("data/expression", *COMPARED, TRAINED),
        settings=(
            "norm_models",
            "models",
            "state_models",
            "state_estimates",
            "state_samples",
            "top",
            "rank_by",
            "model_scale",
            "seed",
        ),
    ),
)
