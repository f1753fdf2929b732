"""What the page on your own data says of options, units and files is what the code has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from helpers.cli import app
from helpers.config import Settings
from helpers.datasets.file_kinds import TEXT, kind_of
from helpers.datasets.missing import is_missing
from helpers.datasets.units import UNITS
from helpers.errors import BadInputError

PAGE = (Path(__file__).resolve().parents[2] / "book" / "your_own_data.md").read_text("utf-8")
README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")


def test_every_option_and_unit_is_on_the_page() -> None:
    table = PAGE[PAGE.index("## Options") : PAGE.index("## Missing names")]
    options = set(re.findall(r"^\| `(--[a-z-]+)`", table, re.MULTILINE))
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["run", "--help"]).output
    assert options <= set(re.findall(r"--[a-z-]+", shown))
    assert {"--samples", "--sample-column", "--class-column", "--unit"} <= options
    for unit in UNITS:
        assert f"`{unit}`" in table
    assert set(get_args(Settings.model_fields["unit"].annotation)) == {"auto", *UNITS}


def test_words_that_the_page_names_are_missing() -> None:
    section = PAGE[PAGE.index("## Missing names") :].split("\n\n")[1]
    words = re.findall(r"`([^`]+)`", section)
    assert len(words) > 8
    assert all(is_missing(word) for word in words)


def test_endings_that_the_page_names_are_read(tmp_path: Path) -> None:
    for ending in re.findall(
        r"`(\.[a-z]+)`", PAGE[PAGE.index("| a table of text") :].split("|")[1]
    ):
        assert ending in TEXT
        path = tmp_path / f"x{ending}"
        path.write_text("a\tb\nc\t1\n")
        assert kind_of(path) == "text"
    (tmp_path / "x.docx").write_text("x")
    with pytest.raises(BadInputError, match="are not read"):
        kind_of(tmp_path / "x.docx")


def test_a_table_stands_on_the_first_screen_of_the_readme() -> None:
    first = "\n".join(README.splitlines()[:25])
    assert "python -m helpers run --dataset MATRIX.tsv --samples SHEET.csv" in first
