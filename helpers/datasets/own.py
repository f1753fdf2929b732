"""A user's own data set: an `.h5ad` with counts, TPM or log values and a column of classes.

The file is read twice in blocks of rows, once to find out what it holds and once to convert it, so
that memory holds the result and one block.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.datasets.expression import OBS_COLUMNS, STATUSES, TPM_TOTAL, check_labels
from helpers.datasets.h5ad import Contents, opened, read_obs
from helpers.datasets.symbols import Genes, name_genes
from helpers.datasets.units import UNITS, Scan, recognise
from helpers.errors import BadInputError, UnknownNameError, one_of
from helpers.workspace.fingerprints import of_file

SUFFIX = ".h5ad"

STUDY = "own"
"""What the column `study` says of every sample."""

STATUS_WORDS = {
    "normal": "normal", "healthy": "normal", "control": "normal", "adjacent": "normal",
    "cancer": "cancer", "tumour": "cancer", "tumor": "cancer", "malignant": "cancer",
}  # fmt: skip
"""What a status may be called, in any case of letters."""

_MOST_CLASSES = 100
"""A column with more values than this is not offered as one of classes."""


@dataclass(frozen=True)
class Columns:
    """Columns of `obs` that describe samples; empty: the file has none."""

    tissue: str
    organ: str = ""
    status: str = ""
    donor: str = ""


def load_own(
    path: Path,
    *,
    class_column: str,
    layer: str = "",
    unit: str = "auto",
    organ_column: str = "",
    status_column: str = "",
    donor_column: str = "",
    gene_column: str = "",
    min_class_size: int = 10,
) -> anndata.AnnData:
    """Load an `.h5ad` as log2(TPM + 1), samples × genes.

    Every sample is brought to a sum of 10⁶ over the genes that are used. For counts that gives
    CPM: without the genes' lengths there are no TPM.

    Parameters
    ----------
    path
        The file.
    class_column
        Column of `obs` with the class that models predict.
    layer
        Layer with the expression, ``raw`` for ``adata.raw``; empty: ``X``.
    unit
        A key of `helpers.datasets.units.UNITS`, or ``auto`` to find out.
    organ_column, status_column, donor_column
        Columns of `obs`; empty: every class is an organ of its own, all samples are normal,
        donors are not known.
    gene_column
        Column of `var` with gene symbols; empty: see `name_genes`.
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
    columns = Columns(class_column, organ_column, status_column, donor_column)
    with opened(path, layer) as contents:
        samples = [str(name) for name in contents.obs.index]
        check_labels(samples, "sample", path)
        obs = describe_samples(contents.obs, columns, path)
        keep, class_notes = _large_classes(obs["tissue"], min_class_size, path)
        genes = name_genes(contents.var, path, gene_column)
        scan = _scan(contents, claimed_counts=unit == "counts")
        chosen, reason = _unit(unit, scan, contents)
        values = _converted(contents, chosen, genes, keep)
    sha256 = of_file(path)
    notes = [_unit_note(chosen, reason, contents), *genes.notes, *class_notes]
    return anndata.AnnData(
        X=values,
        obs=obs[keep].set_axis(
            pd.Index(np.array(samples, dtype=object)[keep], name="sample"), axis="index"
        ),
        var=pd.DataFrame(
            {"ensembl_id": genes.ensembl_ids}, index=pd.Index(genes.symbols, name="symbol")
        ),
        uns={
            "source": f"{path.name}, {contents.where}",
            "provenance": {
                "file": path.name,
                "unit": chosen,
                "min_class_size": min_class_size,
                "columns": {key: value for key, value in vars(columns).items() if value},
            },
            "sha256": sha256,
            "simulated": False,
            "notes": [*notes, *_column_notes(columns)],
        },
    )


def fingerprint_own(path: Path) -> dict[str, str]:
    """Return file name → SHA-256 of the file."""
    with opened(path):
        return {path.name: of_file(path)}


