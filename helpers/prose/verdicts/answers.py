"""Facts for the sentence that a chapter opens with, and for what it leaves a reader with."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_RUN, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import claims
from helpers.prose.writing.templates import Facts
from helpers.stability.saturation import TOLERANCE

UNTOLD = (NOT_TESTABLE, NOT_RUN)


def stated(ledger: pd.DataFrame) -> Facts:
    """Return what a run says of some statements of the paper.

    Parameters
    ----------
    ledger
        Rows of a ledger, one a statement.

    Returns
    -------
    dict
        ``of``: by statement its ``verdict``, whether the run has ``told`` anything, ``observed``
        (None if there is no number or nothing is told), ``statistic``, ``n`` and ``unit``;
        ``statements``: how many they are; ``tested``: how many of them can be tested; and the few
        words of those ``reproduced``, ``partly``, ``not_reproduced`` and ``untold``.
    """
    rows = ledger.set_index("id").to_dict("index")
    words: dict[str, list[str]] = {
        key: [claims()[str(name)].short for name, row in rows.items() if row["verdict"] in kinds]
        for key, kinds in {
            "reproduced": (REPRODUCED,),
            "partly": (PARTLY,),
            "not_reproduced": (NOT_REPRODUCED,),
            "untold": UNTOLD,
        }.items()
    }
    of = {}
    for name, row in rows.items():
        told = row["verdict"] not in UNTOLD
        known = told and not pd.isna(row["observed"])
        of[str(name)] = {
            "verdict": str(row["verdict"]),
            "told": told,
            "observed": float(row["observed"]) if known else None,
            "statistic": str(row["statistic"]),
            "n": int(row["n"]),
            "unit": str(row["unit"]),
        }
    return {
        "of": of,
        "statements": len(rows),
        "tested": len(rows) - len(words["untold"]),
        **words,
    }


def asked_twice(unoptimised: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return how many top genes two unoptimised explanations of one sample share.

    Parameters
    ----------
    unoptimised
        Rows of ``reproducibility.csv`` without optimisation.
    architecture
        Of the networks.

    Returns
    -------
    dict
        Median over explainers of the median overlap of top genes ``within`` one network and
        ``between`` two, and the explainers with the ``best`` and the ``worst`` overlap between
        two (``name``, ``level``); of what was not measured None.
    """
    own = unoptimised[unoptimised["architecture"] == architecture]
    own = own[own["metric"].str.startswith("top")]
    levels = own.groupby(["design", "explainer"])["value"].median().dropna()
    designs = set(levels.index.get_level_values("design"))
    found: Facts = dict.fromkeys(("within", "between", "best", "worst"))
    for word, design in (("within", "intra_model"), ("between", "inter_model")):
        if design in designs:
            found[word] = float(levels[design].median())
    if "inter_model" in designs:
        between = levels["inter_model"]
        for word, name in (("best", between.idxmax()), ("worst", between.idxmin())):
            found[word] = {"name": str(name), "level": float(between[name])}
    return found


def averaged_over(effects: pd.DataFrame, optimisation: str, metric: str = "spearman") -> Facts:
    """Return what averaging estimates of one kind does to agreement between networks.

    Parameters
    ----------
    effects
        What `helpers.stability.effect` gave, against one baseline.
    optimisation
        Such as ``"smoothgrad"``.
    metric
        The metric spoken of.

    Returns
    -------
    dict
        ``conditions`` (an explainer on an architecture each): how many are ``raised``, ``lowered``
        or left ``unclear``, and the median ``change`` (None without any).
    """
    rows = effects[(effects["optimisation"] == optimisation) & (effects["metric"] == metric)]
    rows = rows.dropna(subset="change")
    counts = rows["direction"].value_counts()
    return {
        "conditions": len(rows),
        "raised": int(counts.get("raises", 0)),
        "lowered": int(counts.get("lowers", 0)),
        "unclear": int(counts.get("unclear", 0)),
        "change": float(rows["change"].median()) if len(rows) else None,
    }


def noise_alone(optimum: pd.DataFrame) -> Facts:
    """Return whether noisy copies beat as many repeats without noise.

    Parameters
    ----------
    optimum
        ``optimum.csv``.

    Returns
    -------
    dict
        ``conditions``, an explainer on an architecture each; how many are ``better`` with noise,
        how many ``worse``, by more than the tolerance of saturation, and how many are not better
        (``as_well``); the same for each of ``architectures``, with its ``name``; the median
        ``gain`` (None without any condition); and a ``verdict``: ``"helps"`` if noise is better for
        more than half, ``"harms"`` if worse for more than half, ``"some"`` if better for some,
        ``"nothing"`` otherwise.
    """
    known = optimum.dropna(subset="smoothgrad_gain")
    found = _counted_gains(known["smoothgrad_gain"])
    verdict = "nothing"
    if 2 * found["better"] > found["conditions"]:
        verdict = "helps"
    elif 2 * found["worse"] > found["conditions"]:
        verdict = "harms"
    elif found["better"]:
        verdict = "some"
    by_architecture = known.groupby("architecture", sort=False)["smoothgrad_gain"]
    return found | {
        "architectures": [
            {"name": str(name)} | _counted_gains(gain) for name, gain in by_architecture
        ],
        "gain": float(known["smoothgrad_gain"].median()) if len(known) else None,
        "verdict": verdict,
    }


def _counted_gains(gain: pd.Series) -> Facts:
    better, worse = int((gain > TOLERANCE).sum()), int((gain < -TOLERANCE).sum())
    return {
        "conditions": len(gain),
        "better": better,
        "worse": worse,
        "as_well": len(gain) - better,
    }


def apart(disjoint: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return what averaging over networks buys, without a network in common.

    Parameters
    ----------
    disjoint
        ``disjoint.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``name`` of the architecture; ``n``: networks in the largest averages, and whether these are
        ``averages`` of several; ``one`` and ``many``: median over explainers of the median overlap
        of top genes of two single networks, and of two such averages; None where there are none.
    """
    own = disjoint[(disjoint["architecture"] == architecture)]
    own = own[own["metric"].str.startswith("top")]
    if own.empty:
        return {"name": architecture, "n": 0, "averages": False, "one": None, "many": None}
    n = int(own["n"].max())
    levels = own.groupby(["n", "explainer"])["value"].median()
    one, many = (float(levels[size].median()) for size in (own["n"].min(), n))
    return {"name": architecture, "n": n, "averages": n > 1, "one": one, "many": many}


def most_needed(needed: Facts) -> Facts:
    """Return how many networks must be averaged to reach an overlap, over explainers.

    Parameters
    ----------
    needed
        What `helpers.prose.faithfulness.sources.needed` gives.

    Returns
    -------
    dict
        ``aim``, the overlap; the ``fewest`` and ``most`` networks (``name``, ``models``, ``how``)
        over the explainers for which their number is known, None if for none; ``unknown``: of
        how many of all ``explainers`` it is not.
    """
    known = [row for row in needed["rows"] if row["models"] is not None]
    known.sort(key=lambda row: row["models"])
    return {
        "aim": needed["aim"],
        "fewest": known[0] if known else None,
        "most": known[-1] if known else None,
        "unknown": len(needed["rows"]) - len(known),
        "explainers": len(needed["rows"]),
    }
