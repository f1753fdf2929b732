"""The plan of a run: what is counted, what is measured, and that nothing is written."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers import config, datasets
from helpers.cli import main
from helpers.datasets.gene_names import annotation
from helpers.datasets.registry import DATASETS, Dataset
from helpers.datasets.size import FETCHED, PAPER, DataSize
from helpers.planning.benchmark import Measurement
from helpers.planning.dataset_size import data_size
from helpers.planning.plan import Plan, make_plan
from helpers.planning.workload import LOADS, Run, Unit
from helpers.publish.plan import plan_lines, plan_table
from helpers.study import open_study
from helpers.study.catalogue import STEPS
from helpers.study.faithfulness.retraining import RETRAINED
from helpers.study.faithfulness.students import STUDENTS
from helpers.study.network_state.training import TRAINED

SIZE = DataSize(120, 64, 3, 40, 1, "invented")


@pytest.fixture
def every_piece_takes_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Measurement, "seconds", lambda self, unit: 1.0)


def plan(folder: Path, *wanted: str, profile: str = "smoke", **more: Any) -> Plan:
    study = open_study(profile, workspace=folder, untouched=True, **more)
    return make_plan(study, wanted or list(STEPS), workers=2)


def test_every_family_that_takes_long_is_counted() -> None:
    long = {name for name, step in STEPS.items() if step.parallel}
    assert long <= set(LOADS) <= set(STEPS)


@pytest.mark.parametrize("profile", config.PROFILES)
def test_numbers_of_estimates_are_those_of_the_designs(profile: str) -> None:
    chosen = config.settings(profile)
    run = Run(chosen, datasets.DATASETS["reference"], SIZE)
    tissues, pairs = min(4, chosen.own_tissues), chosen.inter_models
    samples = tissues * chosen.explained_samples
    for step, member, expected in (
        ("scores/unoptimised_mlp", "DeepLift-zero", samples * pairs * chosen.replicates),
        ("scores/optimised_mlp", "DeepLift", samples * chosen.models * chosen.references),
        ("scores/optimised_mlp", "Saliency", samples * chosen.models * chosen.repeats),
        (
            "curves/references_mlp", "DeepLift-universal",
            tissues * chosen.curve_samples * pairs * max(chosen.reference_sizes),
        ),
        (
            "curves/references_and_repeats_cnn", "DeepLift-normal",
            tissues * chosen.cnn_curve_samples * pairs
            * max(chosen.cnn_repeated_reference_sizes) * chosen.repeats_per_reference,
        ),
    ):  # fmt: skip
        assert sum(load.estimates for load in LOADS[step](run, member)) == expected, step


def test_training_is_up_sampled_and_lasts_all_epochs() -> None:
    run = Run(config.settings("paper"), datasets.DATASETS["reference"], PAPER)
    train, predict = LOADS["models/mlp"](run, "000")
    assert train.networks == 1
    assert train.pieces == 100 * 82 * 891  # nine tenths of nine tenths of 1,100
    assert predict.pieces == pytest.approx(100 * 0.09 * 27_417)


def test_few_samples_are_planned_with_the_batches_and_epochs_that_they_get() -> None:
    """100 samples in five classes: batches of 16 and 20 epochs, in place of 256 and 15."""
    few = DataSize(100, 500, 5, 20, 0, "made up")
    train, _ = LOADS["models/mlp"](
        Run(config.settings("quick"), datasets.DATASETS["reference"], few), "000"
    )
    assert train.unit.batch == 16
    assert train.pieces == 20 * 5 * 16
    many = DataSize(2_490, 19_000, 83, 30, 33, "made up")
    train, _ = LOADS["models/mlp"](
        Run(config.settings("quick"), datasets.DATASETS["reference"], many), "000"
    )
    assert train.unit.batch == 0
    assert train.pieces == 15 * 83 * 24


def test_the_command_prints_the_plan_and_writes_nothing(
    every_piece_takes_a_second: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["run", "--profile", "paper", "--dataset", "gtex-tcga", "--dry-run"]
    monkeypatch.setattr(sys, "argv", ["helpers", *arguments, "--workspace", str(tmp_path / "ws")])
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for part in (
        "27,417 samples",
        "Training MLPs",
        # Of the text 60 MLPs, 70 CNNs, 10 folds, 30 for the sensitivity analysis and 10 with
        # another norm; of each other protocol 130 of its own; 30 of planted genes and 2 distilled
        # from them, 138 without some genes; of each of the three 20 shuffles that 60 MLPs learn.
        "Networks to train: 4,210",
        "Memory: up to",
        "Disk:",
        "Time: about",
        "Nothing was made.",
    ):
        assert part in said
    assert list(tmp_path.iterdir()) == []


def test_a_plan_adds_up_and_writes_nothing(
    every_piece_takes_a_second: None, tmp_path: Path
) -> None:
    found = plan(tmp_path / "ws")
    assert not (tmp_path / "ws").exists()
    chosen = config.settings("smoke")
    trained = chosen.models + chosen.cnn_models + chosen.cnn_one_order_models + 2 * chosen.folds
    audit = open_study("smoke", workspace=tmp_path / "ws", untouched=True)
    trained += sum(len(audit.members(name)) for name in ("models/choices", TRAINED))
    trained += chosen.control_shuffles * chosen.control_models
    # Noise in training needs other networks; CNNs are the headline's.
    assert "released:models/cnn" not in audit.upstream("claims")
    assert "strict:models/mlp" not in audit.upstream("claims")
    trained += chosen.models
    trained += chosen.planted_models + chosen.planted_cnn_models + chosen.planted_shuffled_models
    trained += len(audit.members(RETRAINED)) + len(audit.members(STUDENTS))
    assert found.networks == trained
    assert found.known
    assert all(item.fresh == 0 for item in found.items)
    assert found.seconds / 2 <= found.wall_seconds <= found.seconds
    assert found.disk > 498 * 6_000 * 4
    shown = plan_table(found, title="smoke")
    assert shown.row_count > 10
    text = " ".join(plan_lines(found, workers=2, pages=3))
    assert f"Networks to train: {trained}" in text
    assert "498 samples × 6,000 genes" in text
    assert "with 2 processes" in text


def test_what_is_fresh_is_not_counted(
    every_piece_takes_a_second: None, tiny_data: Path, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"top": 12, "tissues": "liver,lung"}
    made = open_study("smoke", "rnaseqdb", tiny_data, tmp_path, **more)
    made.get("tables/split")
    again = open_study("smoke", "rnaseqdb", tiny_data, tmp_path, untouched=True, **more)
    items = {item.step: item for item in make_plan(again, ["models/mlp"]).items}
    assert items["data/expression"].todo == items["tables/split"].todo == 0
    assert items["models/mlp"].todo == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rnaseqdb", FETCHED),
        ("gtex-tcga", replace(PAPER, source="as in the paper; its files are not here")),
    ],
)
def test_data_that_are_not_there_have_their_expected_size(
    every_piece_takes_a_second: None, name: str, expected: DataSize, tmp_path: Path
) -> None:
    study = open_study("paper", name, None, tmp_path / "ws", untouched=True)
    found = make_plan(study, ["models/mlp"])
    assert found.size == expected
    assert not found.known
    assert found.networks == 60
    assert "nothing could be found fresh" in " ".join(plan_lines(found, workers=1, pages=0))
    assert not (tmp_path / "ws").exists()


def test_the_papers_own_data_have_the_papers_size() -> None:
    found = DATASETS["gtex-tcga"].size(None, None)
    assert (found.samples, found.genes, found.classes, found.cancers) == (27_417, 19_241, 82, 33)


def test_a_new_data_set_has_the_size_that_its_entry_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    size = DataSize(40, 30, 2, 20, 0, "counted")
    entry = replace(DATASETS["gtex-tcga"], name="mice", size=lambda data, chosen: size)
    monkeypatch.setitem(DATASETS, "mice", entry)
    study = open_study("smoke", "mice", None, tmp_path / "ws", untouched=True)
    assert data_size(study) == size
    # Nothing is assumed where an entry says nothing.
    with pytest.raises(TypeError, match="size"):
        Dataset(**{field.name: getattr(entry, field.name) for field in fields(entry)
                   if field.name != "size"})  # fmt: skip


def test_sizes_are_those_of_the_data(tiny_data: Path, tmp_path: Path) -> None:
    named = open_study("smoke", "rnaseqdb", tiny_data, tmp_path / "a", untouched=True)
    adata = datasets.load("rnaseqdb", data=tiny_data)
    counts = adata.obs["tissue"].value_counts()
    found = data_size(named)
    assert (found.samples, found.classes, found.largest) == (60, 5, counts.max())
    assert found.cancers == 1
    simulated = data_size(open_study("smoke", workspace=tmp_path / "b", untouched=True))
    assert (simulated.samples, simulated.genes, simulated.classes) == (83 * 6, 6_000, 83)
    every = data_size(open_study("smoke", workspace=tmp_path / "b", untouched=True, most_genes=0))
    assert every.genes == 19_009
    assert (simulated.largest, simulated.cancers) == (6, 33)
    # The genes of a file of one's own have to be known ones.
    human = adata.copy()
    human.var_names = pd.Index(annotation().index[: adata.n_vars], name="symbol")
    human.write_h5ad(tmp_path / "own.h5ad")
    columns = {"class_column": "tissue", "status_column": "status"}
    own = open_study("smoke", str(tmp_path / "own.h5ad"), untouched=True, **columns)
    of_file = data_size(own)
    assert (of_file.samples, of_file.genes, of_file.classes) == (60, 150, 5)
    assert (of_file.largest, of_file.cancers) == (counts.max(), 1)
    kept = open_study("smoke", "rnaseqdb", tiny_data, tmp_path / "c", top=12)
    kept.get("data/expression")
    again = data_size(kept)
    assert (again.samples, again.genes, again.classes) == (*adata.shape, 5)


UNITS = [
    Unit("train", "mlp"), Unit("train", "cnn"), Unit("predict", "mlp"), Unit("predict", "cnn"),
    Unit("estimate", "mlp", "Saliency"), Unit("estimate", "cnn", "IntegratedGradients", steps=3),
    Unit("estimate", "cnn", "GuidedGradCam++"), Unit("shared", "cnn", "GuidedBackprop", 3),
    Unit("pool", "mlp", "DeepLift", 4, 3, reference=True),
    Unit("pool", "mlp", "InputXGradient", 4, 1, noisy=True),
    *(Unit(kind, "mlp") for kind in ("curve", "aggregated", "disjoint", "halves", "replicates")),
]  # fmt: skip


@pytest.fixture(scope="module")
def measurement() -> Measurement:
    return Measurement(config.settings("smoke", top=10), SIZE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: f"{unit.kind}-{unit.architecture}")
def test_every_kind_of_work_can_be_measured(unit: Unit, measurement: Measurement) -> None:
    found = measurement.seconds(unit)
    assert 0 <= found < 5
    assert measurement.seconds(unit) == found


def test_integration_steps_are_extrapolated() -> None:
    measured = Measurement(config.settings("smoke"), SIZE, clock=iter(range(1000)).__next__)
    few, many = (
        measured.seconds(Unit("estimate", "cnn", "IntegratedGradients", steps=steps))
        for steps in (2, 50)
    )
    assert many == pytest.approx(25 * few)
