"""Writes that are either whole or absent, whatever happens in between."""

from __future__ import annotations

import errno
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
        if error.errno in _FORBIDDEN or isinstance(error, (NotADirectoryError, FileExistsError)):
            raise WorkspaceError(
                f"{path} cannot be written ({error.strerror}): "
                "choose a writable folder with --workspace."
            ) from error
        raise


@contextmanager
def atomic_path(final: Path) -> Iterator[Path]:
    """Yield a path to write a file or folder to; it becomes `final` only when all went well.

    The unfinished file lies beside `final` (a rename within one folder is atomic)
    and carries this machine's name and this process's number, so that `remove_unfinished` can
    tell the leavings of a killed process from the work of a living one, here or elsewhere.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    unfinished = final.parent / f"{_own_prefix()}{final.name}"
    with explained_disk_errors(final):
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            yield unfinished
            _flush(unfinished)
            _replace(unfinished, final)
        finally:
            _remove(unfinished)


def write_text(final: Path, text: str) -> None:
    """Write `text` to `final` as UTF-8, atomically."""
    with atomic_path(final) as path:
        path.write_text(text, encoding="utf-8")


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes of this machine left half-written below `folder`."""
    ours = f"{_PREFIX}{_HOST}-"
    for path in folder.rglob(f"{ours}*"):
        pid = path.name.removeprefix(ours).split("-", 1)[0]
        if pid.isdigit() and not _alive(int(pid)):
            _remove(path)


def _own_prefix() -> str:
    return f"{_PREFIX}{_HOST}-{os.getpid()}-"


def _flush(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _replace(unfinished: Path, final: Path) -> None:
    if unfinished.is_dir() and final.exists():
        # A folder cannot be renamed over another: the old one steps aside first.
        old = final.parent / f"{_own_prefix()}old-{final.name}"
        final.rename(old)
        unfinished.rename(final)
        _remove(old)
    else:
        unfinished.replace(final)


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
