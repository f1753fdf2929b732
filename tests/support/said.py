"""Sentences of the book from facts, as plain text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers.prose.writing.markdown import unescaped
from helpers.prose.writing.templates import Facts, read_template

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def said(chapter: str, block: str, facts: Facts | None = None, **more: Any) -> str:
    """Return what a block of a chapter's template says of the facts; the minus sign as typed."""
    template = read_template(NOTEBOOKS, chapter)
    return unescaped(template.write(block, {**(facts or {}), **more})).replace("−", "-")
