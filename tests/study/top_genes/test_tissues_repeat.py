"""What the real samples that come with the package are good enough for, as a run finds them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from helpers.stability.overlap import overlap_matrix
from helpers.study import open_study
from helpers.study.top_genes.lists import tissue_scores

pytestmark = pytest.mark.skipif(
    not os.environ.get("EVERY_STUDY"), reason="half a minute: set EVERY_STUDY=1"
)


def test_mlps_name_tissues_and_halves_of_the_ensemble_agree(tmp_path: Path) -> None:
    study = open_study("quick", "tissues", workspace=tmp_path / "ws", cnn_models=0)
    measured = study.get("tables/cross_validation").set_index("architecture")
    assert measured.at["mlp", "accuracy"] >= 0.98
    assert measured.at["mlp", "n"] == 189
    scores = study.member("scores/optimised_mlp", "DeepLift")
    assert scores.sizes["model"] == 20
    halves = []
    for models in (slice(0, 10), slice(10, 20)):
        [(_, _, mean)] = tissue_scores(scores.isel(model=models), 0, "unit")
        halves.append(mean)
    overlaps = [
        overlap_matrix(np.stack([half.sel(tissue=tissue) for half in halves]), 50)[0, 1]
        for tissue in halves[0]["tissue"].to_numpy()
    ]
    assert np.mean(overlaps) >= 0.84
