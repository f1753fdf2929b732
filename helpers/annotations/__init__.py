"""Files → gene sets, transcription factors, cofactors, cancer genes."""

from helpers.annotations.cancer_genes import CANCER_GENE_COLUMNS, cancer_genes
from helpers.annotations.files import (
    cancer_gene_files,
    cancer_gene_roles,
    cofactor_files,
    gene_set_files,
    regulator_lists,
    transcription_factor_files,
)
from helpers.annotations.gene_sets import LIBRARIES, GeneSets, load_gene_sets
from helpers.annotations.matching import Match, match
from helpers.annotations.regulators import GeneList, cofactors, transcription_factors

__all__ = [
    "CANCER_GENE_COLUMNS",
    "LIBRARIES",
    "GeneList",
    "GeneSets",
    "Match",
    "cancer_gene_files",
    "cancer_gene_roles",
    "cancer_genes",
    "cofactor_files",
    "cofactors",
    "gene_set_files",
    "load_gene_sets",
    "match",
    "regulator_lists",
    "transcription_factor_files",
    "transcription_factors",
]