def classes_by_size(path: Path, columns: Columns, min_class_size: int = 1) -> tuple[str, ...]:
    """Name the classes to explain, the largest first: normal ones, or all if none is normal.

    Parameters
    ----------
    path, columns
        The file, and which columns of its `obs` are which.
    min_class_size
        Classes with fewer samples are left out, as `load_own` does.

    Raises
    ------
    MissingInputError, BadInputError, UnknownNameError
        If the file or its table of samples cannot be used.
    """
    obs = describe_samples(read_obs(path), columns, path)
    counts = obs.groupby(["status", "tissue"]).size()
    large = counts[counts >= min_class_size].reset_index(name="samples")
    normal = large[large["status"] == "normal"]
    shown = (normal if len(normal) else large).sort_values("tissue")
    return tuple(shown.sort_values("samples", ascending=False, kind="stable")["tissue"])


def describe_samples(obs: pd.DataFrame, columns: Columns, path: Path) -> pd.DataFrame:
    """Make the columns `OBS_COLUMNS` out of the user's.

    Raises
    ------
    BadInputError
        If no class column is named, values are missing, there is one class only, or a status is
        unknown.
    UnknownNameError
        If there is no such column; the nearest is named.
    """
    if not columns.tissue:
        raise BadInputError(
            f"{path}: which column of obs holds the classes? Name it with --class-column"
            f"{_candidates(obs)}."
        )
    classes = _column(obs, columns.tissue, "class", path)
    if classes.nunique() < 2:
        raise BadInputError(
            f"{path}: column {columns.tissue!r} of obs has one class only, {classes.iloc[0]!r}, "
            "and a classifier needs two: name another column with --class-column."
        )
    organ = _column(obs, columns.organ, "organ", path) if columns.organ else classes
    table = pd.DataFrame(
        {
            "tissue": classes,
            "organ": organ,
            "study": STUDY,
            "status": _statuses(obs, columns.status, path) if columns.status else "normal",
            # A missing donor stands for a person of its own, as the split has it.
            "donor": _donors(obs, columns.donor, path),
        },
        index=obs.index,
    )
    _one_status_each(table, path)
    return table[list(OBS_COLUMNS)]


def _column(obs: pd.DataFrame, name: str, what: str, path: Path) -> pd.Series:
    """Return a column as texts; none may be missing."""
    if name not in obs:
        raise UnknownNameError(f"column of obs in {path}:", name, map(str, obs.columns))
    column = obs[name]
    texts = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    missing = int((texts == "").sum()) + int((texts == "nan").sum())
    if missing:
        raise BadInputError(
            f"{path}: {missing:,} of {len(obs):,} samples have no {what} in column {name!r} of "
            "obs: fill them in, or delete these samples."
        )
    return texts


def _donors(obs: pd.DataFrame, name: str, path: Path) -> pd.Series:
    if not name:
        return pd.Series("", index=obs.index)
    if name not in obs:
        raise UnknownNameError(f"column of obs in {path}:", name, map(str, obs.columns))
    column = obs[name].astype(object)
    return column.where(column.notna(), "").astype(str)


def _statuses(obs: pd.DataFrame, name: str, path: Path) -> pd.Series:
    words = _column(obs, name, "status", path)
    found = words.str.casefold().map(STATUS_WORDS)
    if found.isna().any():
        raise BadInputError(
            f"{path}: column {name!r} of obs says {words[found.isna()].iloc[0]!r}, where a status "
            f"is {' or '.join(STATUSES)}: rename it, or leave --status-column out."
        )
    return found


def _one_status_each(table: pd.DataFrame, path: Path) -> None:
    mixed = table.groupby("tissue")["status"].nunique()
    if (mixed > 1).any():
        raise BadInputError(
            f"{path}: class {mixed.idxmax()!r} holds normal and cancer samples: give the class "
            "column different names for the two."
        )


def _candidates(obs: pd.DataFrame) -> str:
    usable = [str(name) for name in obs if 2 <= obs[name].nunique() <= _MOST_CLASSES]
    return f" (it could be one of {', '.join(usable[:8])})" if usable else ""


def _large_classes(tissue: pd.Series, least: int, path: Path) -> tuple[np.ndarray, list[str]]:
    counts = tissue.value_counts().sort_index()
    small = counts[counts < least]
    if len(counts) - len(small) < 2:
        sizes = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise BadInputError(
            f"{path} has fewer than two classes of at least {least} samples ({sizes[:200]}), and "
            "a classifier needs two: add samples, or lower min_class_size."
        )
    notes = [
        f"Class {name} is left out: {count} samples, fewer than {least}."
        for name, count in small.items()
    ]
    return (~tissue.isin(small.index)).to_numpy(), notes


