"""The project's own files agree with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

BEYOND_THE_PAPER = (
    "14_single_cells",
    "19_are_they_right",
    "20_are_they_faithful",
    "21_what_should_i_use",
    "22_know_nothing",
    "23_simulated_and_real",
)
"""Chapters on what the paper made no statement about."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_clean(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for line in "".join(tagged[0]["source"]).splitlines():
        assert "#" in line, f"no comment on the parameter in {line!r}"
    assert all(len("".join(cell["source"]).splitlines()) <= 25 for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_shows_no_link_that_only_sources_can_follow(path: Path) -> None:
    # What code prints is not read by Sphinx, which turns .md into .html elsewhere.
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert not re.findall(r"\]\([^)\s]*\.md[#)]|\{(?:cite|doc|term|ref)\}", code)


OTHER_PAGES = ("15_claims", "16_summary", "17_changed_rules")
"""Notebooks about all chapters; they have parts of their own."""


@pytest.mark.parametrize(
    "path",
    [path for path in NOTEBOOKS if path.stem not in OTHER_PAGES],
    ids=lambda path: path.stem,
)
def test_chapters_have_all_their_parts(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "".join("".join(cell["source"]) for cell in cells)
    for part in (
        "**What you will learn.**", "**What the paper did.**", "## What we ran", "show_figure(",
        "show_claims(", "## What to be careful about", "## Exercises", "# Solution",
    ):  # fmt: skip
        if part == "show_claims(" and path.stem in BEYOND_THE_PAPER:
            continue
        assert part in text, part


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "15_claims",
            (
                "## What we ran", "show_figure(", "show_searchable(", "## Not reproduced, and why",
                "## What this run cannot test", "## What to be careful about", "# Solution",
            ),
        ),
        (
            "16_summary",
            (
                "## Scope", "## Method", "## Results", "## What was easy", "## What was hard",
                "## What we changed",
            ),
        ),
    ],
)  # fmt: skip
def test_pages_about_all_chapters_have_their_parts(name: str, parts: tuple[str, ...]) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "".join("".join(cell["source"]) for cell in cells)
    for part in parts:
        assert part in text, part


def test_every_chapter_is_in_the_contents() -> None:
    contents = (ROOT / "book" / "_toc.yml").read_text()
    for path in NOTEBOOKS:
        assert f"notebooks/{path.stem}" in contents


def test_files_stay_short() -> None:
    for path in [*(ROOT / "helpers").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path
