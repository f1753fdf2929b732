"""The chapters: which notebooks there are, what each reads, whether its page is fresh."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from helpers.config import Settings, beyond_profile, separated
from helpers.errors import BadInputError, one_of
from helpers.prose.writing.templates import ENDING, Template
from helpers.publish.display import FILES_TAG
from helpers.study import Study
from helpers.study.verdicts.one_judge import judged_from
from helpers.workflow.study import SEPARATOR
from helpers.workspace import fingerprints
from helpers.workspace.store import State

SAID = "book_said"
"""Metadata under which an executed notebook keeps what it wrote to standard error."""


@dataclass(frozen=True)
class Chapter:
    """A notebook of the book.

    Attributes
    ----------
    name
        File name without its ending, such as ``"01_training"``.
    path
        The notebook as committed, without outputs.
    """

    name: str
    path: Path

    @property
    def page(self) -> str:
        """Path of the executed notebook in the workspace."""
        return f"notebooks/{self.name}.ipynb"

    @property
    def template(self) -> Path:
        """The chapter's sentences, which lie beside the notebook."""
        return self.path.with_name(f"{self.name}{ENDING}")

    def sentences(self) -> dict[str, str]:
        """Return the hash of each file that the chapter's sentences are in, by name.

        Raises
        ------
        BadInputError
            If one breaks the rules of the language, naming file and line.
        """
        if not self.template.is_file():
            return {}
        folder = self.path.parent
        return {
            path.relative_to(folder).as_posix(): fingerprints.of_file(path)
            for path in Template(self.template).files()
        }

    def cells(self) -> list[Any]:
        """Return the cells of the committed notebook."""
        return list(_read(self.path).cells)

    def source(self) -> str:
        """Return the code of all code cells as one module."""
        return "\n".join(cell.source for cell in self.cells() if cell.cell_type == "code")

    def artefacts(self) -> list[str]:
        """Return the names of the steps whose artefacts the notebook asks for, in order.

        These are the names in ``study.get("…")`` and the tables behind ``show_claims``.
        """
        return list(dict.fromkeys(name for node in self._calls() for name in asked_for(node)))

    def needs(self, settings: Settings) -> list[str]:
        """Return the same and, behind ``show_claims``, what statements are judged by elsewhere.

        Boxes show the verdicts under every protocol of the settings. What a notebook asks of a
        protocol that is not among them is not needed.
        """
        own = (name.partition(SEPARATOR) for name in self.artefacts())
        asked = {"", *settings.protocols} - {settings.protocol}
        found = ["".join(parts) for parts in own if not parts[1] or parts[0] in asked]
        judged = [name for node in self._calls() for name in _judged_by(node)]
        for protocol in settings.protocols:
            if protocol != settings.protocol:
                found += [f"{protocol}{SEPARATOR}{name}" for name in judged]
        return list(dict.fromkeys(found))

    def _calls(self) -> list[ast.Call]:
        nodes = ast.walk(ast.parse(self.source()))
        return [node for node in nodes if isinstance(node, ast.Call)]

    def settings(self) -> list[str]:
        """Return the settings that the notebook itself shows or uses.

        A notebook that passes ``study.settings`` on as a whole uses all of them.
        """
        nodes = [n for n in ast.walk(ast.parse(self.source())) if isinstance(n, ast.Attribute)]
        whole = [node for node in nodes if ast.unparse(node) == "study.settings"]
        single = [node for node in nodes if ast.unparse(node.value) == "study.settings"]
        if len(whole) > len(single):
            return sorted(Settings.model_fields)
        return sorted({node.attr for node in single})


def asked_for(call: ast.Call) -> list[str]:
    """Name the steps whose artefacts a call in a notebook asks for."""
    if ast.unparse(call.func) in {"study.get", "study.member", "study.members"}:
        return _words(call)[:1]
    return _judged_by(call)


