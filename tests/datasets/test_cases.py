"""The small files of `shared/cases`, in the shape of files from public bug reports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_files import tree

from helpers.annotations import load_gene_sets
from helpers.cli import main
from helpers.datasets.gtex_tcga import load_gtex_tcga
from helpers.datasets.own import load_own
from helpers.errors import BadInputError
from helpers.workspace.store import project_root

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"the cases are not at {folder}")
    return folder


RUN: dict[str, tuple[dict[str, Any], set[str], int, str]] = {
    "numeric_obs_names": ({}, {"B", "Mono", "T"}, 130, "counts"),
    "leiden_numbers": ({}, {"0", "1", "2"}, 130, "counts"),
    "bool_classes": ({}, {"True", "False"}, 130, "counts"),
    "cell_ontology_names": (
        {},
        {
            "CD4-positive, CD25-positive, alpha-beta regulatory T cell",
            "CD16-negative, CD56-bright natural killer cell, human",
            "naive thymus-derived CD8-positive, alpha-beta T cell",
        },
        260,
        "counts",
    ),
    "cjk_names": ({}, {"B細胞", "肝臓の細胞", "肺胞上皮"}, 130, "counts"),
    "dollar_names": ({}, {"$x^$", "A$$", "c"}, 130, "counts"),
    "markup_names": (
        {}, {"DN<3>", "Mono|cyte* <b>x</b>", "T_cell_1 `x` [a](b)"}, 260, "counts"
    ),
    "symbols_nan_as_text": ({}, {"B", "Mono", "T"}, 90, "counts"),
    "layer_called_raw": ({"layer": "raw"}, {"B", "Mono", "T"}, 130, "counts"),
    "no_x": ({}, {"B", "Mono", "T"}, 130, "counts"),
    "newer_encoding": ({}, {"B", "Mono", "T"}, 130, "counts"),
    "log1p_base_is_text": ({}, {"B", "Mono", "T"}, 130, "log1p"),
    "ensembl_in_a_column": ({"gene_column": "gene_ids"}, {"B", "Mono", "T"}, 130, "counts"),
    "xena_log2_0001": ({}, {"B", "Mono", "T"}, 130, "log2_0.001"),
}  # fmt: skip


@pytest.mark.parametrize("case", RUN)
def test_what_should_run_is_read(case: str, cases: Path) -> None:
    options, classes, genes, unit = RUN[case]
    adata = load_own(cases / f"{case}.h5ad", class_column="kind", **options)
    assert set(adata.obs["tissue"]) == classes
    assert adata.shape == (37, genes)
    assert adata.uns["provenance"]["unit"] == unit
    assert all(isinstance(name, str) for name in [*adata.obs_names, *adata.obs["tissue"]])
    np.testing.assert_allclose((np.exp2(adata.X.astype(float)) - 1).sum(axis=1), 1e6, rtol=1e-4)


def test_words_for_nothing_are_no_gene(cases: Path) -> None:
    adata = load_own(cases / "symbols_nan_as_text.h5ad", class_column="kind")
    assert not {"nan", "None", "NA", ""} & set(adata.var_names)
    assert (
        "40 genes without a symbol are left out (in place of a name stood: 'nan' 40)."
        in (adata.uns["notes"])
    )


REFUSED = {
    "na_as_text": r"37 of 37 samples have no class in column 'kind' of obs \(in its place stands: ",
    "mouse_symbols": r"only 10 of its 300 genes are known human genes.*they look like.*mouse",
    "layer_called_raw": r"X, gene 'ZP2', sample 's0': -0\.306853 is negative.*--layer: raw\.",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_said(case: str, cases: Path) -> None:
    with pytest.raises(BadInputError, match=REFUSED[case]) as found:
        load_own(cases / f"{case}.h5ad", class_column="kind")
    assert found.value.exit_code == 2
    assert "damaged" not in str(found.value)


@pytest.mark.parametrize("case", ["gtex_per_tissue_id_column", "gtex_plain", "gtex_zero_padding"])
def test_files_of_gtex(case: str, cases: Path) -> None:
    adata = load_gtex_tcga(cases / case, min_class_size=3).load()
    assert adata.shape == (8, 40)
    assert adata.obs["tissue"].value_counts().to_dict() == {"GTEx_Liver": 4, "GTEx_Lung": 4}


@pytest.mark.parametrize("file", ["sets.gmt.txt", "excel_quotes.gmt"])
def test_files_of_gene_sets(file: str, cases: Path) -> None:
    assert dict(load_gene_sets(cases / file).sets) == {"SET_A": ("ALB", "TP53")}


@pytest.fixture
def clone(cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a clone of the project, with a person's folders beside it."""
    made = tmp_path / "clone"
    for name in ("book", "notebooks"):
        shutil.copytree(project_root() / name, made / name)
    shutil.copy(project_root() / "_config.yml", made)
    for folder in (".git", "data", "../docs", "../project/data"):
        (made / folder).mkdir(parents=True)
    (made / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "docs" / "CNAME").write_text("mine")
    shutil.copy(cases / "markup_names.h5ad", tmp_path / "in.h5ad")
    shutil.copy(cases / "numeric_obs_names.h5ad", tmp_path / "project/data/expression.h5ad")
    monkeypatch.chdir(made)
    return made


LOSSES = {
    "a folder of pages": ["--dataset", "../in.h5ad", "--workspace", "../ws", "--html", "../docs"],
    "an input": ["--dataset", "../project/data/expression.h5ad", "--workspace", "../project"],
    "the clone": ["--dataset", "../in.h5ad", "--workspace", ".", "--html", "../h2"],
    "its history": ["--dataset", "../in.h5ad", "--workspace", "../ws", "--html", "../clone"],
}
"""The commands of ``data_loss.sh``."""


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_nothing_is_lost(
    loss: str,
    more: list[str],
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = tree(clone.parent)
    options = ["--profile", "smoke", "--only", "00", "--class-column", "kind", "--workers", "1"]
    monkeypatch.setattr(sys, "argv", ["helpers", "run", *options, *LOSSES[loss], *more])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert [line[:7] for line in capsys.readouterr().err.splitlines() if line] == ["Error: "]
    assert tree(clone.parent) == before


def test_figures_are_the_same_under_the_look_of_a_user(cases: Path, tmp_path: Path) -> None:
    drawn = []
    for number, look in enumerate([{}, {"MPLCONFIGDIR": "", "MATPLOTLIBRC": "matplotlibrc"}]):
        folder = shutil.copytree(cases / "mpl_look", tmp_path / str(number))
        more = {name: str(folder / file) for name, file in look.items()}
        done = subprocess.run(
            [sys.executable, "-c", DRAW], cwd=folder, capture_output=True, check=True,
            env=os.environ | {"PYTHONPATH": str(project_root())} | more,
        )  # fmt: skip
        drawn.append(done.stdout)
    assert drawn[0] == drawn[1]
    assert drawn[0].startswith(b"<?xml")


DRAW = """
import sys
import matplotlib.pyplot as plt
from helpers.figures import style
with style.journal():
    figure, axis = plt.subplots(layout="constrained")
    axis.plot([1, 2, 3], label="a")
    axis.legend()
    figure.savefig(sys.stdout.buffer, format="svg", metadata={"Date": None})
"""


def test_every_case_has_a_test(cases: Path) -> None:
    text = Path(__file__).read_text("utf-8")
    named = {path.name.split(".")[0] for path in cases.iterdir()} - {"README"}
    assert [name for name in sorted(named) if name not in text] == []
