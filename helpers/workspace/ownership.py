"""Which folders may be written: the one place that decides it.

A folder that is not there or is empty may be claimed: a marker file is the first thing that is
written into it. A folder with a marker of the right kind may be used. Any other is somebody else's
and is refused before anything is written.

A marker opens a folder, no more: it can be copied. What may be replaced or removed *in* a folder is
decided file by file, by the records of what was written (`helpers.workspace.store`,
`helpers.workspace.publication`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from helpers.errors import WorkspaceError, check_path
from helpers.workspace import atomic

MARKER = "made_by_helpers.json"
"""File in every folder that is written; it says what made the folder."""

FORMAT = 1
"""A marker with a higher number was made by a later version."""

Kind = Literal[
    "workspace", "html", "downloads", "cache", "results", "lessons", "slides", "figures", "matrix"
]

NAMES: dict[str, str] = {
    "workspace": "a workspace",
    "html": "a rendered book",
    "downloads": "a folder of downloads",
    "cache": "a folder of kept files",
    "results": "a bundle of results",
    "lessons": "a folder of notebooks for a class",
    "slides": "a folder of slides",
    "figures": "a folder of one figure",
    "matrix": "a page that compares runs",
}

OPTIONS: dict[str, str] = {
    "workspace": "--workspace",
    "html": "--html",
    "downloads": "--data",
    "results": "--to",
    "figures": "--to",
    "matrix": "--to",
}
"""How a user names another folder of each kind."""

SOURCES = ("book", "notebooks", "helpers", "tests", "scripts", ".git", ".github", ".ci", ".venv")
"""Folders of the project that people write."""

RESULTS = Path("book") / "results"
"""Folder of the project for bundles of results, which are kept with its sources."""

NOTE = (
    "The book's commands made this folder. They replace and remove only files that they wrote and "
    "that nobody has changed since; whatever else is put here stays."
)

_NOTHING = {".DS_Store", "Thumbs.db", "desktop.ini"}
_STORE = ("zarr.json", ".zgroup", ".zattrs", ".zmetadata")
_LARGEST = 50_000_000


@dataclass(frozen=True)
class Marker:
    """What the marker file of a folder says.

    Attributes
    ----------
    kind
        What the folder is for.
    made_by
        The command that made it.
    details
        What else is known of its content, such as data set and profile of a workspace.
    files
        Where the folder keeps no other records: relative path of each file that was written → the
        SHA-256 that it may have.
    """

    kind: str
    made_by: str
    details: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)


def read_marker(folder: Path) -> Marker | None:
    """Return what the marker of a folder says; None if there is none that can be used.

    Raises
    ------
    WorkspaceError
        If a later version of this package has written it.
    """
    path = folder / MARKER
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        found = json.loads(path.read_text("utf-8"))
        version = found["format"]
        marker = Marker(found["kind"], found["made_by"], found["details"], found["files"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if isinstance(version, int) and version > FORMAT:
        raise WorkspaceError(
            f"{folder} was made by a later version of this book: name another folder, or update "
            "the book."
        )
    return marker if version == FORMAT and _well_formed(marker) else None


def _well_formed(marker: Marker) -> bool:
    return (
        marker.kind in NAMES
        and isinstance(marker.made_by, str)
        and isinstance(marker.details, dict)
        and isinstance(marker.files, dict)
        and all(
            isinstance(hashes, list) and all(isinstance(value, str) for value in hashes)
            for hashes in marker.files.values()
        )
        and not any(_leads_out(name) for name in marker.files)
    )


def _leads_out(name: str) -> bool:
    return not name or Path(name).is_absolute() or ".." in Path(name).parts


def write_marker(folder: Path, marker: Marker) -> None:
    """Write the marker of a folder, atomically."""
    found = {"format": FORMAT, "note": NOTE, **asdict(marker)}
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    atomic.write_text(folder / MARKER, text)


def check(folder: Path, kind: Kind, *, readers: Iterable[str] = ()) -> Marker | None:
    """Refuse a folder that may not be written; nothing is changed.

    Parameters
    ----------
    folder
        The folder.
    kind
        What it is wanted for.
    readers
        Names of files that may lie in a folder without a marker and leave it free, since they are
        never replaced (files of a data set, beside which others are downloaded).

    Returns
    -------
    Marker or None
        Its marker; None if the folder is free to be claimed.

    Raises
    ------
    WorkspaceError
        If it is neither free nor marked as ours, or cannot be written.
    """
    mend = f"choose a writable folder with {OPTIONS.get(kind, 'another name')}"
    check_path(folder)
    with atomic.explained_disk_errors(folder):
        _refuse_no_folder(folder, mend)
        if not folder.exists():
            return None
        if not os.access(folder, os.W_OK | os.X_OK | os.R_OK):
            raise WorkspaceError(f"{folder} is not writable: {mend}.")
        found = read_marker(folder)
        if found is not None:
            if found.kind != kind:
                raise WorkspaceError(
                    f"{folder} is {NAMES[found.kind]} that this book made, not {NAMES[kind]}: "
                    f"name another folder{_with_option(kind)}."
                )
            return found
        foreign = _foreign(folder, readers)
    if MARKER in foreign and (found := read_marker(folder)) is not None and found.kind == kind:
        # Another process has claimed the folder just now.
        return found
    if foreign:
        raise WorkspaceError(_sentence(folder, kind, foreign))
    return None


def claim(
    folder: Path,
    kind: Kind,
    made_by: str,
    details: Mapping[str, Any] | None = None,
    *,
    readers: Iterable[str] = (),
) -> tuple[Marker, list[Path]]:
    """Make a folder ours, or find that it is: its marker is written before all else.

    Returns
    -------
    Marker, list of Path
        What its marker says now, and the folders that had to be made, the innermost first.

    Raises
    ------
    WorkspaceError
        As `check`.
    """
    found = check(folder, kind, readers=readers)
    if found is not None:
        return found, []
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    marker = Marker(kind, made_by, dict(details or {}))
    with atomic.explained_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_marker(folder, marker)
    return marker, made


def keep_apart(
    folder: Path, kind: Kind, *, inputs: Iterable[Path] = (), project: Path | None = None
) -> None:
    """Refuse a folder to be written that holds, or lies in, what is read or what people write.

    Parameters
    ----------
    folder, kind
        The folder, and what it is wanted for.
    inputs
        Files and folders that are read: none may lie in `folder`.
    project
        The project: its sources and the environment are never written.

    Raises
    ------
    WorkspaceError
        If it is such a folder.
    """
    check_path(folder)
    place = folder.resolve()
    mend = f"name another folder{_with_option(kind)}"
    for source in _sources(project):
        if kind == "results" and source / "results" in place.parents and source.name == "book":
            continue
        if _within(place, source) or _within(source, place):
            raise WorkspaceError(
                f"{folder} would be written, but {source} holds the project's own files: {mend}."
            )
    if ".git" in place.parts:
        raise WorkspaceError(f"{folder} lies in the folder of a git repository: {mend}.")
    for given in inputs:
        path = given.resolve()
        # A store is one thing, though it is a folder; beside the files of a data set is room.
        inside = _within(place, path) and _is_store(path)
        if _within(path, place) or inside:
            raise WorkspaceError(
                f"{folder} would be written, but {given} is read: {mend}, or move the input."
            )
    for outer in place.parents:
        found = read_marker(outer)
        if found is not None and found.kind in {"workspace", "html"}:
            if kind == "html" and found.kind == "workspace" and place == outer / "html":
                return
            raise WorkspaceError(
                f"{folder} lies in {outer}, {NAMES[found.kind]} that this book made: {mend}."
            )


def _sources(project: Path | None) -> Iterator[Path]:
    """Yield what people write, and the environment that this Python runs in."""
    package = Path(__file__).resolve().parents[1]
    yield package
    if sys.prefix != sys.base_prefix:
        yield Path(sys.prefix).resolve()
    for root in {package.parent, (project or package.parent).resolve()}:
        if (root / "_config.yml").is_file():
            yield from ((root / name).resolve() for name in SOURCES if (root / name).exists())


def _is_store(folder: Path) -> bool:
    return folder.suffix == ".zarr" or any((folder / name).is_file() for name in _STORE)


def _within(inner: Path, outer: Path) -> bool:
    return inner == outer or outer in inner.parents


def _refuse_no_folder(folder: Path, mend: str) -> None:
    if folder.is_symlink() and not folder.exists():
        raise WorkspaceError(f"{folder} is a link that leads nowhere: mend it, or {mend}.")
    above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not above.is_dir():
        what = "is a file" if above == folder else f"cannot be written ({above} is a file)"
        raise WorkspaceError(f"{folder} {what}: {mend}.")
    if not os.access(above, os.W_OK | os.X_OK):
        raise WorkspaceError(f"{folder} is not writable: {mend}.")


def _foreign(folder: Path, readers: Iterable[str]) -> list[str]:
    """Return what lies in a folder and is not nothing."""
    known = {*_NOTHING, *readers}
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name not in known and not atomic.is_unfinished(entry.name)
    )


def _sentence(folder: Path, kind: Kind, foreign: list[str]) -> str:
    option = _with_option(kind)
    looks_old = {"workspace": {"records"}, "html": {"made_from.txt", "index.html"}}
    if looks_old.get(kind, {""}) <= set(foreign):
        return (
            f"{folder} holds no {MARKER}, as if an earlier version of this book had made it, which "
            f"kept no list of its files: rename or delete it, or name another folder{option}."
        )
    shown = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
    return (
        f"{folder} holds files that this book did not make ({shown}): name a new or empty "
        f"folder{option}; files of yours that are put there later stay."
    )


def _with_option(kind: Kind) -> str:
    return f" with {OPTIONS[kind]}" if kind in OPTIONS else ""
