"""Steps: what faithfulness needs of the data: held-out samples, and what genes are set to."""

from __future__ import annotations

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.baselines import BASELINES, OneVsRest, forget
from helpers.faithfulness.curves import replacement
from helpers.study.designs.samples import Samples, explained_samples
from helpers.study.designs.scores import SCORES
from helpers.workflow.step import Context, Step

OF_DATA = "scores/faithfulness_data"

WITHOUT, LEVEL, TEST = "without", "level", "t: "
"""Rows: what genes are set to that are taken away, the mean of each gene, and t of each tissue."""

FEWEST = 2
"""Training samples of a class that a t-test needs."""


def held_out(explained: pd.DataFrame) -> pd.DataFrame:
    """Keep the explained samples that no network was trained on; of a tissue without any, all."""
    seen = explained["split"] == "train"
    none = explained["tissue"].map((~seen).groupby(explained["tissue"]).sum()) == 0
    return explained[~seen | none]


def held_out_samples(
    adata: anndata.AnnData, explained: pd.DataFrame, limit: int | None = None
) -> list[Samples]:
    """Collect the held-out samples, tissue by tissue, of the first `limit` that are explained."""
    first = explained.groupby("tissue", sort=False).head(limit or len(explained))
    return explained_samples(adata, held_out(first))


def make_of_data(context: Context) -> xarray.DataArray:
    """Measure the training samples: rows × genes."""
    adata = context["data/expression"]
    sides = context["tables/split"].set_index("sample")["split"]
    training = (sides.loc[adata.obs_names] == "train").to_numpy()
    x = np.asarray(adata.X)[training]
    classes = adata.obs["tissue"].to_numpy(dtype=str)[training]
    rows = {WITHOUT: replacement(x, classes), LEVEL: x.mean(axis=0, dtype=np.float64)}
    for group in explained_samples(adata, context["tables/explained"]):
        inside = classes == group.tissue
        if min(inside.sum(), (~inside).sum()) >= FEWEST:
            question = OneVsRest(group.tissue, x, inside, group.x)
            rows[TEST + group.tissue] = BASELINES["WelchT"].score(question)
    forget()
    return xarray.DataArray(
        np.stack(list(rows.values())).astype(np.float32),
        dims=("row", "gene"),
        coords={"row": list(rows), "gene": adata.var_names.tolist()},
    )


def row_of(found: xarray.DataArray, name: str) -> npt.NDArray[np.float32] | None:
    """Return a row; None if there is none of that name."""
    names = found["row"].values.tolist()
    return found.values[names.index(name)] if name in names else None


def without(found: xarray.DataArray) -> npt.NDArray[np.float32]:
    """Return what genes are set to that are taken away."""
    return np.asarray(found.values[found["row"].values.tolist().index(WITHOUT)])


STEPS = (
    Step(
        name=OF_DATA,
        path="scores/faithfulness-data.nc",
        form=SCORES,
        make=make_of_data,
        title="Measuring what genes are set to",
        inputs=("data/expression", "tables/split", "tables/explained"),
    ),
)
