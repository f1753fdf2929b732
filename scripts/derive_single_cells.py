"""Derive the embedded single cells from the package scanpy 1.11.5.

The file lies in ``helpers/datasets/data/``. It is the part of scanpy's data set
``pbmc68k_reduced`` that this book needs (PROVENANCE.md beside it says what)::

    pip install --no-deps scanpy==1.11.5
    python scripts/derive_single_cells.py --output pbmc68k_reduced.h5ad
"""

from __future__ import annotations

import argparse
import importlib.metadata
import warnings
from pathlib import Path

import anndata
import numpy as np
from scipy import sparse

PACKAGE = "scanpy"
VERSION = "1.11.5"
MEMBER = "scanpy/datasets/10x_pbmc68k_reduced.h5ad"
COLUMNS = ["bulk_labels", "louvain"]


def source_file() -> Path:
    """Path of the source in the installed package, which is not imported.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If the package is not installed.
    ValueError
        If another version is installed.
    """
    package = importlib.metadata.distribution(PACKAGE)
    if package.version != VERSION:
        raise ValueError(f"{PACKAGE} {VERSION} is needed, but {package.version} is installed.")
    return Path(str(package.locate_file(MEMBER)))


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
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[1] / "helpers/datasets/data/pbmc68k_reduced.h5ad"
    parser.add_argument("--output", type=Path, default=default, help="file to write")
    derive(source_file()).write_h5ad(parser.parse_args().output, compression="gzip")


if __name__ == "__main__":
    main()
