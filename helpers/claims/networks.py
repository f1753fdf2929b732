"""What a run's CNNs can bear: remarks on shrunken ones, and statements that they cannot test.

A run that saves time shrinks the CNNs: fewer feature maps, fewer epochs, fewer networks. What is
found with them is found with other networks than the paper's, and every verdict that rests on them
says so. Statements on lists of their top genes are not tested at all below a stated size, number
and accuracy, as statements on aggregation are not (O13 to O16): what a smaller network looks at
says little about what the paper's network looked at, whichever way the verdict goes.
"""

from __future__ import annotations

import pandas as pd

from helpers.claims.rulebook import RULES
from helpers.claims.rules.aggregation import PAPER_MODELS
from helpers.config import Settings, settings

ABOUT_CNN_TRAINING = ("T2", "T4", "T5")
"""Statements about how accurate CNNs are."""

HALF_ABOUT_CNNS = frozenset({"O1", "O4", "O9", "O14"})
"""Statements of which the half about MLPs can be judged without CNNs."""

ABOUT_CNNS = frozenset(name for name, rule in RULES.items() if "cnn" in rule.networks)
ABOUT_CNNS -= HALF_ABOUT_CNNS
"""Statements that cannot be judged without CNNs."""

LISTS_OF_CNNS = ("C2", "C3", "E5", "E6", "E11", "E12", "E13", "G1", "G9")
"""Statements on lists of top genes of CNNs."""

ACCURACY_OF_CNNS = ("T2", "T5")
"""Statements on how accurate CNNs are: of smaller ones trained for less they say nothing."""

LEAST_MAPS = 0.5
"""Part of the paper's feature maps that each convolution needs for its lists to be tested."""

LEAST_ACCURACY = 0.9
"""Median test accuracy that CNNs need; the paper's have 0.972."""

ORDERS = "T4"
"""The statement on gene orders, which networks that learnt nothing meet alike."""


def shrunk(chosen: Settings) -> str:
    """Say in what a run's CNNs are smaller than the paper's, or trained for less; empty if not.

    Parameters
    ----------
    chosen
        Settings of the run.
    """
    complete = settings("paper")
    changed = []
    if tuple(chosen.cnn_channels) != complete.cnn_channels:
        ours, paper = ("/".join(map(str, own.cnn_channels)) for own in (chosen, complete))
        changed.append(f"feature maps {ours} instead of {paper}")
    if chosen.cnn_max_epochs < complete.cnn_max_epochs:
        changed.append(f"at most {chosen.cnn_max_epochs} epochs")
    return " and ".join(changed)


def shrunk_remarks(chosen: Settings) -> dict[str, str]:
    """Return a remark on each statement that rests on CNNs, where a run shrinks them.

    Parameters
    ----------
    chosen
        Settings of the run.
    """
    how = shrunk(chosen) if chosen.cnn_models else ""
    if not how:
        return {}
    text = f"The CNNs of this run are shrunken: {how}."
    return {name: text for name, rule in RULES.items() if "cnn" in rule.networks}


def beyond(chosen: Settings, accuracy: pd.DataFrame | None) -> dict[str, str]:
    """Return, by statement, why a run cannot test it, whatever its tables say.

    Parameters
    ----------
    chosen
        Settings of the run.
    accuracy
        The table ``accuracy``; None if it is not known, and then nothing is said of it.
    """
    found: dict[str, str] = {}
    how = shrunk(chosen)
    if how:
        text = f"The accuracy of shrunken CNNs says nothing about the paper's: {how}."
        found |= dict.fromkeys(ACCURACY_OF_CNNS, text)
    level = _level(accuracy)
    low = (
        f"a median test accuracy of {level:.1%}, below {LEAST_ACCURACY:.0%}"
        if level is not None and level < LEAST_ACCURACY
        else ""
    )
    if low:
        found[ORDERS] = f"CNNs that learnt little are alike whatever the order of genes: {low}."
    faults = [*_too_small(chosen), *([low] if low else [])]
    if faults:
        text = f"Lists of these CNNs say little about those of the paper's: {'; '.join(faults)}."
        found |= dict.fromkeys(LISTS_OF_CNNS, text)
    return found


def _too_small(chosen: Settings) -> list[str]:
    """Say in what CNNs fall short of what their lists need."""
    faults = []
    complete = settings("paper").cnn_channels
    needed = tuple(int(LEAST_MAPS * maps) for maps in complete)
    if any(own < least for own, least in zip(chosen.cnn_channels, needed, strict=True)):
        maps, least = ("/".join(map(str, sizes)) for sizes in (chosen.cnn_channels, needed))
        faults.append(f"feature maps {maps}, below {least}")
    if chosen.cnn_models < PAPER_MODELS:
        faults.append(f"averages of {chosen.cnn_models} networks, fewer than {PAPER_MODELS}")
    return faults


def _level(accuracy: pd.DataFrame | None) -> float | None:
    """Return the median test accuracy of CNNs, if there are any."""
    if accuracy is None:
        return None
    cnn = accuracy[(accuracy["architecture"] == "cnn") & (accuracy["split"] == "test")]
    return float(cnn["accuracy"].median()) if len(cnn) else None
