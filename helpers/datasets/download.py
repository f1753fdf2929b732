"""Fetching the files of a data set, checked by hash and never half-written.

A file arrives under another name, is checked, and only then renamed, so what carries a data set's
file name is always whole. What a broken download leaves is gone on with the next time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets.catalogue import RemoteFile, catalogue, usual
from helpers.datasets.registry import DATASETS
from helpers.datasets.transfer import discard, is_ours, note_of, size_on_server, transfer
from helpers.errors import BadInputError, HelpersError, WorkspaceError, one_of
from helpers.workspace import ownership
from helpers.workspace.atomic import remove_unfinished, write_text
from helpers.workspace.fingerprints import of_file

MADE_BY = "python -m helpers fetch"

CHECKSUMS = "checksums.json"
"""File beside the downloads: file name → SHA-256, recorded when first fetched."""

Progress = Callable[[str, int, int], None]
"""Called with file name, bytes so far, and bytes in all (0 where the server does not say)."""

# Connections at once when servers are asked for sizes.
_ASKED = 8


@dataclass(frozen=True)
class Download:
    """A file that is not there yet.

    Attributes
    ----------
    file
        Which file, and where it lies.
    size
        Its bytes; None where neither we nor the server know.
    arrived
        Bytes that an earlier download has left.
    """

    file: RemoteFile
    size: int | None
    arrived: int


def wanted(
    name: str,
    *,
    files: Sequence[str] | None = None,
    everything: bool = False,
    base_url: str | None = None,
) -> list[RemoteFile]:
    """Return the files of a data set that are asked for.

    Parameters
    ----------
    name
        A key of `helpers.datasets.DATASETS`; one that needs no data has no files.
    files
        Names of files; default: the usual ones.
    everything
        All files of the catalogue, whatever `files` says.
    base_url
        Where the files lie; default: where the catalogue says.

    Raises
    ------
    UnknownNameError
        If the data set or a file of it does not exist.
    """
    known = catalogue(name, base_url)
    if everything:
        return list(known.values())
    return [
        known[one_of(f"file of data set {name!r}", file, known)] for file in files or usual(name)
    ]


def missing(files: Sequence[RemoteFile], destination: Path) -> list[Download]:
    """Tell which files are not there yet, and how large they are.

    Nothing is written. A server is asked for the sizes that the catalogue does not know.

    Raises
    ------
    MissingInputError
        If a server does not have a file, or cannot be reached.
    """
    absent = [file for file in files if not os.path.lexists(destination / file.name)]
    with ThreadPoolExecutor(_ASKED) as pool:
        sizes = pool.map(
            lambda file: file.size if file.size is not None else size_on_server(file.url), absent
        )
        return [
            Download(file, size, _bytes_of(_partial(destination / file.name)))
            for file, size in zip(absent, sizes, strict=True)
        ]


def refuse_unusable(destination: Path, name: str) -> None:
    """Refuse a folder that files may not be downloaded to; nothing is changed.

    It may be new or empty, or one that was downloaded to before, or hold nothing but files that are
    named like those of the data set: they are never overwritten.

    Parameters
    ----------
    destination
        The folder.
    name
        A key of `helpers.datasets.DATASETS`.

    Raises
    ------
    WorkspaceError
        If it is somebody else's, or cannot be written.
    """
    ownership.keep_apart(destination, "downloads")
    ownership.check(destination, "downloads", readers=_readers(destination, name))


def fetch(
    files: Sequence[RemoteFile],
    destination: Path,
    name: str,
    *,
    progress: Progress | None = None,
) -> list[Path]:
    """Download the files that are not there yet, and check all of them.

    A file whose SHA-256 is known must have it. Of any other the SHA-256 is recorded in
    ``checksums.json`` when it is first fetched and must stay the same; if it is a gzip file, it
    must be whole.

    Parameters
    ----------
    files
        As `wanted` returns them.
    destination
        Folder for the files, as `refuse_unusable` allows it; made if it is not there.
    name
        The data set's name.
    progress
        Called while a file arrives.

    Returns
    -------
    list of pathlib.Path
        The files, in the order asked for, whether fetched now or already there.

    Raises
    ------
    MissingInputError
        If a server does not have a file, cannot be reached, or breaks off again and again.
    BadInputError
        If a file (fetched or already there) is not the one it should be.
    WorkspaceError
        If the folder cannot be written, or is full.
    """
    if not files:
        return []
    refuse_unusable(destination, name)
    with _explained(destination):
        _refuse_others(files, destination)
        known = _readers(destination, name)
        _, made = ownership.claim(destination, "downloads", MADE_BY, readers=known)
        try:
            remove_unfinished(destination, below=False)
            return [_fetch_one(file, destination / file.name, progress) for file in files]
        except (HelpersError, OSError):
            _undo(files, destination, made)
            raise


def _undo(files: Sequence[RemoteFile], folder: Path, made: Sequence[Path]) -> None:
    """Remove what a download left that brought nothing: empty files, and a folder made for it."""
    for file in files:
        partial = _partial(folder / file.name)
        if partial.is_file() and is_ours(partial) and not partial.stat().st_size:
            discard(partial)
    if made and [path.name for path in folder.iterdir()] == [ownership.MARKER]:
        (folder / ownership.MARKER).unlink()
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _readers(folder: Path, name: str) -> set[str]:
    """Return the names that may lie in a folder of downloads before it has a marker."""
    known = set(catalogue(name))
    noted = _read_checksums(folder) if (folder / CHECKSUMS).is_file() else {}
    earlier = {CHECKSUMS} if noted and _is_ours(noted) else set()
    partial = {_partial(Path(file)).name for file in known}
    return known | earlier | partial | {note_of(Path(file)).name for file in partial}


def _refuse_others(files: Sequence[RemoteFile], folder: Path) -> None:
    """Refuse to write where something lies that is no download of ours.

    Raises
    ------
    BadInputError
        If there is such a thing.
    """
    for file in files:
        path = folder / file.name
        partial = _partial(path)
        if os.path.lexists(path) and not path.is_file():
            raise BadInputError(f"{path} is no file, or a link that leads nowhere: move it away.")
        there = [each for each in (partial, note_of(partial)) if os.path.lexists(each)]
        if not path.exists() and there and not is_ours(partial):
            raise BadInputError(
                f"{there[0]} is in the way, and no download of this book: move it elsewhere."
            )
    noted = folder / CHECKSUMS
    if os.path.lexists(noted) and not _is_ours(_read_checksums(folder)):
        raise BadInputError(
            f"{noted} is in the way, and not from this book: move it elsewhere, or name another "
            "folder with --data."
        )


def _is_ours(checksums: dict[str, str]) -> bool:
    """Tell whether a table holds hashes of files that can be downloaded, and nothing else."""
    known = {file for name in DATASETS for file in catalogue(name)}
    hashes = all(re.fullmatch("[0-9a-f]{64}", value) for value in checksums.values())
    return set(checksums) <= known and hashes


def require_space(downloads: Sequence[Download], destination: Path) -> None:
    """Refuse downloads that the disk has no room for.

    Raises
    ------
    WorkspaceError
        If they are larger than the free space.
    """
    needed = sum(max(0, (each.size or 0) - each.arrived) for each in downloads)
    above = next(path for path in (destination, *destination.absolute().parents) if path.exists())
    free = shutil.disk_usage(above).free
    if needed > free:
        raise WorkspaceError(
            f"The downloads need {needed / 1e9:.1f} GB, but the disk of {destination} has "
            f"{free / 1e9:.1f} GB free: free some space, or name another folder with --data."
        )


def _fetch_one(file: RemoteFile, path: Path, progress: Progress | None) -> Path:
    recorded = _read_checksums(path.parent)
    expected = file.sha256 or recorded.get(path.name)
    if path.exists():
        found = _check(path, file.name, expected, str(path), "delete it and fetch it again")
    else:
        found = _download(file, path, expected, progress)
    if file.sha256 is None and expected is None:
        text = json.dumps({**recorded, path.name: found}, indent=1, sort_keys=True)
        write_text(path.parent / CHECKSUMS, text)
    return path


def _download(file: RemoteFile, path: Path, expected: str | None, progress: Progress | None) -> str:
    partial = _partial(path)
    transfer(
        file.url,
        partial,
        size=file.size,
        told=None if progress is None else lambda done, total: progress(file.name, done, total),
    )
    try:
        found = _check(
            partial, file.name, expected, file.url, "fetch it again, or from another address"
        )
    except BadInputError:
        discard(partial)
        raise
    with partial.open("rb+") as whole:
        os.fsync(whole.fileno())
    _give_name(partial, path)
    discard(partial)
    return found


@contextmanager
def _explained(destination: Path) -> Iterator[None]:
    try:
        yield
    except (WorkspaceError, OSError) as error:
        reason = getattr(error.__cause__ or error, "strerror", None) or error
        raise WorkspaceError(
            f"{destination} cannot be written ({reason}): free some space, or name another "
            "folder with --data."
        ) from error


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _give_name(partial: Path, path: Path) -> None:
    """Give a whole file its name, unless somebody has given it to another file meanwhile."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise BadInputError(
            f"{path} has appeared during its download: move it away, or keep it and run the same "
            "command again."
        ) from None
    except OSError:
        # A file system without second names.
        partial.replace(path)


