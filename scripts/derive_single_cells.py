"""Derive the embedded single cells from the package scanpy 1.11.5.

The file lies in ``helpers/datasets/data/``. It is the part of scanpy's data set
``pbmc68k_reduced`` that this book needs (PROVENANCE.md beside it says what)::

    pip install --no-deps scanpy==1.11.5
    python scripts/derive_single_cells.py --output pbmc68k_reduced.h5ad
"""

from __future__ import annotations

import warnings
from pathlib import Path

import anndata
import numpy as np
from pinned import asked_output, pinned_file
from scipy import sparse

PACKAGE = "scanpy"
VERSION = "1.11.5"
MEMBER = "scanpy/datasets/10x_pbmc68k_reduced.h5ad"
COLUMNS = ["bulk_labels", "louvain"]


def source_file() -> Path:
    """Return the path of the source in the installed package."""
    return pinned_file(PACKAGE, VERSION, MEMBER)


def derive(path: Path) -> anndata.AnnData:
    """Return cells × genes: ``raw`` of the source as sparse ``X``, and its labels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the source is in a format of before anndata 0.7
        source = anndata.read_h5ad(path)
    made = anndata.AnnData(
        X=sparse.csr_matrix(source.raw.X, dtype=np.float32),
        obs=source.obs[COLUMNS].copy(),
        var=source.raw.var[[]].copy(),
    )
    made.obs_names.name = made.var_names.name = None
    # As scanpy records that X holds natural logarithms.
    made.uns["log1p"] = {}
    return made


def main() -> None:
    """Write the file."""
    output = asked_output(__doc__, "helpers/datasets/data/pbmc68k_reduced.h5ad")
    derive(source_file()).write_h5ad(output, compression="gzip")


if __name__ == "__main__":
    main()
