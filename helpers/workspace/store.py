"""The workspace: a folder of artefacts, each with a record of what it was made from."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from helpers.errors import WorkspaceError
from helpers.workspace import atomic, fingerprints
from helpers.workspace.formats import Format, read_json, write_json

State = Literal["fresh", "stale", "missing"]


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
    """

    key: str
    sha256: str
    size: int
    mtime_ns: int
    seconds: float
    made_from: dict[str, Any]


class Workspace:
    """A folder in which artefacts are kept, found and judged fresh or stale.

    Parameters
    ----------
    root
        The folder; made if it does not exist.
    untouched
        Only look at the folder: it is neither made nor cleaned.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made or written.
    """

    def __init__(self, root: Path, *, untouched: bool = False) -> None:
        self.root = root.absolute()
        if untouched:
            return
        with atomic.explained_disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise WorkspaceError(
                f"{self.root} is not writable: choose a writable folder with --workspace."
            )
        atomic.remove_unfinished(self.root)

    def path(self, relative: str) -> Path:
        """Return the full path of an artefact."""
        return self.root / relative

    def record(self, relative: str) -> Record | None:
        """Return what is known of an artefact, or None if it was never finished."""
        try:
            return Record(**read_json(self._record_path(relative)))
        except (OSError, ValueError, TypeError):
            return None

    def state(self, relative: str, key: str) -> State:
        """Tell whether an artefact is there, whole, and made from what `key` stands for."""
        path, record = self.path(relative), self.record(relative)
        if not path.exists():
            return "missing"
        if record is None or record.key != key:
            return "stale"
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) == (record.size, record.mtime_ns):
            return "fresh"
        return "fresh" if fingerprints.of_file(path) == record.sha256 else "stale"

    def write(
        self,
        relative: str,
        value: Any,
        form: Format,
        *,
        key: str,
        started: float | None = None,
        made_from: dict[str, Any] | None = None,
    ) -> None:
        """Write an artefact and its record, each atomically and the record last.

        Killed in between, the content no longer matches the old record and is
        made again. `started`: when its making began, by `time.perf_counter`.

        Raises
        ------
        WorkspaceError
            If the disk is full or the folder cannot be written.
        """
        final = self.path(relative)
        with atomic.atomic_path(final) as path:
            form.write(path, value)
        seconds = 0.0 if started is None else time.perf_counter() - started
        self.adopt(relative, key=key, seconds=seconds, made_from=made_from)

    def adopt(
        self, relative: str, *, key: str, seconds: float, made_from: dict[str, Any] | None = None
    ) -> None:
        """Record a file that lies finished in the workspace."""
        final = self.path(relative)
        stat = final.stat()
        record = Record(
            key=key,
            sha256=fingerprints.of_file(final),
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            seconds=round(seconds, 3),
            made_from=made_from or {},
        )
        with atomic.atomic_path(self._record_path(relative)) as path:
            write_json(path, asdict(record))

    def records(self) -> dict[str, Record]:
        """Return the records of all artefacts, by relative path."""
        folder = self.root / "records"
        names = (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*.json")))
        found = {
            name.removesuffix(".json"): self.record(name.removesuffix(".json")) for name in names
        }
        return {name: record for name, record in found.items() if record is not None}

    def _record_path(self, relative: str) -> Path:
        return self.root / "records" / f"{relative}.json"


def project_root(start: Path | None = None) -> Path:
    """Return the folder that holds the book, looked for upwards, then beside the package.

    Raises
    ------
    WorkspaceError
        If there is no folder with `_config.yml` and `notebooks/`.
    """
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents, Path(__file__).absolute().parents[2]):
        if (folder / "_config.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise WorkspaceError(
        f"Neither {here} nor a folder above it holds the book (_config.yml and notebooks/): "
        "change to the folder that you cloned."
    )


def default_workspace(dataset: str, profile: str) -> Path:
    """Return `_build/workspace/<dataset>-<profile>` in the project's folder."""
    return project_root() / "_build" / "workspace" / f"{Path(dataset).stem}-{profile}"
