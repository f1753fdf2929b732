"""Files → gene sets, transcription factors, cofactors, cancer genes."""

from helpers.annotations.cancer_genes import CANCER_GENE_COLUMNS, cancer_genes
from helpers.annotations.gene_sets import LIBRARIES, GeneSets, load_gene_sets
from helpers.annotations.matching import Match, match
from helpers.annotations.regulators import GeneList, cofactors, transcription_factors

__all__ = [
    "CANCER_GENE_COLUMNS",
    "LIBRARIES",
    "GeneList",
    "GeneSets",
    "Match",
    "cancer_genes",
    "cofactors",
    "load_gene_sets",
    "match",
    "transcription_factors",
]
