"""Figures of what cannot be measured say so; no axis stays empty without a word."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.figures import consistency, function, shares, specificity, style
from helpers.figures.ground_truth import random_networks

TISSUES = ["liver", "lung"]
FOLDS = pd.DataFrame(
    [
        (architecture, explainer, aggregated, tissue, name, 3, 20, 10, 1.0, 1.5, 3.0, 2.0, 4.0, 0.2)
        for architecture in ("mlp", "cnn")
        for explainer in ("Saliency", "DeepLift")
        for aggregated in (False, True)
        for tissue in TISSUES
        for name in ("tissue_specific", "housekeeping", "transcription_factors")
    ],
    columns=["architecture", "explainer", "aggregated", "tissue", "set", "hits", "size", "set_size",
             "expected", "expected_matched", "fold", "fold_low", "fold_high", "fdr"],
)  # fmt: skip
UNMEASURED = FOLDS.assign(
    hits=0, set_size=0, expected=0.0, expected_matched=0.0,
    **dict.fromkeys(["fold", "fold_low", "fold_high"], np.nan),
)  # fmt: skip
ENDLESS = FOLDS[FOLDS["set"] == "tissue_specific"].assign(fold_high=np.inf)
JUDGED = pd.DataFrame({"claim": ["E4"] * 2, "kind": ["true", "shuffled"], "number": np.nan,
                       "observed": np.nan})  # fmt: skip
CONTROL = pd.DataFrame({"claim": ["E4"], "p": np.nan, "supports": "larger", "met": 0})
SHARED = pd.DataFrame(
    columns=["architecture", "explainer", "tissue", "sample", "shared_by", "genes", "overlap"]
)

NOTHING: dict[str, tuple[Callable[[], Figure], str]] = {
    "no aggregated list": (lambda: consistency.figure_s8(SHARED, 0.1), "Too few models"),
    "no specific gene": (
        lambda: specificity.figure_4d(UNMEASURED, TISSUES, "tissue_specific"), "none is in a list"
    ),
    "no housekeeping gene": (
        lambda: specificity.figure_4e(UNMEASURED, TISSUES, "housekeeping"), "none is in a list"
    ),
    "no fold": (
        lambda: shares.folds(UNMEASURED, TISSUES[0], "a set"), "no gene of the set"
    ),
    "no regulator": (
        lambda: function.regulators(UNMEASURED), "No regulator is among"
    ),
    "no control": (
        lambda: random_networks.know_nothing(JUDGED, CONTROL, {}), "No statement can be"
    ),
}  # fmt: skip


def said(figure: Figure) -> str:
    with style.journal():
        figure.savefig(io.BytesIO(), format="svg")
    texts = [text.get_text() for text in figure.findobj(Text)]
    plt.close(figure)
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("name", NOTHING)
def test_a_figure_of_nothing_says_why(name: str) -> None:
    make, why = NOTHING[name]
    assert why in said(make())


def test_folds_without_an_end_fit_on_their_axis() -> None:
    figure = shares.folds(ENDLESS, TISSUES[0], "a set")
    left, right = figure.axes[0].get_xlim()
    assert 0 < left < right < 1e3
    assert "nan" not in said(figure)
