"""Files that can be downloaded: where each lies, how large it is, what its bytes must be."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files


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
    usual
        Whether it is fetched where no files are named.
    """

    name: str
    url: str
    size: int | None = None
    sha256: str | None = None
    usual: bool = True

    def at(self, base_url: str) -> RemoteFile:
        """Return the same file on another server, a mirror."""
        return replace(self, url=f"{base_url.rstrip('/')}/{self.name}")


def read_catalogue(name: str) -> tuple[RemoteFile, ...]:
    """Read a catalogue of this package, ``data/<name>_files.json``.

    It holds the address of a folder, and under ``files`` the hash of each, or null where it is
    not known; under ``sizes`` the bytes. A file without a known hash is fetched by name only.
    """
    text = files("helpers.datasets").joinpath(f"data/{name}_files.json").read_text("utf-8")
    catalogue = json.loads(text)
    sizes = catalogue.get("sizes", {})
    return tuple(
        RemoteFile(
            file,
            catalogue["base_url"].rstrip("/") + "/" + file,
            sizes.get(file),
            sha256,
            sha256 is not None,
        )
        for file, sha256 in catalogue["files"].items()
    )
