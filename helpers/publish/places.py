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
    nodes = [node for call in _shows(source) for node in _names(call)]
    return [pattern for node in nodes if (pattern := _pattern(node))]


def _names(call: ast.Call) -> list[ast.expr]:
    """Return the name that a call gives what it shows, if it gives one."""
    if ast.unparse(call.func) == "show_table":
        return [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    return call.args[1:2]


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


def steps_shown(chapter: Chapter) -> list[tuple[str, list[str]]]:
    """Return what a chapter shows, in order: its anchor, and the steps that made it.

    The anchor is empty for a table without a name, and has ``*`` for what the notebook fills in.
    """
    found = []
    for call in _shows(chapter.source()):
        names = _names(call)
        made_by = [keyword.value for keyword in call.keywords if keyword.arg == "made_by"]
        steps = [step for node in made_by for step in _texts(node)]
        found.append((_anchor(names[0]) if names else "", steps))
    return found


def _texts(node: ast.expr) -> list[str]:
    """Return the texts in an expression: one, or those of a list."""
    return [str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant)]


def _anchor(node: ast.expr) -> str:
    pattern = _pattern(node)
    return re.sub(r"\\(.)", r"\1", pattern.replace(r"\w+", "*"))


def _shows(source: str) -> list[ast.Call]:
    """Return the calls that show a figure or a table, in the order of the source."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    shows = [call for call in calls if ast.unparse(call.func) in _SHOW]
    return sorted(shows, key=lambda call: call.lineno)


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
