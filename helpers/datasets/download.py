"""Fetching the files of a data set, checked by hash and never half-written.

A file arrives under another name, is checked, and only then renamed, so what carries a data set's
file name is always whole. What a broken download leaves is gone on with the next time.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets.catalogue import RemoteFile, catalogue, usual
from helpers.datasets.transfer import discard, size_on_server, transfer
from helpers.errors import BadInputError, WorkspaceError, one_of
from helpers.workspace.atomic import remove_unfinished, write_text
from helpers.workspace.fingerprints import of_file

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
    absent = [file for file in files if not (destination / file.name).exists()]
    with ThreadPoolExecutor(_ASKED) as pool:
        sizes = pool.map(
            lambda file: file.size if file.size is not None else size_on_server(file.url), absent
        )
        return [
            Download(file, size, _bytes_of(_partial(destination / file.name)))
            for file, size in zip(absent, sizes, strict=True)
        ]


def fetch(
    files: Sequence[RemoteFile], destination: Path, *, progress: Progress | None = None
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
        Folder for the files; made if it is not there.
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
    with _explained(destination):
        destination.mkdir(parents=True, exist_ok=True)
        remove_unfinished(destination)
        return [_fetch_one(file, destination / file.name, progress) for file in files]


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
    partial.replace(path)
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
        raise BadInputError(f"{path} is not a JSON table of file names and hashes: delete it.")
    return {str(name): str(sha256) for name, sha256 in recorded.items()}
