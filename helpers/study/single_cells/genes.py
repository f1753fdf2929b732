"""Steps: the genes that networks find for each type of cells, and a plain t-test beside them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import anndata
import numpy as np
import pandas as pd
import xarray

from helpers.biology.cell_types import marker_chance, marker_ranks, ranks, welch_t
from helpers.explain.scores import make_scores
from helpers.stability.model_scale import on_one_scale
from helpers.stability.overlap import overlap_matrix
from helpers.stability.ranks import spearman_matrix
from helpers.study.designs.combined_estimates import SetsOfEstimates, combined_sets, engine_settings
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import explained_samples, labels
from helpers.study.designs.scores import SCORES
from helpers.study.designs.seeds import CELL_HALVES_STREAM, CELL_REFERENCE_STREAM, derived_seed
from helpers.study.single_cells.training import TRAINED, model_names
from helpers.training.selection import choose_at_most
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

EXPLAINER, REFERENCE = "DeepLift", "universal"
"""The paper's representative of group II, with the references that it finds best for MLPs."""

TOP = 20
"""Genes in a list: a hundred would be an eighth of the 765 genes that there are."""

CELLS_PER_SAMPLE = 4
"""Cells explained for each sample that a tissue has explained: single cells are noisier."""

HALVES = 20
"""How often the models are divided into two halves, at random."""


def make_model_scores(context: Context, member: str) -> xarray.DataArray:
    """Explain cells of every type by one model: samples × genes."""
    adata, chosen = context["data/single_cells"], context.settings
    sides = context["tables/cell_split"]
    model = context.member(TRAINED, member)
    types = sorted(set(sides["tissue"]))
    cells = CELLS_PER_SAMPLE * chosen.explained_samples
    groups = explained_samples(adata, choose_at_most(sides, types, cells, seed=chosen.seed))
    n = chosen.references
    pool = SetsOfEstimates(
        EXPLAINER, np.ones((1, n), dtype=bool), _references(adata, sides, member, chosen)
    )
    parts = [combined_sets(model, int(member), group, pool, chosen)[0] for group in groups]
    return make_scores(
        np.concatenate(parts),
        genes=adata.var_names.tolist(),
        attributes={"explainer": EXPLAINER, "reference": REFERENCE, "n": chosen.references},
        **labels(groups),
    )


def _references(adata: anndata.AnnData, sides: pd.DataFrame, member: str, chosen: Any) -> Any:
    """Draw a model's references; models that shared them would agree because of that."""
    maker = ReferenceMaker(
        REFERENCE,
        adata,
        sides.set_index("sample")["split"],
        chosen.reference_cut,
        chosen.reference_statistics,
        chosen.reference_samples,
        derived_seed(chosen.seed, CELL_REFERENCE_STREAM, int(member)),
    )
    return maker.make(chosen.references, ["all"])["all"]


def _by_type(context: Context) -> xarray.DataArray:
    """Average the scores over the cells of each type: models × types × genes."""
    parts = [scores for _, scores in context.each("scores/cells")]
    together = on_one_scale(xarray.concat(parts, "model"), context.settings.model_scale)
    return together.groupby("tissue").mean("sample")


def make_genes(context: Context) -> pd.DataFrame:
    """Rank all genes of each type: by all models together, and by a plain t-test."""
    adata = context["data/single_cells"]
    scores = _by_type(context).mean("model")
    types = adata.obs["tissue"].to_numpy(dtype=str)
    parts = []
    for tissue in scores["tissue"].values.tolist():
        values = scores.sel(tissue=tissue).to_numpy()
        t = welch_t(np.asarray(adata.X), types == tissue)
        table = pd.DataFrame(
            {
                "tissue": tissue,
                "gene": adata.var_names.to_numpy(dtype=str),
                "rank": ranks(values),
                "score": values,
                "rank_t": ranks(t),
                "t": t,
            }
        )
        parts.append(table.sort_values("rank"))
    return pd.concat(parts, ignore_index=True)


def make_markers(context: Context) -> pd.DataFrame:
    """Look up the known markers in both rankings."""
    return marker_ranks(context["tables/cell_genes"])


def make_marker_chance(context: Context) -> pd.DataFrame:
    """Compare the markers among the first genes with chance."""
    return marker_chance(context["tables/cell_markers"], context["data/single_cells"].n_vars, TOP)


def make_agreement(context: Context) -> pd.DataFrame:
    """Compare single models with each other, and halves of the ensemble without a model in common.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``what`` (models or halves), ``n`` (models in each), ``pair``, ``overlap`` (of
        the top genes), ``spearman``.
    """
    scores = _by_type(context)
    count = scores.sizes["model"]
    generator = np.random.default_rng([context.settings.seed, CELL_HALVES_STREAM])
    divisions = [generator.permutation(count) for _ in range(HALVES)]
    rows = []
    for tissue in scores["tissue"].values.tolist():
        single = scores.sel(tissue=tissue).transpose("model", "gene").to_numpy()
        for kind, n, vectors, pairs in (
            ("models", 1, single, list(combinations(range(count), 2))),
            ("halves", count // 2, _halves(single, divisions), _neighbours(HALVES)),
        ):
            overlap, rho = overlap_matrix(vectors, TOP), spearman_matrix(vectors)
            rows += [
                [tissue, kind, n, place, overlap[a, b], rho[a, b]]
                for place, (a, b) in enumerate(pairs)
            ]
    return pd.DataFrame(rows, columns=["tissue", "what", "n", "pair", "overlap", "spearman"])


def _halves(single: np.ndarray, divisions: list[np.ndarray]) -> np.ndarray:
    """Average over each half of the models, one division after the other."""
    size = len(single) // 2
    return np.stack(
        [single[half].mean(axis=0) for d in divisions for half in (d[:size], d[size : 2 * size])]
    )


def _neighbours(divisions: int) -> list[tuple[int, int]]:
    return [(2 * i, 2 * i + 1) for i in range(divisions)]


STEPS = (
    Step(
        name="scores/cells",
        path="scores/cells-{member}.nc",
        form=SCORES,
        make=make_model_scores,
        title="Explaining cells",
        inputs=("data/single_cells", "tables/cell_split", TRAINED),
        settings=(*engine_settings("mlp"), "explained_samples", "references"),
        members=model_names,
        parallel=True,
    ),
    table_step(
        "cell_genes",
        make_genes,
        "Ranking genes of cells",
        inputs=("data/single_cells", "scores/cells"),
        settings=("model_scale",),
    ),
    table_step("cell_markers", make_markers, "Looking up markers", inputs=("tables/cell_genes",)),
    table_step(
        "cell_marker_chance",
        make_marker_chance,
        "Comparing markers with chance",
        inputs=("data/single_cells", "tables/cell_markers"),
    ),
    table_step(
        "cell_agreement",
        make_agreement,
        "Comparing models of cells",
        inputs=("scores/cells",),
        settings=("model_scale", "seed"),
    ),
)  # fmt: skip
