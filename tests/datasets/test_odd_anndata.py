"""AnnData as other versions and programs write it, and HDF5 files that are none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import zarr
from own_files import Truth, to_anndata, tree, truth, write_h5ad
from scipy import sparse

from helpers.datasets.own import load_own
from helpers.errors import BadInputError, HelpersError, UnknownNameError

Edit = Callable[[h5py.File], None]


def edited(path: Path, edit: Edit, known: Truth | None = None) -> Path:
    """Write an AnnData and change it afterwards."""
    write_h5ad(path, known or truth())
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def same(path: Path, **options: Any) -> anndata.AnnData:
    """Read a file and check that it is what `truth` says."""
    adata = load_own(path, **{"class_column": "kind"} | options)
    np.testing.assert_allclose(adata.X, truth().expected, atol=2e-4)
    assert list(adata.obs_names) == list(truth().samples)
    assert adata.obs["tissue"].tolist() == list(truth().classes)
    return adata


def later(group: h5py.Group, name: str) -> None:
    group[name].attrs["encoding-type"] = "of-a-later-anndata"
    group[name].attrs["encoding-version"] = "9.0"


def add_later_column(file: h5py.File) -> None:
    file["obs"]["later"] = np.arange(24)
    file["obs"].attrs["column-order"] = ["kind", "later"]
    later(file["obs"], "later")


def with_uns(**values: Any) -> Edit:
    def edit(file: h5py.File) -> None:
        for name, value in values.items():
            file["uns"].pop(name, None) if hasattr(file["uns"], "pop") else None
            file["uns"][name] = value

    return edit


def as_of_0_7(file: h5py.File) -> None:
    """Write categories as anndata 0.7 did: beside the columns, with a reference to them."""
    kind = file["obs/kind"]
    codes, labels = kind["codes"][()], kind["categories"][()]
    order = file["obs"].attrs["column-order"]
    del file["obs/kind"]
    file["obs/kind"] = codes
    file["obs/__categories/kind"] = labels
    file["obs/kind"].attrs["categories"] = file["obs/__categories/kind"].ref
    for table in ("obs", "var"):
        file[table].attrs["encoding-version"] = "0.1.0"
    file["obs"].attrs["column-order"] = order
    for name in ("X", "obs/_index", "var/_index"):
        for key in ("encoding-type", "encoding-version"):
            file[name].attrs.pop(key, None)
    for key in ("encoding-type", "encoding-version"):
        file.attrs.pop(key, None)


def as_of_0_6(file: h5py.File) -> None:
    """Write tables as anndata did before 0.7: compound arrays, categories in `uns`."""
    known = truth()
    codes = np.array([0] * 11 + [1] * 13, dtype=np.int8)
    obs = np.array(
        [(name.encode(), code) for name, code in zip(known.samples, codes, strict=True)],
        dtype=[("index", "S8"), ("kind", "i1")],
    )
    var = np.array([(name.encode(),) for name in known.genes], dtype=[("index", "S20")])
    for name in list(file):
        if name != "X":
            del file[name]
    file["obs"], file["var"] = obs, var
    file["uns/kind_categories"] = np.array([b"B cell", b"T cell"])
    matrix = sparse.csr_matrix(known.values.astype(np.float32))
    del file["X"]
    for part in ("data", "indices", "indptr"):
        file[f"X/{part}"] = getattr(matrix, part)
    file["X"].attrs["h5sparse_format"] = b"csr"
    file["X"].attrs["h5sparse_shape"] = np.array(matrix.shape)


def text_index(file: h5py.File) -> None:
    """Give the index another name, as pandas does where it has one."""
    file["obs"].move("_index", "cell_id")
    file["obs"].attrs["_index"] = "cell_id"


READ: dict[str, Edit] = {
    "a later encoding in obs": add_later_column,
    "a later encoding in uns": lambda file: later(file, "uns"),
    "a later encoding in obsm": lambda file: later(file, "obsm"),
    "base of a logarithm as text": with_uns(**{"log1p/base": "e"}),
    "base of a logarithm as none": with_uns(**{"log1p/base": "None"}),
    "a record of a logarithm that is none": with_uns(log1p=np.arange(3)),
    "uns with a slash": with_uns(**{"a/b": 1, "c": b"\xff\xfe"}),
    "no uns": lambda file: file.__delitem__("uns"),
    "no obsm, varm, obsp, varp": lambda file: [
        file.__delitem__(name) for name in ("obsm", "varm", "obsp", "varp", "layers")
    ],
    "a column of other length": lambda file: file["obs"].create_dataset("short", data=[1, 2]),
    "a column of two dimensions": lambda file: file["obs"].create_dataset("wide", data=np.eye(24)),
    "an index of another name": text_index,
    "anndata 0.7": as_of_0_7,
    "anndata 0.6": as_of_0_6,
    "a version of the future": lambda file: file.attrs.__setitem__("encoding-version", "7.0"),
    "a null in layers": lambda file: file["layers"].create_dataset("x", data=h5py.Empty("f4")),
}


@pytest.mark.parametrize("what", READ)
def test_what_is_odd_beside_the_data_spoils_nothing(what: str, tmp_path: Path) -> None:
    same(edited(tmp_path / "own.h5ad", READ[what]))


def test_a_column_that_cannot_be_read_is_named_when_it_is_asked_for(tmp_path: Path) -> None:
    path = edited(tmp_path / "own.h5ad", add_later_column)
    with pytest.raises(BadInputError, match=r"column 'later' of obs is written as 'of-a-later-"):
        load_own(path, class_column="later")


def moved(target: str) -> Edit:
    def edit(file: h5py.File) -> None:
        file.move("X", target)

    return edit


def test_a_file_without_x_gives_its_only_matrix(tmp_path: Path) -> None:
    for place in ("layers/counts", "layers/raw"):
        path = edited(tmp_path / "own.h5ad", moved(place))
        adata = same(path)
        assert f"layer {place.split('/')[1]!r} is its only matrix" in " ".join(adata.uns["notes"])
        same(path, layer=place.split("/")[1])


def test_a_null_in_place_of_x(tmp_path: Path) -> None:
    def edit(file: h5py.File) -> None:
        file.move("X", "layers/counts")
        null = file.create_dataset("X", data=h5py.Empty("f4"))
        null.attrs["encoding-type"], null.attrs["encoding-version"] = "null", "0.1.0"

    same(edited(tmp_path / "own.h5ad", edit))


def test_several_matrices_and_no_x_are_asked_about(tmp_path: Path) -> None:
    def edit(file: h5py.File) -> None:
        file.copy("X", "layers/spliced")
        file.move("X", "layers/counts")

    path = edited(tmp_path / "own.h5ad", edit)
    with pytest.raises(BadInputError, match=r"has no X.*--layer \(counts, spliced\)"):
        load_own(path, class_column="kind")
    same(path, layer="spliced")
    with pytest.raises(UnknownNameError, match="did you mean 'counts'"):
        load_own(path, class_column="kind", layer="count")


def test_no_matrix_at_all(tmp_path: Path) -> None:
    path = edited(tmp_path / "own.h5ad", lambda file: file.__delitem__("X"))
    with pytest.raises(BadInputError, match="has no X, no layer and no raw: write it with one"):
        load_own(path, class_column="kind")


def test_a_layer_called_raw_and_adata_raw(tmp_path: Path) -> None:
    made = to_anndata(truth())
    made.layers["raw"] = made.X.copy()
    made.X = np.log1p(made.X) - 0.5
    path = tmp_path / "own.h5ad"
    made.write_h5ad(path)
    assert same(path, layer="raw").uns["source"].endswith("layer 'raw'")
    with pytest.raises(BadInputError, match=r"is negative.*with --layer: raw\."):
        load_own(path, class_column="kind")
    other = to_anndata(truth().named(values=truth().values * 3 + 1))
    made.raw = other
    made.write_h5ad(path)
    assert load_own(path, class_column="kind", layer="raw").uns["source"].endswith(", raw")
    assert same(path, layer="layers/raw").uns["source"].endswith("layer 'raw'")


def test_a_matrix_of_a_later_encoding_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "own.h5ad"
    write_h5ad(path, truth(), sparse.csr_matrix)
    with h5py.File(path, "r+") as file:
        later(file, "X")
    with pytest.raises(BadInputError, match=r"X is written as 'of-a-later-anndata'") as found:
        load_own(path, class_column="kind")
    assert "damaged" not in str(found.value)


OTHERS: dict[str, tuple[Edit, str]] = {
    "loom": (
        lambda f: [f.create_group(n) for n in ("row_attrs", "col_attrs")],
        "is a loom file, not an AnnData: convert it with `scanpy.read_loom",
    ),
    "10x": (lambda f: f.create_dataset("matrix/barcodes", data=[1]), "HDF5 file of 10x Genomics"),
    "MuData": (lambda f: f.create_group("mod/rna"), "is MuData"),
    "ARCHS4": (
        lambda f: [f.create_dataset("data/expression", data=[1]), f.create_group("meta")],
        "is a file of ARCHS4",
    ),
    "Keras": (lambda f: f.create_group("model_weights"), "holds the weights of a network"),
    "anything": (lambda f: f.create_group("things"), "it has no obs and no var; it holds things"),
}


@pytest.mark.parametrize("name", ["other.h5ad", "other.h5", "other.loom.h5"])
@pytest.mark.parametrize("kind", OTHERS)
def test_other_hdf5_files_are_said_to_be_what_they_are(
    kind: str, name: str, tmp_path: Path
) -> None:
    edit, said = OTHERS[kind]
    with h5py.File(tmp_path / name, "w") as file:
        edit(file)
    with pytest.raises(BadInputError) as found:
        load_own(tmp_path / name, class_column="kind")
    assert said in str(found.value)
    assert "damaged" not in str(found.value)


def test_spatial_data_is_told_where_its_tables_are(tmp_path: Path) -> None:
    root = tmp_path / "spatial.zarr"
    zarr.open_group(str(root), mode="w", zarr_format=2).create_group("tables")
    to_anndata(truth()).write_zarr(root / "tables" / "table")
    with pytest.raises(BadInputError, match=r"holds some: name one of them.*tables/table"):
        load_own(root, class_column="kind")
    same(root / "tables" / "table")


def test_zarr_of_both_versions(tmp_path: Path) -> None:
    for version in (2, 3):
        path = tmp_path / f"v{version}.zarr"
        with anndata.settings.override(zarr_write_format=version):
            to_anndata(truth(), sparse.csr_matrix).write_zarr(path)
        before = tree(path)
        same(path)
        assert tree(path) == before


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize(
    ("part", "place", "value"),
    [("indices", 3, 2**30), ("indices", 3, -5), ("indptr", 2, 2**30), ("indptr", 5, -1)],
)
def test_places_outside_a_sparse_matrix_are_an_error_and_end_no_process(
    form: Any, part: str, place: int, value: int, tmp_path: Path
) -> None:
    path = tmp_path / "own.h5ad"
    to_anndata(truth(), form).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["X"][part][place] = value
    with pytest.raises(BadInputError, match=r"own\.h5ad.*(copy|write) it again"):
        load_own(path, class_column="kind")


@pytest.mark.parametrize("shape", [None, 24, "24 x 30"])
def test_a_sparse_matrix_without_a_shape_is_not_as_anndata_writes_it(
    shape: Any, tmp_path: Path
) -> None:
    path = tmp_path / "own.h5ad"
    to_anndata(truth(), sparse.csr_matrix).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["shape"] = h5py.Empty("i8") if shape is None else shape
    with pytest.raises(BadInputError, match=r"own\.h5ad.*write (it|the file) again with anndata"):
        load_own(path, class_column="kind")


@pytest.mark.parametrize("dtype", ["float16", "float64", "uint8", "int64", "bool"])
def test_any_type_of_number(dtype: str, tmp_path: Path) -> None:
    values = truth().values % 2 + 1 if dtype in {"bool", "uint8", "float16"} else truth().values
    known = truth().named(values=values)
    made = to_anndata(known)
    made.X = values.astype(dtype)
    made.write_h5ad(tmp_path / "own.h5ad")
    kept = known.named(values=values.astype(dtype).astype(float))
    adata = load_own(tmp_path / "own.h5ad", class_column="kind")
    np.testing.assert_allclose(adata.X, kept.expected, atol=2e-4)


HOLD = """
import h5py, sys, time
file = h5py.File(sys.argv[1], "r+")
print("open", flush=True)
time.sleep(60)
"""


def test_a_file_that_another_program_writes_is_locked_not_damaged(tmp_path: Path) -> None:
    path = write_h5ad(tmp_path / "own.h5ad", truth())
    env = os.environ | {"HDF5_USE_FILE_LOCKING": "TRUE"}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True, env=env
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "open\n"
            with pytest.raises(BadInputError, match="is locked: another program") as found:
                load_own(path, class_column="kind")
            assert "damaged" not in str(found.value)
        finally:
            other.kill()
    same(path)


def test_a_disk_without_locks_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_h5ad(tmp_path / "own.h5ad", truth())
    original = h5py.File.__init__

    def refuse(self: h5py.File, *args: Any, **options: Any) -> None:
        if isinstance(args[0], Path) and options.get("locking") is not False:
            raise OSError("Unable to lock file, errno = 37, error message = 'No locks available'")
        original(self, *args, **options)

    monkeypatch.setattr(h5py.File, "__init__", refuse)
    same(path)


NOT_HDF5: dict[str, tuple[str, bytes, str]] = {
    "csv": ("own.h5ad", b"gene,a\nALB,1\n", "it is text; name it .csv or .tsv"),
    "page": ("own.h5ad", b"<!DOCTYPE html><html>404</html>", "a web page"),
    "lfs": ("own.h5ad", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "zip": ("own.h5ad", b"PK\x03\x04\x14\x00", "a zip archive or an Excel workbook"),
    "pickle": ("own.h5ad", b"\x80\x04\x95\x00", "a pickled file, which is never opened"),
    "R": ("own.rds", b"X\n\x00\x00", "it is R's"),
    "R inside": ("own.csv", b"RDX3\nX\n", "a file of R"),
    "Excel": ("own.xlsx", b"PK\x03\x04", "save the sheet as CSV"),
    "loom": ("own.loom", b"\x89HDF\r\n\x1a\n", "scanpy.read_loom"),
    "Seurat": ("own.h5Seurat", b"\x89HDF\r\n\x1a\n", "SeuratDisk::Convert"),
    "matrix alone": ("matrix.mtx", b"%%MatrixMarket", "name the folder that holds it"),
    "parquet": ("own.parquet", b"PAR1", "write it as CSV or .h5ad"),
    "unknown ending": ("own.xyz", b"gene,a\nALB,1\n", "files that end in '.xyz' are not read"),
    "nothing": ("own.h5ad", b"", "is empty"),
    "packed nothing": ("own.h5ad.gz", b"\x1f\x8b\x08", "is truncated"),
    "noise": ("own.csv", bytes(range(256)) * 4, "is no text, as its name says"),
}


@pytest.mark.parametrize("kind", NOT_HDF5)
def test_what_is_no_data_is_named(kind: str, tmp_path: Path) -> None:
    name, content, said = NOT_HDF5[kind]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HelpersError) as found:
        load_own(tmp_path / name, class_column="kind")
    assert said in str(found.value)
    assert "\n" not in str(found.value)
    assert "damaged" not in str(found.value)


def test_a_packed_file_under_another_name(tmp_path: Path) -> None:
    packed = write_h5ad(tmp_path / "own.h5ad.gz", truth())
    same(packed.rename(tmp_path / "own.h5ad"))
    plain = write_h5ad(tmp_path / "plain.h5ad", truth())
    same(plain.rename(tmp_path / "plain.h5ad.gz"))


def test_nullable_columns(tmp_path: Path) -> None:
    made = to_anndata(truth())
    made.obs["number"] = pd.array([0] * 11 + [1] * 12 + [None], dtype="Int64")
    made.obs["yes"] = pd.array([True] * 11 + [False] * 12 + [None], dtype="boolean")
    path = tmp_path / "own.h5ad"
    made.write_h5ad(path)
    for column, classes in (("number", ["0", "1"]), ("yes", ["True", "False"])):
        adata = load_own(path, class_column=column)
        assert adata.n_obs == 23
        assert list(dict.fromkeys(adata.obs["tissue"])) == classes
