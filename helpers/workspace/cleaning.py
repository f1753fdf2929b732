"""Removing what was made, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from helpers.errors import WorkspaceError
from helpers.workspace import atomic, ownership, publication
from helpers.workspace.records import all_records, record_path

PUBLISHED = {"html", "results", "lessons", "slides", "figures", "matrix"}
"""Kinds of folders whose marker lists their files."""


def remove_made(folder: Path, *, keep: bool = False) -> list[str]:
    """Remove from a folder every file that a command wrote there and nobody has changed.

    Parameters
    ----------
    folder
        A workspace or a rendered book, with its marker.
    keep
        Whether the folder itself stays when it is empty.

    Returns
    -------
    list of str
        What is left in the folder, by relative path. If there is anything, the marker stays too, so
        that the folder can be used again.

    Raises
    ------
    WorkspaceError
        If the folder is not one that a command made.
    """
    marker = ownership.read_marker(folder)
    if marker is None or marker.kind not in {"workspace", *PUBLISHED}:
        raise WorkspaceError(
            f"{folder} is no workspace or rendered book that this book made (it has no "
            f"{ownership.MARKER} that says so): nothing is removed from it."
        )
    with atomic.explained_disk_errors(folder):
        atomic.remove_unfinished(folder)
        if marker.kind == "workspace":
            _remove_recorded(folder)
            inner = ownership.read_marker(folder / "html")
            if inner is not None and inner.kind == "html":
                remove_made(folder / "html")
        publication.remove_files(folder, marker.files, marker)
        left = sorted(path.relative_to(folder).as_posix() for path in _files(folder))
        if not left:
            (folder / ownership.MARKER).unlink()
            if not keep:
                with suppress(OSError):
                    folder.rmdir()
        return left


def in_build(project: Path) -> list[Path]:
    """Return what commands made in the folder ``_build`` of a project, but bundles of results."""
    build = project / "_build"
    inner = build / "workspace"
    roofs = (build, inner, build / "figures", build / "matrix")
    candidates = [folder for roof in roofs for folder in _folders(roof)]
    found = []
    for folder in candidates:
        marker = ownership.read_marker(folder)
        if marker is not None and marker.kind in {"workspace", *PUBLISHED} - {"results"}:
            found.append(folder)
    return found


def remove_roof(project: Path) -> list[Path]:
    """Remove ``_build`` and the folder of workspaces, if they are empty; return what is in them."""
    build = project / "_build"
    inner = build / "workspace"
    for folder in (inner, build / "figures", build / "matrix", build):
        with suppress(OSError):
            folder.rmdir()
    return [folder for folder in (*_folders(inner), *_folders(build)) if folder != inner]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir()) if folder.is_dir() else []


def _remove_recorded(root: Path) -> None:
    for relative, record in all_records(root).items():
        path, noted = root / relative, record_path(root, relative)
        if path.is_file() and record.knows(path):
            path.unlink()
            publication.remove_empty(path.parent, root)
        if not path.exists():
            noted.unlink()
            publication.remove_empty(noted.parent, root)


def _files(folder: Path) -> list[Path]:
    """Return what is left in a folder besides its marker; an empty folder counts too."""
    return [
        path
        for path in folder.rglob("*")
        if path != folder / ownership.MARKER
        and (path.is_symlink() or not path.is_dir() or not any(path.iterdir()))
    ]
