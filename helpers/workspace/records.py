"""Records: what is known of each file that was written into a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.workspace import fingerprints
from helpers.workspace.formats import read_json

RECORDS = "records"
"""Folder of a workspace with a record for each file that was written."""


@dataclass(frozen=True)
class Record:
    """What is known of a finished artefact.

    Attributes
    ----------
    key
        Fingerprint of everything it was made from: inputs, parameters, code, libraries.
    sha256, size, mtime_ns
        The content as it was written. Size and time are a shortcut: where they
        still agree the content is not hashed again.
    seconds
        Wall time of making it.
    made_from
        The parts of the key, readable.
    replaces
        SHA-256 of the file of ours that this one took the place of. The record is written before
        the file: in between, the older one is still known as ours.
    """

    key: str
    sha256: str
    size: int
    mtime_ns: int
    seconds: float
    made_from: dict[str, Any]
    replaces: str = ""

    def knows(self, path: Path) -> str:
        """Return the SHA-256 of a file if this package wrote it and nobody has changed it."""
        found = self.hash_of(path)
        return found if found in {self.sha256, self.replaces} else ""

    def hash_of(self, path: Path) -> str:
        """Return the SHA-256 of the file, which is not read where size and time agree."""
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns):
            return self.sha256
        return fingerprints.of_file(path) if path.is_file() else ""


def record_path(root: Path, relative: str) -> Path:
    """Return where the record of a file of a workspace lies."""
    return root / RECORDS / f"{relative}.json"


def read_record(path: Path) -> Record | None:
    """Read a record; None if there is none, or it is damaged."""
    try:
        found = Record(**read_json(path))
    except (OSError, ValueError, TypeError):
        return None
    texts, numbers = (found.key, found.sha256, found.replaces), (found.size, found.mtime_ns)
    whole = all(isinstance(text, str) for text in texts)
    return found if whole and all(isinstance(number, int) for number in numbers) else None


def all_records(root: Path) -> dict[str, Record]:
    """Return the records of all files of a workspace, by relative path."""
    folder = root / RECORDS
    found = {}
    for path in sorted(folder.rglob("*.json")):
        record = read_record(path)
        if record is not None:
            found[path.relative_to(folder).as_posix().removesuffix(".json")] = record
    return found
