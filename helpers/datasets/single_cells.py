"""The embedded single cells: 700 cells of blood, measured, not simulated.

Source: the data set ``pbmc68k_reduced`` that comes with scanpy, cut from the 68,000 cells of one
donor of Zheng et al. (Nature Communications 2017). ``data/PROVENANCE.md`` says what was taken,
``scripts/derive_single_cells.py`` takes it again.
"""

from __future__ import annotations

import hashlib
import os
from importlib import resources
from pathlib import Path

import anndata

from helpers.datasets.own import load_own
from helpers.errors import BadInputError
from helpers.workspace import atomic

FILE = "pbmc68k_reduced.h5ad"
SHA256 = "17be61493c04a9b2c31956fc2c9acad0cf61479d013683cea2fce730affc7b69"

CLASS_COLUMN = "bulk_labels"
"""Cell type: the purified population whose mean expression a cell correlates with best."""

TITLE = "pbmc68k_reduced: blood cells of one donor, measured on 10x Genomics' platform"


def cells_file() -> Path:
    """Return the path of the file in the package.

    Raises
    ------
    BadInputError
        If it is missing or damaged.
    """
    path = Path(str(resources.files("helpers.datasets").joinpath("data", FILE)))
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise BadInputError(
            f"The embedded file {path} is missing or damaged: install the package again."
        )
    return path


def load_cells(min_class_size: int = 10) -> anndata.AnnData:
    """Load the cells as any user's file is loaded: log2(CPM + 1), cells × 765 genes.

    Parameters
    ----------
    min_class_size
        Cell types with fewer cells are left out.
    """
    return load_own(cells_file(), class_column=CLASS_COLUMN, min_class_size=min_class_size)


def write_cells(path: str | Path) -> Path:
    """Write the cells to a file of your own, as an example of one; return its path.

    Raises
    ------
    BadInputError
        If another file has this name already.
    """
    final = Path(path).absolute()
    if os.path.lexists(final):
        if final.is_file() and final.read_bytes() == cells_file().read_bytes():
            return final
        raise BadInputError(f"{final} is there already, and is another file: name a new one.")
    with atomic.atomic_path(final) as unfinished:
        unfinished.write_bytes(cells_file().read_bytes())
    return final
