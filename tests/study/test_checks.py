"""Names are checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gtex_tcga_study import make_study
from own_files import truth, write_h5ad

from helpers.config import settings
from helpers.datasets.registry import find_dataset
from helpers.datasets.store import StreamedExpression
from helpers.errors import BadInputError, HelpersError, MissingInputError, UnknownNameError
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


@pytest.fixture
def cells(tmp_path: Path) -> str:
    """Write a file of 24 cells with donors: two gave all of one class."""
    donors = [f"d{k % 2}" for k in range(11)] + [f"d{k}" for k in range(13)]
    known = truth().named(more={"who": donors, "same": ["d"] * 24})
    return str(write_h5ad(tmp_path / "own.h5ad", known))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"tissues": "T cel"}, "no tissue 'T cel': did you mean 'T cell'"),
        ({"tissues": 10}, "no tissue '10'"),
        ({"tissues": "T cell,T cell"}, "named twice"),
        ({"explained_samples": 12}, "'B cell' has 11 samples, 12 are to be explained"),
        ({"split": "donor"}, r"No donor is known.*\(donor_column\)"),
        ({"split": "donor", "donor_column": "who"}, "'B cell' has 2 donors.*needs at least 3"),
        ({"split": "donor", "donor_column": "same"}, "'B cell' has 1 donor, "),
        ({"folds": 12}, "'B cell' has 11 samples, and 12-fold cross-validation"),
        ({"min_class_size": 12}, "fewer than two classes of at least 12 samples"),
    ],
)
def test_what_the_samples_decide_is_checked_when_the_study_is_opened(
    override: dict[str, Any], message: str, cells: str, tmp_path: Path
) -> None:
    with pytest.raises(HelpersError, match=message) as found:
        open_study("smoke", cells, workspace=tmp_path / "ws", class_column="kind", **override)
    assert found.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["own.h5ad"]


@pytest.mark.parametrize("name", ["own", "reference", "planted", "rnaseqdb", "gtex-tcga"])
def test_samples_are_known_before_their_values(
    name: str, cells: str, tiny_data: Path, tmp_path: Path
) -> None:
    folders = {"rnaseqdb": tiny_data, "gtex-tcga": tmp_path / "data"}
    if name == "gtex-tcga":
        make_study(folders[name])
    own: dict[str, Any] = {"class_column": "kind", "donor_column": "who"} if name == "own" else {}
    chosen = settings("smoke", min_class_size=3, **own)
    dataset = find_dataset(cells if name == "own" else name, chosen)
    values = {setting: getattr(chosen, setting) for setting in dataset.settings}
    loaded = dataset.load(folders.get(name), **values)
    adata = loaded.load() if isinstance(loaded, StreamedExpression) else loaded
    assert dataset.describe is not None
    described = dataset.describe(folders.get(name), chosen)
    for column in ("tissue", "status"):
        assert described[column].tolist() == adata.obs[column].astype(str).tolist()
    if dataset.simulated:
        assert described["donor"].is_unique
        assert adata.obs["donor"].is_unique
    else:
        assert described["donor"].tolist() == adata.obs["donor"].astype(str).tolist()
        assert described.index.tolist() == adata.obs_names.tolist()


def test_data_that_cannot_be_read_are_left_to_whoever_loads_them(
    tiny_data: Path, tmp_path: Path
) -> None:
    for path in tiny_data.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:9])
    open_study("smoke", "rnaseqdb", tmp_path, untouched=True, tissues="livr")
    with pytest.raises(UnknownNameError, match="did you mean 'liver'"):
        open_study("smoke", "rnaseqdb", tiny_data, untouched=True, tissues="livr")


def test_every_feature_layer_can_be_asked_for(tmp_path: Path) -> None:
    assert feature_layers()[0] == "conv1"
    assert feature_layers()[-1] == "dropout"
    for name in feature_layers():
        open_study("smoke", "reference", workspace=tmp_path, cam_layer=name)


GENES = "needs the chromosome of every gene"
LISTS = r"the data have {} genes[, ].*lower 'top' to {}"


@pytest.mark.parametrize("name", ["reference", "planted", "rnaseqdb", "gtex-tcga", "own"])
def test_what_genes_decide_is_refused_when_the_study_is_opened(
    name: str, cells: str, tiny_data: Path, tmp_path: Path
) -> None:
    """Before any value is read: so in a notebook, in Python and on the command line alike."""
    where: dict[str, Any] = {
        "reference": {"most_genes": 0},
        "planted": {"most_genes": 0},
        "rnaseqdb": {"data": tiny_data},
        "gtex-tcga": {"data": tmp_path / "sources", "min_class_size": 3},
    }.get(name, {"class_column": "kind"})
    if name == "gtex-tcga":
        make_study(tmp_path / "sources")
    dataset = cells if name == "own" else name
    study = open_study("smoke", dataset, workspace=tmp_path / "read", **where)
    genes = study.get("data/expression").n_vars
    length = LISTS.format(f"{genes:,}", most := max(1, genes // 10))
    for setting, message in (({"cnn_gene_order": "genomic"}, GENES), ({"top": most + 1}, length)):
        with pytest.raises(BadInputError, match=message):
            open_study("smoke", dataset, workspace=tmp_path / "ws", **where, **setting)
        assert not (tmp_path / "ws").exists()
    # A list that is as long as may be; and no length that is asked for.
    for fitting in ({"top": most}, {"cnn_gene_order": "given"}):
        open_study("smoke", dataset, workspace=tmp_path / "ws", **where, **fitting)


def test_a_list_holds_a_tenth_of_the_genes_that_are_kept(tmp_path: Path) -> None:
    told = r"have 500 genes \('most_genes' keeps that many of 19,009\).* lower 'top' to 50,"
    with pytest.raises(BadInputError, match=told):
        open_study("smoke", "reference", workspace=tmp_path, most_genes=500, top=51)
    with pytest.raises(BadInputError, match="keeps one gene"):
        open_study("smoke", "reference", workspace=tmp_path, most_genes=1)


def test_genes_that_values_rule_out_are_found_when_the_data_are_loaded(
    tmp_path: Path, tiny_data: Path
) -> None:
    """What `check_genes` could not know, a run checks again; the tiny files have 150 genes."""
    study = open_study("smoke", "rnaseqdb", tiny_data, tmp_path, top=15)
    var = study.get("data/expression").var
    check_data(study.settings, var)
    with pytest.raises(BadInputError, match=LISTS.format(149, 14)):
        check_data(study.settings, var.iloc[1:])


ONCOKB = "Hugo Symbol\tIs Oncogene\tIs Tumor Suppressor Gene\nTP53\tNo\tYes\n"


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("gene_set_libraries", "a term\t\n", "has no genes"),
        ("gene_set_libraries", "a\t\tTP53\na\t\tALB\n", "is there twice, in lines 1 and 2"),
        ("transcription_factor_file", "Symbols\tFamily\nTP53\tp53\n", "no column 'Symbol'"),
        ("cofactor_file", "", "is empty"),
        ("cancer_gene_file", ONCOKB.replace("Is Oncogene", "Oncogene"), "nearest is 'Oncogene'"),
    ],
)
def test_files_of_annotations_are_read_when_the_study_is_opened(
    setting: str, text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gmt"
    path.write_text(text)
    with pytest.raises(BadInputError, match=message):
        open_study("smoke", workspace=tmp_path / "ws", **{setting: str(path)})
    assert not (tmp_path / "ws").exists()


def test_a_file_of_annotations_that_is_not_there_is_named(tmp_path: Path) -> None:
    for setting in ("transcription_factor_file", "cofactor_file", "cancer_gene_file"):
        with pytest.raises(MissingInputError, match=r"gone\.tsv"):
            open_study("smoke", workspace=tmp_path, **{setting: "gone.tsv"})
    with pytest.raises(MissingInputError, match=r"gone\.gmt"):
        open_study("smoke", workspace=tmp_path, gene_set_libraries="go_mf,gone.gmt")
    with pytest.raises(UnknownNameError, match="did you mean 'go_mf'"):
        open_study("smoke", workspace=tmp_path, gene_set_libraries="gomf")
    with pytest.raises(BadInputError, match="names a library twice in go_mf, go_mf"):
        open_study("smoke", workspace=tmp_path, gene_set_libraries="go_mf,go_mf")
    with pytest.raises(BadInputError, match="'gene_set_libraries' cannot be"):
        open_study("smoke", workspace=tmp_path, gene_set_libraries="")


def test_files_get_full_paths_since_notebooks_run_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roles.tsv").write_text(ONCOKB)
    (tmp_path / "mine.gmt").write_text("a\t\tTP53\n")
    opened = open_study(
        "smoke", workspace=tmp_path / "ws", cancer_gene_file="roles.tsv",
        gene_set_libraries="go_mf,mine.gmt",
    )  # fmt: skip
    assert opened.settings.cancer_gene_file == str(tmp_path / "roles.tsv")
    assert opened.settings.gene_set_libraries == ("go_mf", str(tmp_path / "mine.gmt"))
