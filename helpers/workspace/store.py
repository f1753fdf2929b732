"""The workspace: a folder of artefacts, each with a record of what it was made from."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from helpers.errors import WorkspaceError
from helpers.workspace import atomic, cleaning, fingerprints, ownership, publication
from helpers.workspace.formats import Format, write_json
from helpers.workspace.records import Record, all_records, read_record, record_path

State = Literal["fresh", "stale", "missing"]

KEPT = "kept"
"""Folder of a workspace where files lie that were changed by hand and then made anew."""

MADE_BY = "python -m helpers run, or a notebook of the book"

# People open these in editors, which write into the file itself.
_TEXT = {".csv", ".json", ".ipynb", ".svg"}


class Workspace:
    """A folder in which artefacts are kept, found and judged fresh or stale.

    The folder is made, and marked as ours, when the first file is written. A file in it is replaced
    only if its record says that this package wrote it; one that was changed by hand since is moved
    to the folder `KEPT` first.

    Parameters
    ----------
    root
        The folder.
    untouched
        Only look at the folder: it is neither made nor cleaned, and nothing is written.
    details
        What the marker of a new workspace says of its content.

    Raises
    ------
    WorkspaceError
        If it is somebody else's folder, or cannot be written.
    """

    def __init__(
        self, root: Path, *, untouched: bool = False, details: Mapping[str, Any] | None = None
    ) -> None:
        self.root = root.absolute()
        self.untouched = untouched
        self._details = dict(details or {})
        self._made: list[Path] = []
        self._claimed = self._new = False
        if untouched:
            return
        if ownership.check(self.root, "workspace") is not None:
            self._claimed = True
            atomic.remove_unfinished(self.root)

    @property
    def is_new(self) -> bool:
        """Whether this process has claimed the workspace, or nobody has yet."""
        return self._new or not self._claimed

    def claim(self) -> None:
        """Make the folder, if it is not there, and mark it as ours.

        Raises
        ------
        WorkspaceError
            If it is somebody else's folder, cannot be written, or is only looked at.
        """
        if self.untouched:
            raise WorkspaceError(f"{self.root} is only looked at: nothing is written there.")
        if not self._claimed:
            _, self._made = ownership.claim(self.root, "workspace", MADE_BY, self._details)
            self._claimed = self._new = True

    def undo_claim(self) -> None:
        """Remove all that this process has made here, if it has claimed the workspace."""
        if not self._new:
            return
        cleaning.remove_made(self.root, keep=not self._made)
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()
        self._made, self._claimed, self._new = [], False, False

    def path(self, relative: str) -> Path:
        """Return the full path of an artefact."""
        return self.root / relative

    def record(self, relative: str) -> Record | None:
        """Return what is known of an artefact, or None if it was never finished."""
        return read_record(self._record_path(relative))

    def state(self, relative: str, key: str) -> State:
        """Tell whether an artefact is there, whole, and made from what `key` stands for."""
        path = self.path(relative)
        if not path.exists():
            return "missing"
        record = self.record(relative)
        if record is None or record.key != key:
            return "stale"
        return "fresh" if record.hash_of(path) == record.sha256 else "stale"

    def holds(self, relative: str, sha256: str) -> bool:
        """Tell whether a file that we wrote is there, and has this content."""
        path, record = self.path(relative), self.record(relative)
        return record is not None and path.is_file() and record.hash_of(path) == sha256

    def write(
        self,
        relative: str,
        value: Any,
        form: Format,
        *,
        key: str,
        started: float | None = None,
        made_from: dict[str, Any] | None = None,
    ) -> str:
        """Write an artefact and its record; return the SHA-256 of its bytes. See `writing`."""
        with self.writing(relative, key=key, started=started, made_from=made_from) as path:
            form.write(path, value)
        record = self.record(relative)
        return record.sha256 if record else ""

    @contextmanager
    def writing(
        self,
        relative: str,
        *,
        key: str,
        started: float | None = None,
        made_from: dict[str, Any] | None = None,
    ) -> Iterator[Path]:
        """Yield a path to write an artefact to; it gets its place and its record at the end.

        The record comes first: killed in between, the older content does not match it and is made
        again. `started`: when its making began, by `time.perf_counter`.

        Raises
        ------
        WorkspaceError
            If the disk is full, the folder cannot be written, or a file lies in the artefact's
            place that is not ours.
        """
        self.claim()
        self.refuse_foreign([relative])
        final = self.path(relative)
        with atomic.atomic_path(final) as path:
            yield path
            stat = path.stat()
            record = Record(
                key=key,
                sha256=fingerprints.of_file(path),
                size=stat.st_size,
                mtime_ns=stat.st_mtime_ns,
                seconds=0.0 if started is None else round(time.perf_counter() - started, 3),
                made_from=made_from or {},
                replaces=self._make_way(relative),
            )
            with atomic.atomic_path(self._record_path(relative)) as noted:
                write_json(noted, asdict(record))

    def refuse_foreign(self, files: Iterable[str]) -> None:
        """Refuse to write where something lies that this package never wrote.

        Raises
        ------
        WorkspaceError
            If there is such a file or folder.
        """
        for relative in files:
            noted = self._record_path(relative)
            for place in (self.path(relative), noted):
                if os.path.lexists(place) and self._is_foreign(place, noted):
                    raise WorkspaceError(
                        f"{place} is in the way, and this book did not make it: move it elsewhere, "
                        "or choose another folder with --workspace."
                    )

    def _is_foreign(self, place: Path, noted: Path) -> bool:
        """Tell whether a file is one that this package never wrote.

        Behind a link that somebody has put in place of a folder, what is not known is theirs, and
        not moved aside.
        """
        if not noted.is_file():
            return True
        if not publication.through_a_link(self.root, place.relative_to(self.root).as_posix()):
            return False
        record = read_record(noted)
        if record is None or place == noted:
            return record is None
        return not (place.is_file() and record.knows(place))

    def _make_way(self, relative: str) -> str:
        """Return the SHA-256 of what may be replaced; what is changed by hand is moved aside."""
        place, noted = self.path(relative), self._record_path(relative)
        record = read_record(noted)
        if record is None and os.path.lexists(noted):
            self._keep(noted)
        if not os.path.lexists(place):
            return ""
        if record is not None and place.is_file() and (known := record.knows(place)):
            return known
        self._keep(place)
        return ""

    def _keep(self, path: Path) -> None:
        relative = path.relative_to(self.root)
        wanted = self.root / KEPT / relative
        wanted.parent.mkdir(parents=True, exist_ok=True)
        number, place = 1, wanted
        while os.path.lexists(place):
            number += 1
            place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        # Not a rename: folders of a workspace may be links to another disk.
        shutil.move(path, place)

    def kept(self) -> list[str]:
        """Return what was changed by hand and is kept, by path in the workspace."""
        files = sorted((self.root / KEPT).rglob("*"))
        return [file.relative_to(self.root).as_posix() for file in files if not file.is_dir()]

    def borrow(self, relative: str, lender: Workspace) -> None:
        """Take over a fresh artefact of another workspace, with its record.

        Large files become one file with two names where the disk can do that: they are only ever
        replaced, never written into.
        """
        record = lender.record(relative)
        if record is None:
            raise FileNotFoundError(lender.path(relative))
        source = lender.path(relative).resolve()
        with self.writing(relative, key=record.key, made_from=record.made_from) as path:
            try:
                _link(source, path)
            except OSError:
                shutil.copyfile(source, path)

    def records(self) -> dict[str, Record]:
        """Return the records of all artefacts, by relative path."""
        return all_records(self.root)

    def _record_path(self, relative: str) -> Path:
        return record_path(self.root, relative)


def _link(source: Path, path: Path) -> None:
    """Give a file a second name, unless people may write into it."""
    if path.suffix in _TEXT or not os.access(source, os.W_OK):
        raise OSError(f"{source} is better copied")
    os.link(source, path)


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
