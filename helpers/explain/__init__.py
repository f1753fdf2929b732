"""Models, samples and references → scores of genes."""

from helpers.explain.entry import Explainer
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain, explain_sets
from helpers.explain.mlp.batch import explain_batch
from helpers.explain.mlp.engine import explain_exact
from helpers.explain.mlp.subsets import explain_subsets
from helpers.explain.mlp.sums import compile_ahead
from helpers.explain.network.modes import MODES, explanation_mode
from helpers.explain.references import (
    REFERENCES,
    GeneStatistics,
    ReferenceKind,
    gene_statistics,
    make_references,
)
from helpers.explain.scores import load_scores, make_scores, save_scores, top_genes, top_indices
from helpers.explain.settings import ExplanationSettings

__all__ = [
    "EXPLAINERS",
    "MODES",
    "REFERENCES",
    "Explainer",
    "ExplanationSettings",
    "GeneStatistics",
    "ReferenceKind",
    "compile_ahead",
    "explain",
    "explain_batch",
    "explain_exact",
    "explain_sets",
    "explain_subsets",
    "explanation_mode",
    "gene_statistics",
    "load_scores",
    "make_references",
    "make_scores",
    "save_scores",
    "top_genes",
    "top_indices",
]
