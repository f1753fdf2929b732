"""What a plan says of disk use, against what a study has written."""

from __future__ import annotations

import pytest

from helpers import config
from helpers.datasets.registry import DATASETS
from helpers.datasets.size import DataSize
from helpers.planning.dataset_size import data_size
from helpers.planning.pieces import Run
from helpers.planning.storage import CELLS, PLANTED, TRAINED, VECTORS, bytes_of, planted_genes
from helpers.study import Study
from helpers.study.catalogue import STEPS
from helpers.study.designs.scores import SCORES
from helpers.study.formats import EXPRESSION, MODEL

LARGE = {name for name, step in STEPS.items() if step.form in (SCORES, MODEL, EXPRESSION)}


def test_every_step_that_writes_scores_networks_or_expression_is_known() -> None:
    assert {*VECTORS, *PLANTED, *TRAINED, *CELLS} == LARGE


@pytest.mark.parametrize("name", ["scores/unoptimised_mlp", "scores/optimised_cnn"])
def test_scores_have_as_many_numbers_as_is_said(tiny_study: Study, name: str) -> None:
    run = Run(tiny_study.settings, tiny_study.dataset, data_size(tiny_study))
    member = tiny_study.members(name)[0]
    found = tiny_study.member(name, member)
    assert found.size == VECTORS[name](run) * run.size.genes


@pytest.mark.parametrize("name", ["data/expression", "data/tissues"])
def test_so_has_expression(tiny_study: Study, name: str) -> None:
    run = Run(tiny_study.settings, tiny_study.dataset, data_size(tiny_study))
    adata = tiny_study.get(name)
    layers = 1 + len(adata.layers)
    if name == "data/tissues":
        # Two are of eight bytes, that is as long as two each.
        layers = sum(each.dtype.itemsize // 4 for each in (adata.X, *adata.layers.values()))
    assert adata.n_obs * layers == VECTORS[name](run)


@pytest.mark.parametrize("name", ["models/mlp", "models/cnn", "models/choices"])
def test_files_of_networks_are_as_large_as_is_said(tiny_study: Study, name: str) -> None:
    run = Run(tiny_study.settings, tiny_study.dataset, data_size(tiny_study))
    member = tiny_study.members(name)[0]
    model = tiny_study.member(name, member).model
    parameters = sum(weight.numel() for weight in model.state_dict().values())
    written = tiny_study.workspace.path(tiny_study.file(name, member)).stat().st_size
    assert bytes_of(name, run, lambda architecture: parameters) == pytest.approx(written, rel=0.5)


def test_a_simulation_plants_genes_among_all_whatever_the_profile_leaves_out() -> None:
    small = DataSize(120, 64, 3, 40, 1, "invented")
    chosen = config.settings("smoke")
    assert planted_genes(Run(chosen, DATASETS["reference"], small)) == 19_009
    assert planted_genes(Run(chosen, DATASETS["tissues"], small)) == 64
    of_all = bytes_of("models/planted_mlp", Run(chosen, DATASETS["reference"], small), lambda _: 64)
    assert of_all == pytest.approx(4 * 19_009, rel=0.1)
