"""Steps: what batches of every size do to top genes, of one tissue and mixed."""

from __future__ import annotations

import pandas as pd

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.study.network_state.lists import INPUTS, SETTINGS, groups_of, listed, models_of
from helpers.study.network_state.states import FULL, MIXED, SAME, State
from helpers.study.network_state.statistics import INPUTS as COMPARED
from helpers.study.network_state.statistics import MEASURED, Compared, measured
from helpers.study.network_state.terms import SHOWN
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step
from helpers.workspace.formats import table_format

SIZES = (2, 4, 8, 16, 32, 64, 128, FULL)
"""Samples in a batch."""

CURVES = "network_state/sizes"
COLUMNS = ["company", "batch", "samples", "explainer", "statistic", "model", "value"]


def usable_sizes(alike: int) -> list[tuple[int, int]]:
    """Return the sizes that a tissue can fill, and how many samples each then holds.

    Parameters
    ----------
    alike
        Samples of the smallest explained tissue. The first size that is larger is kept: its
        batches hold all of them. A single sample fills none.
    """
    if alike < 2:
        return []
    found: list[tuple[int, int]] = []
    for size in SIZES:
        found.append((size, min(size, alike)))
        if size >= alike:
            break
    return found


def make_sizes(context: Context, explainer: str) -> pd.DataFrame:
    """Measure the lists of one explainer in training mode, for batches of every size."""
    compared = Compared.of(context)
    models = models_of(context)
    groups = [group for group in groups_of(context) if group.tissue in compared.tissues]
    counts = context["data/expression"].obs["tissue"].astype(str).value_counts()
    smallest = int(counts.loc[compared.tissues].min())
    parts = []
    for company, alike in ((SAME, smallest), (MIXED, int(counts.sum()))):
        for size, samples in usable_sizes(alike):
            state = State("training", "absolute_median", size, company)
            lists = listed(context, models, groups, explainer, state)
            rows = pd.DataFrame(measured(lists, compared), columns=MEASURED)
            parts.append(rows.assign(company=company, batch=size, samples=samples))
    table = pd.concat(parts, ignore_index=True)
    # One explainer alone has no others, and normal tissues have no cancers, to be compared with.
    return table[~table["statistic"].isin(["between_explainers", "segregation"])][COLUMNS]


def make_table(context: Context) -> pd.DataFrame:
    """Put the curves below each other."""
    return pd.concat([table for _, table in context.each(CURVES)], ignore_index=True)


def _members(settings: Settings, dataset: Dataset) -> list[str]:
    return list(SHOWN)


_READ = tuple(dict.fromkeys((*INPUTS, *COMPARED)))

STEPS = (
    Step(
        name=CURVES,
        path="network_state/sizes-{member}.csv",
        form=table_format("model"),
        make=make_sizes,
        title="Explaining in batches of every size",
        inputs=_READ,
        settings=SETTINGS,
        members=_members,
        parallel=True,
    ),
    table_step(
        "batch_sizes",
        make_table,
        "Collecting batches of every size",
        text=("model",),
        inputs=(CURVES,),
    ),
)
