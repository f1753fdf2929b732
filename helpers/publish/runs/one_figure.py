"""One figure of the book by itself: the part of its notebook that makes it, and no more.

A chapter's code says how a figure is drawn, so nothing here repeats it. Of its statements those are
taken that the call of ``show_figure`` rests on, and of the study's artefacts those that they ask
for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from helpers.errors import BadInputError, one_of
from helpers.figures.style import journal
from helpers.publish.chapters import Chapter, asked_for, find_chapters
from helpers.study import Study
from helpers.workspace import atomic, fingerprints, publication
from helpers.workspace.formats import write_table

CALL = "show_figure"

GIVEN = frozenset({"study", "profile", "dataset", "data", "workspace", "tissues", "overrides"})
"""Names that the command line gives a chapter's code."""

KINDS = ("png", "svg", "pdf")

RESOLUTION = 300
"""Dots per inch of the PNG."""


@dataclass(frozen=True)
class Recipe:
    """How a figure is made.

    Attributes
    ----------
    name, chapter
        Its name, such as ``figure_2d``, and the chapter that shows it.
    before
        Statements that it rests on.
    call
        The call of ``show_figure``.
    """

    name: str
    chapter: str
    before: tuple[ast.stmt, ...]
    call: ast.Call

    @property
    def needs(self) -> list[str]:
        """Name the steps whose artefacts are asked for."""
        calls = (
            node
            for part in (*self.before, self.call)
            for node in ast.walk(part)
            if isinstance(node, ast.Call)
        )
        return list(dict.fromkeys(name for call in calls for name in asked_for(call)))

    @property
    def networks(self) -> str:
        """Name the architecture that the figure is about, if it is about one alone."""
        found = (word.value for word in self.call.keywords if word.arg == "networks")
        return next((str(one.value) for one in found if isinstance(one, ast.Constant)), "")


@dataclass(frozen=True)
class Drawn:
    """A figure with what it shows.

    Attributes
    ----------
    figure, data
        The drawing, and its numbers, one observation a row.
    caption
        What a reader has to know to read it.
    """

    figure: Figure
    data: pd.DataFrame
    caption: str


def recipes(root: Path) -> dict[str, Recipe]:
    """Return every figure of the book by name, but for those that are drawn in a loop."""
    found: dict[str, Recipe] = {}
    for chapter in find_chapters(root):
        for recipe in _recipes_of(chapter):
            found.setdefault(recipe.name, recipe)
    return found


def find_recipe(root: Path, name: str) -> Recipe:
    """Return a figure by its name, or by the paper's: ``2d``, ``s4_mlp``, ``figure_2d``.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is offered.
    """
    every = recipes(root)
    plain = name.casefold().replace(" ", "_").replace("-", "_").removeprefix("figure_")
    for known in every:
        parts = known.removeprefix("figures_").removeprefix("figure_")
        if plain in (known, parts) or (known.startswith("figures_") and plain in parts.split("_")):
            return every[known]
    return every[one_of("figure", name, every)]


def draw(study: Study, recipe: Recipe) -> Drawn:
    """Draw a figure; its artefacts are there.

    Raises
    ------
    BadInputError
        If it is about networks that the study has none of.
    """
    if recipe.networks and recipe.networks not in study.settings.architectures:
        raise BadInputError(
            f"The figure {recipe.name} is about {recipe.networks.upper()}s, and this run has none: "
            "leave --set cnn_models=0 out."
        )
    drawn: list[Drawn] = []

    def kept(of: Study, name: str, figure: Figure, data: pd.DataFrame, **more: Any) -> None:
        drawn.append(Drawn(figure, data, str(more.get("caption", ""))))

    names: dict[str, Any] = {
        "study": study, "profile": study.profile, "dataset": study.dataset.argument,
        "data": str(study.data or ""), "workspace": str(study.workspace.root), "tissues": "",
        "overrides": {},
    }  # fmt: skip
    _execute(recipe.before, recipe, names)
    names[CALL] = kept
    _execute((ast.Expr(recipe.call),), recipe, names)
    return drawn[0]


def write_figure(drawn: Drawn, recipe: Recipe, folder: Path) -> list[Path]:
    """Write a figure as PNG, SVG with text that can be edited, PDF and its numbers as CSV.

    Parameters
    ----------
    drawn, recipe
        The figure.
    folder
        New, empty, or one that this command wrote.

    Raises
    ------
    WorkspaceError
        If the folder is somebody else's; nothing has been changed then.
    """
    with atomic.scratch_folder(folder.parent, folder.name) as made:
        with journal(), mpl.rc_context({"svg.fonttype": "none", "pdf.fonttype": 42}):
            for kind in KINDS:
                buffer = BytesIO()
                drawn.figure.savefig(buffer, format=kind, dpi=RESOLUTION, metadata=_dateless(kind))
                (made / f"{recipe.name}.{kind}").write_bytes(buffer.getvalue())
        plt.close(drawn.figure)
        write_table(made / f"{recipe.name}.csv", drawn.data)
        names = sorted(path.name for path in made.iterdir())
        key = fingerprints.of_value({name: fingerprints.of_file(made / name) for name in names})
        publication.publish(made, folder, key=key, made_by="helpers figure", kind="figures")
    return [folder / name for name in names]


def _dateless(kind: str) -> Mapping[str, None]:
    """Return metadata without a date, so that the same figure has the same bytes."""
    return {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})


def _recipes_of(chapter: Chapter) -> Iterator[Recipe]:
    statements = ast.parse(chapter.source()).body
    for place, statement in enumerate(statements):
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            continue
        call = statement.value
        if ast.unparse(call.func) != CALL or len(call.args) < 2:
            continue
        name = call.args[1]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            before = tuple(_needed(statements[:place], statement))
            yield Recipe(name.value, chapter.name, before, call)


def _needed(statements: list[ast.stmt], last: ast.stmt) -> list[ast.stmt]:
    """Return the statements that one rests on, in order."""
    wanted, kept = _read(last) - GIVEN, []
    for statement in reversed(statements):
        if _written(statement) & wanted:
            kept.append(statement)
            wanted |= _read(statement) - GIVEN
    return kept[::-1]


def _read(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _written(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, and those of objects that it may change."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(_base(node))
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    called = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute):
        # A method may change its object, as ``parts.append(…)`` does.
        found.add(_base(called.func))
    return found - GIVEN


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _execute(statements: tuple[ast.stmt, ...], recipe: Recipe, names: dict[str, Any]) -> None:
    module = ast.fix_missing_locations(ast.Module(list(statements), type_ignores=[]))
    # The chapter's own code, which a run of the book executes as well.
    exec(compile(module, f"notebooks/{recipe.chapter}.ipynb", "exec"), names)
