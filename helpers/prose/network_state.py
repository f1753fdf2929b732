"""Facts of the chapter on the network's state: what lists are in one state and in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

Facts = dict[str, Any]

GROUP_THREE = ("Saliency", "GuidedBackprop")
REPRESENTATIVE = "DeepLift"

PAPER_TERMS = (
    "CCR7 chemokine receptor binding",
    "neuropeptide hormone activity",
    "neuropeptide receptor binding",
    "DNA-binding transcription activator activity",
)
"""The gene sets that the paper names for group III (G5)."""

FULL = 256
"""Samples in a batch of the scripts."""

STATISTICS = ("between_tissues", "tissue_specific", "largest_weights")
"""What the sentences say of lists."""

SECTIONS = {
    "between_models": "Reproducibility: shared by two models",
    "between_explainers": "Consistency: shared by two explainers",
    "between_tissues": "Expression: shared by two tissues",
    "tissue_specific": "Expression: tissue-specific",
    "transcription_factors": "Function: transcription factors",
    "segregation": "Cancer: segregation",
}
"""A headline number of each section of the paper."""

NORMS = {"batch": "BatchNorm", "layer": "LayerNorm", "none": "No norm"}

CHANGED = 0.3
"""From here on a share of a list is said to have changed."""

NOTICED = 0.1
"""Below this it is said to have hardly changed."""


def state_facts(table: pd.DataFrame, text: str, released: str, everyone: str) -> Facts:
    """Compare the lists of all models as the text and as the scripts explain.

    Parameters
    ----------
    table
        ``state_statistics.csv``.
    text, released
        Names of the two states.
    everyone
        What ``model`` says of all models together.

    Returns
    -------
    dict
        ``explainers``: for each of group III and for DeepLift, name → statistic → ``text`` and
        ``released``; ``told``: these are known; ``measured``: those
        that need no second tissue are; ``changed``: as the scripts explain, at least
        `CHANGED` fewer of group III's top genes are specific to their tissue, and two tissues share
        more of them; ``kept``: DeepLift loses less than `NOTICED`; ``milder``: it loses less than
        half of what group III loses at least.
    """
    own = table[table["model"].astype(str) == everyone]
    values = own.set_index(["explainer", "statistic", "state"])["value"]
    explainers = {
        name: {
            statistic: {
                "text": values.get((name, statistic, text), float("nan")),
                "released": values.get((name, statistic, released), float("nan")),
            }
            for statistic in STATISTICS
        }
        for name in (*GROUP_THREE, REPRESENTATIVE)
    }

    def gain(name: str, statistic: str) -> float:
        found = explainers[name][statistic]
        return float(found["released"] - found["text"])

    shared = [gain(name, "between_tissues") for name in GROUP_THREE]
    lost = [-gain(name, "tissue_specific") for name in GROUP_THREE]
    second = -gain(REPRESENTATIVE, "tissue_specific")
    return {
        "explainers": explainers,
        "told": bool(np.isfinite([*shared, *lost, second]).all()),
        "measured": bool(np.isfinite([*lost, second]).all()),
        "third": list(GROUP_THREE),
        "second": REPRESENTATIVE,
        "changed": min(lost) >= CHANGED and min(shared) > 0,
        "kept": second < NOTICED,
        "milder": second < min(lost) / 2,
        "models": int(table.loc[table["model"].astype(str) != everyone, "model"].nunique()),
    }


def effects_by_section(effects: pd.DataFrame, explainers: Sequence[str]) -> pd.DataFrame:
    """Write effects with their intervals, a row for each section and change.

    Parameters
    ----------
    effects
        ``state_effects.csv``.
    explainers
        A column each.
    """
    shown = effects[effects["statistic"].isin(SECTIONS) & effects["explainer"].isin(explainers)]
    shown = shown.assign(
        section=shown["statistic"].map(SECTIONS),
        written=[
            _interval(*values)
            for values in shown[["effect", "ci_low", "ci_high"]].to_numpy(dtype=float)
        ],
    )
    wide = shown.pivot(index=["section", "change"], columns="explainer", values="written")
    order = shown.drop_duplicates(["section", "change"])
    order = order.sort_values("section", key=lambda s: s.map(list(SECTIONS.values()).index))
    return wide.reindex(pd.MultiIndex.from_frame(order[["section", "change"]]))[
        [name for name in explainers if name in wide]
    ].reset_index()


def _interval(effect: float, low: float, high: float) -> str:
    if np.isnan(effect):
        return "–"
    return f"{effect:+.2f} ({low:+.2f} to {high:+.2f})".replace("-", "−")


def size_facts(table: pd.DataFrame, everyone: str) -> Facts:
    """Tell what group III's lists share between tissues in the smallest and largest batches.

    Parameters
    ----------
    table
        ``batch_sizes.csv``.
    everyone
        What ``model`` says of all models together.
    """
    own = table[
        (table["model"].astype(str) == everyone)
        & (table["statistic"] == "between_tissues")
        & table["value"].notna()
    ]
    rows = []
    for (explainer, company), part in own.groupby(["explainer", "company"], sort=False):
        ordered = part.sort_values("samples")
        rows.append(
            {"explainer": explainer, "company": company,
             "smallest": int(ordered["samples"].iloc[0]),
             "at_smallest": ordered["value"].iloc[0],
             "largest": int(ordered["samples"].iloc[-1]),
             "at_largest": ordered["value"].iloc[-1]}
        )  # fmt: skip
    alone = own[own["company"] == "one tissue"]
    had = int(alone["samples"].max()) if len(alone) else 1
    return {"curves": rows, "asked": FULL, "had": had}


def norm_facts(table: pd.DataFrame, accuracy: pd.DataFrame, everyone: str) -> Facts:
    """Tell what group III's lists share between tissues with every norm, in both modes.

    Parameters
    ----------
    table, accuracy
        ``norms.csv`` and ``norm_accuracy.csv``.
    everyone
        What ``model`` says of all models together.

    Returns
    -------
    dict
        ``norms``: of each its median test ``accuracy``, whether that is half of BatchNorm's or more
        (``learnt``), what group III's lists share in mode ``dropout`` and ``training``, and the
        ``changes`` from the first to the second; ``least`` change with BatchNorm; the largest of
        the ``others`` that learnt; ``only_batch``: that is less than half of it.
    """
    own = table[
        (table["model"].astype(str) == everyone) & (table["statistic"] == "between_tissues")
    ]
    wide = own.pivot_table(index=["norm", "explainer"], columns="mode", values="value")
    wide = wide.reindex(columns=["dropout", "training"])
    test = accuracy[accuracy["split"] == "test"]
    median = test.groupby("norm")["accuracy"].median().to_dict()
    rows = [
        {
            "name": name,
            "accuracy": float(median[norm]),
            "learnt": median[norm] >= median["batch"] / 2,
            "changes": (of["training"] - of["dropout"]).tolist(),
            "dropout": of["dropout"].tolist(),
            "training": of["training"].tolist(),
            "known": bool(of.notna().all(axis=None)),
        }
        for norm, name in NORMS.items()
        if norm in median
        for of in [wide.reindex([(norm, each) for each in GROUP_THREE])]
    ]
    batch = rows[0]["changes"]
    others = [abs(v) for row in rows[1:] if row["learnt"] for v in row["changes"]]
    told = bool(batch and others) and bool(np.isfinite([*batch, *others]).all())
    return {
        "told": told,
        "norms": rows,
        "models": int(test.groupby("norm")["model"].nunique().min()),
        "least": min(batch, default=float("nan")),
        "others": max(others, default=float("nan")),
        "only_batch": told and min(batch) >= NOTICED and max(others) < min(batch) / 2,
    }


def term_facts(table: pd.DataFrame, text: str, released: str, alpha: float) -> Facts:
    """Tell which of the paper's terms are enriched, and in how many tissues.

    Parameters
    ----------
    table
        ``state_terms.csv``.
    text, released
        Names of the two states.
    alpha
        False discovery rate up to which a term counts.
    """
    third = table[table["explainer"].isin(GROUP_THREE) & (table["fdr"] <= alpha)]
    rows = [
        {"term": term,
         **{name: int(third.loc[(third["state"] == state) & (third["term"] == term),
                                "tissue"].nunique())
            for name, state in (("text", text), ("released", released))}}
        for term in PAPER_TERMS
    ]  # fmt: skip
    common = third[third["state"] == released].groupby("term")["tissue"].nunique()
    return {
        "terms": rows,
        "tissues": int(table["tissue"].nunique()),
        "everywhere": sorted(common.index[common == table["tissue"].nunique()]),
    }


def statement_facts(ledger: pd.DataFrame) -> Facts:
    """Sort statements by whether their verdict is the same under every protocol.

    Parameters
    ----------
    ledger
        ``claims.csv``, with a row for each statement and protocol.

    Returns
    -------
    dict
        ``same``: statements with one and the same verdict; ``state``: those whose verdict as
        the scripts explain differs from the text's; ``only_released``: reproduced with the
        scripts only; ``only_text``: with the text only. Statements that are not testable under
        either are left out.
    """
    wide = ledger.pivot(index="id", columns="protocol", values="verdict")
    order = list(dict.fromkeys(ledger["id"]))
    # A run may leave protocols out: nothing is known of what they would say.
    wide = wide.reindex(index=order, columns=["text", "released"]).fillna("not_run")
    known = wide[~wide[["text", "released"]].isin(["not_testable", "not_run"]).any(axis=1)]
    differ = known["text"] != known["released"]
    return {
        "judged": len(known),
        "same": known.index[~differ].tolist(),
        "state": known.index[differ].tolist(),
        "only_released": known.index[
            (known["released"] == "reproduced") & (known["text"] != "reproduced")
        ].tolist(),
        "only_text": known.index[
            (known["text"] == "reproduced") & (known["released"] != "reproduced")
        ].tolist(),
    }


def moved(
    ledger: pd.DataFrame, statements: Mapping[str, str], verdicts: Mapping[str, str]
) -> pd.DataFrame:
    """List the statements whose verdict as the scripts explain is not the text's.

    Parameters
    ----------
    ledger
        ``claims.csv``, with a row for each statement and protocol.
    statements
        Statement → what it says.
    verdicts
        Verdict → its name for readers.

    Returns
    -------
    pandas.DataFrame
        ``statement``, and the verdict under each protocol, in the order of the ledger.
    """
    wide = ledger.pivot(index="id", columns="protocol", values="verdict")
    found = statement_facts(ledger)["state"]
    rows = [
        {"statement": f"{name}: {statements[name]}"}
        | {str(protocol): verdicts[str(wide.loc[name, protocol])] for protocol in wide.columns}
        for name in found
    ]
    order = [name for name in dict.fromkeys(ledger["protocol"]) if name in wide.columns]
    return pd.DataFrame(rows, columns=["statement", *order])
