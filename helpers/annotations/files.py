"""Annotations as settings name them: what comes with the package, or a file of the user's.

A setting stands for files, and what is computed from an annotation depends on their bytes. The
functions that end in ``_files`` name them; where there is no file to look at (a library of Enrichr,
which is fetched once and then kept) the name stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.annotations.cancer_genes import cancer_genes
from helpers.annotations.enrichr import PREFIX
from helpers.annotations.gene_sets import LIBRARIES, embedded_path
from helpers.annotations.regulators import GO_TERMS, GeneList, cofactors, transcription_factors

BAILEY = "bailey2018"


def gene_set_files(names: Iterable[str]) -> list[Path | str]:
    """Name the files of libraries, as `load_gene_sets` takes them."""
    found: list[Path | str] = []
    for name in names:
        if name in LIBRARIES:
            found.append(embedded_path(LIBRARIES[name].file))
        else:
            found.append(name if name.startswith(PREFIX) else Path(name))
    return found


def transcription_factor_files(path: str) -> list[Path | str]:
    """Name the files behind the transcription factors; `path` may be empty."""
    return _with_embedded(GO_TERMS["transcription_factors"].file, path)


def cofactor_files(path: str) -> list[Path | str]:
    """Name the files behind the cofactors; `path` may be empty."""
    return _with_embedded(GO_TERMS["cofactors"].file, path)


def cancer_gene_files(path: str) -> list[Path | str]:
    """Name the file of the cancer genes; `path` may be empty."""
    return [Path(path) if path else embedded_path("cancer_genes.csv")]


def regulator_lists(transcription_factor_file: str, cofactor_file: str) -> list[GeneList]:
    """List transcription factors and cofactors: GO's, and AnimalTFDB's where they are named.

    Parameters
    ----------
    transcription_factor_file, cofactor_file
        Paths of AnimalTFDB's tables, or empty.

    Raises
    ------
    MissingInputError, BadInputError
        If a file is not there or not AnimalTFDB's.
    """
    lists = [transcription_factors(), cofactors()]
    if transcription_factor_file:
        lists.append(transcription_factors(Path(transcription_factor_file)))
    if cofactor_file:
        lists.append(cofactors(Path(cofactor_file)))
    return lists


def cancer_gene_roles(path: str) -> pd.DataFrame:
    """List cancer genes and their roles: Bailey's, or OncoKB's where `path` names its table.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there or not OncoKB's.
    """
    return cancer_genes(Path(path) if path else BAILEY)


def _with_embedded(file: str, path: str) -> list[Path | str]:
    embedded: list[Path | str] = [embedded_path(file)]
    return [*embedded, Path(path)] if path else embedded
