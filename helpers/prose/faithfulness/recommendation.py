"""Facts of chapter 21: which explainer to use, with which settings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.baselines import BASELINES
from helpers.explain.explainers import EXPLAINERS
from helpers.faithfulness.recommendation import QUESTIONS, TOLERANCE
from helpers.figures.faithfulness.sources import QUESTIONS as TITLES
from helpers.prose.writing.templates import Facts


def recommendation(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return which explainer the rule chooses, and what speaks against it.

    Parameters
    ----------
    table
        ``recommendation.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``known``, whether there is a choice; of the chosen one ``name``, ``unit`` (repeat or
        reference), ``passes``, ``estimates``, ``models``, ``how``, ``enough`` and
        ``models_enough``; ``answers``: for each question with an answer its ``title``, the
        ``value``, the ``best`` (``name``, ``value``) and whether it is as ``good``; ``good`` of
        ``asked`` questions; ``twins``: others as good on as many, with their ``passes``;
        ``t_test``: its ``right`` and ``faithful``, and whether it is ``righter`` than the choice.
    """
    own = table[table["architecture"] == architecture]
    chosen = own[own["chosen"].astype(bool)]
    plain = table[table["architecture"] == "none"]
    t_test: dict[str, Any] | None = None
    if len(plain):
        t_test = {"name": BASELINES[str(plain.iloc[0]["explainer"])].title,
                  "right": float(plain.iloc[0]["right"]),
                  "faithful": float(plain.iloc[0]["faithful"])}  # fmt: skip
    if chosen.empty:
        return {"known": False, "t_test": t_test}
    row = chosen.iloc[0]
    answers = []
    for question in QUESTIONS:
        values = own.set_index("explainer")[question].dropna().astype(float)
        if len(values):
            mine = float(values.get(row["explainer"], float("nan")))
            answers.append(
                {"title": TITLES[question], "value": mine,
                 "best": {"name": EXPLAINERS[str(values.idxmax())].title,
                          "value": float(values.max())},
                 "good": bool(mine >= values.max() - TOLERANCE)}
            )  # fmt: skip
    if t_test is not None:
        t_test["righter"] = bool(t_test["right"] > float(row["right"]) + TOLERANCE)
    equal = own[(own["good"] == row["good"]) & (own["explainer"] != row["explainer"])]
    entry = EXPLAINERS[str(row["explainer"])]
    return {
        "known": True,
        "name": entry.title,
        "unit": "reference" if entry.needs_reference else "repeat",
        "passes": int(row["passes"]),
        "estimates": int(row["estimates"]),
        "models": _count(row["models"]),
        "how": str(row["how"]),
        "enough": _count(row["enough"]),
        "models_enough": _count(row["models_enough"]),
        "answers": answers,
        "good": int(row["good"]),
        "asked": len(answers),
        "twins": [
            {"name": EXPLAINERS[str(other["explainer"])].title, "passes": int(other["passes"])}
            for other in equal.to_dict("records")
        ],
        "t_test": t_test,
    }


def _count(value: Any) -> int | None:
    """Return a whole number; None where it is missing or endless."""
    return int(value) if pd.notna(value) and value != float("inf") else None


def next_settings(
    table: pd.DataFrame, conditions: pd.DataFrame, orders: Facts, architecture: str = "mlp"
) -> Facts:
    """Return settings for the next data set.

    Parameters
    ----------
    table
        ``recommendation.csv``.
    conditions
        ``right_by_condition.csv``.
    orders
        What `helpers.prose.faithfulness.removal.orders` gives.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``known``; ``settings``: names and values; ``mode``: the most right one, its ``auprc`` and
        that ``usual`` with dropout, and whether it is ``better``; ``signed``: whether signed scores
        rank more faithfully.
    """
    found = recommendation(table, architecture)
    if not found["known"]:
        return {"known": False}
    name = next(key for key, entry in EXPLAINERS.items() if entry.title == found["name"])
    own = conditions[
        (conditions["architecture"] == architecture) & (conditions["explainer"] == name)
    ]
    every = own[own["n"] == own["n"].max()]
    best = every.groupby("mode")["auprc"].max()
    mode = None
    if len(best) and "dropout" in best:
        first = str(best.idxmax())
        mode = {"name": first, "auprc": float(best.max()), "usual": float(best["dropout"]),
                "better": bool(best.max() > best["dropout"] + TOLERANCE)}  # fmt: skip
    row = next((r for r in orders["rows"] if r["name"] == found["name"]), None)
    signed = row is not None and row["signed"] > row["absolute"] + TOLERANCE
    settings: list[dict[str, Any]] = []
    if found["models_enough"] is not None:
        settings.append({"name": "models", "value": found["models_enough"]})
    if found["enough"] is not None:
        settings.append({"name": found["unit"] + "s", "value": found["enough"]})
    if mode is not None and mode["better"]:
        settings.append({"name": "mode", "value": mode["name"]})
    if signed:
        settings.append({"name": "rank_by", "value": "signed"})
    return {"known": True, "explainer": found["name"], "settings": settings, "mode": mode,
            "signed": signed}  # fmt: skip
