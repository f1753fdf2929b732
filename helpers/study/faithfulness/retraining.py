"""Steps: genes removed and MLPs trained anew (ROAR)."""

from __future__ import annotations

from collections.abc import Sequence

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.devices import device
from helpers.errors import one_of
from helpers.explain.explainers import explainers
from helpers.explain.scores import top_indices
from helpers.faithfulness.curves import matched, usable_sizes
from helpers.faithfulness.retraining import (
    first_of_each,
    in_halves,
    nearest_classes,
    without_genes,
)
from helpers.stability.model_scale import on_one_scale
from helpers.study.designs.choices import Chosen
from helpers.study.designs.families import FAMILIES
from helpers.study.designs.seeds import RETRAINING_STREAM, derived_seed
from helpers.study.faithfulness.data import LEVEL, OF_DATA, TEST, row_of, without
from helpers.study.formats import TABLE
from helpers.training.ensemble import predict, train_member
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import stacked, table_step

FAMILY = FAMILIES["mlp"]

NOTHING, T_TEST, RANDOM, MATCHED = "nothing", "t_test", "random", "matched"
"""What is removed beside the genes of explainers; `MATCHED`: genes of like expression as those of
the first explainer."""

RETRAINED, SCORES_OF_MLPS = "faithfulness/retrained", "scores/optimised_mlp"

REMOVED_COLUMNS = ["ranking", "genes", "repeat", "removed", "classes", "tissue", "samples",
                   "recall", "probability"]  # fmt: skip


def retrained_explainers(settings: Settings) -> list[str]:
    """Name the explainers whose genes are removed."""
    known = explainers("mlp")
    return [one_of("explainer", name, known) for name in settings.roar_explainers] or known


def members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name what is trained: what is removed, how many genes of each tissue, which repeat."""
    rankings = [*retrained_explainers(settings), T_TEST, MATCHED, RANDOM]
    sizes = sorted(set(settings.roar_sizes))
    what = [(NOTHING, 0), *((name, size) for name in rankings for size in sizes)]
    return [f"{n}-{size}-{r}" for n, size in what for r in range(settings.roar_models)]


def make_retrained(context: Context, member: str) -> pd.DataFrame:
    """Train one MLP without some genes, and measure it on samples that it has not seen."""
    chosen = context.settings
    ranking, size, repeat = member.rsplit("-", 2)
    adata = context["data/expression"]
    of_data = context[OF_DATA]
    tissues = list(dict.fromkeys(context["tables/explained"]["tissue"].astype(str)))
    seed = [chosen.seed, RETRAINING_STREAM, int(repeat)]
    removed = np.empty(0, dtype=np.intp)
    if ranking != NOTHING:
        k = usable_sizes([int(size)], adata.n_vars)[0]
        removed = first_of_each(_orders(context, ranking, tissues, k, seed), k)
    kept = _of_classes(adata, tissues, chosen.roar_classes)
    sides = in_halves(kept.obs, seed)
    # The same halves, initial weights and batches, whatever is removed.
    own = Chosen(chosen, {"seed": derived_seed(chosen.seed, RETRAINING_STREAM)})
    changed = without_genes(kept, removed, without(of_data))
    model = train_member(
        changed, sides, int(repeat), hyperparameter_spread=chosen.hyperparameter_spread,
        device=device(), **FAMILY.arguments(own, int(repeat)),
    )  # fmt: skip
    test = (sides == "test").to_numpy() & changed.obs["tissue"].isin(tissues).to_numpy()
    found = predict(model, np.asarray(changed.X)[test])
    truth = changed.obs["tissue"].to_numpy(dtype=str)[test]
    places = {name: place for place, name in enumerate(model.classes)}
    target = np.array([places[name] for name in truth])
    table = pd.DataFrame(
        {"tissue": truth, "recall": found.argmax(axis=1) == target,
         "probability": found[np.arange(len(target)), target]}
    )  # fmt: skip
    rows = table.groupby("tissue", sort=False).agg(
        samples=("recall", "size"), recall=("recall", "mean"), probability=("probability", "mean")
    )
    return rows.reset_index().assign(
        ranking=ranking,
        genes=int(size),
        repeat=int(repeat),
        removed=len(removed),
        classes=len(model.classes),
    )[REMOVED_COLUMNS]


def _of_classes(adata: anndata.AnnData, tissues: list[str], n: int) -> anndata.AnnData:
    classes = adata.obs["tissue"].to_numpy(dtype=str)
    names = nearest_classes(np.asarray(adata.X), classes, tissues, n)
    return adata[np.isin(classes, names)]


def _orders(
    context: Context, ranking: str, tissues: list[str], k: int, seed: Sequence[int]
) -> list[npt.NDArray[np.intp]]:
    """Return the first k genes of each tissue."""
    by, genes = context.settings.rank_by, context["data/expression"].n_vars
    generator = np.random.default_rng(seed)
    if ranking == RANDOM:
        return [generator.permutation(genes)[:k] for _ in tissues]
    of_data = context[OF_DATA]
    if ranking == T_TEST:
        tests = [row_of(of_data, TEST + tissue) for tissue in tissues]
        return [top_indices(test, k, "absolute") for test in tests if test is not None]
    explainer = retrained_explainers(context.settings)[0] if ranking == MATCHED else ranking
    scores = on_one_scale(context.member(SCORES_OF_MLPS, explainer), context.settings.model_scale)
    levels = row_of(of_data, LEVEL)
    assert levels is not None
    orders = []
    for tissue in tissues:
        own = _of_tissue(scores, tissue)
        orders.append(
            top_indices(matched(own, levels, generator) if ranking == MATCHED else own, k, by)
        )
    return orders


def _of_tissue(scores: xarray.DataArray, tissue: str) -> npt.NDArray[np.float64]:
    """Average a tissue's scores over networks and samples."""
    own = scores.values[:, scores["tissue"].values == tissue]
    mean: npt.NDArray[np.float64] = own.mean(axis=(0, 1), dtype=np.float64)
    return mean


def make_table(context: Context) -> pd.DataFrame:
    """Collect what MLPs can do without the genes that were removed."""
    tables = [table for _, table in context.each(RETRAINED)]
    return stacked(tables, REMOVED_COLUMNS)[REMOVED_COLUMNS]


STEPS = (
    Step(
        name=RETRAINED,
        path="faithfulness/retrained-{member}.csv",
        form=TABLE,
        make=make_retrained,
        title="Training anew without some genes",
        inputs=("data/expression", "tables/explained", OF_DATA, SCORES_OF_MLPS),
        settings=(
            *FAMILY.settings, "hyperparameter_spread", "roar_classes", "roar_explainers", "rank_by",
            "model_scale",
        ),
        members=members,
        parallel=True,
    ),
    table_step(
        "retrained", make_table, "Collecting networks trained anew", inputs=(RETRAINED,),
    ),
)  # fmt: skip
