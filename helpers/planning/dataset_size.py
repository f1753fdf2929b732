"""How large a data set is, found out without loading it, and where its files are not there."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import anndata
import h5py
import pandas as pd

from helpers.config import Settings
from helpers.datasets.own_samples import Columns, describe_samples
from helpers.datasets.reference import reference_classes, reference_medians
from helpers.datasets.rnaseqdb import ID_COLUMNS, ORGANS, PATTERN, find_files
from helpers.datasets.sources import Source, opened
from helpers.workflow.study import Study


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


PAPER = DataSize(27_417, 19_241, 82, 1_100, 33, "as in the paper; its files are not here")
"""The largest class are the primary breast tumours of TCGA."""

EXPECTED = {
    "rnaseqdb": DataSize(645, 18_154, 11, 110, 3, "of the files that `fetch` gets"),
    "gtex-tcga": PAPER,
}
"""Sizes of data sets whose files are not there."""

_RNASEQDB_GENES = 18_154


def data_size(study: Study) -> DataSize:
    """Find out how large the data of a study are: from the data themselves, if they are there.

    Parameters
    ----------
    study
        The study; nothing is made.
    """
    step = study.step("data/expression")
    kept = study.workspace.path(step.file())
    if kept.exists():
        return _of_file(kept, "from the workspace")
    if study.dataset.file is not None:
        source = Source(study.dataset.file, study.dataset.sheet, study.settings.sample_column)
        return _thinned(_of_own(source, study.settings), study.settings)
    if study.dataset.name == "reference":
        return _thinned(_of_reference(study.settings.samples_per_class), study.settings)
    data = study.data
    if study.dataset.name == "rnaseqdb" and data is not None and data.is_dir():
        return _thinned(_of_rnaseqdb(data, study.settings.min_class_size), study.settings)
    return EXPECTED.get(study.dataset.name, PAPER)


def _thinned(size: DataSize, chosen: Settings) -> DataSize:
    """Leave out the genes that the settings leave out."""
    return replace(size, genes=min(size.genes, chosen.most_genes or size.genes))


def _of_file(path: Path, source: str) -> DataSize:
    with h5py.File(path) as file:
        obs = anndata.io.read_elem(file["obs"])
        genes = len(anndata.io.read_elem(file["var"]))
    counts = obs["tissue"].value_counts()
    cancers = obs.loc[obs["status"].astype(str) == "cancer", "tissue"].nunique()
    return DataSize(len(obs), genes, len(counts), int(counts.max()), int(cancers), source)


def _of_own(source: Source, chosen: Settings) -> DataSize:
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


def _of_reference(samples_per_class: int) -> DataSize:
    classes: pd.DataFrame = reference_classes()
    return DataSize(
        samples_per_class * len(classes),
        len(reference_medians()),
        len(classes),
        samples_per_class,
        int((classes["status"] == "cancer").sum()),
        "as it will be simulated",
    )


def _of_rnaseqdb(data: Path, min_class_size: int) -> DataSize:
    """Count the columns of every file."""
    counts: Counter[str] = Counter()
    for path in find_files(data):
        found = PATTERN.fullmatch(path.name)
        assert found is not None
        code = found["name"]
        tumour = found["kind"] == "tcga-t"
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
            columns = file.readline().count("\t") + 1 - len(ID_COLUMNS)
        counts[f"TCGA_{code.upper()}" if tumour else ORGANS.get(code, code)] += columns
    kept = {name: count for name, count in counts.items() if count >= min_class_size}
    return DataSize(
        sum(kept.values()),
        _RNASEQDB_GENES,
        len(kept),
        max(kept.values(), default=0),
        sum(name.startswith("TCGA_") for name in kept),
        "from the first lines of the files; the number of genes is about that",
    )
