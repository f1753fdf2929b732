"""A user's own `.h5ad`: what is made of it, and one sentence for each fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from helpers.config import settings
from helpers.datasets import find_dataset
from helpers.datasets.own import examine, load_own
from helpers.datasets.own_samples import Columns
from helpers.datasets.rnaseqdb import load_rnaseqdb
from helpers.datasets.sources import Source
from helpers.datasets.symbols import annotation
from helpers.errors import BadInputError, HelpersError, MissingInputError, UnknownNameError
from helpers.study import Study, open_study

TINY = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"

GENES = ("ALB", "LYZ", "MS4A1", "CD3D", "NKG7", "TP53")
SAMPLES = [f"cell{i}" for i in range(30)]
CLASSES = ["B"] * 12 + ["T"] * 15 + ["rare"] * 3


def counts(genes: int = len(GENES)) -> np.ndarray:
    made = np.random.default_rng(0).poisson(5.0, size=(len(SAMPLES), genes))
    made[:, 0] += 1
    return made.astype(np.float32)


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"kind": CLASSES, **columns}, index=SAMPLES)


def write(folder: Path, x: Any = None, *, name: str = "own.h5ad", **parts: Any) -> Path:
    given = {"obs": table(), "var": pd.DataFrame(index=list(GENES))} | parts
    path = folder / name
    anndata.AnnData(counts() if x is None else x, **given).write_h5ad(path)
    return path


def load(path: Path, **options: Any) -> anndata.AnnData:
    return load_own(path, **{"class_column": "kind"} | options)


def cpm(values: np.ndarray) -> np.ndarray:
    kept = values[:27].astype(np.float64)
    return np.log2(kept / kept.sum(axis=1, keepdims=True) * 1e6 + 1)


def test_counts_become_log2_cpm_of_the_large_classes(tmp_path: Path) -> None:
    adata = load(write(tmp_path))
    np.testing.assert_allclose(adata.X, cpm(counts()), rtol=1e-6)
    assert adata.X.dtype == np.float32
    assert list(adata.obs_names) == SAMPLES[:27]
    assert adata.obs["tissue"].tolist() == CLASSES[:27]
    assert set(adata.obs["study"]) == {"own"}
    assert set(adata.obs["status"]) == {"normal"}
    assert list(adata.var_names) == list(GENES)
    assert adata.var.loc["ALB", "ensembl_id"] == "ENSG00000163631"
    notes = " ".join(adata.uns["notes"])
    assert "all values are whole numbers" in notes
    assert "CPM" in notes
    assert "Class rare is left out: 3 samples" in notes
    assert "6 are in the embedded annotation" in notes


@pytest.mark.parametrize("form", ["dense", "csr", "csc", "layer", "raw", "int64"])
def test_the_form_of_the_matrix_does_not_matter(form: str, tmp_path: Path) -> None:
    plain, other = counts(), counts() + 7
    var = pd.DataFrame(index=list(GENES))
    if form == "layer":
        path, options = (
            write(tmp_path, other, layers={"counts": sparse.csr_matrix(plain)}),
            {"layer": "counts"},
        )
    elif form == "raw":
        made = anndata.AnnData(plain, obs=table(), var=var)
        made.raw = made.copy()
        made.X = np.log1p(other)
        path, options = tmp_path / "own.h5ad", {"layer": "raw"}
        made.write_h5ad(path)
    else:
        forms = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "int64": np.int64}
        path, options = write(tmp_path, forms.get(form, np.asarray)(plain)), {}
    np.testing.assert_array_equal(
        load(path, **options).X, load(write(tmp_path, plain, name="p.h5ad")).X
    )


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, sparse.csr_matrix(counts()))
    whole = load(path).X
    monkeypatch.setattr("helpers.datasets.contents.BLOCK_BYTES", 8 * len(GENES) * 4)
    np.testing.assert_array_equal(load(path).X, whole)


@pytest.mark.parametrize(
    ("unit", "change", "said"),
    [
        ("tpm", lambda x: x * 1e6 / x.sum(axis=1, keepdims=True), "not whole"),
        ("log1p", lambda x: np.log1p(x * 1e4 / x.sum(axis=1, keepdims=True)), "same total"),
        ("log2", lambda x: np.log2(x * 1e4 / x.sum(axis=1, keepdims=True) + 1), "same total"),
        ("log2", lambda x: np.log2(x * 1e5 + 1), "a natural logarithm of TPM cannot reach"),
        ("log1p", lambda x: np.log1p(x), "this is a guess"),
    ],
)
def test_units_are_recognised_and_undone(unit: str, change: Any, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, change(counts().astype(np.float64)))
    adata = load(path)
    np.testing.assert_allclose(adata.X, cpm(counts()), atol=2e-3)
    assert adata.uns["provenance"]["unit"] == unit
    assert said in adata.uns["notes"][0]


def test_a_recorded_logarithm_and_the_users_word_come_first(tmp_path: Path) -> None:
    x = np.log2(counts().astype(np.float64) + 1)
    path = write(tmp_path, x, uns={"log1p": {"base": 2.0}})
    np.testing.assert_allclose(load(path).X, cpm(counts()), atol=1e-4)
    assert "records" in load(path).uns["notes"][0]
    assert load(path, unit="log10").uns["provenance"]["unit"] == "log10"
    odd = write(tmp_path, x, uns={"log1p": {"base": 3.0}}, name="odd.h5ad")
    with pytest.raises(BadInputError, match=r"logarithm to base 3.*--unit"):
        load(odd)


def test_symbols_by_ensembl_id_column_and_name(tmp_path: Path) -> None:
    ids = annotation()[list(GENES)]
    versioned = pd.DataFrame(index=[f"{gene}.{i}" for i, gene in enumerate(ids)])
    assert list(load(write(tmp_path, var=versioned)).var_names) == list(GENES)
    named = pd.DataFrame({"gene_symbols": list(GENES)}, index=list(ids))
    named.iloc[0, 0] = np.nan
    named.iloc[2, 0] = "LYZ"
    adata = load(write(tmp_path, var=named))
    # ALB has no symbol any more; MS4A1 was called LYZ, and both are added up.
    assert list(adata.var_names) == ["LYZ", "CD3D", "NKG7", "TP53"]
    values = counts()[:27].astype(np.float64)
    expected = np.column_stack([values[:, 1] + values[:, 2], values[:, 3:]])
    expected = np.log2(expected / expected.sum(axis=1, keepdims=True) * 1e6 + 1)
    np.testing.assert_allclose(adata.X, expected, rtol=1e-6)
    notes = " ".join(adata.uns["notes"])
    assert "1 genes without a symbol are left out" in notes
    assert "1 genes share the symbol" in notes
    own = pd.DataFrame({"mine": list(GENES)}, index=[str(i) for i in range(len(GENES))])
    assert list(load(write(tmp_path, var=own), gene_column="mine").var_names) == list(GENES)


def test_organ_status_and_donor_columns(tmp_path: Path) -> None:
    donors = [f"d{i % 5}" for i in range(30)]
    donors[0] = None  # type: ignore[call-overload]
    obs = table(organ=["skin"] * 30, state=["Tumour"] * 12 + ["healthy"] * 18, donor=donors)
    path = write(tmp_path, obs=obs)
    adata = load(path, organ_column="organ", status_column="state", donor_column="donor")
    assert adata.obs.groupby("tissue", observed=True)["status"].first().to_dict() == {
        "B": "cancer", "T": "normal",
    }  # fmt: skip
    assert set(adata.obs["organ"]) == {"skin"}
    assert adata.obs["donor"].tolist()[:2] == ["", "d1"]
    assert "1 of 30 samples have no donor in column `donor`" in " ".join(adata.uns["notes"])
    own, status = Source(path), Columns("kind", status="state")
    assert examine(own, status).classes == ("T", "rare")
    assert examine(own, Columns("kind")).classes == ("T", "B", "rare")
    assert examine(own, Columns("kind"), min_class_size=10).classes == ("T", "B")
    assert examine(own, status, min_class_size=10).classes == ("T",)
    with pytest.raises(BadInputError, match="fewer than two classes of at least 16 samples"):
        examine(own, status, min_class_size=16)


def test_samples_without_a_class_are_left_out_and_counted(tmp_path: Path) -> None:
    obs = table()
    for sample, word in {"cell3": None, "cell5": "NA", "cell20": "nan"}.items():
        obs.loc[sample, "kind"] = word
    path = write(tmp_path, obs=obs)
    adata = load(path)
    assert list(adata.obs_names) == [
        s for s in SAMPLES[:27] if s not in {"cell3", "cell5", "cell20"}
    ]
    said = "3 of 30 samples have no class in column `kind` and are left out"
    assert f"{said} (in its place stands: empty 1, 'NA' 1, 'nan' 1)." in adata.uns["notes"]
    # A value that nobody uses spoils nothing.
    values = counts()
    values[3, 1] = np.nan
    np.testing.assert_array_equal(load(write(tmp_path, values, obs=obs)).X, adata.X)


@pytest.mark.filterwarnings("ignore:.*names are not unique:UserWarning")
def test_genes_of_one_name_are_added_up(tmp_path: Path) -> None:
    adata = load(write(tmp_path, var=pd.DataFrame(index=[*GENES[:5], "ALB"])))
    assert list(adata.var_names) == list(GENES[:5])
    values = counts()[:27].astype(np.float64)
    values[:, 0] += values[:, 5]
    expected = np.log2(
        values[:, :5] / values.sum(axis=1, keepdims=True, where=[True] * 5 + [False]) * 1e6 + 1
    )
    np.testing.assert_allclose(adata.X, expected, rtol=1e-6)
    assert "1 genes share the symbol of another and are added to it." in adata.uns["notes"]


def faulty(value: float) -> np.ndarray:
    made = counts()
    made[4, 1] = value
    return made


NO_CLASS = table().assign(kind=[None, "NA", "nan", "", " ", "<NA>"] * 5)
FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "negative": ({"x": faulty(-0.5)}, {}, r"X, gene 'LYZ', sample 'cell4': -0.5 is negative"),
    "negative counts": ({"x": faulty(-2)}, {"unit": "counts"}, "negative, which counts cannot be"),
    "fraction": ({"x": faulty(1.5)}, {"unit": "counts"}, "1.5 is not a whole number, as counts"),
    "nan": ({"x": faulty(np.nan)}, {}, r"gene 'LYZ', sample 'cell4': the value is missing"),
    "huge": ({"x": faulty(1e16)}, {}, r"gene 'LYZ', sample 'cell4': 1e\+16 is more than any count"),
    "infinite": ({"x": faulty(np.inf)}, {}, "the value is infinite"),
    "no column": ({}, {"class_column": "kin"}, "'kin': did you mean 'kind'"),
    "none named": ({}, {"class_column": ""}, r"Name it with --class-column .*kind"),
    "one class": ({"obs": table(one="x")}, {"class_column": "one"}, "one class only, 'x'"),
    "missing class": (
        {"obs": NO_CLASS}, {},
        r"30 of 30 samples have no class in column 'kind'.*empty 15, '<NA>' 5, 'NA' 5, 'nan' 5",
    ),
    "small classes": ({}, {"min_class_size": 14}, r"fewer than two classes.*B 12, T 15, rare 3"),
    "no layer": ({}, {"layer": "counts"}, "no layer 'counts', nor any other"),
    "layer": ({"layers": {"count": counts()}}, {"layer": "counts"}, "did you mean 'count'"),
    "unknown genes": (
        {"var": pd.DataFrame(index=[f"Xy{i}" for i in range(6)])}, {},
        "none of its 6 genes is a known human gene",
    ),
    "mouse": (
        {"var": pd.DataFrame(index=[f"ENSMUSG0000000000{i}" for i in range(6)])}, {},
        "none of its 6 genes is a known human gene",
    ),
    "cell twice": ({"obs": table().set_axis(["a"] * 30)}, {}, "sample 'a' is there twice"),
    "unit": ({}, {"unit": "fpkm"}, "no unit 'fpkm'"),
    "too large": ({"x": faulty(1e6)}, {"unit": "log2"}, "too much for logarithms to base 2"),
    "mixed": (
        {"obs": table(s=["normal"] + ["cancer"] * 29)}, {"status_column": "s"},
        "class 'B' holds normal and cancer samples",
    ),
    "status": (
        {"obs": table(s="ill")}, {"status_column": "s"}, "says 'ill', where a status is normal or"
    ),
    "empty sample": (
        {"x": np.vstack([np.zeros((1, 6)), counts()[1:]])}, {},
        "sample 'cell0' is zero in all 6 genes",
    ),
    "gene column": ({}, {"gene_column": "symbol"}, "no column of var"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*names are not unique:UserWarning")
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_sentence(fault: str, tmp_path: Path) -> None:
    parts, options, said = FAULTS[fault]
    path = write(tmp_path, **parts)
    with pytest.raises(HelpersError, match=said) as found:
        load(path, **options)
    assert found.value.exit_code == 2
    assert "\n" not in str(found.value)


def test_broken_files_are_named(tmp_path: Path) -> None:
    whole = write(tmp_path)
    with pytest.raises(MissingInputError, match=r"none\.h5ad is not there"):
        load(tmp_path / "none.h5ad")
    raw = whole.read_bytes()
    for content, said in (
        (b"", "is empty"),
        (b"a,b\n1,2\n", "is not an HDF5 file"),
        (raw[: len(raw) // 2], "is truncated"),
        (raw[:4000] + bytes(len(raw) - 4000), "damaged|truncated|no AnnData|not an HDF5"),
    ):
        path = tmp_path / "broken.h5ad"
        path.write_bytes(content)
        with pytest.raises(BadInputError, match=said):
            load(path)
    other = tmp_path / "other.h5ad"
    with h5py.File(other, "w") as file:
        file["X"] = counts()
    with pytest.raises(BadInputError, match=r"no AnnData .it has no obs and no var"):
        load(other)


def test_a_path_is_a_data_set(tmp_path: Path) -> None:
    path = write(tmp_path)
    found = find_dataset(str(path), settings("smoke", class_column="kind"))
    assert (found.name, found.argument) == ("own.h5ad", str(path))
    assert found.explained_tissues == ("T", "B")
    assert set(found.fingerprint(None)) == {"own.h5ad"}
    assert not found.simulated
    values = {
        name: getattr(settings("smoke", class_column="kind"), name) for name in found.settings
    }
    assert found.load(None, **values).shape == (27, 6)
    study = open_study("smoke", str(path), workspace=tmp_path / "ws", class_column="kind")
    assert Study.at(study.address()).dataset.file == path
    with pytest.raises(BadInputError, match="'layer' describes a file of your own"):
        find_dataset("reference", settings("smoke", layer="counts"))
    with pytest.raises(UnknownNameError, match="did you mean 'reference'"):
        find_dataset("referenc", settings("smoke"))


def test_a_data_set_of_ours_comes_back_as_a_file_of_yours(tmp_path: Path) -> None:
    ours = load_rnaseqdb(TINY, min_class_size=11)
    file = ours.copy()
    file.X = np.exp2(ours.X.astype(np.float64)) - 1
    file.write_h5ad(tmp_path / "own.h5ad")
    yours = load_own(
        tmp_path / "own.h5ad", class_column="tissue", organ_column="organ",
        status_column="status", donor_column="donor",
    )  # fmt: skip
    np.testing.assert_allclose(yours.X, ours.X, atol=1e-4)
    assert yours.uns["provenance"]["unit"] == "tpm"
    columns = ["tissue", "organ", "status", "donor"]
    pd.testing.assert_frame_equal(
        yours.obs[columns].astype(str), ours.obs[columns].astype(str), check_names=False
    )
    assert {"normal", "cancer"} == set(yours.obs["status"])
