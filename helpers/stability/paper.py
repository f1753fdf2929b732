"""What the paper found to be the best number of estimates, as data beside our own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.explain.explainers import EXPLAINERS
from helpers.explain.references import REFERENCES


@dataclass(frozen=True)
class PaperSaturation:
    """A number of estimates after which the paper sees no more improvement.

    Attributes
    ----------
    claim
        Statement in ``claims.yaml``.
    architecture
        A key of `helpers.models.ARCHITECTURES`.
    optimisation, reference
        As in ``reproducibility.csv``; reference ``"any"`` where the paper names none.
    explainers
        Explainers that it is said of.
    n
        Number of estimates.
    """

    claim: str
    architecture: str
    optimisation: str
    reference: str
    explainers: tuple[str, ...]
    n: int


_WITHOUT = ("Saliency", "InputXGradient", "GuidedBackprop")
_WITH_REFERENCE = ("IntegratedGradients", "DeepLift", "DeepLiftShap")

PAPER_EXPLAINERS: dict[str, tuple[str, ...]] = {
    "mlp": (*_WITHOUT, *_WITH_REFERENCE),
    "cnn": (*_WITHOUT, *_WITH_REFERENCE, "GuidedGradCam", "GuidedGradCam++"),
}
"""Architecture → the explainers that the paper speaks of: eight in all.

Its statements are about these, whichever others there are in a run."""

PAPER_REFERENCES = ("zero", "normal", "universal", "specific")
"""The kinds of reference that it speaks of."""


def of_the_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of explainers and references that a run has and the paper has not.

    Parameters
    ----------
    table
        With an explainer in a column ``explainer``, or combinations in columns ``a`` and ``b``
        (see `helpers.stability.combinations`), a kind of reference in a column ``reference``, or
        none of these.

    Returns
    -------
    pandas.DataFrame
        Rows in their order, with their labels. What is no explainer, such as a t-test, stays.
    """
    added = set(EXPLAINERS) - set(PAPER_EXPLAINERS["cnn"])
    kinds = set(REFERENCES) - set(PAPER_REFERENCES)
    if not added and not kinds:
        return table
    kept = pd.Series(True, index=table.index)
    if "reference" in table.columns:
        kept &= ~table["reference"].isin(kinds)
    for column in ("explainer", "a", "b"):
        if column in table.columns:
            names = table[column].astype(str)
            of = names.str.split(":").str[1].where(names.str.contains(":"), names)
            kept &= ~of.isin(added)
    return table[kept]


PAPER_SATURATION = (
    PaperSaturation("O2", "mlp", "smoothgrad", "any", ("Saliency",), 50),
    PaperSaturation("O3", "cnn", "smoothgrad", "any", ("GuidedBackprop",), 30),
    PaperSaturation("O5", "cnn", "repeats", "any", PAPER_EXPLAINERS["cnn"], 20),
    PaperSaturation("O6", "mlp", "repeats", "any", PAPER_EXPLAINERS["mlp"], 40),
    PaperSaturation("O11", "cnn", "references", "zero", _WITH_REFERENCE, 20),
    PaperSaturation("O12", "mlp", "references", "universal", _WITH_REFERENCE, 60),
)
"""Section "Optimization of model interpretability" (for repeats: "most explainers")."""


def paper_saturation() -> pd.DataFrame:
    """Return the paper's saturation points, a row for each curve.

    Returns
    -------
    pandas.DataFrame
        ``claim``, ``architecture``, ``explainer``, ``optimisation``, ``reference``, ``n``.
    """
    rows = [
        (entry.claim, entry.architecture, explainer, entry.optimisation, entry.reference, entry.n)
        for entry in PAPER_SATURATION
        for explainer in entry.explainers
    ]
    columns = ["claim", "architecture", "explainer", "optimisation", "reference", "n"]
    return pd.DataFrame(rows, columns=columns)


OPTIMUM_COLUMNS = [
    "architecture",
    "explainer",
    "smoothgrad",
    "repeats",
    "reference",
    "references",
]
"""Columns of a table of optimal conditions (paper, Table S1)."""

_PAPER_REPEATS = {"cnn": 20, "mlp": 40}
_PAPER_REFERENCES = {"cnn": ("zero", 20), "mlp": ("universal", 60)}


def paper_optimum() -> pd.DataFrame:
    """Return the paper's optimal conditions of every explainer and architecture.

    Read from the paper's text, which Table S1 (not at hand) sums up: no SmoothGrad; 20 repeats
    on CNNs and 40 on MLPs; explainers that need a reference have 20 × zero on CNNs and
    60 × universal on MLPs instead of repeats, since each reference is an estimate of its own.

    Returns
    -------
    pandas.DataFrame
        `OPTIMUM_COLUMNS`.
    """
    rows = []
    for architecture, repeats in _PAPER_REPEATS.items():
        for explainer in PAPER_EXPLAINERS[architecture]:
            if explainer in _WITH_REFERENCE:
                reference, references = _PAPER_REFERENCES[architecture]
                rows.append((architecture, explainer, False, 1, reference, references))
            else:
                rows.append((architecture, explainer, False, repeats, "none", 0))
    return pd.DataFrame(rows, columns=OPTIMUM_COLUMNS)
