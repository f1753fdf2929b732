"""How large each data set is, found out without loading it, and where its files are not there."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.datasets.own_samples import Columns, describe_samples
from helpers.datasets.reference import reference_classes, reference_medians
from helpers.datasets.rnaseqdb import ID_COLUMNS, ORGANS, PATTERN, find_files
from helpers.datasets.sources import Source, opened


@dataclass(frozen=True)
class DataSize:
    """What the work of a study depends on.

    Attributes
    ----------
    samples, genes, classes
        Numbers.
    largest
        Samples of the largest class, to which the others are up-sampled.
    cancers
        Classes of tumours.
    source
        How this is known.
    """

    samples: int
    genes: int
    classes: int
    largest: int
    cancers: int
    source: str


PAPER = DataSize(27_417, 19_241, 82, 1_100, 33, "as in the paper")
"""The largest class are the primary breast tumours of TCGA."""

FETCHED = DataSize(645, 18_154, 11, 110, 3, "of the files that `fetch` gets")
"""RNAseqDB."""


def size_of_own(source: Source, chosen: Any) -> DataSize:
    """Read the table of samples of a user's own file.

    Parameters
    ----------
    source
        The file, with the sheet of its samples.
    chosen
        Settings of the run.
    """
    columns = Columns(
        chosen.class_column, chosen.organ_column, chosen.status_column, chosen.donor_column
    )
    with opened(source, chosen.layer, chosen.class_column) as contents:
        table, genes = describe_samples(contents, columns).table, len(contents.var)
    counts = table["tissue"].value_counts()
    kept = counts[counts >= chosen.min_class_size]
    cancers = set(table.loc[table["status"] == "cancer", "tissue"]) & set(kept.index)
    largest = int(kept.max()) if len(kept) else 0
    known = "from the file; genes without a symbol will be left out"
    return DataSize(int(kept.sum()), genes, len(kept), largest, len(cancers), known)


def size_of_reference(data: Path | None, chosen: Any) -> DataSize:
    """Multiply the classes of the embedded table by the samples that are simulated of each."""
    classes: pd.DataFrame = reference_classes()
    return DataSize(
        chosen.samples_per_class * len(classes),
        len(reference_medians()),
        len(classes),
        chosen.samples_per_class,
        int((classes["status"] == "cancer").sum()),
        "as it will be simulated",
    )


def size_of_rnaseqdb(data: Path | None, chosen: Any) -> DataSize:
    """Count the columns of every file; without files, say what there is to be fetched."""
    if data is None or not data.is_dir():
        return FETCHED
    counts: Counter[str] = Counter()
    for path in find_files(data):
        found = PATTERN.fullmatch(path.name)
        assert found is not None
        code = found["name"]
        tumour = found["kind"] == "tcga-t"
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
            columns = file.readline().count("\t") + 1 - len(ID_COLUMNS)
        counts[f"TCGA_{code.upper()}" if tumour else ORGANS.get(code, code)] += columns
    kept = {name: count for name, count in counts.items() if count >= chosen.min_class_size}
    return DataSize(
        sum(kept.values()),
        FETCHED.genes,
        len(kept),
        max(kept.values(), default=0),
        sum(name.startswith("TCGA_") for name in kept),
        "from the first lines of the files; the number of genes is about that",
    )


def size_of_gtex_tcga(data: Path | None, chosen: Any) -> DataSize:
    """Take the paper's, whose sources these are: to count them would take reading them."""
    return PAPER if data else replace(PAPER, source=f"{PAPER.source}; its files are not here")
