from __future__ import annotations

import html
import re
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import nasty
import pandas as pd
import pytest

from helpers.errors import BadInputError
from helpers.figures.naming import visible
from helpers.publish.alone.links import for_the_book
from helpers.publish.display import (
    FIGURE_TAG,
    FILES_TAG,
    SIMULATED,
    drawing,
    file_name,
    nothing_text,
    show_figure,
    show_table,
)
from helpers.study import Study, open_study
from helpers.workspace.fingerprints import of_file


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path)


DATA = pd.DataFrame({"x": [1, 2]})


def test_a_figure_is_saved_with_its_data_and_says_that_it_is_simulated(study: Study) -> None:
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    shown = show_figure(study, "line", figure, DATA, caption="A line.", alt="A rising line")
    bundle, metadata = shown._repr_mimebundle_()
    saved = {f"figures/line.{ending}" for ending in ("csv", "svg")}
    assert metadata.pop(FILES_TAG) == {file: of_file(study.workspace.path(file)) for file in saved}
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


@pytest.mark.parametrize("name", nasty.NAMES)
def test_tables_have_names_whole_and_as_text(name: str) -> None:
    table = pd.DataFrame({"class": [name], name: [0.5]}, index=pd.Index([name], name="rank"))
    for index in (False, True):
        cells = [
            html.unescape(re.sub("<[^>]*>", "", cell))
            for cell in re.findall(
                r"<t[hd]>(.*?)</t[hd]>", show_table(table, "A table.", index=index).markup
            )
        ]
        assert cells == (["rank"] if index else []) + ["class", visible(name)] + (
            [visible(name)] if index else []
        ) + [visible(name), "0.5"]


def test_a_column_may_be_called_as_the_index() -> None:
    table = pd.DataFrame({"rank": [0.25]}, index=pd.Index([1], name="rank"))
    markup = show_table(table, "A table.", {"rank": "{:.0%}"}, index=True).markup
    assert markup.count("<th>rank</th>") == 2
    assert "<td>1</td>" in markup
    assert "<td>25%</td>" in markup


def test_missing_numbers_are_dashes() -> None:
    table = pd.DataFrame({"a": [float("nan"), 1]})
    assert "<td>–</td>" in show_table(table, "A table.", {"a": "{:.1f}"}).markup


@pytest.mark.parametrize("name", nasty.NAMES)
def test_any_name_makes_a_file_an_address_and_an_anchor(study: Study, name: str) -> None:
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    shown = show_figure(study, f"x_{name}", figure, DATA, caption="A line.", alt=name)
    (file,) = study.workspace.path("figures").glob("*.svg")
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.svg", file.name)
    assert f'href="../downloads/figures/{file.name}"' in for_the_book(shown.markup)
    assert f'id="{file.stem}"' in shown.markup
    (alt,) = re.findall(r'alt="([^"]*)"', shown.markup)
    assert html.unescape(alt) == visible(name)


def test_names_of_files_stay_different() -> None:
    assert file_name("figure_1a") == "figure_1a"
    assert len({file_name(name) for name in nasty.NAMES}) == len(nasty.NAMES)


def drawn(text: str) -> str:
    figure, axis = plt.subplots()
    axis.set_title(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = drawing(figure).decode()
    plt.close(figure)
    return svg


def test_letters_are_outlines_unless_no_font_has_one() -> None:
    assert "<text" not in drawn("plain")
    # Of the private use area: letters that only its owner knows.
    assert ">\ue000\ue001</text>" in drawn("\ue000\ue001")


def test_other_warnings_of_drawing_pass() -> None:
    figure, axis = plt.subplots(figsize=(1, 1), layout="constrained")
    axis.set_yticks([0], ["x" * 200])
    with pytest.warns(UserWarning, match="constrained_layout not applied"):
        drawing(figure)
    plt.close(figure)


def test_below_a_table_stands_the_step_that_made_it() -> None:
    markup = show_table(DATA, "A table.", made_by="tables/accuracy").markup
    assert "Made by the step <code>tables/accuracy</code>" in markup
    assert "<code>python -m helpers explain-artefact tables/accuracy</code>" in markup
    both = show_table(DATA, "A table.", made_by=["tables/a", "tables/b"]).markup
    assert "steps <code>tables/a</code>, <code>tables/b</code>" in both
    assert "Made by" not in show_table(DATA, "A table.").markup


def test_what_networks_that_know_nothing_meet_is_written_with_its_p_value() -> None:
    row = {"known_nothing": "17 of 20 shuffles; untrained: yes; randomised: no", "p_value": 0.857}
    assert nothing_text(row).endswith("randomised: no; p = 0.857")
    assert nothing_text(row | {"p_value": float("nan")}) == row["known_nothing"]
    # An empty field of a stored ledger reads back as no text.
    for empty in ("", float("nan"), None):
        assert nothing_text(row | {"known_nothing": empty}) == ""
