"""A study of noise, and one of classes that can be told apart: are networks explained?"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tiny import FILES

from helpers.claims.judging import NOT_RUN, NOT_TESTABLE
from helpers.publish.verdicts import cautions_of
from helpers.study import Study, open_study
from helpers.study.verdicts.one_judge import judge

QUICK = {"cnn_models": 0, "models": 3, "protocols": "text", "min_class_size": 10,
         "minimum_steps": 100, "replicates": 2, "inter_models": 2,
         "explained_samples": 2}  # fmt: skip


def noise(folder: Path) -> Path:
    """Write files in RNAseqDB's format whose classes differ in nothing: 30 samples each."""
    rng = np.random.default_rng(3)
    means = rng.gamma(1.0, 20.0, size=150)
    for name, barcode in FILES.items():
        samples = [barcode.format(k) for k in range(30)]
        values = means[:, None] * rng.lognormal(0, 0.5, size=(150, 30))
        lines = ["\t".join(["Hugo_Symbol", "Entrez_Gene_Id", *samples])]
        lines += [
            "\t".join([f"GENE{gene:03d}", str(gene), *(f"{value:.2f}" for value in row)])
            for gene, row in enumerate(values)
        ]
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return folder


def opened(data: Path, workspace: Path) -> Study:
    return open_study("smoke", "rnaseqdb", data, workspace, **QUICK)


def judged(study: Study) -> pd.DataFrame:
    return judge(study, ["T3", "B3"]).set_index("id")


def test_networks_of_noise_are_not_explained(tmp_path: Path) -> None:
    (tmp_path / "noise").mkdir()
    study = opened(noise(tmp_path / "noise"), tmp_path / "ws")
    assert cautions_of(study) == []  # nothing is made for a caution
    found = judged(study)
    table = study.get("tables/learnt")
    assert table["learnt"].tolist() == [False]
    assert table["balanced_accuracy"].iloc[0] < 0.5
    assert study.get("tables/linear_baseline")["balanced_accuracy"].iloc[0] < 0.45
    assert found.loc["B3", "verdict"] == NOT_TESTABLE
    assert found.loc["B3", "reason"].startswith("The MLPs of this run did not learn: on 15 test")
    assert np.isfinite(found.loc["B3", "observed"])
    assert found.loc["T3", "verdict"] not in (NOT_TESTABLE, NOT_RUN)
    learnt, lists = cautions_of(study)
    assert learnt.startswith("Mind that the MLPs of this run did not learn")
    assert "15 genes, not 100" in lists


def test_networks_that_tell_classes_apart_are(tiny_data: Path, tmp_path: Path) -> None:
    study = opened(tiny_data, tmp_path / "ws")
    found = judged(study)
    assert study.get("tables/learnt")["learnt"].tolist() == [True]
    assert study.get("tables/linear_baseline")["balanced_accuracy"].iloc[0] > 0.9
    assert found.loc["B3", "verdict"] != NOT_TESTABLE
    assert len(cautions_of(study)) == 1
    # Lists hold a tenth of the 150 genes, and are called so.
    assert set(study.get("tables/unoptimised")["metric"]) == {"spearman", "top15"}


def test_without_knowing_whether_they_learnt_nothing_is_judged(
    tiny_data: Path, tmp_path: Path
) -> None:
    study = opened(tiny_data, tmp_path / "ws")
    found = judge(study, ["B3"], available=lambda name: name != "tables/learnt")
    assert found["verdict"].tolist() == [NOT_RUN]
    assert "learnt" in found["reason"].iloc[0]


@pytest.mark.parametrize(("top", "length"), [(100, 15), (20, 20), (5, 5)])
def test_lists_follow_the_number_of_genes_where_none_is_asked_for(top: int, length: int) -> None:
    from helpers.stability import list_length

    assert list_length(top, 150) == length
    assert list_length(top, 6000) == top
    assert list_length(100, 4) == 1
