"""Steps: every gene's score and rank by every explainer, beside differential expression.

Other tables hold the top of a list; these hold all of it, for people who go on with the genes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.annotations.markers import read_markers
from helpers.baselines.one_vs_rest import one_vs_rest
from helpers.stability.model_scale import on_one_scale
from helpers.study.designs.plain_rankings import WITHOUT_NETWORK, baseline_scores
from helpers.study.designs.samples import explained_samples
from helpers.study.formats import PARQUET
from helpers.study.optimisation.at_optimum import OPTIMA
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

RANKINGS = "tables/rankings"
MARKERS = "tables/markers"

NAMES = ("architecture", "explainer", "class", "gene")
"""Columns of text; together they are the key of a row."""

MARKER_COLUMNS = [
    *NAMES, "score", "rank", "spread", "wilcoxon_z", "wilcoxon_fdr", "log2_fold_change",
    "differential_rank",
]  # fmt: skip


def make_rankings(context: Context) -> pd.DataFrame:
    """Rank all genes of each explained class by all explainers and baselines.

    Returns
    -------
    pandas.DataFrame
        `NAMES` (a baseline's architecture is ``"none"``); ``score``: the mean over models, on one
        scale, and over the samples of the class; ``rank`` from 1; ``spread``: the standard
        deviation (n − 1) of the models' own scores, missing for a baseline or a single model; and
        the columns of `helpers.baselines.one_vs_rest`, over all samples, alike for all explainers.
    """
    chosen, adata = context.settings, context["data/expression"]
    genes = adata.var_names.to_numpy(dtype=str)
    classes = list(dict.fromkeys(context["tables/explained"]["tissue"]))
    labels = adata.obs["tissue"].to_numpy(dtype=str)
    tested = one_vs_rest(np.asarray(adata.X), labels, classes, genes).set_index("class")
    parts = []
    for architecture, explainer, name, scores, spread in _scored(context):
        key = {"architecture": architecture, "explainer": explainer, "class": name}
        beside = tested.loc[name].reset_index(drop=True).drop(columns="gene")
        ranked = pd.DataFrame(
            {**key, "gene": genes, "score": scores, "rank": ranks(scores, chosen.rank_by),
             "spread": spread}
        )  # fmt: skip
        parts.append(pd.concat([ranked, beside], axis="columns"))
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(NAMES, "category"))


Scores = npt.NDArray[np.float64]


def _scored(context: Context) -> Iterator[tuple[str, str, str, Scores, Scores]]:
    """Yield architecture, explainer, class, scores and their spread over models."""
    chosen, adata = context.settings, context["data/expression"]
    for optimum in OPTIMA:
        for explainer, scores in context.each(optimum.step):
            for name, mean, spread in of_classes(scores, chosen.model_scale):
                yield optimum.family.architecture, explainer, name, mean, spread
    groups = explained_samples(adata, context["tables/explained"])
    unknown = np.full(adata.n_vars, np.nan)
    for name, baseline, found in baseline_scores(
        adata, context["tables/split"], groups, chosen.seed
    ):
        yield WITHOUT_NETWORK, baseline, name, found, unknown


def of_classes(scores: xarray.DataArray, scale: str) -> list[tuple[str, Scores, Scores]]:
    """Return of each class the genes' mean score over models, and its SD over models.

    Parameters
    ----------
    scores
        Models × samples × genes, coordinate ``tissue`` along samples.
    scale
        How models are weighed: see `on_one_scale`.
    """
    found = []
    levelled = on_one_scale(scores, scale)
    tissues = scores["tissue"].to_numpy()
    for tissue in dict.fromkeys(tissues.tolist()):
        own = levelled.to_numpy()[:, tissues == tissue].mean(axis=1, dtype=np.float64)
        several = len(own) > 1
        spread = own.std(axis=0, ddof=1) if several else np.full(own.shape[1], np.nan)
        found.append((str(tissue), own.mean(axis=0), spread))
    return found


def ranks(scores: Scores, by: str) -> npt.NDArray[np.int64]:
    """Rank genes as lists of top genes are: of equal scores the first in the data comes first."""
    size = np.abs(scores) if by == "absolute" else scores
    rank = np.empty(len(scores), dtype=np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(1, len(scores) + 1)
    return rank


def make_markers(context: Context) -> pd.DataFrame:
    """Look up the user's own marker genes in all rankings; without a file there are no rows."""
    path = context.settings.marker_file
    if not path:
        return pd.DataFrame(columns=MARKER_COLUMNS)
    table = context[RANKINGS].astype(dict.fromkeys(NAMES, str))
    markers = read_markers(Path(path), table["class"].unique(), table["gene"].unique())
    return markers.merge(table, on=["class", "gene"])[MARKER_COLUMNS]


def marker_files(path: str) -> list[Path | str]:
    """Name the file with markers; `path` may be empty."""
    return [Path(path)] if path else []


STEPS = (
    Step(
        name=RANKINGS,
        path="tables/rankings.parquet",
        form=PARQUET,
        make=make_rankings,
        title="Ranking all genes",
        inputs=(
            "data/expression", "tables/split", "tables/explained",
            *(optimum.step for optimum in OPTIMA),
        ),
        settings=("rank_by", "model_scale", "seed"),
    ),
    table_step(
        "markers",
        make_markers,
        "Looking up markers",
        inputs=(RANKINGS,),
        named_files={"marker_file": marker_files},
    ),
)  # fmt: skip
