"""Facts of chapter 19: whether explanations are right."""

from __future__ import annotations

from typing import Any

import anndata
import pandas as pd

from helpers.baselines import BASELINES
from helpers.claims.intervals import middle
from helpers.correctness.comparison import BASELINE, SHUFFLED, TOGETHER, additive
from helpers.datasets.truth import DECOY, PRODUCT, TITLES
from helpers.explain.explainers import EXPLAINERS
from helpers.prose.writing.templates import Facts

T_TEST, ORACLE, RANDOM = "WelchT", "Oracle", "MatchedRandom"

LEARNED = 0.25
"""Part of the way from chance to no mistake that networks have to go for their explanations to be
judged."""

NAMED = 0.5
"""Share of the samples of a class that are named where networks have learnt the class."""

_OF_PAIRS = {"genes": "recall", "any": "bundles_found"}

AS_WELL = 0.02
"""Average precision by which rankings may differ and still count as equally right."""


def what_we_ran(
    adata: anndata.AnnData, genes: pd.DataFrame, explained: pd.DataFrame, recall: pd.DataFrame
) -> Facts:
    """Return what data and networks the chapter rests on.

    Returns
    -------
    dict
        ``samples``, ``classes``, ``genes`` (measured), ``simulated``, ``notes``; how many genes are
        ``planted`` in a class, and how many are ``decoys``; ``explained`` (samples) of ``tissues``;
        ``networks`` by architecture, and ``shuffled`` (how many learnt shuffled labels).
    """
    first = additive(genes)[0]
    own = genes[genes["tissue"] == first]
    models = recall.drop_duplicates(["architecture", "labels", "model"])
    true = models[models["labels"] == "true"]
    return {
        "samples": adata.n_obs,
        "classes": int(adata.obs["tissue"].nunique()),
        "genes": adata.n_vars,
        "simulated": bool(adata.uns["simulated"]),
        "notes": [str(note) for note in adata.uns["notes"]],
        "planted": int((own["stratum"] != DECOY).sum()),
        "decoys": int((own["stratum"] == DECOY).sum()),
        "explained": len(explained),
        "tissues": list(dict.fromkeys(explained["tissue"].astype(str))),
        "networks": [
            {"name": str(name).upper(), "n": len(part)}
            for name, part in true.groupby("architecture", sort=False)
        ],
        "shuffled": int((models["labels"] == "shuffled").sum()),
    }


