from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import make_scores
from helpers.stability import SHARED_COLUMNS, shared_by_replicates

GENES = [f"G{i}" for i in range(60)]
NAMES = {"architecture": "mlp", "explainer": "DeepLift"}


@pytest.fixture
def scores() -> xarray.DataArray:
    """Models × replicates × samples × genes."""
    rng = np.random.default_rng(0)
    return make_scores(
        rng.normal(size=60) + rng.normal(size=(3, 4, 2, 60)),
        genes=GENES, models=[0, 1, 2], replicates=4, samples=["s0", "s1"],
        tissues=["liver", "lung"],
    )  # fmt: skip


AGGREGATED = pd.DataFrame({"tissue": ["liver"] * 10 + ["lung"] * 10, "gene": GENES[:20]})


def top(vector: np.ndarray, k: int = 10) -> set[str]:
    return {GENES[i] for i in np.argsort(-np.abs(vector), kind="stable")[:k]}


@pytest.mark.parametrize("over", ["model", "replicate"])
def test_shared_genes_are_counted_as_sets(scores: xarray.DataArray, over: str) -> None:
    table = shared_by_replicates(scores, AGGREGATED, over=over, k=10, **NAMES)
    assert table.columns.tolist() == SHARED_COLUMNS
    sizes = {"model": 3, "replicate": 4}
    assert len(table) == 2 * sizes[over]
    baseline = set(GENES[10:20])
    values = scores.sel(sample="s1").transpose(over, ...).values
    blocks = [[top(v) for v in values[:, other]] for other in range(values.shape[1])]
    rows = table[table["sample"] == "s1"].set_index("shared_by")
    assert set(rows["tissue"]) == {"lung"}
    for times in range(2, sizes[over] + 1):
        shared = [
            {g for g in GENES if sum(g in one for one in block) >= times} for block in blocks
        ]  # fmt: skip
        total = sum(map(len, shared))
        assert rows.loc[times, "genes"] == pytest.approx(total / len(blocks))
        hits = sum(len(genes & baseline) for genes in shared)
        assert rows.loc[times, "overlap"] == pytest.approx(hits / total)
    single = np.mean([len(one & baseline) / 10 for block in blocks for one in block])
    assert rows.loc[1, "genes"] == 10
    assert rows.loc[1, "overlap"] == pytest.approx(single)


def test_equal_replicates_share_everything(scores: xarray.DataArray) -> None:
    same = scores.isel(replicate=0, drop=True)
    same = same * 0 + same.isel(model=0)
    table = shared_by_replicates(same, AGGREGATED, k=10, **NAMES)
    assert (table["genes"] == 10).all()
    assert table.groupby("sample")["overlap"].nunique().eq(1).all()


def test_nothing_shared_is_missing() -> None:
    values = np.kron(np.eye(3), np.ones((1, 20)))[:, None, :]
    scores = make_scores(values, genes=GENES, models=[0, 1, 2], samples=["s"], tissues=["liver"])
    table = shared_by_replicates(scores, AGGREGATED, k=20, **NAMES)
    assert table["genes"].tolist() == [20, 0, 0]
    assert table["overlap"].isna().tolist() == [False, True, True]
    assert table["overlap"].iloc[0] == pytest.approx(10 / 60)


def test_lists_of_samples_go_before_lists_of_tissues(scores: xarray.DataArray) -> None:
    lists = AGGREGATED.assign(sample=["s1"] * 10 + ["s0"] * 10)
    found = shared_by_replicates(scores, lists, k=10, **NAMES)
    swapped = AGGREGATED.assign(tissue=["lung"] * 10 + ["liver"] * 10)
    pd.testing.assert_frame_equal(found, shared_by_replicates(scores, swapped, k=10, **NAMES))


def test_bad_input(scores: xarray.DataArray) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'model'"):
        shared_by_replicates(scores, AGGREGATED, over="models", **NAMES)
    with pytest.raises(BadInputError, match="dimension 'replicate'"):
        shared_by_replicates(
            scores.isel(replicate=0, drop=True), AGGREGATED, over="replicate", **NAMES
        )
    with pytest.raises(BadInputError, match="at least two replicates"):
        shared_by_replicates(scores.isel(model=[0]), AGGREGATED, **NAMES)
    with pytest.raises(BadInputError, match="no aggregated list of top genes for tissue 'lung'"):
        shared_by_replicates(scores, AGGREGATED.iloc[:10], k=10, **NAMES)
    with pytest.raises(BadInputError, match="top 100 genes"):
        shared_by_replicates(scores, AGGREGATED, **NAMES)
