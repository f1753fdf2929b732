"""Names are checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.errors import BadInputError, UnknownNameError
from helpers.study import open_study
from helpers.study.checks import check_data, feature_layers


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"cam_layer": "conv4"}, "did you mean 'conv3'"),
        ({"cam_layer": "output"}, "layer of the CNN 'output'"),
        ({"cnn_gene_order": "random"}, "'random-<number>'"),
        ({"cnn_gene_order": "givn"}, "did you mean 'given'"),
        ({"cnn_precision": "float16"}, "precision 'float16'"),
    ],
)
def test_unknown_names_are_refused_when_the_study_is_opened(
    override: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        open_study("smoke", "reference", workspace=tmp_path, **override)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"inter_models": 4}, "asks to compare 4 models, but 'models' is 3"),
        ({"inter_models": 3}, "but 'cnn_models' is 2"),
        ({"reference_sizes": "1,20"}, "asks for 20 references, but 'reference_pool' is 10"),
        ({"curve_sizes": "1,5,2"}, "in rising order"),
        ({"aggregate_sizes": "3"}, "two numbers or more"),
        ({"curve_sizes": "0,2"}, "'curve_sizes.0' cannot be '0'"),
    ],
)
def test_designs_that_cannot_be_are_refused_when_the_study_is_opened(
    override: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match=message):
        open_study("smoke", "reference", workspace=tmp_path, **override)


def test_every_feature_layer_can_be_asked_for(tmp_path: Path) -> None:
    assert feature_layers()[0] == "conv1"
    assert feature_layers()[-1] == "dropout"
    for name in feature_layers():
        open_study("smoke", "reference", workspace=tmp_path, cam_layer=name)


def test_a_genomic_order_needs_coordinates(tmp_path: Path, tiny_data: Path) -> None:
    study = open_study("smoke", "rnaseqdb", tiny_data, tmp_path, cnn_gene_order="genomic")
    with pytest.raises(BadInputError, match="needs the chromosome of every gene"):
        check_data(study.settings, study.get("data/expression"))
