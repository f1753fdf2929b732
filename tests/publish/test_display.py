from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.errors import BadInputError
from helpers.publish.display import FIGURE_TAG, SIMULATED, show_figure, show_table
from helpers.study import Study, open_study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path)


DATA = pd.DataFrame({"x": [1, 2]})


def test_a_figure_is_saved_with_its_data_and_says_that_it_is_simulated(study: Study) -> None:
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    shown = show_figure(study, "line", figure, DATA, caption="A line.", alt="A rising line")
    bundle, metadata = shown._repr_mimebundle_()
    assert metadata == {FIGURE_TAG: "line"}
    assert 'alt="A rising line"' in bundle["text/html"]
    assert SIMULATED in bundle["text/html"]
    assert pd.read_csv(study.workspace.path("figures/line.csv")).equals(DATA)
    assert study.workspace.path("figures/line.svg").read_text().startswith("<?xml")
    assert not plt.get_fignums()


def test_the_same_figure_is_the_same_bytes(study: Study) -> None:
    files = []
    for _ in range(2):
        figure, axis = plt.subplots()
        axis.scatter([1, 2], [3, 4])
        show_figure(study, "dots", figure, DATA, caption="Dots.", alt="Two dots")
        files.append(study.workspace.path("figures/dots.svg").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(("caption", "alt"), [("", "x"), ("x", " ")])
def test_a_figure_without_caption_or_alt_text_is_refused(
    study: Study, caption: str, alt: str
) -> None:
    with pytest.raises(BadInputError, match="'bare' has no caption or alt text"):
        show_figure(study, "bare", plt.figure(), DATA, caption=caption, alt=alt)
    plt.close("all")


def test_text_in_tables_is_escaped_and_numbers_are_formatted() -> None:
    table = pd.DataFrame({"name": ["<b>"], "value": [0.12345]})
    markup = show_table(table, "A table.", {"value": "{:.2f}"}).markup
    assert "&lt;b&gt;" in markup
    assert "0.12<" in markup
    small = show_table(pd.DataFrame({"p": [1e-9]}), "A table.", {"p": "{:.0e}"}).markup
    assert "1e−09<" in small


def test_below_a_table_stands_the_step_that_made_it() -> None:
    markup = show_table(DATA, "A table.", made_by="tables/accuracy").markup
    assert "Made by the step <code>tables/accuracy</code>" in markup
    assert "<code>python -m helpers explain-artefact tables/accuracy</code>" in markup
    both = show_table(DATA, "A table.", made_by=["tables/a", "tables/b"]).markup
    assert "steps <code>tables/a</code>, <code>tables/b</code>" in both
    assert "Made by" not in show_table(DATA, "A table.").markup
