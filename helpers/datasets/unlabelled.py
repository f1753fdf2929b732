"""New samples for networks that are trained already: the same genes and unit, no classes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.datasets.contents import Contents
from helpers.datasets.expression import check_labels
from helpers.datasets.file_kinds import kind_of
from helpers.datasets.h5ad import opened_anndata
from helpers.datasets.missing import names
from helpers.datasets.own import converted, scan_values, unit_of
from helpers.datasets.symbols import Genes, name_genes
from helpers.datasets.tenx import open_tenx
from helpers.datasets.text_matrix import open_unlabelled_text
from helpers.errors import BadInputError, listed


def load_unlabelled(
    path: Path,
    known: pd.DataFrame,
    *,
    layer: str = "",
    unit: str = "auto",
    gene_column: str = "",
    leave_out_unseen: bool = False,
) -> anndata.AnnData:
    """Load samples as log2(TPM + 1) of given genes, in their order.

    Parameters
    ----------
    path
        ``.h5ad``, packed or not; a folder of zarr or of 10x Genomics; a table as text.
    known
        ``var`` of the data that networks were trained on: ``ensembl_id`` by symbol. Each sample is
        brought to a sum of a million over these genes, as the training samples were.
    layer, unit, gene_column
        As `helpers.datasets.own.load_own` takes them.
    leave_out_unseen
        Whether genes that are not among `known` are left out; if not, they are refused.

    Returns
    -------
    anndata.AnnData
        ``X``: samples × `known` genes, float32; ``uns["unit"]``: how the values were read and why.

    Raises
    ------
    MissingInputError, BadInputError, UnknownNameError
        If the file is not there or does not hold what it should, a gene is missing, or one is not
        known.
    """
    with _opened(path, layer, known) as contents:
        samples = names(contents.obs.index).texts
        check_labels(samples, "sample", path)
        genes = name_genes(contents.var, path, gene_column)
        chosen = _known_only(genes, known, path, leave_out_unseen)
        keep = np.ones(len(samples), dtype=bool)
        scan = scan_values(contents, keep)
        used, reason = unit_of(unit, scan, contents)
        values = converted(contents, used, chosen, keep)
    return anndata.AnnData(
        X=values,
        obs=pd.DataFrame(index=pd.Index(samples, name="sample", dtype=object)),
        var=known.copy(),
        uns={"unit": f"{used} ({reason})"},
    )


@contextlib.contextmanager
def _opened(path: Path, layer: str, known: pd.DataFrame) -> Iterator[Contents]:
    kind = kind_of(path)
    if layer and kind in {"text", "10x"}:
        raise BadInputError(f"{path} has one matrix and no layers: leave --layer out.")
    if kind == "text":
        ids = (name for name in known["ensembl_id"] if name)
        yield open_unlabelled_text(path, {*map(str, known.index), *ids})
    elif kind == "10x":
        yield open_tenx(path)
    else:
        with opened_anndata(path, layer) as found:
            yield found


def _known_only(genes: Genes, known: pd.DataFrame, path: Path, leave_out_unseen: bool) -> Genes:
    """Return how columns of the file become the genes that networks know, in their order."""
    place = {str(name): number for number, name in enumerate(known.index)}
    unseen = [name for name in genes.symbols if name not in place]
    there = set(genes.symbols)
    missing = [name for name in place if name not in there]
    if missing:
        raise BadInputError(
            f"{path} lacks {len(missing):,} of the {len(place):,} genes that the networks were "
            f"trained on ({listed(missing, 5)}): add them, with zeros where they are not expressed."
        )
    if unseen and not leave_out_unseen:
        raise BadInputError(
            f"{path} has {len(unseen):,} genes that the networks have never seen "
            f"({listed(unseen, 5)}): leave them out with --leave-out-unseen, which brings samples "
            "to a sum of a million over the others."
        )
    target = np.array([place.get(name, -1) for name in genes.symbols])
    columns = genes.column_to_gene
    return Genes(
        list(place),
        [str(name) for name in known["ensembl_id"]],
        np.where(columns >= 0, target[columns], -1),
        genes.notes,
    )
