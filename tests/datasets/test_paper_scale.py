from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.paper_scale import GTEX_SAMPLES, TCGA_SAMPLES, paper_counts, paper_scale
from helpers.datasets.reference import load_reference, reference_classes
from helpers.datasets.store import open_store


def test_counts_are_the_papers() -> None:
    counts = paper_counts()
    tumours = {name: n for name, n in counts.items() if name.startswith("TCGA_")}
    assert sum(counts.values()) == 27_417
    assert sum(tumours.values()) == 10_088
    assert (len(tumours), len(counts)) == (33, 82)
    assert set(counts) <= set(reference_classes().index)
    assert min(counts.values()) > 21


def test_counts_of_gtex_are_those_of_its_tissues_with_more_than_21_samples() -> None:
    # Bladder, both parts of the cervix, fallopian tube, medulla of the kidney.
    few = (21, 9, 10, 9, 4)
    assert len(GTEX_SAMPLES) + len(few) == 54
    assert sum(GTEX_SAMPLES) + sum(few) == 17_382
    assert min(GTEX_SAMPLES) > max(few)


@pytest.mark.real
def test_counts_of_tcga_are_those_of_the_table_of_phenotypes(shared_data: Path) -> None:
    table = pd.read_csv(
        shared_data / "gtex/TcgaTargetGTEX_phenotype.tsv.gz", sep="\t", encoding="latin-1"
    )
    primary = table["_sample_type"].isin(
        ["Primary Tumor", "Primary Blood Derived Cancer - Peripheral Blood"]
    )
    counts = (
        table[primary & (table["_study"] == "TCGA")].groupby("primary disease or tissue").size()
    )
    assert sorted(counts) == sorted(TCGA_SAMPLES.values())
    assert counts["Breast Invasive Carcinoma"] == TCGA_SAMPLES["BRCA"]
    assert counts["Uterine Corpus Endometrioid Carcinoma"] == TCGA_SAMPLES["UCEC"]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    hashes = []
    for number, seed in enumerate((1, 1, 2)):
        path = tmp_path / f"{number}.h5ad"
        paper_scale(seed=seed, counts={"liver": 4, "TCGA_LIHC": 3}).write(path)
        values = np.ascontiguousarray(open_store(path).X)
        hashes.append(hashlib.sha256(values.tobytes()).hexdigest())
    assert hashes[0] == hashes[1] != hashes[2]


def test_samples_are_those_of_the_reference_data_set(tmp_path: Path) -> None:
    """A class does not depend on which others are drawn, nor on how many samples they have."""
    small = load_reference(samples_per_class=3, seed=5)
    path = tmp_path / "x.h5ad"
    paper_scale(seed=5, counts={"retina": 8, "liver": 3, "TCGA_UVM": 3}).write(path)
    large = open_store(path)
    assert list(large.obs_names[8:]) == [
        f"{n}-{k:03d}" for n in ("liver", "TCGA_UVM") for k in (1, 2, 3)
    ]
    for name in ("liver", "TCGA_UVM"):
        np.testing.assert_array_equal(
            large.X[(large.obs["tissue"] == name).to_numpy()],
            small.X[(small.obs["tissue"] == name).to_numpy()],
        )
    assert list(large.var_names) == list(small.var_names)
    assert list(large.obs.columns) == list(small.obs.columns)
    assert large.uns["simulated"]
