"""Steps: data with planted genes, the truth, the split, the samples to explain."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd

from helpers.datasets.planted import EXPLAINED_CLASSES, load_planted
from helpers.datasets.spike_in import can_be_spiked, spike_in
from helpers.datasets.truth import TRUTH
from helpers.study.designs.seeds import PLANTED_DATA_STREAM, derived_seed
from helpers.study.formats import EXPRESSION
from helpers.training.selection import choose_at_most
from helpers.training.splitting import split
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

FEWEST = 4
"""Simulated samples of a class, at least: so many leave two for training, which a t-test needs."""

DATA, SPLIT, EXPLAINED = "data/planted", "tables/planted_split", "tables/planted_explained"

GENES = "tables/planted_genes"


def make_data(context: Context) -> anndata.AnnData:
    """Simulate samples with planted genes; where data are real, shift genes in half of a class."""
    chosen = context.settings
    seed = derived_seed(chosen.seed, PLANTED_DATA_STREAM)
    tissue = "" if context.dataset.simulated else _largest(context)
    if tissue and can_be_spiked(context["data/expression"], tissue):
        return spike_in(context["data/expression"], tissue, seed=seed)
    # A file with few samples of every class, or few genes, gets the simulation too.
    samples = max(FEWEST, chosen.samples_per_class)
    return load_planted(samples_per_class=samples, seed=seed, classes=chosen.planted_classes)


def _largest(context: Context) -> str:
    """Name the explained class with the most samples."""
    names = list(dict.fromkeys(context["tables/explained"]["tissue"].astype(str)))
    counts = context["data/expression"].obs["tissue"].astype(str).value_counts()
    return str(max(names, key=lambda name: (counts[name], name)))


def make_genes(context: Context) -> pd.DataFrame:
    """List the planted genes, with the mean expression of each: what scores are held to."""
    adata = context[DATA]
    means = pd.Series(np.asarray(adata.X).mean(axis=0, dtype=np.float64), index=adata.var_names)
    table: pd.DataFrame = adata.uns[TRUTH].reset_index(drop=True)
    return table.assign(mean=means[table["gene"].to_numpy()].to_numpy())


def make_split(context: Context) -> pd.DataFrame:
    """Put each sample on one side of the split."""
    obs = context[DATA].obs
    return pd.DataFrame(
        {
            "sample": obs.index.to_numpy(dtype=str),
            "tissue": obs["tissue"].to_numpy(dtype=str),
            "split": split(obs, seed=context.settings.seed).to_numpy(),
        }
    )


def make_explained(context: Context) -> pd.DataFrame:
    """Choose samples of the explained classes, unseen ones first."""
    chosen = context.settings
    planted = list(dict.fromkeys(context[GENES]["tissue"]))
    tissues = [name for name in EXPLAINED_CLASSES if name in planted] or planted[:1]
    return choose_at_most(context[SPLIT], tissues, chosen.explained_samples, seed=chosen.seed)


STEPS = (
    Step(
        name=DATA,
        path="data/planted.h5ad",
        form=EXPRESSION,
        make=make_data,
        title="Planting genes",
        inputs=("data/expression", "tables/explained"),
        settings=("samples_per_class", "planted_classes", "seed"),
        common=True,
    ),
    table_step(
        GENES.removeprefix("tables/"),
        make_genes,
        "Listing planted genes",
        text=("stratum",),
        inputs=(DATA,),
        common=True,
    ),
    table_step(
        SPLIT.removeprefix("tables/"),
        make_split,
        "Splitting samples with planted genes",
        inputs=(DATA,),
        settings=("seed",),
        common=True,
    ),
    table_step(
        EXPLAINED.removeprefix("tables/"),
        make_explained,
        "Choosing samples with planted genes",
        inputs=(SPLIT, GENES),
        settings=("explained_samples", "seed"),
        common=True,
    ),
)
