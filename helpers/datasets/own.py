"""A user's own data: counts, TPM or log values of samples that have classes.

A file is read twice in blocks of rows, once to find out what it holds and once to convert it, so
that memory holds the result and one block. (A table of text, and a matrix stored by columns, are
read as a whole.)
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.datasets.contents import Contents
from helpers.datasets.expression import TPM_TOTAL, check_labels, combined_hash
from helpers.datasets.missing import names
from helpers.datasets.own_samples import (
    Columns,
    Samples,
    column_notes,
    describe_samples,
    large_enough,
)
from helpers.datasets.sources import Source, opened
from helpers.datasets.symbols import Genes, name_genes
from helpers.datasets.units import UNITS, Scan, below_zero, recognise
from helpers.errors import BadInputError, listed, one_of

LARGEST = 1e15
"""No count or abundance is larger; sums of larger ones could not be told from each other."""


def load_own(
    path: Path,
    *,
    class_column: str = "",
    sample_sheet: str | Path = "",
    sample_column: str = "",
    layer: str = "",
    unit: str = "auto",
    organ_column: str = "",
    status_column: str = "",
    donor_column: str = "",
    gene_column: str = "",
    min_class_size: int = 10,
) -> anndata.AnnData:
    """Load a user's own data as log2(TPM + 1), samples × genes.

    Every sample is brought to a sum of 10⁶ over the genes that are used. For counts that gives
    CPM: without the genes' lengths there are no TPM.

    Parameters
    ----------
    path
        ``.h5ad``, packed or not; a folder of zarr or of 10x Genomics; a table as text.
    class_column
        Column of `obs`, or of the sheet, with the class that models predict; empty: found out
        where there is a sheet.
    sample_sheet
        Table that describes samples; empty: `path` does so itself.
    sample_column
        Column of the sheet with the names of samples; empty: found out.
    layer
        Layer with the expression, ``raw`` for ``adata.raw``; empty: ``X``.
    unit
        A key of `helpers.datasets.units.UNITS`, or ``auto`` to find out.
    organ_column, status_column, donor_column
        Further columns; empty: every class is an organ of its own, all samples are normal,
        donors are not known.
    gene_column
        Column of `var` with names of genes; empty: see `name_genes`.
    min_class_size
        Classes with fewer samples are left out, which ``uns["notes"]`` says.

    Returns
    -------
    anndata.AnnData
        As `helpers.datasets.expression.build_anndata` makes it.

    Raises
    ------
    MissingInputError, BadInputError, UnknownNameError
        If the file is not there, or does not hold what it should; the sentence says what.
    """
    source = Source(path, Path(sample_sheet) if sample_sheet else None, sample_column)
    columns = Columns(class_column, organ_column, status_column, donor_column)
    with opened(source, layer, class_column) as contents:
        samples = _described(contents, columns)
        large, class_notes = large_enough(samples.table["tissue"], min_class_size, path)
        keep = samples.keep.copy()
        keep[samples.keep] = large
        genes = name_genes(contents.var, path, gene_column)
        scan = scan_values(contents, keep)
        chosen, reason = unit_of(unit, scan, contents)
        values = converted(contents, chosen, genes, keep)
    hashes = source.fingerprint()
    notes = [
        _unit_note(chosen, reason, contents),
        *contents.notes,
        *genes.notes,
        *samples.notes,
        *class_notes,
        *column_notes(columns),
    ]
    return anndata.AnnData(
        X=values,
        obs=samples.table[large].rename_axis("sample"),
        var=genes.table(),
        uns={
            "source": f"{path.name}, {contents.where}",
            "provenance": {
                "file": path.name,
                "unit": chosen,
                "min_class_size": min_class_size,
                "columns": _columns_used(columns, samples.class_column),
                **({"samples": source.sheet.name} if source.sheet else {}),
            },
            "sha256": next(iter(hashes.values())) if len(hashes) == 1 else combined_hash(hashes),
            "simulated": False,
            "notes": notes,
        },
    )


def _columns_used(columns: Columns, class_column: str) -> dict[str, str]:
    return {key: value for key, value in vars(columns).items() if value} | {"tissue": class_column}


def _described(contents: Contents, columns: Columns) -> Samples:
    labels = names(contents.obs.index).texts
    check_labels(labels, "sample", contents.path)
    samples = describe_samples(contents, columns)
    kept = [label for label, wanted in zip(labels, samples.keep, strict=True) if wanted]
    table = samples.table.set_axis(pd.Index(kept, dtype=object), axis="index")
    return Samples(table, samples.keep, samples.notes, samples.class_column)


@dataclass(frozen=True)
class Examined:
    """What is known of a user's data before any value is read.

    Attributes
    ----------
    classes
        Those to explain, the largest first: normal ones, or all if none is normal.
    class_column
        Where the classes come from.
    obs, genes
        The samples of classes that are large enough, and the genes, as `load_own` has them.
    """

    classes: tuple[str, ...]
    class_column: str
    obs: pd.DataFrame
    genes: pd.DataFrame


def examine(
    source: Source,
    columns: Columns,
    *,
    layer: str = "",
    gene_column: str = "",
    min_class_size: int = 1,
) -> Examined:
    """Check everything but the values, as `load_own` does, and name the classes to explain.

    Parameters
    ----------
    source, columns
        The files, and which columns are which.
    layer, gene_column, min_class_size
        As `load_own` takes them.

    Raises
    ------
    MissingInputError, BadInputError, UnknownNameError
        If a file or its tables cannot be used.
    """
    return _examined(source, columns, layer, gene_column, min_class_size, source.state())


# A process asks more than once, and the genes of a large file take their time.
@functools.lru_cache(maxsize=8)
def _examined(
    source: Source,
    columns: Columns,
    layer: str,
    gene_column: str,
    min_class_size: int,
    state: tuple[tuple[int, int], ...],
) -> Examined:
    """Examine files as they are in a state."""
    with opened(source, layer, columns.tissue) as contents:
        samples = _described(contents, columns)
        large, _ = large_enough(samples.table["tissue"], min_class_size, source.path)
        genes = name_genes(contents.var, source.path, gene_column).table()
    obs = samples.table[large]
    counts = obs.groupby(["status", "tissue"]).size().reset_index(name="samples")
    normal = counts[counts["status"] == "normal"]
    shown = (normal if len(normal) else counts).sort_values("tissue")
    ordered = shown.sort_values("samples", ascending=False, kind="stable")["tissue"]
    return Examined(tuple(ordered), samples.class_column, obs, genes)


def scan_values(contents: Contents, keep: np.ndarray) -> Scan:
    """Look at every value that is used; refuse missing and infinite ones.

    Raises
    ------
    BadInputError
        If a value is missing, infinite or beyond any count.
    """
    scan = Scan()
    for rows, block in contents.blocks(keep):
        good = np.isfinite(block)
        if not good.all():
            row, column = (int(i) for i in np.argwhere(~good)[0])
            place = _place(contents, int(rows[row]), column)
            value = float(block[row, column])
            if np.isnan(value):
                raise BadInputError(
                    f"{place}: the value is missing (NaN): fill it in, or delete the gene."
                )
            why = " (the logarithm of zero?)" if value < 0 else ""
            raise BadInputError(
                f"{place}: the value is infinite{why}: mend it, or delete the gene."
            )
        if block.max() > LARGEST:
            row, column = (int(i) for i in np.argwhere(block > LARGEST)[0])
            raise BadInputError(
                f"{_place(contents, int(rows[row]), column)}: {block[row, column]:g} is more than "
                "any count or abundance can be: mend it, or delete the gene."
            )
        scan.add(rows, block)
    return scan


def _place(contents: Contents, row: int, column: int) -> str:
    return (
        f"{contents.path}: {contents.where}, gene {str(contents.var.index[column])!r}, sample "
        f"{str(contents.obs.index[row])!r}"
    )


def _refuse_negative(contents: Contents, scan: Scan, unit: str) -> None:
    if scan.negative is None:
        return
    row, column, value = scan.negative
    what = "counts cannot be" if unit == "counts" else "expression cannot be (scaled data are)"
    others = f": {listed(contents.others, 12)}" if contents.others else " (this file has no other)"
    xena = ""
    if not contents.others and UNITS["log2_0.001"].least - 0.01 <= scan.smallest < -2:
        xena = ", or give --unit log2_0.001 if these are log2(x + 0.001) as UCSC Xena has them"
    raise BadInputError(
        f"{_place(contents, row, column)}: {value:g} is negative, which {what}; choose a matrix of "
        f"counts, TPM or log values with --layer{others}{xena}."
    )


def unit_of(unit: str, scan: Scan, contents: Contents) -> tuple[str, str]:
    """Return a key of `UNITS` and why; check what the user claims.

    Raises
    ------
    BadInputError, UnknownNameError
        If there is no such unit, or values cannot be of it.
    """
    if unit == "auto":
        if scan.smallest < 0 and not below_zero(scan):
            _refuse_negative(contents, scan, unit)
        return recognise(scan, contents.log_base, f"{contents.path}: {contents.where}")
    one_of("unit", unit, (*UNITS, "auto"))
    if scan.smallest < UNITS[unit].least - 0.01 and UNITS[unit].least < 0:
        raise BadInputError(
            f"{contents.path}: {contents.where} goes down to {scan.smallest:g}, below the "
            f"{UNITS[unit].least:.2f} of no expression in {UNITS[unit].title}: give another --unit."
        )
    if UNITS[unit].least == 0:
        _refuse_negative(contents, scan, unit)
    if unit == "counts" and scan.fraction is not None:
        row, column, value = scan.fraction
        raise BadInputError(
            f"{_place(contents, row, column)}: {value:g} is not a whole number, as counts are: "
            "round estimated counts, or give another --unit or --layer."
        )
    if UNITS[unit].base and scan.largest > np.log(1e12) / np.log(UNITS[unit].base):
        raise BadInputError(
            f"{contents.path}: {contents.where} goes up to {scan.largest:g}, too much for "
            f"{UNITS[unit].title}: give another --unit."
        )
    return unit, "as you say"


def converted(contents: Contents, unit: str, genes: Genes, keep: np.ndarray) -> np.ndarray:
    """Return log2(TPM + 1), float32, kept samples × genes.

    Raises
    ------
    BadInputError
        If a sample is zero in all genes.
    """
    used = np.flatnonzero(genes.column_to_gene >= 0)
    target = genes.column_to_gene[used]
    one_each = np.array_equal(target, np.arange(len(genes.symbols)))
    result = np.zeros((int(keep.sum()), len(genes.symbols)), dtype=np.float32)
    done = 0
    for rows, block in contents.blocks(keep):
        linear = UNITS[unit].linear(block[:, used])
        if not one_each:
            summed = np.zeros((len(rows), len(genes.symbols)))
            np.add.at(summed.T, target, linear.T)
            linear = summed
        totals = linear.sum(axis=1)
        if not (totals > 0).all():
            name = str(contents.obs.index[rows[int(np.argmin(totals > 0))]])
            raise BadInputError(
                f"{contents.path}: sample {name!r} is zero in all {len(genes.symbols):,} genes "
                "that are used: delete it."
            )
        linear *= (TPM_TOTAL / totals)[:, None]
        result[done : done + len(rows)] = np.log2(linear + 1)
        done += len(rows)
    return result


def _unit_note(unit: str, reason: str, contents: Contents) -> str:
    more = (
        "Without the genes' lengths counts become counts per million (CPM), which stand where "
        "pages say TPM. "
        if unit == "counts"
        else ""
    )
    where = contents.where if contents.where == "the table" else f"{contents.where} of the file"
    where = where[0].upper() + where[1:] if where == "the table" else where
    return (
        f"Unit: {where} holds {UNITS[unit].title} ({reason}). Each sample is brought to a sum of a "
        f"million over the genes used. {more}Overridden by `--unit`."
    )
