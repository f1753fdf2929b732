"""A folder of 10x Genomics: `matrix.mtx`, `features.tsv` or `genes.tsv`, `barcodes.tsv`."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.datasets.contents import Contents, LazyMatrix
from helpers.datasets.file_kinds import open_bytes, unpacking
from helpers.datasets.matrix_market import read_coordinates, read_shape
from helpers.errors import BadInputError, MissingInputError

EXPRESSION = "Gene Expression"
"""What features of genes are called, beside antibodies, guides and peaks."""

_PARTS = {
    "matrix": re.compile(r"(?P<before>.*?)matrix\.mtx(\.gz)?"),
    "features": re.compile(r"(?P<before>.*?)(features|genes)\.tsv(\.gz)?"),
    "barcodes": re.compile(r"(?P<before>.*?)barcodes\.tsv(\.gz)?"),
}


def tenx_files(folder: Path) -> dict[str, Path]:
    """Find the three files of a folder; hidden ones (a Mac's ``._matrix.mtx``) do not count.

    Raises
    ------
    MissingInputError
        If one is not there.
    BadInputError
        If there are several matrices.
    """
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    found: dict[str, list[Path]] = {
        part: [path for path in entries if pattern.fullmatch(path.name)]
        for part, pattern in _PARTS.items()
    }
    for part, paths in found.items():
        if not paths:
            raise MissingInputError(
                f"{folder} has no {part}.{'mtx' if part == 'matrix' else 'tsv'} (or .gz), as a "
                "folder of 10x Genomics has: put it there, or name another folder."
            )
        if len(paths) > 1:
            raise BadInputError(
                f"{folder} has {len(paths)} files of {part} ({paths[0].name}, {paths[1].name}): "
                "keep those of one sample in a folder, or write all together as .h5ad."
            )
    return {part: paths[0] for part, paths in found.items()}


def open_tenx(folder: Path) -> Contents:
    """Open a folder; cells have no columns, which come from the sheet of samples.

    Raises
    ------
    MissingInputError, BadInputError
        If a file is not there, cannot be read, or does not fit the others.
    """
    files = tenx_files(folder)
    features = _lines(files["features"])
    barcodes = [fields[0].strip() for fields in _lines(files["barcodes"])]
    if barcodes and barcodes[0].casefold() in {"barcode", "barcodes", "x", ""}:
        barcodes = barcodes[1:]
    found = read_shape(files["matrix"])
    shape = (len(features), len(barcodes))
    if found not in {shape, shape[::-1]}:
        raise BadInputError(
            f"{files['matrix']} is {found[0]:,} × {found[1]:,}, but "
            f"{shape[0]:,} features and {shape[1]:,} barcodes are named: take the three files of "
            "one sample."
        )
    kinds = np.array([fields[2].strip() if len(fields) > 2 else EXPRESSION for fields in features])
    genes = kinds == EXPRESSION if (kinds == EXPRESSION).any() else np.ones(len(kinds), dtype=bool)
    var = pd.DataFrame(
        {"gene_symbols": [fields[1].strip() if len(fields) > 1 else "" for fields in features]},
        index=pd.Index([fields[0].strip() for fields in features], dtype=object),
    )
    if not (var["gene_symbols"] != "").any():
        var = var[[]]
    notes = [
        f"{folder.name} is a folder of 10x Genomics: {shape[1]:,} cells, {shape[0]:,} features."
    ]
    if not genes.all():
        others = ", ".join(sorted(set(kinds[~genes])))
        notes.append(f"{int((~genes).sum()):,} features are no genes and are left out ({others}).")
    return Contents(
        folder,
        pd.DataFrame(index=pd.Index(barcodes, dtype=object)),
        var[genes],
        LazyMatrix(
            (len(barcodes), int(genes.sum())),
            functools.partial(_cells_by_genes, files["matrix"], genes, found == shape),
        ),
        files["matrix"].name,
        notes=tuple(notes),
    )


def _lines(path: Path) -> list[list[str]]:
    with unpacking(path), open_bytes(path) as file:
        text = file.read().decode("utf-8-sig", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.split("\t") for line in lines if line.strip()]


def _cells_by_genes(path: Path, genes: np.ndarray, by_feature: bool) -> sparse.csr_matrix:
    values = read_coordinates(path)
    return sparse.csr_matrix(values.T if by_feature else values)[:, genes]
