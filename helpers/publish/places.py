"""Where the book shows what: from a rule's ``notebook#name`` to the cell and to the link."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.errors import BadInputError, one_of
from helpers.publish.chapters import Chapter

_SHOW = {"show_figure", "show_searchable", "show_table"}


@dataclass(frozen=True)
class Place:
    """A figure, table or section of a chapter.

    Attributes
    ----------
    chapter
        Name of the notebook.
    anchor
        Its anchor on the page.
    cell
        Number of the cell in the committed notebook, from 1.
    """

    chapter: str
    anchor: str
    cell: int

    @property
    def link(self) -> str:
        """Address of the place from the page of any chapter."""
        return f"{self.chapter}.html#{self.anchor}"


def find_place(produced_by: str, chapters: Mapping[str, Chapter]) -> Place:
    """Find the cell that shows what a rule judges.

    Parameters
    ----------
    produced_by
        ``notebook#name``: what a cell shows under this name, or the heading of a section.
    chapters
        The chapters by name.

    Raises
    ------
    UnknownNameError
        If there is no such notebook.
    BadInputError
        If none of its cells shows anything under this name.
    """
    name, _, anchor = produced_by.partition("#")
    chapter = chapters[one_of("notebook", name, chapters)]
    for number, cell in enumerate(chapter.cells(), start=1):
        shows = _headings if cell.cell_type == "markdown" else _shown
        if any(re.fullmatch(pattern, anchor) for pattern in shows(cell.source)):
            return Place(name, anchor, number)
    raise BadInputError(
        f"{chapter.path} shows nothing under the name {anchor!r}: correct the rule."
    )


def _headings(source: str) -> list[str]:
    return [re.escape(_slug(text)) for text in re.findall(r"^#+ (.+)$", source, re.MULTILINE)]


def _slug(heading: str) -> str:
    """Return the anchor of a heading as Sphinx makes it."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _shown(source: str) -> list[str]:
    """Return patterns of the names under which a cell shows figures and tables."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    names: list[ast.expr] = []
    for call in calls:
        if ast.unparse(call.func) in _SHOW:
            names += call.args[1:2]
            names += [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    return [pattern for node in names if (pattern := _pattern(node))]


def _pattern(node: ast.expr) -> str:
    """Turn a text, some of which may be filled in by the notebook, into a pattern."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
            for part in node.values
        )
    return ""


def claims_shown(chapter: Chapter) -> list[str]:
    """Return the statements whose boxes a chapter shows."""
    calls = (node for node in ast.walk(ast.parse(chapter.source())) if isinstance(node, ast.Call))
    return [
        str(arg.value)
        for call in calls
        if ast.unparse(call.func) == "show_claims"
        for arg in call.args
        if isinstance(arg, ast.Constant)
    ]