def finding(curves: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return whether averaging over networks makes explanations more right, or only more alike.

    Parameters
    ----------
    curves
        ``right_or_alike.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``half``: networks in the largest means of which there are two without a network in common,
        ``all`` networks; ``right`` and ``alike``, each with the mean of ``one`` network and at
        ``half``, the ``gain`` from one to the other with its 95 % interval over explainers and
        classes (``low``, ``high``), and whether it is ``more``; ``right.all``. ``curve`` is false
        where there are too few networks to average any.
    """
    own = curves[curves["architecture"] == architecture]
    alike = own[own["measure"] == "overlap"]
    half = int(alike["n"].max()) if len(alike) else 1
    facts: Facts = {"half": half, "all": int(own["n"].max()), "curve": half > 1}
    for name, measure in (("right", "auprc"), ("alike", "overlap")):
        wide = own[own["measure"] == measure].pivot_table(
            index=["explainer", "tissue"], columns="n", values="value"
        )
        value, low, high = middle((wide[half] - wide[1]).to_numpy(float), median=False)
        facts[name] = {
            "one": float(wide[1].mean()), "half": float(wide[half].mean()),
            "all": float(wide[wide.columns.max()].mean()),
            "gain": value, "low": low, "high": high, "more": bool(low > 0),
        }  # fmt: skip
    return facts


def learned(recall: pd.DataFrame, genes: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return how well networks name test samples: as a whole, and where only a product tells.

    Parameters
    ----------
    recall, genes
        ``planted_recall.csv`` and ``planted_genes.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``accuracy`` and ``shuffled`` (means; None where none were trained on shuffled labels),
        ``chance``, ``learned`` (whether the first is as
        far above chance as `LEARNED` asks); ``product``: the classes that only a product tells, and
        the mean share of their samples that is named (``found``); empty where there is none;
        ``product_learned``: whether that of each is above `NAMED`.
    """
    tissues = recall.loc[recall["tissue"] != "all", "tissue"].nunique()
    recall = recall[recall["architecture"] == architecture]
    whole = recall[recall["tissue"] == "all"].groupby("labels")["recall"].mean()
    twins = list(dict.fromkeys(genes.loc[genes["stratum"] == PRODUCT, "tissue"].astype(str)))
    own = recall[recall["tissue"].isin(twins) & (recall["labels"] == "true")]
    found = own.groupby("tissue")["recall"].mean()
    chance = 1 / tissues
    return {
        "accuracy": float(whole["true"]),
        "shuffled": float(whole["shuffled"]) if "shuffled" in whole else None,
        "chance": chance,
        "learned": bool(whole["true"] > chance + LEARNED * (1 - chance)),
        "product": [{"name": str(name), "found": float(found[name])} for name in found.index],
        "product_learned": bool(len(found) and found.min() > NAMED),
    }


def cnns(recall: pd.DataFrame, genes: pd.DataFrame, compared: pd.DataFrame, measured: int) -> Facts:
    """Return how right explanations of CNNs are, beside those of MLPs.

    Parameters
    ----------
    recall, genes, compared
        The tables ``planted_recall``, ``planted_genes`` and ``right_compared``.
    measured
        Genes measured.

    Returns
    -------
    dict
        ``n``, how many CNNs were trained on planted genes; if any, what `learned` says of them, the
        ``best`` explainer of all together (``name``, ``auprc``), that of MLPs (``mlp``), and the
        ``t_test``.
    """
    own = recall[recall["architecture"] == "cnn"]
    if own.empty:
        return {"n": 0}
    stands = against_baselines(compared, genes, measured, "cnn")
    others = against_baselines(compared, genes, measured)
    return {
        "n": int(own["model"].nunique()),
        **learned(recall, genes, "cnn"),
        "best": stands["best"],
        "mlp": others["best"],
        "t_test": stands["t_test"],
    }


def against_baselines(
    compared: pd.DataFrame, genes: pd.DataFrame, measured: int, architecture: str = "mlp"
) -> Facts:
    """Return how explainers stand beside rankings without a network, over additive classes.

    Returns
    -------
    dict
        ``best`` and ``worst`` explainer (``name``, ``auprc``); of the ``t_test``, the ``oracle``
        and ``random`` genes the mean average precision; ``outcome`` of the best explainer against
        the t-test (``"better"``, ``"as_well"`` or ``"worse"``) and their ``difference``; ``above``:
        the baselines that are at least as right as the best explainer; ``below_t``: how many of
        ``explainers`` are behind the t-test; ``shuffled``; ``chance``, the share of genes that are
        planted.
    """
    classes = [name for name in additive(genes) if name in set(compared["tissue"])]
    own = compared[compared["tissue"].isin(classes)]
    networks = own[(own["kind"] == TOGETHER) & (own["architecture"] == architecture)]
    right = networks.groupby("explainer")["auprc"].mean().sort_values(ascending=False)
    plain = own[own["kind"] == BASELINE].groupby("explainer")["auprc"].mean()
    best = float(right.iloc[0])
    difference = best - float(plain[T_TEST])
    shuffled = own[own["kind"] == SHUFFLED]
    planted = genes[(genes["tissue"] == classes[0]) & (genes["stratum"] != DECOY)]
    return {
        "best": {"name": EXPLAINERS[str(right.index[0])].title, "auprc": best},
        "worst": {"name": EXPLAINERS[str(right.index[-1])].title, "auprc": float(right.iloc[-1])},
        "t_test": float(plain[T_TEST]),
        "oracle": float(plain[ORACLE]),
        "random": float(plain[RANDOM]),
        "difference": abs(difference),
        "outcome": "as_well" if abs(difference) <= AS_WELL else
        ("better" if difference > 0 else "worse"),
        "above": [
            {"name": BASELINES[name].title, "auprc": float(plain[name])}
            for name in BASELINES if plain[name] >= best
        ],
        "below_t": int((right < plain[T_TEST]).sum()),
        "explainers": len(right),
        "shuffled": float(shuffled["auprc"].mean()),
        "chance": len(planted) / measured,
    }  # fmt: skip


def strata(found: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return which planted genes all networks together find, and which they miss.

    Returns
    -------
    dict
        ``kinds``: for each stratum that is no decoy its ``title``, the mean share found by
        explainers (``recall``), by the t-test (``t_test``), and the ``best`` explainer
        (``name``, ``recall``); the ``hardest`` of them that is no product; ``pairs``, where there
        are any: share of genes found (``genes``) and of pairs with a gene found (``any``).
    """
    own = found[(found["kind"] == TOGETHER) & (found["architecture"] == architecture)]
    plain = found[found["explainer"] == T_TEST].set_index("stratum")["recall"]
    kinds: list[dict[str, Any]] = []
    for stratum, part in own[own["stratum"] != DECOY].groupby("stratum", sort=False):
        best = part.sort_values("recall").iloc[-1]
        kinds.append(
            {"stratum": str(stratum), "title": TITLES[str(stratum)],
             "recall": float(part["recall"].mean()), "t_test": float(plain[stratum]),
             "best": {"name": EXPLAINERS[str(best["explainer"])].title,
                      "recall": float(best["recall"])}}
        )  # fmt: skip
    single = [kind for kind in kinds if kind["stratum"] != PRODUCT]
    pairs = own[own["stratum"] == "pair"]
    return {
        "kinds": kinds,
        "hardest": min(single, key=lambda kind: kind["recall"]),
        "product": next((kind for kind in kinds if kind["stratum"] == PRODUCT), None),
        "pairs": {name: float(pairs[column].mean()) for name, column in _OF_PAIRS.items()}
        if len(pairs) else None,
    }  # fmt: skip


def decoys(found: pd.DataFrame, top: int, genes: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return how many decoys explanations take for the truth.

    Returns
    -------
    dict
        The mean share of decoys in the lists of explainers (``found``), of the ``t_test``, and of
        the ``oracle``; ``planted`` decoys of a class, ``top`` genes in a list, and the share of a
        list that they could be at most (``most``).
    """
    own = found[found["stratum"] == DECOY]
    networks = own[(own["kind"] == TOGETHER) & (own["architecture"] == architecture)]
    plain = own[own["kind"] == BASELINE].set_index("explainer")["recall"]
    first = additive(genes)[0]
    planted = int(((genes["tissue"] == first) & (genes["stratum"] == DECOY)).sum())
    return {
        "found": float(networks["recall"].mean()),
        "t_test": float(plain[T_TEST]),
        "oracle": float(plain[ORACLE]),
        "planted": planted,
        "top": top,
    }


def conditions(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return what mode and optimisation do to how right explanations are.

    Returns
    -------
    dict
        ``modes``: mean average precision of single networks (``one``) and of all (``all``) in each
        ``mode``; ``gains``: of each ``optimisation``, the mean gain over one estimate by one
        network with dropout.
    """
    own = table[table["architecture"] == architecture]
    one, every = own[own["n"] == 1], own[own["n"] == own["n"].max()]
    modes = [
        {"mode": str(mode), "one": float(part["auprc"].mean()),
         "all": float(every.loc[every["mode"] == mode, "auprc"].mean())}
        for mode, part in one.groupby("mode", sort=False)
    ]  # fmt: skip
    wide = one[one["mode"] == "dropout"].pivot_table(
        index="explainer", columns="optimisation", values="auprc"
    )
    gains = [
        {"optimisation": str(name), "gain": float((wide[name] - wide["none"]).mean())}
        for name in ("smoothgrad", "repeats", "references")
        if name in wide
    ]
    return {"modes": modes, "gains": gains}


MEASURES = {
    "specific": "tissue-specific genes",
    "expressed": "most expressed genes",
    "terms": "enriched terms",
    "factors": "transcription factors",
    "different": "genes that differ in cancer",
}
"""What is counted in lists of top genes → its name for readers."""

_UNITS = {"terms": "terms", "factors": "times chance"}


def beside(table: pd.DataFrame, architecture: str = "mlp") -> Facts:
    """Return where a t-test meets what is said of the top genes of explainers.

    Parameters
    ----------
    table
        ``beside_baselines.csv``.
    architecture
        Of the networks.

    Returns
    -------
    dict
        ``rows``: for each measure its ``title``, its ``unit`` (none: a share of the list), the
        lowest (``low``) and the highest (``high``) mean of an explainer over tissues, that of the
        t-test (``t_test``) and of ``random`` genes of like expression, and how many of
        ``explainers`` it is ``ahead`` of; ``met``: titles of those where the t-test is within the
        explainers' range or above it, ``unmet`` the others.
    """
    rows: list[dict[str, Any]] = []
    for measure, title in MEASURES.items():
        # What is undefined, such as a fold over no expected gene, is not compared.
        own = table[table["measure"] == measure].dropna(subset="value")
        means = own.groupby(["architecture", "explainer"])["value"].mean()
        if architecture not in means or "none" not in means:
            continue
        networks, plain = means[architecture], means["none"]
        rows.append(
            {"title": title, "unit": _UNITS.get(measure, ""),
             "low": float(networks.min()), "high": float(networks.max()),
             "t_test": float(plain[T_TEST]), "random": float(plain[RANDOM]),
             "ahead": int((plain[T_TEST] > networks).sum()), "explainers": len(networks)}
        )  # fmt: skip
    met = [row["title"] for row in rows if row["t_test"] >= row["low"]]
    return {
        "rows": rows,
        "met": met,
        "unmet": [row["title"] for row in rows if row["title"] not in met],
    }
