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
from typing import Any

import yaml

from helpers.api.described import descriptions
from helpers.errors import HelpersError, MissingInputError, WorkspaceError
from helpers.publish.alone.links import DOWNLOADS
from helpers.publish.chapters import Chapter, find_chapters, page_state, saved_by
from helpers.publish.crate.writing import CRATE, offered, pack
from helpers.publish.site import front
from helpers.publish.site.front import PREVIEW, name_the_opening
from helpers.publish.site.layout import drop_maps, lay_out, offer
from helpers.publish.site.preview import preview
from helpers.publish.verdicts import refuse_gaps
from helpers.study import Study
from helpers.study.where import inputs_of, refuse_unusable
from helpers.teaching.quizzes import quiz_path
from helpers.teaching.soundness import refuse_unsound
from helpers.workspace import atomic, fingerprints, publication
from helpers.workspace.surroundings import clean_environment

FALLBACK = "intro"
"""First page of a book in which the notebook that is meant to be it is not fresh."""

MADE_BY = "python -m helpers run"
ABOUT = "Zhao, Shao & Asmann (2022) carried out again, from data to verdict."
"""What the book is, on the picture that a link to it shows."""
WARNINGS = "warnings.txt"
"""Lies beside the pages and holds what jupyter-book warned of while it rendered them."""
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
        Folder for the result. Pages that were rendered into it before are replaced once rendering
        has succeeded; what others have put there stays.
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
    BadInputError
        If a quiz has no right answer, or an exercise no solution.
    LedgerError
        If the book must be whole and is not.
    WorkspaceError
        If `html` is somebody else's folder, or one of their files is in the way.
    """
    refuse_html(study, html)
    chapters = find_chapters(root)
    refuse_unsound(chapter.path for chapter in chapters)
    fresh = [chapter for chapter in chapters if page_state(study, chapter) == "fresh"]
    left_out = [chapter.name for chapter in chapters if chapter not in fresh]
    if whole:
        refuse_gaps(study, fresh)
    key = book_key(study, root, fresh)
    if (html / "index.html").is_file() and publication.published_key(html) == key:
        return Built(left_out, _warnings_of(html))
    study.workspace.claim()
    with atomic.scratch_folder(study.workspace.root, "book") as work:
        source = work / "source"
        assemble(study, root, fresh, source)
        warned = _render(source, work, progress)
        made = work / "_build" / "html"
        drop_maps(made)
        name_the_opening(made, config_of(source)["title"])
        (made / WARNINGS).write_text("\n".join(warned), encoding="utf-8")
        publication.publish(made, html, key=key, made_by=MADE_BY)
    return Built(left_out, warned)


def refuse_html(study: Study, html: Path) -> None:
    """Refuse a folder that the book of a study may not be rendered into; nothing is changed.

    Raises
    ------
    WorkspaceError
        If it is somebody else's, holds an input or a workspace, lies in a workspace (but as its
        ``html``), or a page in it was changed by hand.
    """
    root, place = study.workspace.root.resolve(), html.resolve()
    among = root in place.parents and place != root / "html"
    if among or place == root or place in root.parents:
        raise WorkspaceError(
            f"{html} and the workspace {root} would lie in each other, where a book has only the "
            "folder html to itself: name another folder with --html."
        )
    inputs = inputs_of(study.dataset, study.data, study.settings)
    refuse_unusable(html.absolute(), "html", inputs)
    publication.refuse_changed(html)


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
            "quizzes": {
                chapter.name: fingerprints.of_file(quiz_path(chapter.path))
                for chapter in fresh
                if quiz_path(chapter.path).is_file()
            },
            "downloads": {name: made[name].sha256 for name in downloads(study, fresh)},
            "crate": offered(study),
            "code": fingerprints.of_code([__name__, front.__name__]),
            "public": descriptions(),
            "libraries": fingerprints.library_versions(("jupyter-book", "sphinx-book-theme")),
        }
    )


def downloads(study: Study, fresh: list[Chapter]) -> list[str]:
    """Return the files that a book of these chapters offers, by path in the workspace.

    Those are the tables that are fresh, and what the pages link; nothing of another run that lies
    in the same workspace, nor anything that a person has put there.
    """
    states = [
        (file, state)
        for name in study.steps
        if name.startswith("tables/")
        for file, state in study.states(name).items()
    ]
    tables = [file for file, state in states if state == "fresh"]
    linked = (file for chapter in fresh for file in saved_by(study.workspace.path(chapter.page)))
    found = dict.fromkeys([*tables, *linked])
    return sorted(file for file in found if study.workspace.path(file).is_file())


def _warnings_of(html: Path) -> list[str]:
    path = html / WARNINGS
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def assemble(study: Study, root: Path, fresh: list[Chapter], source: Path) -> None:
    """Lay out the source of the book: pages, fresh notebooks, downloads, contents."""
    if not (root / "book" / "_toc.yml").is_file():
        raise MissingInputError(f"{root / 'book' / '_toc.yml'} is missing: restore it from git.")
    _copy(root / "book", source)
    shutil.copyfile(root / "_config.yml", source / "_config.yml")
    (source / "notebooks").mkdir()
    contents = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    files = downloads(study, fresh)
    for chapter in fresh:
        page = study.workspace.path(chapter.page)
        first = contents["root"] == f"notebooks/{chapter.name}"
        lay_out(page, source / "notebooks", chapter, files, numbered=not first)
    (source / "extra").mkdir()
    said = "".join(page.read_text(encoding="utf-8") for page in source.glob("notebooks/*.ipynb"))
    for file in files:
        linked = f"{DOWNLOADS}/{file}" in said
        offer(study.workspace.path(file), source / "extra" / DOWNLOADS / file, linked=linked)
    _add_crate(study, source / "extra" / DOWNLOADS)
    picture = preview(config_of(source)["title"], ABOUT, study.dataset.title)
    (source / "_static").mkdir(exist_ok=True)
    picture.savefig(source / PREVIEW, metadata={"Software": None})
    kept = {f"notebooks/{chapter.name}" for chapter in fresh}
    if contents["root"].startswith("notebooks/") and contents["root"] not in kept:
        # Without its first page a book begins with the one that says what it is.
        contents["root"] = FALLBACK
        contents = _without_page(contents, FALLBACK)
    text = yaml.safe_dump(_without_missing(contents, kept), sort_keys=False)
    (source / "_toc.yml").write_text(text, encoding="utf-8")


def config_of(source: Path) -> dict[str, Any]:
    """Return the configuration of the book whose source lies in a folder."""
    return dict(yaml.safe_load((source / "_config.yml").read_text(encoding="utf-8")))


def _add_crate(study: Study, folder: Path) -> None:
    """Offer the run's research object, if there is a whole one."""
    files = offered(study)
    if files:
        folder.mkdir(exist_ok=True)
        pack(study.workspace.root, files, folder / CRATE)


def _nowhere(folder: str, names: list[str]) -> list[str]:
    """Name the links in a folder that lead nowhere, or to a folder that they lie in."""
    links = [name for name in names if (Path(folder) / name).is_symlink()]
    here = Path(folder).resolve()
    return [
        name
        for name in links
        if not (place := Path(folder) / name).exists() or place.resolve() in (here, *here.parents)
    ]


def _copy(folder: Path, target: Path) -> None:
    """Copy a folder, but not what is hidden, links to nowhere, nor that nothing may be written."""
    target.mkdir(parents=True)
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    left_out = _nowhere(str(folder), names)
    for path in (folder / name for name in names if name not in left_out):
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


def _without_page(contents: dict[str, Any], page: str) -> dict[str, Any]:
    """Drop a page from the parts of a table of contents."""
    for part in contents.get("parts", []):
        part["chapters"] = [each for each in part["chapters"] if each.get("file") != page]
    return contents


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
