"""Facts of chapter 20: what networks lose with the genes that explanations name."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.claims.intervals import middle
from helpers.explain.explainers import EXPLAINERS
from helpers.faithfulness.retraining import have_learnt
from helpers.prose.writing.templates import Facts

T_TEST, MATCHED, RANDOM, NOTHING = "t_test", "matched", "random", "nothing"

NO_MORE = 0.02
"""Recall, and area, by which rankings may differ and still count as alike."""


def what_we_ran(
    explained: pd.DataFrame,
    table: pd.DataFrame,
    metrics: pd.DataFrame,
    learnt: pd.DataFrame,
    sizes: list[int],
    rank_by: str,
) -> Facts:
    """Return what networks and samples the chapter rests on.

    Returns
    -------
    dict
        ``networks`` (``name``, ``n``); ``samples`` and ``tissues``; ``held_out``, how many of the
        samples no network was trained on; ``known``, of how many something can be said; ``most``,
        the largest number of genes taken away; ``signed``, whether the run ranks by signed scores;
        ``unlearnt``, architectures that did not learn.
    """
    counts = metrics.groupby("architecture", sort=False)["model"].nunique()
    tried = metrics.drop_duplicates(["tissue", "sample"])
    sides = explained.set_index(["tissue", "sample"])["split"]
    keys = [(str(t), str(s)) for t, s in zip(tried["tissue"], tried["sample"], strict=True)]
    failed = learnt.loc[~learnt["learnt"].astype(bool), "architecture"]
    return {
        "networks": [{"name": str(name).upper(), "n": int(n)} for name, n in counts.items()],
        "samples": len(tried),
        "tissues": list(dict.fromkeys(tried["tissue"].astype(str))),
        "held_out": int((sides.loc[keys] != "train").sum()),
        "known": len(table.drop_duplicates(["tissue", "sample"])),
        "most": max(sizes),
        "signed": rank_by == "signed",
        "unlearnt": [f"{str(name).upper()}s" for name in failed if name in counts.index],
    }


def finding(table: pd.DataFrame, rank_by: str, architecture: str = "mlp") -> Facts:
    """Return whose first genes networks rest on.

    Parameters
    ----------
    table
        ``faithfulness.csv``.
    rank_by
        How the run ranks.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``known``; ``rows``, best first: of each explainer its ``name``, the mean ``area`` over
        deletion and insertion, how far it is above that of random genes (``over_random``) and above
        that of genes of like expression (``over_matched``, with its 95 % interval over samples,
        ``low`` and ``high``, and whether it is ``more``), and whether it is as good as the
        ``t_test``, the t-test's area; ``best`` and ``worst`` of the rows; ``more``: names of those
        beyond genes of like expression; ``no_more``: of the others; ``behind``: of those behind the
        t-test; ``samples``.
    """
    own = table[(table["architecture"] == architecture)]
    ranked = own[(own["by"] == rank_by) & (own["explainer"] != T_TEST)]
    if ranked.empty:
        return {"known": False}
    tested = own[own["explainer"] == T_TEST]
    t_test = float(tested["area"].mean()) if len(tested) else None
    rows: list[dict[str, Any]] = []
    for name, part in ranked.groupby("explainer", sort=False):
        per_sample = part.groupby(["tissue", "sample"])["over_matched"].mean()
        value, low, high = middle(per_sample.to_numpy(float), median=False)
        rows.append(
            {"name": EXPLAINERS[str(name)].title, "area": float(part["area"].mean()),
             "over_random": float(part["over_random"].mean()), "over_matched": value,
             "low": low, "high": high, "more": bool(low > 0)}
        )  # fmt: skip
    rows.sort(key=lambda row: -row["area"])
    return {
        "known": True,
        "rows": rows,
        "best": rows[0],
        "worst": rows[-1],
        "t_test": t_test,
        "more": [row["name"] for row in rows if row["more"]],
        "no_more": [row["name"] for row in rows if not row["more"]],
        "behind": [row["name"] for row in rows if t_test is not None and row["area"] < t_test],
        "samples": len(ranked.drop_duplicates(["tissue", "sample"])),
    }


def orders(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return what ranking by signed scores in place of their size changes.

    Returns
    -------
    dict
        ``rows``: of each explainer with signed scores its ``name``, and the mean area with
        ``absolute`` and with ``signed`` scores; ``gain``, the mean difference; ``better``, how many
        rows gain more than `NO_MORE`.
    """
    own = table[(table["architecture"] == architecture) & (table["explainer"] != T_TEST)]
    wide = own.pivot_table(index="explainer", columns="by", values="area", sort=False)
    rows: list[dict[str, Any]] = [
        {"name": EXPLAINERS[str(name)].title, "absolute": float(row["absolute"]),
         "signed": float(row["signed"])}
        for name, row in wide.iterrows()
        if EXPLAINERS[str(name)].signed
    ]  # fmt: skip
    gains = [row["signed"] - row["absolute"] for row in rows]
    return {
        "rows": rows,
        "gain": sum(gains) / len(gains) if gains else None,
        "better": sum(gain > NO_MORE for gain in gains),
    }


