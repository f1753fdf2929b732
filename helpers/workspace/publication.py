"""Putting files into a folder that people may add files to, such as a rendered book.

The folder's marker lists every file that was put there with its SHA-256. Only such files, with the
bytes that they were given, are replaced or removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from helpers.errors import WorkspaceError
from helpers.workspace import atomic, fingerprints, ownership
from helpers.workspace.ownership import Kind, Marker

KEY = "made_from"
"""In the details of the marker: fingerprint of what the content was made from."""


def published_key(folder: Path) -> str:
    """Return the fingerprint of what a folder's content was made from; empty if none is whole."""
    marker = ownership.read_marker(folder)
    return str(marker.details.get(KEY, "")) if marker is not None else ""


def refuse_changed(folder: Path, kind: Kind = "html") -> None:
    """Refuse to publish into a folder in which a file of ours was changed by hand.

    Parameters
    ----------
    folder, kind
        The folder, and what it is for.

    Raises
    ------
    WorkspaceError
        If there is such a file.
    """
    marker = ownership.read_marker(folder)
    if marker is not None:
        changed = (name for name in marker.files if _is_foreign(folder, name, marker))
        _refuse(folder, changed, kind)


def publish(made: Path, folder: Path, *, key: str, made_by: str, kind: Kind = "html") -> None:
    """Let a folder hold the files of another, in place of those that were published before.

    Killed at any moment, the next call finishes what this one began.

    Parameters
    ----------
    made
        Folder with the files.
    folder
        Where they go; it is claimed if it is not there or empty.
    key
        Fingerprint of what they were made from, for `published_key`.
    made_by
        What the marker says of the command.
    kind
        What the folder is for.

    Raises
    ------
    WorkspaceError
        If the folder is not ours, or a file that is not ours lies in the place of a new one.
        Nothing has been changed then.
    """
    marker, _ = ownership.claim(folder, kind, made_by)
    atomic.remove_unfinished(folder)
    new = {
        path.relative_to(made).as_posix(): fingerprints.of_file(path)
        for path in sorted(made.rglob("*"))
        if path.is_file()
    }
    _refuse(folder, (name for name in new if _is_foreign(folder, name, marker, new[name])), kind)
    # A file of the user's that happens to be the same is left, and stays the user's.
    ours = {name: new[name] for name in new if not _same_of_others(folder, name, marker)}
    with atomic.scratch_folder(folder, "new") as copy, atomic.explained_disk_errors(folder):
        shutil.copytree(made, copy / "files")
        both = {
            name: [*marker.files.get(name, []), *([ours[name]] if name in ours else [])]
            for name in {**marker.files, **ours}
        }
        details = {name: value for name, value in marker.details.items() if name != KEY}
        ownership.write_marker(folder, replace(marker, files=both, details=details))
        for name in ours:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / "files" / name).replace(folder / name)
        remove_files(folder, [name for name in marker.files if name not in ours], marker)
    done = {name: [sha256] for name, sha256 in ours.items()}
    ownership.write_marker(folder, replace(marker, files=done, details={**details, KEY: key}))


def remove_files(folder: Path, names: Iterable[str], marker: Marker) -> list[str]:
    """Remove files that a marker lists and nobody has changed; return those that were left.

    Folders that are empty then are removed with them.
    """
    left = []
    for name in names:
        path = folder / name
        if _is_foreign(folder, name, marker):
            left.append(name)
        elif path.is_file():
            path.unlink()
            remove_empty(path.parent, folder)
    return left


def remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder if it is empty, and then those above it, up to but without `top`."""
    with suppress(OSError):
        while folder != top and top in folder.parents:
            folder.rmdir()
            folder = folder.parent


def _is_foreign(folder: Path, name: str, marker: Marker, wanted: str = "") -> bool:
    """Tell whether something lies there that is not ours, nor just what is wanted."""
    path = folder / name
    if through_a_link(folder, name):
        return True
    if not os.path.lexists(path):
        return False
    if path.is_symlink() or not path.is_file():
        return True
    return fingerprints.of_file(path) not in {*marker.files.get(name, []), wanted}


def _same_of_others(folder: Path, name: str, marker: Marker) -> bool:
    path = folder / name
    if not path.is_file():
        return False
    return fingerprints.of_file(path) not in marker.files.get(name, [])


def through_a_link(folder: Path, name: str) -> bool:
    """Tell whether a file's place is not in the folder itself, but behind a link or a file."""
    above = [folder / part for part in Path(name).parents if part != Path()]
    return any(path.is_symlink() or (path.exists() and not path.is_dir()) for path in above)


def _refuse(folder: Path, names: Iterable[str], kind: Kind) -> None:
    found = list(names)
    if found:
        more = f", as {len(found) - 1} more are" if len(found) > 1 else ""
        new = "the book" if kind == "html" else "a new file"
        option = f" with {ownership.OPTIONS[kind]}" if kind in ownership.OPTIONS else ""
        raise WorkspaceError(
            f"{folder / found[0]} is in the way of {new}{more}, and was put there or changed by "
            f"somebody else: move it elsewhere, or name another folder{option}."
        )
