"""Writes that are either whole or absent, whatever happens in between."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.errors import WorkspaceError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = (NotADirectoryError, FileExistsError, IsADirectoryError)
_PREFIX = ".unfinished-"
_HOST = re.sub(r"[^A-Za-z0-9]", "", platform.node()) or "host"


@contextmanager
def explained_disk_errors(path: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into a sentence that says where and how to go on.

    Raises
    ------
    WorkspaceError
        In place of the `OSError` of a full disk, an exhausted quota or a missing permission.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL or "No space left" in str(error):
            raise WorkspaceError(
                f"The disk is full while writing {path}: free some space or choose another "
                "folder with --workspace, then run again; finished parts are kept."
            ) from error
        if error.errno in _FORBIDDEN or isinstance(error, _IN_THE_WAY):
            raise WorkspaceError(
                f"{path} cannot be written ({error.strerror}): "
                "choose a writable folder with --workspace."
            ) from error
        raise


@contextmanager
def atomic_path(final: Path) -> Iterator[Path]:
    """Yield a path to write a file to; it becomes `final` only when all went well.

    The unfinished file lies beside `final` (a rename within one folder is atomic) under a name of
    `unfinished_name`, so that `remove_unfinished` can tell the leavings of a killed process from
    the work of a living one, here or elsewhere, and from a file of the user's.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    unfinished = final.parent / unfinished_name(final.name)
    with explained_disk_errors(final):
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            yield unfinished
            _flush(unfinished)
            unfinished.replace(final)
        finally:
            _remove(unfinished)


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """Make a folder in `parent` for the time of the context; it is removed at its end.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    folder = parent / unfinished_name(name)
    with explained_disk_errors(folder):
        try:
            _remove(folder)
            folder.mkdir(parents=True)
            yield folder
        finally:
            _remove(folder)


def write_text(final: Path, text: str) -> None:
    """Write `text` to `final` as UTF-8, atomically."""
    with atomic_path(final) as path:
        path.write_text(text, encoding="utf-8")


def remove_unfinished(folder: Path, *, below: bool = True) -> None:
    """Remove what killed processes of this machine left half-written in `folder`.

    Only what carries a name that this package alone gives is removed.

    Parameters
    ----------
    folder
        Where to look.
    below
        Whether to look in the folders below it too.
    """
    for path in (folder.rglob if below else folder.glob)(f"{_PREFIX}*"):
        pid = _process_of(path.name)
        if pid is not None and not _alive(pid):
            _remove(path)


def unfinished_name(name: str, pid: int | None = None) -> str:
    """Return what a file or folder is called while this process, or another, works on it.

    The name holds the machine, the process, and a check number of both and of `name`: nobody else
    gives such a name.
    """
    pid = os.getpid() if pid is None else pid
    check = hashlib.sha256(f"helpers {_HOST} {pid} {name}".encode()).hexdigest()[:12]
    return f"{_PREFIX}{_HOST}-{pid}-{check}-{name}"


def is_unfinished(name: str) -> bool:
    """Tell whether this package, on this machine, gave a file this name while it worked on it."""
    return _process_of(name) is not None


def _process_of(name: str) -> int | None:
    parts = name.removeprefix(_PREFIX).split("-", 3)
    if len(parts) < 4 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 10):
        return None
    pid = int(parts[1])
    return pid if name == unfinished_name(parts[3], pid) else None


def _flush(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.unlink()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
