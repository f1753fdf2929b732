"""Every chapter runs on small studies of all shapes, and its pages make sense.

One of them is run each time; with `EVERY_STUDY=1` all are, which takes a quarter of an hour.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from called import helpers
from small_studies import STUDIES

from helpers.workspace.formats import read_table

FIRST = next(iter(STUDIES))
UNDEFINED = re.compile(r"\b(nan|NaN|inf|None(?! [a-z])|unknown)\b")
SETTINGS = ("protocols=text", "reference_pool=4", "matched_draws=20")


def options(path: Path, workspace: Path, *more: str) -> list[str]:
    arguments = ["--profile", "smoke", "--dataset", str(path), "--workspace", str(workspace)]
    if "--class-column" not in more:
        arguments += ["--class-column", "kind"]
    arguments += [part for setting in SETTINGS for part in ("--set", setting)]
    return ["run", "--workers", "1", "--no-book", *arguments, *more]


def run(path: Path, workspace: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpers", *options(path, workspace, *more)],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def sentences(page: Path) -> list[str]:
    """Return the text of all sentences of a page."""
    cells = [c for c in nbformat.read(page, 4).cells if "sentence" in c.metadata.get("tags", [])]
    outputs = [output for cell in cells for output in cell.outputs]
    return [output.data["text/markdown"] for output in outputs if "text/markdown" in output.data]


def texts(figure: Path) -> list[str]:
    """Return the text of a figure, which matplotlib writes as comments."""
    return re.findall(r"<!-- (.*?) -->", figure.read_text("utf-8"))


def check_pages(workspace: Path) -> None:
    """Check that no sentence and no figure says what is undefined, or shows nothing silently."""
    for page in sorted((workspace / "notebooks").glob("*.ipynb")):
        found = sentences(page)
        assert found, page.stem
        for text in found:
            assert not UNDEFINED.search(text), (page.stem, text)
    for figure in sorted((workspace / "figures").glob("*.svg")):
        assert not any(re.fullmatch(r"(?i)[-−]?(nan|inf).*", text) for text in texts(figure))
        if pd.read_csv(figure.with_suffix(".csv")).empty:
            # Nothing to show, which is said in place of axes.
            assert "matplotlib.axis" not in figure.read_text("utf-8"), figure.stem
            assert texts(figure), figure.stem


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_every_chapter_runs_on(name: str, tmp_path: Path) -> None:
    if name != FIRST and not os.environ.get("EVERY_STUDY"):
        pytest.skip("EVERY_STUDY=1 runs it")
    write, more = STUDIES[name]
    file = tmp_path / "own.h5ad"
    write(file)
    done = run(file, tmp_path / "ws", *more)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "ws" / "notebooks").glob("*.ipynb"))
    assert len(pages) == len(list(Path("notebooks").glob("[0-9]*.ipynb")))
    assert len(list((tmp_path / "ws" / "figures").glob("*.svg"))) > 35
    check_pages(tmp_path / "ws")
    if "cnn_models=0" in more:
        models = [path.name for path in (tmp_path / "ws" / "models").iterdir()]
        assert any(model.startswith("mlp-") for model in models)
        assert not [model for model in models if "cnn" in model]
        page = tmp_path / "ws" / "notebooks" / "02_baseline_reproducibility.ipynb"
        assert "this run has no CNNs" in page.read_text("utf-8")


CASES: dict[str, tuple[set[str], list[str]]] = {
    "numeric_obs_names": ({"B", "Mono", "T"}, []),
    "bool_classes": ({"True", "False"}, []),
    "leiden_numbers": ({"0", "1", "2"}, []),
    "cjk_names": ({"B細胞", "肝臓の細胞", "肺胞上皮"}, []),
    "dollar_names": ({"$x^$", "A$$", "c"}, []),
    "markup_names": ({"DN<3>", "Mono|cyte* <b>x</b>", "T_cell_1 `x` [a](b)"}, []),
    "layer_called_raw": ({"B", "Mono", "T"}, ["--layer", "raw"]),
    "log1p_base_is_text": ({"B", "Mono", "T"}, []),
    "ensembl_in_a_column": ({"B", "Mono", "T"}, ["--gene-column", "gene_ids"]),
}
FIRST_CASES = ("numeric_obs_names", "bool_classes")


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("case", CASES)
def test_names_are_text_from_the_file_to_the_page(
    case: str, shared_data: Path, tmp_path: Path
) -> None:
    every = bool(os.environ.get("EVERY_STUDY"))
    if case not in FIRST_CASES and not every:
        pytest.skip("EVERY_STUDY=1 runs it")
    chapters = [] if every and case in FIRST_CASES else ["--only", "00", "--only", "01"]
    classes, more = CASES[case]
    file = shared_data.parent / "cases" / f"{case}.h5ad"
    done = helpers(*options(file, tmp_path / "ws", *chapters, *more))
    assert done.returncode == 0, done.stderr
    check_pages(tmp_path / "ws")
    tables = tmp_path / "ws" / "tables"
    split, explained = read_table(tables / "split.csv"), read_table(tables / "explained.csv")
    assert set(split["tissue"]) == classes
    assert len(split) == 37
    assert all(isinstance(name, str) for name in split["sample"])
    assert set(explained["sample"]) <= set(split["sample"])
