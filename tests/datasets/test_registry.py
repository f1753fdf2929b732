from __future__ import annotations

from pathlib import Path

import pytest

from helpers import datasets
from helpers.datasets.rnaseqdb import PATTERN, load_rnaseqdb
from helpers.errors import MissingInputError, UnknownNameError

TINY = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"


@pytest.mark.parametrize("name", sorted(datasets.DATASETS))
def test_entries_are_complete(name: str) -> None:
    entry = datasets.DATASETS[name]
    assert entry.name == name
    assert len(set(entry.explained_tissues)) == 4
    assert entry.title
    assert entry.licence
    assert entry.citations
    assert entry.needs_data == bool(entry.fetch_files)
    assert bool(entry.base_url) == bool(entry.fetch_files)


def test_explained_tissues_are_the_designs() -> None:
    tissues = {name: entry.explained_tissues for name, entry in datasets.DATASETS.items()}
    assert tissues["reference"] == ("liver", "lung", "ovary", "pancreas")
    assert tissues["rnaseqdb"] == ("liver", "lung", "kidney", "thyroid")


def test_catalogue_of_rnaseqdb() -> None:
    files = datasets.DATASETS["rnaseqdb"].fetch_files
    assert len(files) == 52
    assert all(PATTERN.fullmatch(name) for name in files)
    assert sum(sha256 is not None for sha256 in files.values()) == 16
    assert all(len(sha256) == 64 for sha256 in files.values() if sha256)


def test_load_goes_to_the_data_set() -> None:
    adata = datasets.load("rnaseqdb", data=TINY, min_class_size=12)
    direct = load_rnaseqdb(TINY, min_class_size=12)
    assert adata.uns["sha256"] == direct.uns["sha256"]
    assert set(adata.obs["tissue"]) == {"kidney", "liver"}


def test_fingerprint_covers_every_file() -> None:
    fingerprint = datasets.DATASETS["rnaseqdb"].fingerprint(TINY)
    assert sorted(fingerprint) == sorted(path.name for path in TINY.glob("*.gz"))


def test_unknown_name_and_missing_folder() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'rnaseqdb'"):
        datasets.load("rnaseq")
    for call in (datasets.load, lambda name: datasets.DATASETS[name].fingerprint(None)):
        with pytest.raises(MissingInputError, match="fetch rnaseqdb --data DIR"):
            call("rnaseqdb")


def test_describe_and_tissue_or_error() -> None:
    adata = datasets.load("rnaseqdb", data=TINY, min_class_size=1)
    table = datasets.describe(adata)
    assert list(table) == ["class", "organ", "study", "status", "samples"]
    assert table.to_dict("list") == {
        "class": ["TCGA_KICH", "kidney", "liver", "salivary_gland"],
        "organ": ["kidney", "kidney", "liver", "salivary_gland"],
        "study": ["TCGA", "GTEx, TCGA", "TCGA", "GTEx"],
        "status": ["cancer", "normal", "normal", "normal"],
        "samples": [11, 18, 12, 4],
    }
    assert datasets.tissue_or_error(adata, "liver") == "liver"
    with pytest.raises(UnknownNameError, match="no tissue 'Livr': did you mean 'liver'"):
        datasets.tissue_or_error(adata, "Livr")


def test_reference_loads_with_its_tissues() -> None:
    adata = datasets.load("reference", samples_per_class=3, seed=1)
    entry = datasets.DATASETS["reference"]
    assert adata.uns["simulated"]
    assert set(entry.explained_tissues) <= set(adata.obs["tissue"])
    assert entry.fingerprint(None)
