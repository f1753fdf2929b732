"""Put the hand-written pages and the executed notebooks together and render them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from helpers.errors import HelpersError, MissingInputError
from helpers.publish.chapters import Chapter, find_chapters, page_state
from helpers.publish.ledgers import refuse_gaps
from helpers.publish.surroundings import clean_environment
from helpers.study import Study
from helpers.workspace import atomic, fingerprints

DOWNLOADS = "downloads"
KEY_FILE = "made_from.txt"
"""Lies beside the pages and holds the fingerprint of what they were made from, and what
jupyter-book warned of while it rendered them."""
# The package cannot be run with `python -m`, and its script may not be on the path.
_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
_PERCENT = re.compile(r"\[\s*(\d+)%\]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class BookError(HelpersError):
    """The book could not be rendered."""

    exit_code = 1


@dataclass(frozen=True)
class Built:
    """What came of rendering: chapters that were left out, and what jupyter-book warned of."""

    left_out: list[str]
    warnings: list[str]


def build(
    study: Study,
    root: Path,
    html: Path,
    progress: Callable[[int], None] | None = None,
    *,
    whole: bool = False,
) -> Built:
    """Render the book of a study; pages that are not fresh are left out.

    Parameters
    ----------
    study
        The study whose executed notebooks become pages.
    root
        Folder of the project, with `book/` and `_config.yml`.
    html
        Folder for the result; replaced as a whole once rendering has succeeded.
    progress
        Called with the percentage done.
    whole
        Whether the book must have a verdict on every statement of the paper.

    Returns
    -------
    Built
        Names of the chapters that were left out, and warnings: they do not throw the book away.

    Raises
    ------
    BookError
        If jupyter-book fails.
    LedgerError
        If the book must be whole and is not.
    """
    chapters = find_chapters(root)
    fresh = [chapter for chapter in chapters if page_state(study, chapter) == "fresh"]
    left_out = [chapter.name for chapter in chapters if chapter not in fresh]
    if whole:
        refuse_gaps(study, fresh)
    key = book_key(study, root, fresh)
    if (html / "index.html").is_file() and _made_from(html)[:1] == [key]:
        return Built(left_out, _made_from(html)[1:])
    with atomic.atomic_path(study.workspace.path("book")) as work:
        source = work / "source"
        assemble(study, root, fresh, source)
        warned = _render(source, work, progress)
        told = "\n".join([key, *warned])
        (work / "_build" / "html" / KEY_FILE).write_text(told, encoding="utf-8")
        _publish(work / "_build" / "html", html)
    return Built(left_out, warned)


def book_key(study: Study, root: Path, fresh: list[Chapter]) -> str:
    """Return the fingerprint of all that the rendered book is made from."""
    written = [
        root / "_config.yml",
        *(p for p in sorted((root / "book").rglob("*")) if p.is_file()),
    ]
    made = study.workspace.records()
    return fingerprints.of_value(
        {
            "written": {path.name: fingerprints.of_file(path) for path in written},
            "pages": {chapter.name: made[chapter.page].sha256 for chapter in fresh},
            "tables": {name: made[name].sha256 for name in made if name.startswith("tables/")},
            "code": fingerprints.of_code([__name__]),
            "libraries": fingerprints.library_versions(("jupyter-book", "sphinx-book-theme")),
        }
    )


def _made_from(html: Path) -> list[str]:
    path = html / KEY_FILE
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def assemble(study: Study, root: Path, fresh: list[Chapter], source: Path) -> None:
    """Lay out the source of the book: pages, fresh notebooks, downloads, contents."""
    if not (root / "book" / "_toc.yml").is_file():
        raise MissingInputError(f"{root / 'book' / '_toc.yml'} is missing: restore it from git.")
    _copy(root / "book", source)
    shutil.copyfile(root / "_config.yml", source / "_config.yml")
    (source / "notebooks").mkdir()
    for chapter in fresh:
        page = study.workspace.path(chapter.page)
        shutil.copyfile(page, source / "notebooks" / page.name)
    for folder in ("tables", "figures"):
        made = study.workspace.path(folder)
        if made.is_dir():
            _copy(made, source / "extra" / DOWNLOADS / folder)
    (source / "extra").mkdir(exist_ok=True)
    contents = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    kept = {f"notebooks/{chapter.name}" for chapter in fresh}
    text = yaml.safe_dump(_without_missing(contents, kept), sort_keys=False)
    (source / "_toc.yml").write_text(text, encoding="utf-8")


def _copy(folder: Path, target: Path) -> None:
    """Copy a folder, but not what is hidden, nor that nothing may be written there."""
    target.mkdir(parents=True)
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            _copy(path, target / path.name)
        else:
            shutil.copyfile(path, target / path.name)


def _without_missing(node: object, kept: set[str]) -> object:
    """Drop the entries of notebooks that are not in `kept` from a table of contents."""
    if isinstance(node, dict):
        return {key: _without_missing(value, kept) for key, value in node.items()}
    if isinstance(node, list):
        items = (
            item
            for item in node
            if not (
                isinstance(item, dict)
                and str(item.get("file", "")).startswith("notebooks/")
                and item["file"] not in kept
            )
        )
        trimmed = [_without_missing(item, kept) for item in items]
        return [x for x in trimmed if not (isinstance(x, dict) and x.get("chapters") == [])]
    return node


def _render(source: Path, work: Path, progress: Callable[[int], None] | None) -> list[str]:
    """Let jupyter-book render; return its warnings."""
    command = [sys.executable, "-c", _JUPYTER_BOOK, "build", str(source)]
    command += ["--path-output", str(work), "--keep-going"]
    run = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=work,
        encoding="utf-8", errors="replace",
        env=clean_environment(os.environ) | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    lines: list[str] = []
    assert run.stdout is not None
    for line in run.stdout:
        lines.append(_COLOUR.sub("", line.rstrip()))
        found = _PERCENT.search(line)
        if found and progress is not None:
            progress(int(found.group(1)))
    said = [line for line in lines if re.search(r"WARNING|ERROR|No space left", line)]
    if run.wait() != 0 or not (work / "_build" / "html" / "index.html").is_file():
        raise BookError("jupyter-book failed: " + "\n".join(said or lines[-15:]))
    return said


def _publish(made: Path, html: Path) -> None:
    with atomic.atomic_path(html) as path:
        shutil.copytree(made, path)
