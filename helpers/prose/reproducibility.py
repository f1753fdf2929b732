"""Sentences about how far explanations agree."""

from __future__ import annotations

import pandas as pd

from helpers.prose.wording import listed, percent, tissue_name

DESIGNS = {
    "intra_model": "within one model",
    "inter_model": "between models",
    "gene_order": "between models of different gene orders",
}
MODES = {"eval": "prediction", "dropout": "dropout on", "training": "training"}


def explained(samples: pd.DataFrame, cnn_each: int | None = None) -> str:
    """Say which samples are explained.

    Parameters
    ----------
    samples
        ``explained.csv``.
    cnn_each
        How many of each tissue CNNs explain, the first ones, if that is said.
    """
    counts = samples.groupby("tissue", sort=False)["sample"].size()
    sides = samples["split"].value_counts()
    parts = [f"{tissue_name(str(name))} ({count})" for name, count in counts.items()]
    unseen = int(sides.get("test", 0))
    text = f"Samples explained: {listed(parts)}. {unseen} of {len(samples)} are test samples"
    others = sides.drop("test", errors="ignore")
    if len(others) == 1:
        rest = int(others.iloc[0])
        which = f"{others.index[0]} sample" + "s" * (rest > 1)
        text += f", the other {rest} are {which}" if rest > 1 else f", the other one is a {which}"
    elif len(others):
        named = [f"{count} {side}" for side, count in others.items()]
        text += f", the others are {listed(named)} samples"
    if cnn_each is not None and (counts > cnn_each).any():
        return f"{text}. CNNs explain only the first {cnn_each} of each tissue."
    return f"{text}."


def agreement(table: pd.DataFrame) -> str:
    """Say how far explanations agree, by metric and design, over explainers and tissues."""
    sentences: list[str] = []
    for metric, word in (("spearman", "Spearman correlation"), ("top", "overlap of top genes")):
        part = table[table["metric"].str.startswith(metric)]
        medians = part.groupby(["design", "explainer"])["value"].median().unstack(0)
        for design, phrase in DESIGNS.items():
            if design not in medians:
                continue
            # Scores that are zero everywhere have no order, and so no correlation.
            values = medians[design].dropna().sort_values()
            if values.empty:
                continue
            sentences.append(
                f"{'The' if sentences else 'Over all tissues, the'} median {word} {phrase} runs "
                f"from {values.iloc[0]:.2f} "
                f"({values.index[0]}) to {values.iloc[-1]:.2f} ({values.index[-1]})."
            )
    return " ".join(sentences)


def modes(table: pd.DataFrame) -> str:
    """Say where GuidedGradCam++ ranks within one model, mode by mode.

    Parameters
    ----------
    table
        ``modes.csv``.
    """
    part = table[table["metric"] == "spearman"]
    medians = part.groupby(["mode", "explainer"])["value"].median()
    name, sentences = "GuidedGradCam++", []
    for mode, phrase in MODES.items():
        if mode not in medians.index.get_level_values("mode"):
            continue
        values = pd.Series(medians.xs(mode, level="mode"))
        others = values.drop(name).sort_values()
        state = f"with the network in the state of {phrase}, "
        if (values.round(2) == 1).all():
            sentences.append(f"{state}every explainer 1.00")
            continue
        sentences.append(
            f"{state}{name} {values[name]:.2f}, the other explainers {others.iloc[0]:.2f} "
            f"({others.index[0]}) to {others.iloc[-1]:.2f} ({others.index[-1]})"
        )
    text = "Median Spearman correlation within one model: " + "; ".join(sentences) + "."
    found = set(medians.index.get_level_values("mode"))
    if {"eval", "training"} <= found:
        released = pd.Series(medians.xs("training", level="mode")).drop(name)
        gap = float(medians["eval", name]) - float(released.max())
        text += (
            f" Mixed as in the released scripts, {name} alone in evaluation mode and the others in "
            f"training mode, it leads the next best by {gap:.2f}."
        )
    return text


def tissues(table: pd.DataFrame) -> str:
    """Say how much the level of agreement depends on the tissue."""
    part = table[table["metric"] == "spearman"]
    medians = part.groupby("tissue")["value"].median().sort_values()
    return (
        f"Over all explainers and both designs the median Spearman correlation is lowest in "
        f"{tissue_name(str(medians.index[0]))} ({medians.iloc[0]:.2f}) and highest in "
        f"{tissue_name(str(medians.index[-1]))} ({medians.iloc[-1]:.2f})."
    )


def references(table: pd.DataFrame) -> str:
    """Say which kind of reference gives the most agreement between models."""
    part = table[(table["reference"] != "none") & (table["design"] == "inter_model")]
    sentences: list[str] = []
    for metric, word in (("spearman", "Spearman correlation"), ("top", "overlap of top genes")):
        chosen = part[part["metric"].str.startswith(metric)]
        medians = chosen.groupby("reference")["value"].median().sort_values(ascending=False)
        ranked = [f"{name} ({value:.2f})" for name, value in medians.items()]
        sentences.append(f"By median {word} between models: {listed(ranked)}.")
    return " ".join(sentences)


def shared_top_genes(genes: pd.DataFrame, explainer: str) -> str:
    """Say how many top genes one model and all models together have in common."""
    part = genes[genes["explainer"] == explainer]
    shares = []
    for tissue, rows in part.groupby("tissue", sort=False):
        lists = {name: set(group["gene"]) for name, group in rows.groupby("aggregated")}
        share = len(lists[False] & lists[True]) / len(lists[True])
        shares.append(f"{tissue_name(str(tissue))} {percent(share, 0)}")
    return (
        f"Share of {explainer}'s top genes that the first model alone and all models together "
        f"have in common: {listed(shares)}."
    )
