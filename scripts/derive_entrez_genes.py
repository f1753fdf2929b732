"""Derive the embedded table of NCBI's gene identifiers from Debian's Bioconductor package.

The table lies in ``helpers/datasets/data/`` (PROVENANCE.md beside it says the same in words). This
script makes it again, byte by byte. The package need not be installed, only unpacked::

    apt-get download r-bioc-org.hs.eg.db=3.16.0-1
    dpkg -x r-bioc-org.hs.eg.db_*.deb unpacked
    python scripts/derive_entrez_genes.py unpacked
"""

from __future__ import annotations

import argparse
import lzma
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from helpers.datasets.gene_names import ENTREZ_TABLE, annotation

ORG_FILE = "org.Hs.eg.sqlite"
CODING = "protein-coding"


def entrez_genes(org: Path, ensembl_ids: Mapping[str, str]) -> list[tuple[int, str]]:
    """List the genes that code for proteins.

    Parameters
    ----------
    org
        ``org.Hs.eg.sqlite``.
    ensembl_ids
        Symbol → Ensembl gene of the embedded annotation, whose symbols are preferred.

    Returns
    -------
    list of tuple
        Identifier and symbol, in the order of identifiers: NCBI's symbol if the annotation has
        it, else the symbol that the annotation gives to the gene's only Ensembl gene, else NCBI's
        if NCBI says that the gene codes for a protein.
    """
    with closing(sqlite3.connect(f"file:{org}?mode=ro", uri=True)) as database:
        genes = database.execute(
            "SELECT gene_id, symbol, gene_type FROM genes JOIN gene_info USING (_id) "
            "LEFT JOIN genetype USING (_id)"
        ).fetchall()
        linked: dict[str, set[str]] = defaultdict(set)
        for gene, ensembl in database.execute(
            "SELECT gene_id, ensembl_id FROM genes JOIN ensembl USING (_id)"
        ):
            linked[gene].add(ensembl)
    symbol_of = {ensembl: symbol for symbol, ensembl in ensembl_ids.items() if ensembl}
    found = []
    for gene, symbol, kind in genes:
        known = {symbol_of[ensembl] for ensembl in linked[gene] if ensembl in symbol_of}
        if symbol in ensembl_ids or (len(known) != 1 and kind == CODING):
            found.append((int(gene), symbol))
        elif len(known) == 1:
            found.append((int(gene), known.pop()))
    return sorted(found)


def table(genes: list[tuple[int, str]]) -> bytes:
    """Write the table, uncompressed."""
    lines = ["entrez_id,symbol", *(f"{gene},{symbol}" for gene, symbol in genes)]
    return ("\n".join(lines) + "\n").encode()


def derive(unpacked: Path) -> bytes:
    """Derive the table, uncompressed.

    Raises
    ------
    FileNotFoundError
        If the database is nowhere below `unpacked`.
    """
    found = sorted(unpacked.rglob(ORG_FILE))
    if not found:
        raise FileNotFoundError(f"There is no {ORG_FILE} below {unpacked}.")
    return table(entrez_genes(found[0], annotation().to_dict()))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[1] / "helpers/datasets/data"
    parser.add_argument("unpacked", type=Path, help="folder with the unpacked package")
    parser.add_argument("--output", type=Path, default=default, help="folder to write to")
    given = parser.parse_args()
    packed = lzma.compress(derive(given.unpacked), preset=9 | lzma.PRESET_EXTREME)
    (given.output / ENTREZ_TABLE).write_bytes(packed)


if __name__ == "__main__":
    main()
