from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from helpers.errors import HelpersError
from helpers.publish import execute as execution
from helpers.publish.chapters import Chapter, page_state, said_by
from helpers.publish.execute import NotebookError, execute
from helpers.study import Study, open_study
from helpers.workflow import processes
from helpers.workflow.processes import can_fork

PARAMETERS = 'profile = ""\ndataset = ""\ndata = ""\nworkspace = ""\ntissues = ""\noverrides = {}'


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path / "ws")


def chapter(tmp_path: Path, source: str) -> Chapter:
    first = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[first, nbformat.v4.new_code_cell(source)])
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    return Chapter("01_x", tmp_path / "01_x.ipynb")


@pytest.mark.slow
def test_a_page_is_kept_with_the_injected_cell_hidden(study: Study, tmp_path: Path) -> None:
    made = chapter(tmp_path, "print(profile, dataset)")
    page = execute(study, made, tmp_path)
    cells = nbformat.read(page, as_version=4).cells
    assert cells[1].metadata.tags == ["injected-parameters", "remove-cell"]
    assert cells[2].outputs[0].text == "smoke reference\n"
    assert page_state(study, made) == "fresh"


def test_a_page_has_no_cells_for_those_who_execute_it_alone_and_links_the_downloads() -> None:
    markup = '<a href="ws/figures/a.csv" data-file="figures/a.csv" download>Data</a>'
    shown = nbformat.v4.new_code_cell("show()")
    shown.outputs = [nbformat.v4.new_output("display_data", {"text/html": markup})]
    alone = nbformat.v4.new_code_cell("where()", metadata={"tags": ["remove-cell", "alone"]})
    page = execution.tidied(nbformat.v4.new_notebook(cells=[shown, alone]))
    (cell,) = page.cells
    assert cell.outputs[0].data["text/html"] == (
        '<a href="../downloads/figures/a.csv" download>Data</a>'
    )


@pytest.mark.slow
def test_a_page_with_an_error_is_refused(study: Study, tmp_path: Path) -> None:
    made = chapter(tmp_path, "1 / 0")
    with pytest.raises(NotebookError, match="cell 3 failed: ZeroDivisionError"):
        execute(study, made, tmp_path)
    assert page_state(study, made) == "missing"
    assert list((study.workspace.root / "notebooks").iterdir()) == []


WARNING = """
import sys, warnings
print("shown")
warnings.warn("Glyph 32048 (\\N{CJK UNIFIED IDEOGRAPH-7D30}) missing from font(s) DejaVu Sans.")
print("Matplotlib created a temporary cache directory at /tmp/x", file=sys.stderr)
"""


@pytest.mark.slow
def test_messages_do_not_throw_a_page_away_and_unknown_ones_are_told(
    study: Study, tmp_path: Path
) -> None:
    known = execute(study, chapter(tmp_path, WARNING), tmp_path)
    assert said_by(known) == []
    made = chapter(tmp_path, WARNING + "warnings.warn('number 1 is strange')")
    page = execute(study, made, tmp_path)
    assert page_state(study, made) == "fresh"
    (said,) = said_by(page)
    assert said.startswith("01_x, cell 3: ")
    assert said.endswith("UserWarning: number 1 is strange")
    outputs = nbformat.read(page, as_version=4).cells[2].outputs
    assert [output.text for output in outputs] == ["shown\n"]


@pytest.mark.slow
def test_our_own_errors_come_through_as_one_sentence(study: Study, tmp_path: Path) -> None:
    source = "from helpers.study import open_study\nopen_study('quikc', workspace=workspace)"
    with pytest.raises(HelpersError, match=r"^There is no profile 'quikc'") as caught:
        execute(study, chapter(tmp_path, source), tmp_path)
    assert caught.value.exit_code == 2


SEEN = """
import os, sys
import helpers
print("left" in vars(helpers), "left" in globals(), os.environ.get("LEFT"))
helpers.left = left = os.environ["LEFT"] = "here"
print(os.getcwd(), os.getpid() == os.getsid(0))
import matplotlib
from matplotlib import pyplot
figure, axes = pyplot.subplots(figsize=(1, 1))
"""


@pytest.mark.slow
@pytest.mark.skipif(not can_fork(), reason="kernels are started by their command here")
def test_forked_kernels_are_fresh_and_like_others(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chapter(tmp_path, SEEN)
    texts, kinds = [], []
    for fork in (True, True, False):
        monkeypatch.setattr(processes, "can_fork", lambda fork=fork: fork)
        outputs = nbformat.read(execute(study, made, tmp_path), as_version=4).cells[2].outputs
        texts.append(outputs[0].text)
        kinds.append([sorted(output.get("data", {})) for output in outputs])
    assert texts == [f"False False None\n{tmp_path} True\n"] * 3
    assert kinds[0] == kinds[1] == kinds[2] == [[], ["image/png", "text/plain"]]


@pytest.mark.slow
def test_a_kernel_that_dies_is_told(study: Study, tmp_path: Path) -> None:
    made = chapter(tmp_path, "import os; os._exit(3)")
    with pytest.raises(NotebookError, match=r"01_x\.ipynb: the kernel died"):
        execute(study, made, tmp_path)
    assert page_state(study, made) == "missing"


MANY = """
print("before", 5)
from IPython.display import Markdown, display
import matplotlib.pyplot as plt
import pandas as pd
display(Markdown("*one*"))
plt.plot([1, 2])
pd.DataFrame({"a": [1]})
"""


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [True, False])
def test_a_page_is_the_same_without_a_kernel(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: bool
) -> None:
    monkeypatch.setattr(execution, "kernel_can_run", lambda: kernel)
    page = execute(study, chapter(tmp_path, MANY), tmp_path)
    cells = nbformat.read(page, as_version=4).cells
    assert cells[1].metadata.tags == ["injected-parameters", "remove-cell"]
    shown = [sorted(output.get("data", {"text": 0})) for output in cells[2].outputs]
    assert shown == [
        ["text"], ["text/markdown", "text/plain"], ["text/html", "text/plain"],
        ["image/png", "text/plain"],
    ]  # fmt: skip
    assert cells[2].outputs[0].text == "before 5\n"
    with pytest.raises(NotebookError, match="cell 3 failed: ZeroDivisionError: division by zero"):
        execute(study, chapter(tmp_path, "1 / 0"), tmp_path)
    with pytest.raises(NotebookError, match="the kernel died"):
        execute(study, chapter(tmp_path, "import os; os._exit(3)"), tmp_path)
    with pytest.raises(HelpersError, match=r"^There is no profile 'quikc'"):
        source = "from helpers.study import open_study\nopen_study('quikc', workspace=workspace)"
        execute(study, chapter(tmp_path, source), tmp_path)


@pytest.mark.slow
def test_a_folder_may_have_braces_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "{x} {}"
    folder.mkdir()
    study = open_study("smoke", workspace=folder / "ws")
    page = execute(study, chapter(folder, "print(workspace)"), folder)
    assert str(folder) in nbformat.read(page, as_version=4).cells[2].outputs[0].text
