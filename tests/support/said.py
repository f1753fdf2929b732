"""Sentences of the book from facts, as plain text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers.prose.writing.markdown import unescaped
from helpers.prose.writing.templates import Facts, read_template

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, headings first, without the line below them."""
    lines = (line for line in text.split("\n") if line.startswith("|"))
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(row) for row in found}) <= 1, found
    return [row for row in found if set(row) != {"---"}]


def said(chapter: str, block: str, facts: Facts | None = None, **more: Any) -> str:
    """Return what a block of a chapter's template says of the facts; the minus sign as typed."""
    template = read_template(NOTEBOOKS, chapter)
    return unescaped(template.write(block, {**(facts or {}), **more})).replace("−", "-")
