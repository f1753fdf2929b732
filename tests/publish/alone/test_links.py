"""Links work beside an executed notebook, and in the book."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.publish.alone.links import for_the_book
from helpers.publish.display import show_figure
from helpers.study import open_study

HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize("folder", ["ws", "my results, 100% #1", "../elsewhere"])
def test_files_are_found_from_where_papermill_was_started(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    study = open_study("smoke", workspace=folder)
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    data = pd.DataFrame({"x": [1, 2]})
    shown = show_figure(study, "line", figure, data, caption="A line.", alt="A line.")
    addresses = HREF.findall(shown.markup)
    assert {Path(address).suffix for address in addresses} == {".csv", ".svg"}
    assert all((here / unquote(address)).is_file() for address in addresses)
    in_book = HREF.findall(for_the_book(shown.markup))
    assert in_book == ["../downloads/figures/line.csv", "../downloads/figures/line.svg"]
    assert "data-file" not in for_the_book(shown.markup)
