from __future__ import annotations

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers.errors import BadInputError, MissingInputError, UnknownNameError
from helpers.explain import load_scores, make_scores, save_scores, top_genes, top_indices


def example(shape: tuple[int, int, int] = (2, 3, 6)) -> xarray.DataArray:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return make_scores(
        values,
        genes=[f"GENE{i}" for i in range(shape[2])],
        models=list(range(shape[0])),
        samples=[f"s{i}" for i in range(shape[1])],
        tissues=["liver", "liver", "lung"],
        attributes={"explainer": "DeepLift", "reference": "universal", "n": 60, "σ": [1.5, None]},
    )


def test_dimensions_keep_their_order():
    scores = example()
    assert scores.dims == ("model", "sample", "gene")
    assert scores.sel(sample="s2")["tissue"] == "lung"
    everything = make_scores(
        np.zeros((2, 1, 4, 1, 3)),
        genes=["a", "b", "c"],
        explainers=["Saliency", "DeepLift"],
        models=["m"],
        replicates=4,
        samples=["s"],
    )
    assert everything.dims == ("explainer", "model", "replicate", "sample", "gene")
    assert everything["replicate"].values.tolist() == [0, 1, 2, 3]


def test_labels_that_do_not_fit():
    with pytest.raises(BadInputError, match=r"shape \(2, 3\) .* 2 samples × 2 genes"):
        make_scores(np.zeros((2, 3)), genes=["a", "b"], samples=["s", "t"])
    with pytest.raises(BadInputError, match="label 'a' of dimension 'gene' occurs twice"):
        make_scores(np.zeros(2), genes=["a", "a"])
    with pytest.raises(BadInputError, match="1 tissues cannot be given to 2 samples"):
        make_scores(np.zeros((2, 1)), genes=["a"], samples=["s", "t"], tissues=["liver"])


@given(
    arrays.arrays(
        float, st.integers(1, 40), elements=st.integers(-3, 3).map(float) | st.floats(-5, 5)
    ),
    st.integers(1, 40),
    st.sampled_from(["absolute", "signed"]),
)
def test_top_indices_equal_a_stable_sort(vector, k, by):
    k = min(k, len(vector))
    key = np.abs(vector) if by == "absolute" else vector
    expected = sorted(range(len(vector)), key=lambda i: (-key[i], i))[:k]
    assert top_indices(vector, k, by).tolist() == expected


def test_ties_at_the_end_of_the_list_are_broken_by_gene_order():
    assert top_indices(np.array([1.0, -2.0, 2.0, -1.0, 1.0]), 3).tolist() == [1, 2, 0]
    assert top_indices(np.array([1.0, -2.0, 2.0, -1.0, 1.0]), 3, "signed").tolist() == [2, 0, 4]


def test_top_genes_of_every_vector():
    scores = example()
    table = top_genes(scores, k=2)
    assert table.columns.tolist() == ["model", "sample", "tissue", "rank", "gene", "score"]
    assert len(table) == 2 * 3 * 2
    rows = table[(table["model"] == 1) & (table["sample"] == "s2")]
    vector = scores.sel(model=1, sample="s2")
    best = np.argsort(-np.abs(vector.values))[:2]
    assert rows["gene"].tolist() == vector["gene"].values[best].tolist()
    assert rows["rank"].tolist() == [1, 2]
    assert set(rows["tissue"]) == {"lung"}
    np.testing.assert_array_equal(rows["score"], vector.values[best])


def test_top_genes_do_not_depend_on_the_order_of_dimensions():
    scores = example()
    one = top_genes(scores, k=3)
    other = top_genes(scores.transpose("gene", "model", "sample"), k=3)
    assert one.equals(other)


def test_top_genes_of_a_single_vector():
    table = top_genes(example().isel(model=0, sample=0), k=1)
    assert table.columns.tolist() == ["rank", "gene", "score"]


def test_top_genes_that_cannot_be_taken():
    with pytest.raises(BadInputError, match="top 100 genes cannot be taken from 6"):
        top_genes(example())
    with pytest.raises(BadInputError, match="top 0"):
        top_genes(example(), k=0)
    with pytest.raises(BadInputError, match=r"gene 1 .* not a number"):
        top_indices(np.array([1.0, np.nan]), 1)
    with pytest.raises(UnknownNameError, match="did you mean 'signed'"):
        top_indices(np.ones(3), 1, "sign")


def test_saved_scores_come_back(tmp_path):
    scores = example()
    save_scores(tmp_path / "scores.nc", scores)
    loaded = load_scores(tmp_path / "scores.nc")
    xarray.testing.assert_identical(loaded, scores)
    assert loaded.dtype == np.float32
    assert loaded.attrs == scores.attrs
    save_scores(tmp_path / "again.nc", loaded)
    assert (tmp_path / "scores.nc").read_bytes() == (tmp_path / "again.nc").read_bytes()


def test_files_that_are_no_scores(tmp_path):
    path = tmp_path / "scores.nc"
    with pytest.raises(MissingInputError, match=r"scores\.nc"):
        load_scores(path)
    for content in (b"", b"text"):
        path.write_bytes(content)
        with pytest.raises(BadInputError, match=r"scores\.nc is not a file of scores"):
            load_scores(path)
    save_scores(path, example())
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadInputError, match=r"scores\.nc is not a file of scores"):
        load_scores(path)
    xarray.DataArray([1.0]).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(BadInputError, match=r"scores\.nc is not a file of scores"):
        load_scores(path)
