"""Files that can be downloaded: where each lies, how large it is, what its bytes must be."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.datasets.registry import DATASETS, Dataset
from helpers.errors import one_of


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set on a server.

    Attributes
    ----------
    name
        What it is called in the user's folder.
    url
        Where it lies.
    size
        Bytes, where they are known beforehand.
    sha256
        Hash, where it is known beforehand.
    """

    name: str
    url: str
    size: int | None = None
    sha256: str | None = None


def catalogue(name: str, base_url: str | None = None) -> dict[str, RemoteFile]:
    """Return the files of a data set by name; none for one that comes with the package.

    Parameters
    ----------
    name
        A key of `helpers.datasets.DATASETS`.
    base_url
        Folder on another server, a mirror; default: where each file lies.

    Raises
    ------
    UnknownNameError
        If there is no such data set.
    """
    entry = DATASETS[one_of("data set", name, DATASETS)]
    return {
        file: RemoteFile(file, _address(entry, file, base_url), entry.file_sizes.get(file), sha256)
        for file, sha256 in entry.fetch_files.items()
    }


def usual(name: str) -> list[str]:
    """Name the files of a data set that are fetched where none are asked for."""
    entry = DATASETS[name]
    known = [file for file, sha256 in entry.fetch_files.items() if sha256 is not None]
    return known if entry.fetch_known_only else list(entry.fetch_files)


def _address(entry: Dataset, file: str, base_url: str | None) -> str:
    if base_url is not None:
        return f"{base_url.rstrip('/')}/{file}"
    return entry.file_urls.get(file) or f"{entry.base_url.rstrip('/')}/{file}"