def retrained(table: pd.DataFrame) -> Facts:
    """Return what MLPs trained anew lose without the genes of a ranking.

    Parameters
    ----------
    table
        ``retrained.csv``.

    Returns
    -------
    dict
        ``learned``: whether networks with all genes have learnt anything, of ``classes`` that they
        tell apart; ``whole`` (recall with all genes), ``samples`` tested of ``tissues``,
        ``repeats``; ``sizes``; ``rows``: of every ranking its ``name``, and at the largest
        size the genes ``removed``, the ``recall``, and whether it lost more than random genes
        (``loses``); ``random``, the probability there; ``loses`` and ``keeps``: names of
        explainers; ``t_test`` row.
    """
    sizes = sorted(int(size) for size in table["genes"].unique() if size)
    means = table.groupby(["ranking", "genes"])[["recall", "probability", "removed"]].mean()
    by_ranking: dict[Any, dict[str, Any]] = means.to_dict("index")  # type: ignore[assignment]
    whole, random = by_ranking[NOTHING, 0], by_ranking[RANDOM, sizes[-1]]
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys(table["ranking"]):
        if name == NOTHING:
            continue
        last = by_ranking[name, sizes[-1]]
        lost = float(random["probability"] - last["probability"])
        rows.append(
            {"ranking": str(name), "name": _title(str(name)), "removed": round(last["removed"]),
             "recall": float(last["recall"]), "probability": float(last["probability"]),
             "loses": name != RANDOM and lost > NO_MORE}
        )  # fmt: skip
    mine = [row for row in rows if row["ranking"] in EXPLAINERS]
    nothing = table[table["ranking"] == NOTHING]
    return {
        "learned": have_learnt(float(whole["recall"]), int(table["classes"].iloc[0])),
        "classes": int(table["classes"].iloc[0]),
        "whole": float(whole["recall"]),
        "whole_probability": float(whole["probability"]),
        "samples": int(nothing.groupby("repeat")["samples"].sum().iloc[0]),
        "tissues": int(nothing["tissue"].nunique()),
        "repeats": int(nothing["repeat"].nunique()),
        "sizes": sizes,
        "rows": rows,
        "random": float(random["probability"]),
        "loses": [row["name"] for row in mine if row["loses"]],
        "keeps": [row["name"] for row in mine if not row["loses"]],
        "t_test": next((row for row in rows if row["ranking"] == T_TEST), None),
    }


def _title(name: str) -> str:
    others = {T_TEST: "the t-test", MATCHED: "genes of like expression", RANDOM: "random genes"}
    return others[name] if name in others else EXPLAINERS[name].title


def metrics(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return whose scores foretell changes of the output, and whose change least themselves.

    Returns
    -------
    dict
        ``rows``: ``name``, mean ``unexplained`` share and ``sensitivity``; ``faithful`` and
        ``stable``: the row with the least of each, ``unfaithful`` and ``unstable`` with the most;
        ``known`` is false where no network was tried.
    """
    own = table[table["architecture"] == architecture]
    means = own.groupby("explainer", sort=False)[["unexplained", "sensitivity"]].mean().dropna()
    rows: list[dict[str, Any]] = [
        {"name": EXPLAINERS[str(name)].title, "unexplained": float(row["unexplained"]),
         "sensitivity": float(row["sensitivity"])}
        for name, row in means.iterrows()
    ]  # fmt: skip
    if not rows:
        return {"known": False}
    by_fidelity = sorted(rows, key=lambda row: row["unexplained"])
    by_stability = sorted(rows, key=lambda row: row["sensitivity"])
    return {
        "known": True, "rows": rows, "faithful": by_fidelity[0], "unfaithful": by_fidelity[-1],
        "stable": by_stability[0], "unstable": by_stability[-1],
    }  # fmt: skip
