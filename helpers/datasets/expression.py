"""Checks and conversions shared by all data sets, and the one way to make their AnnData.

Matrices here are samples × genes, as in AnnData. Every check ends in one sentence that
names the file, the gene and sample (or line), and what to do about it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd

from helpers.errors import BadInputError

TPM_TOTAL = 1e6
"""Sum of the TPM of a sample, by definition of transcripts per million."""

OBS_COLUMNS = ("tissue", "organ", "study", "status", "donor")
"""Columns of `obs` in every data set; `tissue` is the class that models predict."""

STATUSES = ("normal", "cancer")


def check_labels(
    labels: Sequence[str], kind: str, source: str | Path, *, place: str = "number", first: int = 1
) -> None:
    """Refuse empty and repeated gene or sample names.

    Parameters
    ----------
    labels
        Names in the order of the file.
    kind
        ``"gene"`` or ``"sample"``.
    source
        File (or data set) that is named in the message.
    place, first
        How positions are counted, such as lines that start at 2.

    Raises
    ------
    BadInputError
        If a name is empty or appears more than once.
    """
    seen: dict[str, int] = {}
    for position, label in enumerate(labels, start=first):
        if not label.strip():
            raise BadInputError(
                f"{source}: the {kind} at {place} {position} has no name; "
                f"name it or delete its {place}."
            )
        if label in seen:
            raise BadInputError(
                f"{source}: {kind} {label!r} is there twice, at {place}s {seen[label]} and "
                f"{position}; keep one of them."
            )
        seen[label] = position


def check_matrix(
    values: np.ndarray, genes: Sequence[str], samples: Sequence[str], source: str | Path
) -> np.ndarray:
    """Refuse anything but finite numbers ≥ 0 and return them as float32.

    Parameters
    ----------
    values
        Samples × genes, in any non-negative unit; numbers, or strings that should be numbers.
    genes, samples
        Names that messages use.
    source
        File (or data set) that is named in the message.

    Returns
    -------
    numpy.ndarray
        float32, samples × genes.

    Raises
    ------
    BadInputError
        If the matrix is empty, or holds text, missing, infinite or negative values.
    """
    if values.size == 0 or values.shape != (len(samples), len(genes)):
        raise BadInputError(
            f"{source}: {len(samples)} samples and {len(genes)} genes are named, but the matrix "
            f"is {' × '.join(map(str, values.shape))}; give one value for each sample and gene."
        )
    numbers = values if values.dtype.kind in "fiu" else _as_numbers(values)
    with np.errstate(over="ignore"):  # beyond float32 becomes infinite, which is refused below
        numbers = numbers.astype(np.float32, copy=False)
    # NaN fails both comparisons, so the common case is one pass over the matrix
    if not (numbers.min() >= 0 and numbers.max() < np.inf):
        _raise_first_fault(values, numbers, genes, samples, source)
    return numbers


def to_tpm(values: np.ndarray, samples: Sequence[str], source: str | Path = "matrix") -> np.ndarray:
    """Convert FPKM (or any length-normalised abundance) to TPM.

    TPM of a gene is its FPKM divided by the sum of the FPKM of its sample, times 10⁶
    (Li & Dewey, BMC Bioinformatics 2011).

    Parameters
    ----------
    values
        Samples × genes, ≥ 0.
    samples
        Names that messages use.
    source
        File (or data set) that is named in the message.

    Returns
    -------
    numpy.ndarray
        float32 TPM, samples × genes; each row sums to 10⁶.

    Raises
    ------
    BadInputError
        If a sample has no expression at all.
    """
    totals = values.sum(axis=1, dtype=np.float64)
    if not (totals > 0).all():
        sample = samples[int(np.argmin(totals > 0))]
        raise BadInputError(
            f"{source}: sample {sample!r} is zero in all {values.shape[1]:,} genes that are used; "
            "delete its column."
        )
    return np.asarray(values * (TPM_TOTAL / totals)[:, None], dtype=np.float32)


def log2_tpm(tpm: np.ndarray) -> np.ndarray:
    """Return log2(TPM + 1) as float32, the unit of `X` (paper, section "Methods").

    Parameters
    ----------
    tpm
        TPM ≥ 0, any shape.
    """
    return np.asarray(np.log2(np.asarray(tpm, dtype=np.float32) + np.float32(1)), dtype=np.float32)


def build_anndata(
    tpm: np.ndarray,
    genes: Sequence[str],
    obs: pd.DataFrame,
    *,
    source: str,
    provenance: Mapping[str, Any],
    sha256: str,
    simulated: bool,
    notes: Sequence[str] = (),
    ensembl_ids: Sequence[str] | None = None,
) -> anndata.AnnData:
    """Build the AnnData that every data set returns.

    Parameters
    ----------
    tpm
        TPM, samples × genes; `X` becomes log2(TPM + 1) in float32.
    genes
        HGNC symbols, each once.
    obs
        One row a sample, indexed by sample name, with the columns `OBS_COLUMNS`.
    source
        Where the data come from, in one line.
    provenance
        Details such as the hashes of the files.
    sha256
        One hash over all inputs.
    simulated
        Whether samples are simulated; pages that show them say so.
    notes
        What a reader must know, such as classes left out.
    ensembl_ids
        Ensembl gene of each symbol; empty strings where unknown.

    Raises
    ------
    BadInputError
        If names repeat, or a value is not a finite number ≥ 0.
    ValueError
        If `obs` lacks a column or holds an unknown status (a mistake of the caller).
    """
    missing = [column for column in OBS_COLUMNS if column not in obs]
    if missing:
        raise ValueError(f"obs lacks {missing}")
    if not set(obs["status"]) <= set(STATUSES):
        raise ValueError(f"status must be one of {STATUSES}, not {sorted(set(obs['status']))}")
    samples = [str(name) for name in obs.index]
    check_labels(genes, "gene", source)
    check_labels(samples, "sample", source)
    checked = check_matrix(tpm, genes, samples, source)
    table = obs.loc[:, list(OBS_COLUMNS)].astype(str).set_axis(pd.Index(samples, name="sample"))
    ids = [""] * len(genes) if ensembl_ids is None else list(ensembl_ids)
    var = pd.DataFrame({"ensembl_id": ids}, index=pd.Index(list(genes), name="symbol"))
    return anndata.AnnData(
        X=log2_tpm(checked),
        obs=table,
        var=var,
        uns={
            "source": source,
            "provenance": dict(provenance),
            "sha256": sha256,
            "simulated": simulated,
            "notes": list(notes),
        },
    )


def large_classes(
    tissue: pd.Series, min_class_size: int, data: Path
) -> tuple[np.ndarray, list[str]]:
    """Tell which samples belong to classes that are large enough.

    Parameters
    ----------
    tissue
        Class of each sample.
    min_class_size
        Classes with fewer samples are left out.
    data
        Folder that is named in the message.

    Returns
    -------
    tuple
        Whether each sample stays, and a note for each class that is left out.

    Raises
    ------
    BadInputError
        If fewer than two classes are left.
    """
    counts = tissue.value_counts().sort_index()
    small = counts[counts < min_class_size]
    left = len(counts) - len(small)
    if left < 2:
        sizes = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise BadInputError(
            f"{data} holds {left} class{'' if left == 1 else 'es'} of at least {min_class_size} "
            f"samples ({sizes}), and a classifier needs two: add files of other tissues, or lower "
            "min_class_size."
        )
    notes = [
        f"Class {name} is left out: {count} samples, fewer than {min_class_size}."
        for name, count in small.items()
    ]
    return (~tissue.isin(small.index)).to_numpy(), notes


def combined_hash(hashes: dict[str, str]) -> str:
    """Return one SHA-256 over file names and their hashes, independent of their order."""
    lines = "".join(f"{value}  {name}\n" for name, value in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def donor_of(sample: str) -> str:
    """Return the donor of a barcode: ``GTEX-XXXX`` or ``TCGA-XX-XXXX``, else the whole name."""
    match = re.match(r"GTEX-[^-]+|TCGA-[^-]+-[^-]+", sample)
    return match[0] if match else sample


def _as_numbers(values: np.ndarray) -> np.ndarray:
    flat = pd.to_numeric(pd.Series(values.ravel(), dtype=object), errors="coerce")
    return flat.to_numpy(np.float64).reshape(values.shape)


def _raise_first_fault(
    values: np.ndarray,
    numbers: np.ndarray,
    genes: Sequence[str],
    samples: Sequence[str],
    source: str | Path,
) -> None:
    """Name the first bad value in reading order (gene by gene, as in the file)."""
    bad = ~(np.isfinite(numbers) & (numbers >= 0))
    gene, sample = (int(i) for i in np.argwhere(bad.T)[0])
    value, number = str(values[sample, gene]), float(numbers[sample, gene])
    if np.isinf(number):
        fault = f"{value} is infinite"
    elif number < 0:
        fault = f"{value} is negative"
    elif value.strip().casefold() in {"", "nan", "na", "n/a", "null", "none"}:
        fault = "the value is missing"
    else:
        fault = f"{value!r} is not a number"
    more = int(bad.sum()) - 1
    others = f" (and {more:,} more such values)" if more else ""
    raise BadInputError(
        f"{source}: gene {genes[gene]!r}, sample {samples[sample]!r}: {fault}{others}; "
        f"expression must be a number ≥ 0, so mend the value or delete the gene or the sample."
    )
