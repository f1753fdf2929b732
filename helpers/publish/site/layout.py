"""Lay out a chapter's page and the files that a book offers, so that the site stays small."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import nbformat

from helpers.publish.alone.links import DOWNLOADS
from helpers.publish.chapters import Chapter
from helpers.teaching.quizzes import quiz_path, read_quiz, with_quiz

PACKED = 1_000_000
"""Bytes from which on a table that no page links is offered packed, as ``.csv.gz``."""

_DRAWN = re.compile(
    r'(<figure class="book-figure" id="([A-Za-z0-9_-]+)">.*?<img [^>]*?src=")'
    r'data:image/svg\+xml;base64,[^"]*"',
    re.DOTALL,
)


def lay_out(
    page: Path, folder: Path, chapter: Chapter, offered: Collection[str], *, numbered: bool
) -> None:
    """Put a page into the source of the book, with the quiz of its chapter at the end.

    An executed notebook holds its figures, so that it can be read by itself. In the book they lie
    beside it once: not in the page, in its source and among the downloads.

    Parameters
    ----------
    page
        The executed notebook.
    folder
        Folder for the result.
    chapter
        The chapter.
    offered
        Files among the book's downloads, by path in the workspace.
    numbered
        Whether its heading begins with the number by which other pages call the chapter.
    """
    notebook = nbformat.read(page, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = with_linked_figures(output.data["text/html"], offered)
    if numbered:
        _number(notebook, int(chapter.name.split("_")[0]))
    text = nbformat.writes(notebook)
    quiz = quiz_path(chapter.path)
    if quiz.is_file():
        text = with_quiz(text, read_quiz(quiz))
    (folder / page.name).write_text(text, encoding="utf-8")


def with_linked_figures(markup: str, offered: Collection[str]) -> str:
    """Return a piece of a page with links to figures among the downloads in place of them.

    Parameters
    ----------
    markup
        HTML as `helpers.publish.display.show_figure` writes it, or any other.
    offered
        Files among the book's downloads; a figure that is not stays where it is.
    """

    def link(found: re.Match[str]) -> str:
        file = f"figures/{found[2]}.svg"
        return f'{found[1]}../{DOWNLOADS}/{file}"' if file in offered else found[0]

    return _DRAWN.sub(link, markup)


def _number(notebook: Any, number: int) -> None:
    """Write a chapter's number before its title."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            cell.source = f"# {number} · {cell.source[2:]}"
            return


def offer(file: Path, place: Path, *, linked: bool) -> Path:
    """Copy a file among the downloads; a large table that no page links is packed.

    Parameters
    ----------
    file
        The file in the workspace.
    place
        Where it shall lie.
    linked
        Whether a page links it, by exactly this name.

    Returns
    -------
    Path
        Where it lies.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if linked or file.suffix != ".csv" or file.stat().st_size < PACKED:
        shutil.copyfile(file, place)
        return place
    packed = place.with_name(f"{place.name}.gz")
    # Without a name and a time in it, the same table is the same file.
    with (
        file.open("rb") as table,
        packed.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as written,
    ):
        shutil.copyfileobj(table, written)
    return packed


def drop_maps(html: Path) -> None:
    """Remove what only helps to look for faults in the theme's scripts and styles: megabytes."""
    for path in (html / "_static").rglob("*.map"):
        path.unlink()
