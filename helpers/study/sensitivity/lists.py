"""Steps: MLPs explained under each option: how single estimates agree, and top genes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE, conditions
from helpers.explain.scores import make_scores, top_genes
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS, compare
from helpers.study.designs.choices import (
    CHOICE_SETTINGS,
    Chosen,
    Member,
    chosen_settings,
    member_of,
    members,
)
from helpers.study.designs.combined_estimates import combined_sets, engine_settings
from helpers.study.designs.reach import explained
from helpers.study.designs.references import Pool, ReferenceMaker
from helpers.study.designs.samples import Samples, explained_samples, labels
from helpers.study.designs.single_estimates import (
    COMPARISON_SETTINGS,
    compared,
    explain_groups,
)
from helpers.study.formats import LIST_TABLE, TABLE
from helpers.study.optimisation.at_optimum import Conditions, pool_of
from helpers.study.sensitivity.training import FAMILY, NUMBERS, TRAINED, models_of
from helpers.study.top_genes.lists import tissue_scores
from helpers.workflow.step import Context, Step

AGREEMENT, LISTS = "choices/agreement", "choices/lists"

LIST_COLUMNS = ["architecture", "explainer", "aggregated", "model", "tissue", "rank", "gene",
                "score"]  # fmt: skip

OPTIMAL_REFERENCE = "universal"
"""The kind of reference of combined explanations: the best for MLPs, as the paper found."""

INPUTS = ("data/expression", "tables/split", "tables/explained", "tables/donor_split", FAMILY.step,
          TRAINED)  # fmt: skip
"""Steps that explaining under an option reads."""


def maker_of(context: Context, kind: str, chosen: Chosen) -> ReferenceMaker:
    """Return what makes references as an option asks, the same ones as in the rest of the run."""
    return ReferenceMaker(
        kind,
        context["data/expression"],
        context["tables/split"].set_index("sample")["split"],
        chosen.reference_cut,
        chosen.reference_statistics,
        chosen.reference_samples,
        chosen.seed,
    )


def samples_of(context: Context) -> list[Samples]:
    """Collect the samples that are explained under every option: those that curves are made of.

    Two of a tissue where there are two: in training mode one alone has no statistics.
    """
    limit = max(2, context.settings.curve_samples)
    return explained_samples(context["data/expression"], context["tables/explained"], limit)


def make_agreement(context: Context, name: str) -> pd.DataFrame:
    """Compare single estimates within and between models, under one option.

    Only what the option changes is made: see `explained` and `Member.single`. Samples,
    references and masks are those of the run's own unoptimised explanations.
    """
    member = member_of(name)
    chosen = chosen_settings(context.settings, member)
    groups = samples_of(context)
    tables = [pd.DataFrame(columns=REPRODUCIBILITY_COLUMNS)]
    for explainer, kind in conditions("mlp", member.single):
        # Explainers without a reference stand beside the reference of zeros.
        unused = kind == NO_REFERENCE and "zero" not in member.single
        if explainer not in explained(member) or unused:
            continue
        scores = _single_estimates(context, member, chosen, groups, (explainer, kind))
        comparison = compared("mlp", chosen, scores.sizes["gene"], reference=kind)
        tables.append(compare(scores, comparison, explainer=explainer))
    filled = [table for table in tables if len(table)] or tables
    return pd.concat(filled, ignore_index=True)


def _single_estimates(
    context: Context, member: Member, chosen: Chosen, groups: list[Samples], how: tuple[str, str]
) -> Any:
    """Explain every sample by every model several times: models × replicates × samples × genes."""
    explainer, kind = how
    models = list(models_of(context, member))
    replicates = chosen.replicates
    pools = maker_of(context, kind, chosen).make(
        replicates * len(models), [group.tissue for group in groups]
    )
    values = []
    for position, (number, model) in enumerate(models):
        first = position * replicates
        own = {
            tissue: None if pool is None else pool[first : first + replicates, None]
            for tissue, pool in pools.items()
        }
        values.append(
            explain_groups(
                model,
                int(number),
                groups,
                explainer=explainer,
                references=own,
                integration_steps=chosen.integration_steps,
                settings=chosen,
                replicates=replicates,
            )
        )
    return make_scores(
        np.stack(values),
        models=[int(number) for number, _ in models],
        replicates=replicates,
        genes=context["data/expression"].var_names.tolist(),
        **labels(groups),
    )


def make_lists(context: Context, name: str) -> pd.DataFrame:
    """List the top genes of each tissue by single models and by all, under one option."""
    member = member_of(name)
    chosen = chosen_settings(context.settings, member)
    groups = samples_of(context)
    models = list(models_of(context, member))
    return pd.concat(
        [listed(context, chosen, models, groups, explainer) for explainer in explained(member)],
        ignore_index=True,
    )


def listed(
    context: Context,
    chosen: Any,
    models: list[tuple[str, Any]],
    groups: list[Samples],
    explainer: str,
) -> pd.DataFrame:
    """List the top genes by one explainer, from as many estimates as ``sensitivity_estimates``.

    Parameters
    ----------
    context
        Of a step with `INPUTS`.
    chosen
        The settings, as an option changes them.
    models
        Number and model of each.
    groups
        Samples, tissue by tissue.
    explainer
        An explainer of MLPs.

    Returns
    -------
    pandas.DataFrame
        `LIST_COLUMNS`.
    """
    references = reference_pools(context, chosen, groups, explainer)
    kind = OPTIMAL_REFERENCE if EXPLAINERS[explainer].needs_reference else NO_REFERENCE
    found = Conditions(kind, chosen.sensitivity_estimates)
    values = []
    for number, model in models:
        parts = []
        for group in groups:
            own = references[group.tissue]
            pool = pool_of(explainer, found, own, chosen.seed, int(number))
            parts.append(combined_sets(model, int(number), group, pool, chosen)[0])
        values.append(np.concatenate(parts))
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
    return pd.concat(tables, ignore_index=True)[LIST_COLUMNS]


def reference_pools(
    context: Context, chosen: Any, groups: list[Samples], explainer: str
) -> dict[str, Pool | None]:
    """Make the references of every tissue, which models draw theirs from."""
    tissues = [group.tissue for group in groups]
    if not EXPLAINERS[explainer].needs_reference:
        return dict.fromkeys(tissues)
    pool = max(chosen.reference_pool, chosen.sensitivity_estimates)
    return maker_of(context, OPTIMAL_REFERENCE, chosen).pools(pool, tissues)


SHARED = (*engine_settings("mlp"), *CHOICE_SETTINGS, *NUMBERS, "curve_samples",
          *COMPARISON_SETTINGS, "model_scale")  # fmt: skip
"""Settings that both families depend on."""

_UNIQUE = tuple(dict.fromkeys(SHARED))

STEPS = (
    Step(
        name=AGREEMENT,
        path="agreement/choices-{member}.csv",
        form=TABLE,
        make=make_agreement,
        title="Comparing replicates under other choices",
        inputs=INPUTS,
        settings=(*_UNIQUE, "replicates"),
        members=members,
        parallel=True,
    ),
    Step(
        name=LISTS,
        path="choices/lists-{member}.csv",
        form=LIST_TABLE,
        make=make_lists,
        title="Listing top genes under other choices",
        inputs=INPUTS,
        settings=(*_UNIQUE, "sensitivity_estimates", "reference_pool"),
        members=members,
        parallel=True,
    ),
)