def _judged_by(call: ast.Call) -> list[str]:
    """Name the tables behind a call of ``show_claims`` or ``stated_by``."""
    if ast.unparse(call.func) not in {"show_claims", "stated_by"}:
        return []
    return [f"tables/{table}" for table in judged_from(_words(call))]


def _words(call: ast.Call) -> list[str]:
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    return [word for word in words if isinstance(word, str)]


def find_chapters(root: Path, only: list[str] | None = None) -> list[Chapter]:
    """Return the chapters of the book in `root`, in order.

    Parameters
    ----------
    root
        Folder of the project.
    only
        Chapters wanted, by name (``01_training``), number (``01``) or title part (``training``).

    Raises
    ------
    UnknownNameError
        If one of `only` names no chapter.
    """
    found = [Chapter(p.stem, p) for p in sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
    if not only:
        return found
    keys: dict[str, Chapter] = {}
    for chapter in found:
        number, title = chapter.name.split("_", 1)
        keys |= {chapter.name: chapter, number: chapter, title: chapter}
    wanted = {keys[one_of("chapter", name, keys)].name for name in only}
    return [chapter for chapter in found if chapter.name in wanted]


def parameters(study: Study) -> dict[str, Any]:
    """Return what papermill injects into a notebook, so that it opens the same study."""
    changed = beyond_profile(study.settings, study.profile)
    tissues = list(changed.pop("tissues", []))
    as_written = ",".join(tissues)
    return {
        "profile": study.profile,
        "dataset": study.dataset.argument,
        "data": str(study.data.absolute()) if study.data else "",
        "workspace": str(study.workspace.root),
        # As people write them, but for names that hold a comma and the like.
        "tissues": as_written if separated(as_written) == tuple(tissues) else tissues,
        "overrides": changed,
    }


def page_key(study: Study, chapter: Chapter) -> str:
    """Return the fingerprint of all that a page is made from.

    The notebook's cells, its sentences, the artefacts it asks for, and the code of this package
    that it imports (code that makes artefacts counts through their own keys).
    """
    code = fingerprints.imported_modules(chapter.source())
    dump = study.settings.model_dump(mode="json")
    return fingerprints.of_value(
        {
            "cells": [[cell.cell_type, cell.source] for cell in chapter.cells()],
            "sentences": chapter.sentences(),
            "artefacts": {name: study.files(name) for name in chapter.needs(study.settings)},
            "code": study.code.of(code),
            "settings": {name: dump[name] for name in chapter.settings()},
            "study": [study.profile, study.dataset.name],
        }
    )


def page_state(study: Study, chapter: Chapter) -> State:
    """Tell whether a chapter's page is fresh: itself, its artefacts and the files that it links."""
    state = study.workspace.state(chapter.page, page_key(study, chapter))
    if state != "fresh":
        return state
    needed = (step for name in chapter.needs(study.settings) for step in study.upstream(name))
    for name in dict.fromkeys(needed):
        if any(found != "fresh" for found in study.states(name).values()):
            return "stale"
    saved = saved_by(study.workspace.path(chapter.page))
    if not all(study.workspace.holds(file, sha256) for file, sha256 in saved.items()):
        return "stale"
    return "fresh"


def saved_by(page: Path) -> dict[str, str]:
    """Return the files that an executed notebook saved and links: path → SHA-256."""
    outputs = (output for cell in _read(page).cells for output in cell.get("outputs", []))
    found: dict[str, str] = {}
    for output in outputs:
        found |= output.get("metadata", {}).get(FILES_TAG, {})
    return found


def said_by(page: Path) -> list[str]:
    """Return what an executed notebook wrote to standard error and is not known to be harmless."""
    return [str(line) for line in _read(page).metadata.get(SAID, [])]


def _read(path: Path) -> Any:
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, OSError, KeyError, AttributeError) as error:
        raise BadInputError(
            f"{path} cannot be read as a notebook ({error}): restore it from the repository."
        ) from error
