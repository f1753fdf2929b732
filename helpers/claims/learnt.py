"""Networks that did not learn are not explained: what explainers say of them is no evidence.

Of such a network an explainer shows its initial weights and what is large in the data. Statements
on explanations are then judged as ever, so that the number can be seen, but the verdict is "not
testable". Those on accuracy are not affected: that a network learnt nothing is what they are about.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.claims.networks import HALF_ABOUT_CNNS
from helpers.claims.rulebook import RULES
from helpers.training.learnt import OVER_CHANCE, UNDER_LINEAR

ON_EXPLANATIONS: dict[str, tuple[str, ...]] = {
    name: rule.networks
    for name, rule in RULES.items()
    if rule.networks and not name.startswith("T")
}
"""Statements that rest on explanations, and the architectures of the networks explained."""


def is_on_explanations(name: str) -> bool:
    """Tell whether a statement rests on explanations, so that networks must have learnt."""
    return name in ON_EXPLANATIONS


def unlearnt(table: pd.DataFrame | None) -> dict[str, str]:
    """Return, by architecture whose networks did not learn, why: a clause.

    Parameters
    ----------
    table
        The table `LEARNT`; None if it is not known, and then nothing is said.
    """
    if table is None:
        return {}
    return {
        str(row["architecture"]): _why({str(key): value for key, value in row.items()})
        for row in table[~table["learnt"].astype(bool)].to_dict("records")
    }


def _why(row: Mapping[str, float]) -> str:
    found, size = f"{row['balanced_accuracy']:.1%}", f"{row['test_samples']} test samples"
    if row["balanced_accuracy"] < row["over_chance"]:
        return (
            f"on {size} their median balanced accuracy is {found}, below {row['over_chance']:.1%}, "
            f"where chance is {row['chance']:.1%} (at least {OVER_CHANCE:g} and two standard "
            "errors above it are asked for)"
        )
    return (
        f"on {size} their median balanced accuracy is {found}, below {row['beside_linear']:.1%}, "
        f"where a logistic regression has {row['linear']:.1%} (short of it by at most "
        f"{UNDER_LINEAR:g} or two standard errors is asked for)"
    )


def beyond_learning(found: Mapping[str, str]) -> dict[str, str]:
    """Return, by statement, why networks that did not learn cannot test it.

    Parameters
    ----------
    found
        What `unlearnt` gave. Where MLPs have learnt and CNNs have not, a statement of which the
        half about MLPs can be judged alone is not among those returned.
    """
    reasons = {}
    for name, networks in ON_EXPLANATIONS.items():
        wrong = [architecture for architecture in networks if architecture in found]
        if wrong and not (wrong == ["cnn"] and name in HALF_ABOUT_CNNS):
            reasons[name] = " ".join(
                f"The {architecture.upper()}s of this run did not learn: {found[architecture]}."
                for architecture in wrong
            )
    return reasons


def without_cnns(found: Mapping[str, str]) -> dict[str, str]:
    """Return the statements that are judged on MLPs alone, since CNNs did not learn: a remark each.

    Parameters
    ----------
    found
        What `unlearnt` gave.
    """
    if "cnn" not in found or "mlp" in found:
        return {}
    text = f"On MLPs alone, because the CNNs of this run did not learn: {found['cnn']}."
    return dict.fromkeys(sorted(HALF_ABOUT_CNNS & set(ON_EXPLANATIONS)), text)
