"""Reading GTEx's matrices: GCT 1.2, one gene a line, 17,382 samples in version 8.

The first line is ``#1.2``, the second holds the numbers of genes and samples, the third names the
columns: ``Name`` (Ensembl gene with version), ``Description`` (symbol), then the samples. In files
of single tissues a column ``id`` with the number of the line comes before them.

The number of samples must be right, as every line is checked against it. The number of genes need
not be: files that were cut down to some genes circulate with the line of the whole one. What such
a line says is reported and not believed; a file that broke off on the way fails its gzip check.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.datasets.expression import check_labels
from helpers.datasets.gene_annotation import versionless
from helpers.datasets.matrix_text import AGAIN, Header, read_header, read_rows
from helpers.errors import BadInputError

COLUMNS = ("Name", "Description")
NUMBERS = ("id",)
"""What the first column of GTEx's files of single tissues is called, which numbers the lines."""
VERSION = "#1.2"


@dataclass(frozen=True)
class GctValues:
    """Genes of a GCT.

    Attributes
    ----------
    values
        Samples × genes, float32.
    genes
        Genes without version, in the order of the file.
    notes
        What a reader must know.
    """

    values: np.ndarray
    genes: list[str]
    notes: list[str]


def read_gct_header(path: Path) -> Header:
    """Read the first three lines of a GCT.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there, is no GCT 1.2, repeats a sample, or has other numbers of samples
        in its second and third lines.
    """
    header = read_header(path, COLUMNS, NUMBERS)
    if len(header.preamble) != 2 or header.preamble[0].strip() != VERSION:
        raise BadInputError(
            f"{path} does not start with {VERSION!r} and a line of dimensions, as a GCT does: "
            f"{AGAIN}, or name a GCT file."
        )
    _, samples = _dimensions(path, header)
    if samples != len(header.samples):
        raise BadInputError(
            f"{path}: line 2 says {samples:,} samples, line 3 names {len(header.samples):,}: "
            f"{AGAIN}, or correct line 2."
        )
    check_labels(
        header.samples, "sample", path, place="column", first=1 + header.before + len(COLUMNS)
    )
    return header


def read_gct(path: Path, wanted: Collection[str], samples: np.ndarray) -> GctValues:
    """Read genes of a GCT in blocks.

    Parameters
    ----------
    path
        The file.
    wanted
        Genes without version; others are passed over.
    samples
        Positions of the samples that are wanted, in the order wanted.

    Returns
    -------
    GctValues
        One row for each of `samples`, one column for each wanted gene that is there.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not a GCT, cannot be unpacked, has a line of another length than the
        others, a gene twice, or a value that is no number ≥ 0.
    """
    header = read_gct_header(path)
    told, _ = _dimensions(path, header)
    values = np.empty((len(samples), len(wanted)), np.float32)
    genes: list[str] = []
    held = 0
    for rows in read_rows(path, header, len(COLUMNS), wanted, versionless):
        values[:, len(genes) : len(genes) + len(rows.names)] = rows.values[:, samples].T
        genes += rows.names
        held = rows.genes
    said = f"{path.name}: its line of dimensions says {told:,} genes, and it holds {held:,}."
    return GctValues(values[:, : len(genes)], genes, [said] if told != held else [])


def _dimensions(path: Path, header: Header) -> tuple[int, int]:
    cells = header.preamble[1].split()
    if len(cells) < 2 or not all(cell.isdigit() for cell in cells[:2]):
        raise BadInputError(
            f"{path}, line 2, must hold the numbers of genes and samples, not "
            f"{header.preamble[1]!r}: {AGAIN}, or correct the line."
        )
    return int(cells[0]), int(cells[1])