def _scan(contents: Contents, *, claimed_counts: bool) -> Scan:
    """Look at every value; refuse missing, infinite and negative ones."""
    scan = Scan()
    for rows, block in contents.blocks():
        good = np.isfinite(block) & (block >= 0)
        if not good.all():
            row, column = (int(i) for i in np.argwhere(~good)[0])
            _refuse(contents, rows.start + row, column, float(block[row, column]), claimed_counts)
        scan.add(rows.start, block)
    return scan


def _refuse(contents: Contents, row: int, column: int, value: float, claimed_counts: bool) -> None:
    place = (
        f"{contents.path}: {contents.where}, gene {contents.var.index[column]!r}, sample "
        f"{contents.obs.index[row]!r}"
    )
    if np.isnan(value):
        raise BadInputError(f"{place}: the value is missing (NaN): fill it in, or delete the gene.")
    if np.isinf(value):
        raise BadInputError(f"{place}: the value is infinite: mend it, or delete the gene.")
    what = "counts cannot be" if claimed_counts else "expression cannot be (scaled data are)"
    others = f": {', '.join(contents.others)}" if contents.others else " (this file has no other)"
    raise BadInputError(
        f"{place}: {value:g} is negative, which {what}; choose a matrix of counts, TPM or log "
        f"values with --layer{others}."
    )


def _unit(unit: str, scan: Scan, contents: Contents) -> tuple[str, str]:
    """Return a key of `UNITS` and why; check what the user claims."""
    if unit == "auto":
        return recognise(scan, contents.log_base, f"{contents.path}: {contents.where}")
    one_of("unit", unit, (*UNITS, "auto"))
    if unit == "counts" and scan.fraction is not None:
        row, column, value = scan.fraction
        raise BadInputError(
            f"{contents.path}: {contents.where}, gene {contents.var.index[column]!r}, sample "
            f"{contents.obs.index[row]!r}: {value:g} is not a whole number, as counts are: round "
            "estimated counts, or give another --unit or --layer."
        )
    if UNITS[unit].base and scan.largest > np.log(1e12) / np.log(UNITS[unit].base):
        raise BadInputError(
            f"{contents.path}: {contents.where} goes up to {scan.largest:g}, too much for "
            f"{UNITS[unit].title}: give another --unit."
        )
    return unit, "as you say"


def _converted(contents: Contents, unit: str, genes: Genes, keep: np.ndarray) -> np.ndarray:
    """Return log2(TPM + 1), float32, kept samples × genes."""
    used = np.flatnonzero(genes.column_to_gene >= 0)
    target = genes.column_to_gene[used]
    one_each = len(used) == len(genes.symbols)
    result = np.zeros((int(keep.sum()), len(genes.symbols)), dtype=np.float32)
    done = 0
    for rows, block in contents.blocks():
        chosen = np.flatnonzero(keep[rows])
        linear = UNITS[unit].linear(block[chosen][:, used])
        if not one_each:
            summed = np.zeros((len(chosen), len(genes.symbols)))
            np.add.at(summed.T, target, linear.T)
            linear = summed
        totals = linear.sum(axis=1)
        if not (totals > 0).all():
            name = contents.obs.index[rows][chosen[int(np.argmin(totals > 0))]]
            raise BadInputError(
                f"{contents.path}: sample {name!r} is zero in all {len(genes.symbols):,} genes "
                "that are used: delete it."
            )
        linear *= (TPM_TOTAL / totals)[:, None]
        result[done : done + len(chosen)] = np.log2(linear + 1)
        done += len(chosen)
    return result


def _unit_note(unit: str, reason: str, contents: Contents) -> str:
    more = (
        "Without the genes' lengths counts become counts per million (CPM), which stand where "
        "pages say TPM. "
        if unit == "counts"
        else ""
    )
    return (
        f"Unit: {contents.where} of the file holds {UNITS[unit].title} ({reason}). Each sample is "
        f"brought to a sum of a million over the genes used. {more}Overridden by `--unit`."
    )


def _column_notes(columns: Columns) -> list[str]:
    notes = []
    if not columns.donor:
        notes.append(
            "Donors are not named: samples of one donor may be on both sides of the split, which "
            "flatters accuracy."
        )
    if not columns.status:
        notes.append("No status is named: all samples count as normal, and there are no tumours.")
    return notes
