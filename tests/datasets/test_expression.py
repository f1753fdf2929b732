from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.datasets.expression import (
    build_anndata,
    check_labels,
    check_matrix,
    log2_tpm,
    to_tpm,
)
from helpers.errors import BadInputError

GENES = ["ALB", "TG", "UMOD"]
SAMPLES = ["s1", "s2"]


def obs(**columns: object) -> pd.DataFrame:
    base = {
        "tissue": ["liver", "TCGA_LIHC"],
        "organ": "liver",
        "study": "TCGA",
        "status": ["normal", "cancer"],
        "donor": ["d1", "d2"],
    }
    return pd.DataFrame({**base, **columns}, index=SAMPLES)


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 8)),
        elements=st.floats(0, 1e6, width=32),
    ).filter(lambda a: bool((a.sum(axis=1) > 1e-3).all()))
)
def test_tpm_sum_to_a_million_and_keep_proportions(fpkm: np.ndarray) -> None:
    tpm = to_tpm(fpkm, [str(i) for i in range(len(fpkm))])
    assert tpm.dtype == np.float32
    np.testing.assert_allclose(tpm.sum(axis=1, dtype=float), 1e6, rtol=1e-5)
    exact = fpkm.astype(float) / fpkm.sum(axis=1, dtype=float, keepdims=True) * 1e6
    np.testing.assert_allclose(tpm, exact, rtol=1e-5, atol=1e-6)


def test_tpm_of_a_silent_sample_names_it() -> None:
    with pytest.raises(BadInputError, match=r"^f.gz: sample 's2' is zero in all 3 genes"):
        to_tpm(np.array([[1, 2, 3], [0, 0, 0]]), SAMPLES, "f.gz")


def test_log2_tpm_values() -> None:
    result = log2_tpm(np.array([0.0, 1.0, 3.0, 1023.0]))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, [0, 1, 2, 10])


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("abc", "'abc' is not a number"),
        ("1,5", "'1,5' is not a number"),
        ("", "the value is missing"),
        ("NA", "the value is missing"),
        (np.nan, "the value is missing"),
        ("-0.5", "-0.5 is negative"),
        (-2.0, "-2.0 is negative"),
        (np.inf, "inf is infinite"),
        ("-inf", "-inf is infinite"),
    ],
)
def test_check_matrix_names_the_bad_value(value: object, fault: str) -> None:
    text = isinstance(value, str)
    values = np.array([["1", "2", "3"]] * 2 if text else [[1.0, 2, 3]] * 2, dtype=object)
    values[1, 2] = value
    values = values if text else values.astype(float)
    with pytest.raises(BadInputError) as error:
        check_matrix(values, GENES, SAMPLES, "f.gz")
    assert f"f.gz: gene 'UMOD', sample 's2': {fault}; " in str(error.value)


def test_check_matrix_names_the_first_and_counts_the_others() -> None:
    values = np.array([[1, 2, -3], [1, -2, 3.0]])
    with pytest.raises(BadInputError, match=r"gene 'TG', sample 's2': .*\(and 1 more"):
        check_matrix(values, GENES, SAMPLES, "f.gz")


def test_check_matrix_accepts_integers_and_text_that_is_numbers() -> None:
    expected = np.array([[0, 2, 3], [4, 5, 6]], dtype=np.float32)
    for values in (expected.astype(int), expected.astype(str).astype(object), expected):
        checked = check_matrix(values, GENES, SAMPLES, "f.gz")
        assert checked.dtype == np.float32
        np.testing.assert_array_equal(checked, expected)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (3, 2)])
def test_check_matrix_refuses_an_empty_or_turned_matrix(shape: tuple[int, int]) -> None:
    with pytest.raises(BadInputError, match=rf"the matrix is {shape[0]} × {shape[1]}"):
        check_matrix(np.ones(shape), GENES, SAMPLES, "f.gz")


def test_check_labels_names_both_places() -> None:
    check_labels(GENES, "gene", "f.gz")
    with pytest.raises(BadInputError, match=r"^f.gz: gene 'ALB' is there twice, at lines 2 and 4"):
        check_labels(["ALB", "TG", "ALB"], "gene", "f.gz", place="line", first=2)
    with pytest.raises(BadInputError, match=r"the sample at column 4 has no name"):
        check_labels(["a", " "], "sample", "f.gz", place="column", first=3)


def test_build_anndata_holds_the_contract(tmp_path) -> None:  # type: ignore[no-untyped-def]
    tpm = np.array([[0, 1, 3], [7, 15, 31]])
    adata = build_anndata(
        tpm,
        GENES,
        obs(extra=1),
        source="invented",
        provenance={"files": {"a": "b"}},
        sha256="0" * 64,
        simulated=True,
        notes=["one note"],
        ensembl_ids=["ENSG1", "", "ENSG3"],
    )
    assert adata.X.dtype == np.float32
    np.testing.assert_array_equal(adata.X, [[0, 1, 2], [3, 4, 5]])
    assert list(adata.obs) == ["tissue", "organ", "study", "status", "donor"]
    assert list(adata.var_names) == GENES
    assert list(adata.var["ensembl_id"]) == ["ENSG1", "", "ENSG3"]
    assert set(adata.uns) == {"source", "provenance", "sha256", "simulated", "notes"}
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(again.X, adata.X)
    assert list(again.obs["tissue"]) == list(adata.obs["tissue"])


def build(table: pd.DataFrame, genes: list[str] = GENES) -> anndata.AnnData:
    return build_anndata(
        np.ones((2, 3)), genes, table, source="x", provenance={}, sha256="", simulated=False
    )


def test_build_anndata_refuses_what_breaks_the_contract() -> None:
    assert list(build(obs()).var["ensembl_id"]) == ["", "", ""]
    with pytest.raises(ValueError, match="obs lacks"):
        build(obs().drop(columns="donor"))
    with pytest.raises(ValueError, match="status must be one of"):
        build(obs(status="tumour"))
    with pytest.raises(BadInputError, match="gene 'ALB' is there twice"):
        build(obs(), ["ALB", "ALB", "TG"])
    with pytest.raises(BadInputError, match="sample 's1' is there twice"):
        build(obs().set_axis(["s1", "s1"]))
