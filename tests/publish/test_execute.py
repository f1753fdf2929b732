from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from helpers.errors import HelpersError
from helpers.publish.chapters import Chapter, page_state
from helpers.publish.execute import NotebookError, execute
from helpers.study import Study, open_study

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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "import sys; print('careful', file=sys.stderr)",
            r"cell 3 wrote to standard error.*careful",
        ),
        ("1 / 0", "cell 3 failed: ZeroDivisionError"),
    ],
)
def test_a_page_with_a_warning_or_an_error_is_refused(
    study: Study, tmp_path: Path, source: str, message: str
) -> None:
    made = chapter(tmp_path, source)
    with pytest.raises(NotebookError, match=message):
        execute(study, made, tmp_path)
    assert page_state(study, made) == "missing"
    assert list((study.workspace.root / "notebooks").iterdir()) == []


@pytest.mark.slow
def test_our_own_errors_come_through_as_one_sentence(study: Study, tmp_path: Path) -> None:
    source = "from helpers.study import open_study\nopen_study('quikc', workspace=workspace)"
    with pytest.raises(HelpersError, match=r"^There is no profile 'quikc'") as caught:
        execute(study, chapter(tmp_path, source), tmp_path)
    assert caught.value.exit_code == 2
