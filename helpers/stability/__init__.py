"""Scores → how well explanations agree."""

from helpers.stability.combinations import (
    COMBINATION,
    combination_name,
    combination_names,
    mean_over_models,
    split_name,
    top_lists,
)
from helpers.stability.consistency import (
    CONSISTENCY_COLUMNS,
    RELATIONS,
    chance_interval,
    chance_overlap,
    overlap_square,
    pairwise_overlap,
    relations,
)
from helpers.stability.curves import (
    aggregation_curve,
    curve,
    curve_summary,
    drop_overlapping,
    sample_medians,
)
from helpers.stability.effects import compare_references, effect, stages
from helpers.stability.groups import (
    PAPER_GROUPS,
    PAPER_MEMBERS,
    Groups,
    architecture_rand,
    find_groups,
    group_members,
    moved_members,
    paper_group,
    stand_out,
)
from helpers.stability.optimum import choose_optimum, optimum
from helpers.stability.overlap import list_length, overlap_matrix
from helpers.stability.paper import PAPER_SATURATION, paper_optimum, paper_saturation
from helpers.stability.ranks import spearman_matrix
from helpers.stability.replicates import SHARED_COLUMNS, shared_by_replicates
from helpers.stability.reproducibility import (
    REPRODUCIBILITY_COLUMNS,
    Comparison,
    compare,
    summarise,
)
from helpers.stability.saturation import saturation
from helpers.stability.subsets import Subsets, disjoint_halves, draw_aggregates, draw_subsets

__all__ = [
    "COMBINATION",
    "CONSISTENCY_COLUMNS",
    "PAPER_GROUPS",
    "PAPER_MEMBERS",
    "PAPER_SATURATION",
    "RELATIONS",
    "REPRODUCIBILITY_COLUMNS",
    "SHARED_COLUMNS",
    "Comparison",
    "Groups",
    "Subsets",
    "aggregation_curve",
    "architecture_rand",
    "chance_interval",
    "chance_overlap",
    "choose_optimum",
    "combination_name",
    "combination_names",
    "compare",
    "compare_references",
    "curve",
    "curve_summary",
    "disjoint_halves",
    "draw_aggregates",
    "draw_subsets",
    "drop_overlapping",
    "effect",
    "find_groups",
    "group_members",
    "list_length",
    "mean_over_models",
    "moved_members",
    "optimum",
    "overlap_matrix",
    "overlap_square",
    "pairwise_overlap",
    "paper_group",
    "paper_optimum",
    "paper_saturation",
    "relations",
    "sample_medians",
    "saturation",
    "shared_by_replicates",
    "spearman_matrix",
    "split_name",
    "stages",
    "stand_out",
    "summarise",
    "top_lists",
]
