"""Helper package of the book: data → models → explanations → tables → figures → pages.

What people import stands here, and nothing else is public: ``import helpers as hx``. A name is
loaded when it is first used, so that the command line need not wait for what it does not use. The
page *Use it from Python* of the book describes each.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.annotations import load_gene_sets, transcription_factors
    from helpers.api import Explanation, activities, example_network, explain_network
    from helpers.biology import (
        housekeeping_genes,
        over_representation,
        tau,
        tissue_expression,
        tissue_specificity,
    )
    from helpers.datasets import load
    from helpers.explain import load_scores, make_references, make_scores, save_scores, top_genes
    from helpers.models import load_model, save_model
    from helpers.stability import overlap_matrix, spearman_matrix
    from helpers.training import probabilities, split

__all__ = [
    "Explanation",
    "activities",
    "example_network",
    "explain_network",
    "housekeeping_genes",
    "load",
    "load_gene_sets",
    "load_model",
    "load_scores",
    "make_references",
    "make_scores",
    "over_representation",
    "overlap_matrix",
    "probabilities",
    "save_model",
    "save_scores",
    "spearman_matrix",
    "split",
    "tau",
    "tissue_expression",
    "tissue_specificity",
    "top_genes",
    "transcription_factors",
]

_ROOMS = ("api", "explain", "stability", "biology", "annotations", "training", "models", "datasets")


def __getattr__(name: str) -> Any:
    """Load a public name from the room that defines it."""
    if name in __all__:
        for room in _ROOMS:
            found = importlib.import_module(f"{__name__}.{room}")
            if name in found.__all__:
                return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
