"""Top genes and expression → what kind of genes explainers choose."""

from helpers.biology.expression_status import (
    expression_correlation,
    top_expressed,
)
from helpers.biology.housekeeping import (
    HousekeepingRule,
    compare_with_published,
    housekeeping_genes,
    read_housekeeping,
)
from helpers.biology.over_representation import (
    Matching,
    expression_bins,
    gene_set,
    over_representation,
)
from helpers.biology.profiles import (
    REPRESENTATIVES,
    distinct_genes,
    expression_profiles,
    representatives,
    tau_of_top_genes,
    tissue_overlap,
)
from helpers.biology.specificity import (
    SPECIFIC_GROUPS,
    SpecificityRule,
    specific_counts,
    specific_genes,
    tau,
    tissue_specificity,
)
from helpers.biology.tissues import tissue_expression

__all__ = [
    "REPRESENTATIVES",
    "SPECIFIC_GROUPS",
    "HousekeepingRule",
    "Matching",
    "SpecificityRule",
    "compare_with_published",
    "distinct_genes",
    "expression_bins",
    "expression_correlation",
    "expression_profiles",
    "gene_set",
    "housekeeping_genes",
    "over_representation",
    "read_housekeeping",
    "representatives",
    "specific_counts",
    "specific_genes",
    "tau",
    "tau_of_top_genes",
    "tissue_expression",
    "tissue_overlap",
    "tissue_specificity",
    "top_expressed",
]
