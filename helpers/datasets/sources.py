"""Opening whatever holds a user's expression, with its sheet of samples."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets.contents import Contents
from helpers.datasets.file_kinds import kind_of
from helpers.datasets.h5ad import opened_anndata
from helpers.datasets.sample_sheet import read_sheet, with_sheet
from helpers.datasets.tenx import open_tenx, tenx_files
from helpers.datasets.text_matrix import open_text
from helpers.errors import BadInputError
from helpers.workspace.fingerprints import of_file


@dataclass(frozen=True)
class Source:
    """A user's own data.

    Attributes
    ----------
    path
        ``.h5ad`` (packed or not), a folder of zarr or of 10x Genomics, or a table as text.
    sheet
        Table that describes samples; None: `path` does so itself.
    sample_column
        Column of the sheet with the names of samples; empty: found out.
    """

    path: Path
    sheet: Path | None = None
    sample_column: str = ""

    def files(self) -> list[Path]:
        """List the files and folders that are read."""
        return [self.path, *([self.sheet] if self.sheet else [])]

    def state(self) -> tuple[tuple[int, int], ...]:
        """Return when each file was changed and how large it is: a new state is read anew."""
        found = []
        for path in self.files():
            inside = _inside(path) if path.is_dir() else [path]
            found += [(s.st_mtime_ns, s.st_size) for p in inside if p.exists() for s in [p.stat()]]
        return tuple(found)

    def fingerprint(self) -> dict[str, str]:
        """Return name → SHA-256 of what is read; of a folder, one over all its files."""
        kind_of(self.path)
        found = {self.path.name: of_tree(self.path, _inside(self.path))}
        if self.sheet is not None:
            name = (
                self.sheet.name if self.sheet.name not in found else f"samples: {self.sheet.name}"
            )
            found[name] = of_file(self.sheet)
        return found


@contextlib.contextmanager
def opened(source: Source, layer: str = "", class_column: str = "") -> Iterator[Contents]:
    """Open a user's data for as long as the context lasts.

    Parameters
    ----------
    source
        The files.
    layer
        Layer of an AnnData; empty: X.
    class_column
        Column with the class; empty: found out where there is a sheet, or a table of text.

    Raises
    ------
    MissingInputError, BadInputError, UnknownNameError
        If a file is not there or does not hold what it should; the sentence says what.
    """
    path = source.path
    kind = kind_of(path)
    if layer and kind in {"text", "10x"}:
        raise BadInputError(f"{path} has one matrix and no layers: leave --layer out.")
    sheet = None if source.sheet is None else read_sheet(source.sheet, source.sample_column)
    if kind == "text":
        yield open_text(path, sheet, class_column)
        return
    if kind == "10x":
        if sheet is None:
            raise BadInputError(
                f"{path} names cells, but not their classes: give --samples SHEET.csv, a table "
                "with a column of barcodes and one of classes."
            )
        yield with_sheet(open_tenx(path), sheet, class_column)
        return
    with opened_anndata(path, layer) as found:
        yield found if sheet is None else with_sheet(found, sheet, class_column)


def _inside(folder: Path) -> list[Path]:
    """List the files of a folder that are read: of 10x Genomics three, whatever lies beside them.

    A workspace may lie there too, which a run writes into.
    """
    if folder.is_dir() and kind_of(folder) == "10x":
        return list(tenx_files(folder).values())
    entries = sorted(folder.rglob("*"))
    return [path for path in entries if path.is_file() and not path.name.startswith("._")]


def of_tree(path: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of a file, or of the names and bytes of files in a folder."""
    if not path.is_dir():
        return of_file(path)
    digest = hashlib.sha256()
    for entry in files:
        digest.update(f"{entry.relative_to(path).as_posix()}\n{of_file(entry)}\n".encode())
    return digest.hexdigest()
