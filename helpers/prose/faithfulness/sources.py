"""Facts of chapter 21: where disagreement comes from, and what it takes to agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.config import Settings
from helpers.explain.explainers import EXPLAINERS
from helpers.faithfulness.variance import AIM
from helpers.figures.faithfulness.sources import NAMES
from helpers.prose.writing.templates import Facts
from helpers.prose.writing.wording import counted

SAMPLE = "sample"


def sources(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return what scores of networks differ by most.

    Parameters
    ----------
    table
        ``sources.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``rows``: of each explainer its ``name``, and ``sources``: each with ``name`` and mean
        ``share`` over tissues, largest first, without noise; ``first``: for each source that is
        largest in any row its ``name`` and the ``explainers``; ``noise``: shares of noise copies
        under SmoothGrad, ``low`` to ``high``; ``below``: how many of the ``estimates`` of
        components were below zero; ``known``.
    """
    own = table[table["architecture"] == architecture]
    plain = own[~own["smoothgrad"].astype(bool)]
    rows: list[dict[str, Any]] = []
    for explainer, part in plain.groupby("explainer", sort=False):
        means = part.groupby("source")["share"].mean().sort_values(ascending=False)
        rows.append(
            {"name": EXPLAINERS[str(explainer)].title,
             "sources": [{"name": NAMES[str(s)], "share": float(v)} for s, v in means.items()]}
        )  # fmt: skip
    firsts: dict[str, list[str]] = {}
    for row in rows:
        firsts.setdefault(row["sources"][0]["name"], []).append(row["name"])
    noisy = own[own["smoothgrad"].astype(bool) & (own["source"] == "noise")]
    noise = noisy.groupby("explainer")["share"].mean()
    return {
        "known": bool(rows),
        "rows": rows,
        "first": [{"name": name, "explainers": names} for name, names in firsts.items()],
        "noise": {"low": float(noise.min()), "high": float(noise.max())} if len(noise) else None,
        "below": int((own["component"] < 0).sum()),
        "estimates": len(own),
    }


def needed(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return how many networks, or repeats, it takes.

    Parameters
    ----------
    table
        ``networks_needed.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``aim`` (overlap), ``rows``: ``name``, what is repeated (``unit``: repeats or references),
        ``between`` (share of the variance of one estimate that no repeat removes), ``repeats`` that
        halve the error of one network (None: none do), ``networks`` that do, of so many
        ``estimates`` each; ``models`` for the aim, and ``how`` that is known; ``reached`` at
        ``largest``, ``fitted`` there.
    """
    rows = []
    for row in table[table["architecture"] == architecture].to_dict("records"):
        entry = EXPLAINERS[row["explainer"]]
        halve = row["estimates_that_halve"]
        rows.append(
            {"name": entry.title, "unit": "reference" if entry.needs_reference else "repeat",
             "between": float(row["between"]),
             "repeats": int(halve) if halve == halve and halve != float("inf") else None,
             "networks": _count(row["models_that_halve"]), "estimates": int(row["estimates"]),
             "models": _count(row["models"]), "how": row["how"], "reached": float(row["reached"]),
             "fitted": float(row["fitted"]), "largest": _count(row["largest"])}
        )  # fmt: skip
    return {"aim": AIM, "rows": rows}


def _count(value: float) -> int | None:
    return int(value) if value == value else None


def what_we_ran(
    explained: pd.DataFrame, learnt: pd.DataFrame, chosen: Settings, *, simulated: bool
) -> Facts:
    """Return what the chapter rests on.

    Parameters
    ----------
    explained, learnt
        The tables of these names.
    chosen
        Settings of the run.
    simulated
        Whether samples are simulated.

    Returns
    -------
    dict
        ``networks`` (numbers and names), ``tissues``, ``simulated``; of the crossed design
        ``models``, ``levels``, ``samples`` of each tissue, and ``cnns`` of each kind (0: none);
        ``unlearnt``, architectures that did not learn.
    """
    counts = {"mlp": chosen.models, "cnn": chosen.cnn_models}
    failed = learnt.loc[~learnt["learnt"].astype(bool), "architecture"]
    return {
        "networks": [counted(n, name.upper()) for name, n in counts.items() if n],
        "tissues": list(dict.fromkeys(explained["tissue"].astype(str))),
        "simulated": simulated,
        "models": min(chosen.variance_models, chosen.models),
        "levels": chosen.variance_levels,
        "samples": min(chosen.curve_samples, chosen.explained_samples),
        "cnns": chosen.variance_cnn_models if chosen.cnn_models else 0,
        "unlearnt": [f"{str(name).upper()}s" for name in failed],
    }
