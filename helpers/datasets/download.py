"""Fetching the files of a data set, checked by hash and never half-written.

A file is downloaded under another name, checked, and only then renamed, so what carries
a data set's file name is always whole.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pooch
import requests

from helpers.datasets.registry import DATASETS
from helpers.errors import BadInputError, MissingInputError, WorkspaceError, one_of
from helpers.workspace.atomic import atomic_path, remove_unfinished, write_text

CHECKSUMS = "checksums.json"
"""File beside the downloads: file name → SHA-256, recorded when first fetched."""

TIMEOUT = 30
"""Seconds without a byte after which a connection counts as broken."""

Progress = Callable[[str, int, int], None]
"""Called with file name, bytes so far, and bytes in all (0 where the server does not say)."""


def fetch(
    name: str,
    destination: Path,
    *,
    files: Sequence[str] | None = None,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Download the files of a data set that are not there yet.

    A file whose SHA-256 the package knows must have it. Any other must be a whole gzip
    file; its SHA-256 is recorded in ``checksums.json`` and must stay the same.

    Parameters
    ----------
    name
        A key of `helpers.datasets.DATASETS`. For one that needs no data, nothing is fetched.
    destination
        Folder for the files; made if it is not there.
    files
        File names; default: those whose SHA-256 the package knows.
    base_url
        Where the files lie; default: the data set's own.
    progress
        Called while a file arrives.

    Returns
    -------
    list of pathlib.Path
        The files, in the order asked for, whether fetched now or already there.

    Raises
    ------
    UnknownNameError
        If the data set or a file of it does not exist.
    MissingInputError
        If the server does not have the file, or cannot be reached.
    BadInputError
        If a file (fetched or already there) is not the one it should be.
    WorkspaceError
        If the folder cannot be written, or is full.
    """
    one_of("data set", name, DATASETS)
    dataset = DATASETS[name]
    if not dataset.fetch_files:
        return []
    known = dict(dataset.fetch_files)
    wanted = [file for file, sha256 in known.items() if sha256] if files is None else list(files)
    for file in wanted:
        one_of(f"file of data set {name!r}", file, known)
    base = (base_url or dataset.base_url).rstrip("/")
    try:
        destination.mkdir(parents=True, exist_ok=True)
        remove_unfinished(destination)
        return [
            _fetch_one(f"{base}/{file}", destination / file, known, progress) for file in wanted
        ]
    except (WorkspaceError, OSError) as error:
        reason = getattr(error.__cause__ or error, "strerror", None) or error
        raise WorkspaceError(
            f"{destination} cannot be written ({reason}): free some space, or name another "
            "folder with --data."
        ) from error


def _fetch_one(
    url: str, path: Path, known: Mapping[str, str | None], progress: Progress | None
) -> Path:
    recorded = _read_checksums(path.parent)
    expected = known[path.name] or recorded.get(path.name)
    if path.exists():
        found = _check(path, expected, str(path), "delete it and fetch it again")
    else:
        with atomic_path(path) as partial:
            _download(url, partial, path.name, progress)
            found = _check(partial, expected, url, "fetch it again, or from another address")
    if expected is None:
        text = json.dumps({**recorded, path.name: found}, indent=1, sort_keys=True)
        write_text(path.parent / CHECKSUMS, text)
    return path


def _download(url: str, partial: Path, name: str, progress: Progress | None) -> None:
    # "identity": a server that unpacks .gz files on the way would change their bytes
    downloader = pooch.HTTPDownloader(
        progressbar=_ProgressBar(name, progress) if progress else False,
        chunk_size=1 << 16,
        timeout=TIMEOUT,
        headers={"Accept-Encoding": "identity"},
    )
    try:
        downloader(url, str(partial), None)
    except requests.RequestException as error:
        raise MissingInputError(
            f"{url} cannot be fetched ({_cause(error)}): check the address and the connection, "
            "then try again."
        ) from None


def _cause(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


def _check(path: Path, expected: str | None, shown: str, mend: str) -> str:
    """Return the SHA-256 of a file that is what it should be."""
    found = str(pooch.file_hash(str(path), alg="sha256"))
    if expected is not None and found != expected:
        raise BadInputError(
            f"{shown} is not the expected file (its SHA-256 is {found[:12]}…, not "
            f"{expected[:12]}…): {mend}."
        )
    if expected is None and not _is_whole_gzip(path):
        raise BadInputError(f"{shown} is not a whole gzip file: {mend}.")
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


class _ProgressBar:
    """What pooch expects of a progress bar, handed on to a callback."""

    def __init__(self, name: str, callback: Progress) -> None:
        self.name = name
        self.callback = callback
        self.total = 0
        self.done = 0

    def update(self, size: int) -> None:
        self.done = min(self.done + size, self.total) if self.total else self.done + size
        self.callback(self.name, self.done, self.total)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """End; nothing to put away."""