def _bytes_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check(path: Path, name: str, expected: str | None, shown: str, mend: str) -> str:
    """Return the SHA-256 of a file that is what it should be."""
    found = of_file(path)
    if expected is not None and found != expected:
        raise BadInputError(
            f"{shown} is not the expected file (its SHA-256 is {found[:12]}…, not "
            f"{expected[:12]}…): {mend}."
        )
    if expected is None and name.endswith(".gz") and not _is_whole_gzip(path):
        raise BadInputError(f"{shown} is not a whole gzip file: {mend}.")
    if not path.stat().st_size:
        raise BadInputError(f"{shown} is empty: {mend}.")
    return found


def _is_whole_gzip(path: Path) -> bool:
    stream = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                while chunk:
                    stream.decompress(chunk)
                    chunk = stream.unused_data
                    if stream.eof and chunk:
                        stream = zlib.decompressobj(wbits=31)
    except zlib.error:
        return False
    return stream.eof


def _read_checksums(folder: Path) -> dict[str, str]:
    path = folder / CHECKSUMS
    if not path.exists():
        return {}
    try:
        recorded = json.loads(path.read_text("utf-8"))
    except ValueError:
        recorded = None
    if not isinstance(recorded, dict):
        raise BadInputError(
            f"{path} is not a JSON table of file names and hashes: move it elsewhere."
        )
    return {str(name): str(sha256) for name, sha256 in recorded.items()}
