from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import json
import lzma
from pathlib import Path
from types import ModuleType

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from helpers.datasets import reference
from helpers.errors import BadInputError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "helpers" / "datasets" / "data"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return importlib.import_module("derive_reference_table")


@pytest.fixture(scope="module")
def medians() -> pd.DataFrame:
    return reference.reference_medians()


@pytest.fixture(scope="module")
def classes() -> pd.DataFrame:
    return reference.reference_classes()


@pytest.fixture(scope="module")
def samples() -> ad.AnnData:
    return reference.load_reference(samples_per_class=3, seed=4)


def test_table_derives_again_from_the_pinned_package(script: ModuleType) -> None:
    try:
        source = script.source_file()
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        pytest.skip(f"pirlygenes 3.26.2 is not installed: {error}")
    assert script.derive(source) == lzma.decompress((DATA / reference.TABLE).read_bytes())


def test_derivation_drops_gaps_keeps_the_larger_twin_and_renormalises(script: ModuleType) -> None:
    source = pd.DataFrame(
        {
            "Ensembl_Gene_ID": ["E4", "E1", "E2", "E3"],
            "Symbol": ["B", "A", "A", "C"],
            "nTPM_liver": [1.0, 1.0, 3.0, 5.0],
            "FPKM_LIHC": [30.0, 5.0, 10.0, np.nan],
        }
    )
    table = script.medians(source)
    assert list(table.index) == ["A", "B"]
    assert list(table.columns) == ["ensembl_id", "liver", "TCGA_LIHC"]
    assert list(table["ensembl_id"]) == ["E2", "E4"]
    np.testing.assert_allclose(table["liver"], [750_000, 250_000])
    np.testing.assert_allclose(table["TCGA_LIHC"], [250_000, 750_000])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (123456.0, "123000"), (12.3456, "12.3"), (0.0012345, "0.00123"), (1.0, "1")],
)
def test_three_digits(script: ModuleType, value: float, text: str) -> None:
    assert script.three_digits(value) == text


def test_table_is_small_whole_and_has_its_licence_beside_it() -> None:
    packed = (DATA / reference.TABLE).read_bytes()
    assert len(packed) <= 3_000_000
    assert hashlib.sha256(packed).hexdigest() == reference.TABLE_SHA256
    assert "CC BY-SA" in (DATA / "PROVENANCE.md").read_text("utf-8") or (
        "ShareAlike" in (DATA / "LICENSE-reference.txt").read_text("utf-8")
    )


def test_medians_are_tpm_of_unique_genes(medians: pd.DataFrame, classes: pd.DataFrame) -> None:
    assert medians.shape == (19_009, 83)
    assert medians.index.is_unique
    assert medians.index.name == "symbol"
    assert list(medians.columns) == list(classes.index)
    assert np.isfinite(medians.to_numpy()).all()
    assert medians.to_numpy().min() == 0
    np.testing.assert_allclose(medians.sum(), 1e6, rtol=1e-3)


@pytest.mark.parametrize(
    ("gene", "tissue"),
    [("ALB", "liver"), ("PNLIP", "pancreas"), ("SFTPC", "lung"), ("UMOD", "kidney")],
)
def test_known_genes_are_highest_where_they_should_be(
    medians: pd.DataFrame, gene: str, tissue: str
) -> None:
    assert medians.loc[gene].idxmax() == tissue


def test_class_table_closes_on_itself(classes: pd.DataFrame) -> None:
    normal = classes.index[classes["status"] == "normal"]
    assert classes["study"].value_counts().to_dict() == {"HPA": 50, "TCGA": 33}
    assert (classes.loc[normal, "organ"] == normal).all()
    assert set(classes["organ"]) <= set(normal)
    assert classes["name"].is_unique
    for name, row in classes.iterrows():
        others = (*row["merges"], *row["borders"])
        assert set(others) <= set(classes.index)
        assert name not in others
        assert len(set(others)) == len(others)


@pytest.mark.parametrize(
    ("tumour", "organ"),
    [("LIHC", "liver"), ("CHOL", "liver"), ("LUSC", "lung"), ("LAML", "bone_marrow")],
)
def test_organs_of_tumours(classes: pd.DataFrame, tumour: str, organ: str) -> None:
    assert classes.at[f"TCGA_{tumour}", "organ"] == organ


def test_samples_keep_the_contract(samples: ad.AnnData, medians: pd.DataFrame) -> None:
    assert samples.shape == (83 * 3, 19_009)
    assert samples.X.dtype == np.float32
    assert list(samples.obs.columns) == ["tissue", "organ", "study", "status", "donor"]
    assert samples.obs_names.is_unique
    assert samples.obs["donor"].is_unique
    assert samples.obs["tissue"].value_counts().eq(3).all()
    assert list(samples.var_names) == list(medians.index)
    assert samples.var_names.name == "symbol"
    assert samples.var["ensembl_id"].str.startswith("ENSG").all()
    assert samples.var["ensembl_id"].is_unique


def test_samples_say_what_they_are(samples: ad.AnnData) -> None:
    assert samples.uns["simulated"] is True
    assert samples.uns["sha256"] == reference.TABLE_SHA256
    assert any("simulated" in note for note in samples.uns["notes"])
    provenance = json.loads(json.dumps(samples.uns["provenance"]))
    assert provenance == samples.uns["provenance"]
    assert provenance["seed"] == 4
    row = samples.obs.loc["TCGA_LIHC-002"]
    assert row.to_dict() == {
        "tissue": "TCGA_LIHC",
        "organ": "liver",
        "study": "TCGA",
        "status": "cancer",
        "donor": "simulated-TCGA_LIHC-002",
    }


def test_samples_can_be_written(samples: ad.AnnData, tmp_path: Path) -> None:
    path = tmp_path / "reference.h5ad"
    samples.write_h5ad(path)
    again = ad.read_h5ad(path)
    np.testing.assert_array_equal(again.X, samples.X)
    assert list(again.obs["donor"]) == list(samples.obs["donor"])


def test_most_samples_are_nearest_to_their_own_class(
    samples: ad.AnnData, medians: pd.DataFrame
) -> None:
    centres = np.log2(medians.to_numpy().T + 1)
    own = np.corrcoef(samples.X, centres)[: samples.n_obs, samples.n_obs :]
    nearest = medians.columns.to_numpy()[own.argmax(axis=1)]
    assert (nearest == samples.obs["tissue"].to_numpy()).mean() > 0.9


def test_damaged_and_missing_table(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = (DATA / reference.TABLE).read_bytes()
    monkeypatch.setattr(reference, "read_embedded", lambda name: packed[:-100])
    with pytest.raises(BadInputError, match=r"reference_medians\.csv\.xz is damaged"):
        reference.reference_medians()
    monkeypatch.undo()
    monkeypatch.setattr(reference, "TABLE", "gone.csv.xz")
    with pytest.raises(BadInputError, match=r"gone\.csv\.xz is missing"):
        reference.fingerprint_reference()


def test_fingerprint_covers_table_and_classes() -> None:
    fingerprint = reference.fingerprint_reference()
    assert fingerprint[reference.TABLE] == reference.TABLE_SHA256
    assert set(fingerprint) == {reference.TABLE, reference.CLASSES}
