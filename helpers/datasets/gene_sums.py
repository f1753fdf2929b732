"""Reading recount3's gene sums: base-pair coverage of each gene, turned into TPM.

A file has lines that start with ``##``, a line with ``gene_id`` and the samples, and one line for
each gene of the annotation. A value is the sum, over the base pairs of a gene's exons, of the reads
that cover each (Wilks et al., Genome Biology 2021): it grows with the gene's length, as a count of
reads does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers.datasets.expression import TPM_TOTAL, check_labels
from helpers.datasets.gene_annotation import versionless
from helpers.datasets.matrix_text import AGAIN, Header, read_header, read_rows
from helpers.errors import BadInputError

COLUMNS = ("gene_id",)


def read_sums_header(path: Path) -> Header:
    """Read what comes before the genes.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there, has no line of samples, or names a sample twice.
    """
    header = read_header(path, COLUMNS)
    check_labels(header.samples, "sample", path, place="column", first=1 + len(COLUMNS))
    return header


def read_tpm(
    path: Path, lengths: Mapping[str, int], columns: Mapping[str, int], samples: np.ndarray
) -> np.ndarray:
    """Read genes in blocks and turn coverage into TPM.

    Coverage divided by the length of the gene is its mean coverage; TPM is the share of that among
    all genes of the annotation, times 10⁶ (Li & Dewey, BMC Bioinformatics 2011).

    Parameters
    ----------
    path
        The file, such as ``tcga.gene_sums.LIHC.G026.gz``.
    lengths
        Gene without version → base pairs of its exons, for every gene of the annotation.
    columns
        Gene without version → its column in the result; the file must have them all.
    samples
        Positions of the samples that are wanted, in the order wanted.

    Returns
    -------
    numpy.ndarray
        TPM, float32: one row for each of `samples`, one column for each of `columns`.

    Raises
    ------
    MissingInputError, BadInputError
        If the file cannot be unpacked, has a line of another length than the others, a value that
        is no number ≥ 0, a gene twice or not at all, or a sample without any coverage.
    """
    header = read_sums_header(path)
    values = np.empty((len(samples), len(columns)), np.float32)
    totals = np.zeros(len(samples))
    found = np.zeros(len(columns), bool)
    for rows in read_rows(path, header, len(COLUMNS), lengths, versionless):
        bases = np.array([lengths[gene] for gene in rows.names], float)
        by_length = rows.values[:, samples] / bases[:, None]
        totals += by_length.sum(axis=0)
        chosen = [row for row, gene in enumerate(rows.names) if gene in columns]
        places = [columns[rows.names[row]] for row in chosen]
        values[:, places] = by_length[chosen].T
        found[places] = True
    absent = [gene for gene, column in columns.items() if not found[column]]
    if absent:
        raise BadInputError(
            f"{path} lacks {len(absent):,} protein-coding genes of the annotation, {absent[0]} "
            f"first: {AGAIN}, with the annotation of the same release."
        )
    if not (totals > 0).all():
        empty = header.samples[samples[int(np.argmin(totals > 0))]]
        raise BadInputError(f"{path}: sample {empty!r} is zero in all genes; delete its column.")
    values *= (TPM_TOTAL / totals)[:, None].astype(np.float32)
    return values
