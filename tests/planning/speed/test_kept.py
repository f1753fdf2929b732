"""A benchmark is read as it was written, and what the page says of it follows from its numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import HelpersError
from helpers.planning.speed.contest import COLUMNS
from helpers.planning.speed.kept import FILE, Conditions, Stored, as_text, conditions, read_stored
from helpers.planning.speed.tasks import Sizes
from helpers.publish.runs.speed_page import SAID, said, write_speed
from helpers.workspace.store import project_root

AT = Conditions("2026-01-02", "abc", "Linux x86_64", "A processor", 2, 0.1, {"torch": "2"})
ROWS = [
    ("Saliency", "exact", 0.01, 1.0, 3.2, 0.0),
    ("Saliency", "captum_loop", 1.23456, 123.456, float("nan"), 2e-7),
]
STORED = Stored(AT, Sizes(), pd.DataFrame(ROWS, columns=COLUMNS))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_speed(STORED, tmp_path / "speed")
    found = read_stored(tmp_path / "speed" / FILE)
    assert (found.conditions, found.sizes) == (AT, Sizes())
    assert found.table["seconds"].tolist() == [0.01, 1.23]
    assert found.table["megabytes"].isna().tolist() == [False, True]
    assert (tmp_path / "speed" / SAID).read_text("utf-8") == said(found)


@pytest.mark.parametrize("change", [("1.23", "0.01"), ('"format": 1', '"format": 2'), ("{", "")])
def test_an_edited_file_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    path = tmp_path / FILE
    path.write_text(as_text(STORED).replace(*change, 1))
    with pytest.raises(HelpersError, match="make it again"):
        read_stored(path)
    with pytest.raises(HelpersError, match="There is no"):
        read_stored(tmp_path / "nothing.json")


def test_the_page_says_what_was_measured_and_what_was_not() -> None:
    text = said(STORED)
    assert "| Captum, loop | 1.23 | 123 | – | 2e-07 |" in text
    assert "| Exact engine | 0.01 | 1 | 3.2 MB |  |" in text
    assert "shap was not installed" in text
    assert "torch.func is not in it: DeepLIFT's rule is no gradient." in text
    assert "busy" not in text


def test_a_busy_machine_is_said() -> None:
    busy = replace(STORED, conditions=replace(AT, load=1.7))
    assert "another run on a quiet machine is needed" in " ".join(said(busy).split())
    here = conditions()
    assert here.cores >= 1
    assert {"python", "torch", "captum"} <= set(here.packages)


def test_the_page_in_the_book_is_that_of_the_numbers_beside_it() -> None:
    folder = project_root() / "book" / "results" / "speed"
    assert (folder / SAID).read_text("utf-8") == said(read_stored(folder / FILE))
