"""How large the data of a study are, found out without loading them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anndata
import h5py

from helpers.datasets.size import DataSize
from helpers.workflow.study import Study


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
    found = study.dataset.size(study.data, study.settings)
    # Genes that the settings leave out.
    return replace(found, genes=min(found.genes, study.settings.most_genes or found.genes))


def _of_file(path: Path, source: str) -> DataSize:
    with h5py.File(path) as file:
        obs = anndata.io.read_elem(file["obs"])
        genes = len(anndata.io.read_elem(file["var"]))
    counts = obs["tissue"].value_counts()
    cancers = obs.loc[obs["status"].astype(str) == "cancer", "tissue"].nunique()
    return DataSize(len(obs), genes, len(counts), int(counts.max()), int(cancers), source)
