"""Why a statement is not reproduced: what the numbers of the run say, and what differs.

Each paragraph has what was found, evidence from the run's own tables, and how this run differs
from the paper in size. Nothing here excuses a result: it says where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED
from helpers.claims.ledger import claims
from helpers.config import Settings, settings
from helpers.prose.cancer_evidence import pairs_outside
from helpers.prose.writing.wording import counted, listed, measured, percent
from helpers.stability.combinations import combination_names
from helpers.stability.consistency import relations
from helpers.stability.groups import PAPER_MEMBERS
from helpers.stability.saturation import TOLERANCE

Tables = Mapping[str, pd.DataFrame]
Evidence = Callable[[Tables], str]

TABLES = ("modes", "unoptimised", "effects", "saturation", "references_compared", "consistency",
          "expression", "specificity", "tissue_overlap", "cancer_shares")  # fmt: skip
"""Tables that evidence is taken from."""

_CNN = ("B1", "B2", "B4", "B5", "B6", "C3", "E2", "E3", "E6", "E12", "E13", "G1", "G9",
        "O3", "O5", "O7", "O10", "O11", "O15", "T2", "T4")  # fmt: skip
_MLP = ("B3", "B7", "C4", "E1", "E4", "E10", "E14", "G2", "G3", "G4", "G5", "G6", "G7", "G8",
        "O2", "O6", "O8", "O12", "O13", "O16", "T3",
        *(f"K{number}" for number in range(1, 10)))  # fmt: skip
_SIZES = {
    "mlp": {"models": "MLPs", "max_epochs": "epochs of MLPs",
            "explained_samples": "explained samples of a tissue"},
    "cnn": {"cnn_models": "CNNs", "cnn_max_epochs": "epochs of CNNs",
            "cnn_explained_samples": "samples of a tissue explained by CNNs"},
}  # fmt: skip


def _median(table: pd.DataFrame, **chosen: Any) -> float:
    """Return the median value of the rows with these words; NaN where there are none."""
    for column, value in chosen.items():
        table = table[table[column] == value]
    known = table["value"].dropna()
    return float(known.median()) if len(known) else float("nan")


def _state_of_the_network(tables: Tables) -> str:
    modes = tables["modes"]
    within = modes[modes["metric"] == "spearman"]
    levels = {name: _median(within, mode=name) for name in ("dropout", "training")}
    if any(value != value for value in levels.values()):
        return ""
    return (
        "It depends on the state in which the network is explained. Over all explainers, "
        "replicates by one CNN have a median Spearman correlation of "
        f"{levels['dropout']:.2f} with dropout on, as the paper's text has it, and of "
        f"{levels['training']:.2f} with the whole network in training mode, as in its scripts."
    )


def _guided_grad_cam(tables: Tables) -> str:
    modes = tables["modes"]
    within = modes[modes["metric"] == "spearman"]
    own = within[within["explainer"] == "GuidedGradCam++"]
    rest = within[within["explainer"] != "GuidedGradCam++"]
    levels = {mode: _median(own, mode=mode) for mode in ("eval", "dropout", "training")}
    others = [_median(part) for _, part in rest[rest["mode"] == "training"].groupby("explainer")]
    if any(value != value for value in (*levels.values(), *others)) or not others:
        return ""
    best = max(others)
    end = (
        "The exception is then one of treatment."
        if levels["eval"] > best
        else "Even treated so it does not lead here."
    )
    return (
        "The released scripts put this explainer alone into evaluation mode and all others into "
        f"training mode. So done here, its replicates correlate by {levels['eval']:.2f} and the "
        f"best of the others' by {best:.2f}; with dropout on for all, its own correlate by "
        f"{levels['dropout']:.2f}, and with all in training mode by {levels['training']:.2f}. {end}"
    )


def _within_and_between(tables: Tables) -> str:
    rows = tables["unoptimised"]
    mlp = rows[(rows["architecture"] == "mlp") & rows["reference"].isin(["none", "zero"])]
    parts = [
        f"{_median(mlp, metric=metric, design='intra_model'):.2f} within and "
        f"{_median(mlp, metric=metric, design='inter_model'):.2f} between models ({title})"
        for metric, title in _metrics(mlp)
    ]
    return (
        f"Medians over all pairs of MLPs are {listed(parts)}. Dropout alone, which is all that "
        "differs within a model, leaves most of the network as it is; another model has other "
        "weights."
    )


def _metrics(table: pd.DataFrame) -> list[tuple[str, str]]:
    names = dict.fromkeys(table["metric"])
    return [(name, "Spearman" if name == "spearman" else "overlap") for name in names]


def _noise_and_repeats(tables: Tables) -> str:
    effects = tables["effects"]
    rows = effects[(effects["metric"] == "spearman")].drop_duplicates(
        ["architecture", "explainer", "optimisation"]
    )
    wide = rows.pivot(index=["architecture", "explainer"], columns="optimisation", values="after")
    if not {"smoothgrad", "repeats"} <= set(wide.columns):
        return ""
    both = wide[["smoothgrad", "repeats"]].dropna()
    better = int((both["smoothgrad"] > both["repeats"]).sum())
    changes = rows.groupby("optimisation")["change"].median()
    return (
        "Averaging noisy copies also averages dropout masks, and that alone helps: the median "
        f"change of the correlation is {changes['smoothgrad']:+.2f} with noise and "
        f"{changes['repeats']:+.2f} by as many repeats without. Noise beats repeats in {better} of "
        f"{counted(len(both), 'condition')}. IntegratedGradients draws a mask in each of its "
        "steps, so one estimate of it is already an average."
    )


def _gain(architecture: str, optimisation: str, reference: str = "") -> Evidence:
    def sentence(tables: Tables) -> str:
        table = tables["saturation"]
        rows = table[
            (table["architecture"] == architecture)
            & (table["optimisation"] == optimisation)
            & (table["metric"] == "spearman")
        ]
        rows = rows[rows["reference"] == reference] if reference else rows
        if rows.empty:
            return ""
        first = (rows["plateau"] - rows["gain"]).median()
        if rows["gain"].max() <= TOLERANCE:
            return (
                f"Over {counted(rows['explainer'].nunique(), 'explainer')} the median correlation "
                f"stays at {first:.2f} (largest gain {rows['gain'].max():.3f}), so there is no "
                "number of estimates from which more no longer help; the ledger writes 1."
            )
        return (
            f"Over {counted(rows['explainer'].nunique(), 'explainer')} the median correlation "
            f"rises from {first:.2f} with one estimate to {rows['plateau'].median():.2f}, and the "
            f"largest gain is {rows['gain'].max():.2f}. A curve that rises little is flat early."
        )

    return sentence


def _kinds_of_reference(architecture: str) -> Evidence:
    def sentence(tables: Tables) -> str:
        table = tables["references_compared"]
        rows = table[(table["architecture"] == architecture) & (table["metric"] == "spearman")]
        if rows.empty:
            return ""
        means = rows.groupby("reference")["value"].median().sort_values()
        return (
            f"The kinds lie close together: the median correlation is {means.iloc[0]:.3f} with "
            f"{means.index[0]} and {means.iloc[-1]:.3f} with {means.index[-1]}."
        )

    return sentence


def _aggregated(tables: Tables) -> str:
    effects = tables["effects"]
    rows = effects[effects["optimisation"] == "aggregated"].drop_duplicates(
        ["architecture", "explainer", "metric"]
    )
    parts = [
        f"{str(name).upper()}s from {part['before'].median():.2f} to {part['after'].median():.2f} "
        f"({metric}, n = {int(part['n_after'].max())})"
        for (name, metric), part in rows.groupby(["architecture", "metric"], sort=False)
    ]
    return f"Medians of averages that share models rise on {listed(parts)}." if parts else ""


def _shared_lists(*kinds: str) -> Evidence:
    def sentence(tables: Tables) -> str:
        found = relations(tables["consistency"])
        found = found[found["relation"].isin(kinds)]
        parts = [
            f"{percent(part.mean(), 0)} for {title} ({percent(part.min(), 0)} to "
            f"{percent(part.max(), 0)} by tissue)"
            for title, part in found.groupby("title", sort=False)["overlap"]
        ]
        return f"Mean overlaps of lists are {listed(parts)}." if parts else ""

    return sentence


def _of_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the members of the paper's groups, with the column ``paper_group``."""
    named = table.assign(paper_group=combination_names(table).map(PAPER_MEMBERS))
    return named.dropna(subset=["paper_group"])


def _by_group(values: pd.Series, digits: int = 0) -> str:
    return listed([f"{percent(value, digits)} in group {name}" for name, value in values.items()])


def _highly_expressed(tables: Tables) -> str:
    table = tables["expression"]
    shares = table.assign(share=table["hits"] / table["size"])
    means = _of_groups(shares).groupby("paper_group")["share"].mean()
    cnn = shares[shares["architecture"] == "cnn"].groupby("aggregated")["share"].mean()
    ways = listed(
        [f"{percent(v, 0)} {'with' if k else 'without'} aggregation" for k, v in cnn.items()]
    )
    sentence = f"Over all tissues, top genes are among the highest expressed: {_by_group(means)}."
    return sentence + (f" On CNNs these are {ways}." if ways else "")


def _correlated(tables: Tables) -> str:
    table = tables["expression"]
    rows = table[table["aggregated"].astype(bool)]
    parts = [
        f"{str(name).upper()}s {part['spearman'].median():+.2f} (from "
        f"{part['spearman'].min():+.2f} to {part['spearman'].max():+.2f})"
        for name, part in rows.groupby("architecture", sort=False)
    ]
    if not parts:
        return ""
    return (
        f"Score and expression of aggregated models correlate by {listed(parts)}, median and range "
        "over explainers and tissues."
    )


def _specific(tables: Tables, tissue: str = "") -> str:
    table = tables["specificity"]
    rows = _of_groups(table.assign(share=table["hits"] / table["size"]))
    rows = rows[rows["tissue"] == tissue] if tissue else rows
    if rows.empty:
        return ""
    sets = {
        "tissue_specific": "specific to their tissue",
        "tissue_enhanced": "tissue-enhanced in the narrow sense",
    }
    parts = [
        f"{title}: {_by_group(rows[rows['set'] == name].groupby('paper_group')['share'].mean())}"
        for name, title in sets.items()
    ]
    where = f"in {tissue}" if tissue else "mean of all tissues"
    return f"Of the top genes, {where}, {'; '.join(parts)}."


def _specific_in_liver(tables: Tables) -> str:
    found = _specific(tables, "liver")
    return found and (
        f"{found} TissueEnrich calls a gene tissue-enhanced only if it is neither tissue-enriched "
        "nor group-enriched, so the narrow sense counts what is left."
    )


def _between_tissues(tables: Tables) -> str:
    rows = _of_groups(tables["tissue_overlap"])
    if rows.empty:
        return ""
    means = rows.groupby("paper_group")["overlap"].mean()
    return (
        f"Two tissues share {_by_group(means)} of their top genes. What follows in the paper from "
        "lists that tissues share can only be seen where they do."
    )


EVIDENCE: dict[str, tuple[Evidence, ...]] = {
    "B1": (_state_of_the_network,),
    "B2": (_state_of_the_network,),
    "B3": (_within_and_between, _state_of_the_network),
    "B4": (_guided_grad_cam,),
    "B7": (_within_and_between,),
    "O1": (_noise_and_repeats,),
    "O2": (_gain("mlp", "smoothgrad"),),
    "O3": (_gain("cnn", "smoothgrad"),),
    "O4": (_noise_and_repeats,),
    "O5": (_gain("cnn", "repeats"),),
    "O6": (_gain("mlp", "repeats"),),
    "O7": (_kinds_of_reference("cnn"),),
    "O8": (_kinds_of_reference("mlp"),),
    "O10": (_kinds_of_reference("cnn"),),
    "O11": (_gain("cnn", "references", "zero"),),
    "O12": (_gain("mlp", "references", "universal"),),
    "O13": (_aggregated,),
    "O14": (_aggregated,),
    "O15": (_aggregated,),
    "O16": (_aggregated,),
    "O17": (_aggregated,),
    "C1": (_shared_lists("cnn_same_model", "cnn_aggregated", "mlp_same_model", "mlp_aggregated"),),
    "C2": (_shared_lists("cnn_aggregated_mlp", "cnn_aggregated"), _highly_expressed),
    "C3": (_shared_lists("cnn_same_explainer", "cnn_other_explainer", "cnn_single"),),
    "C4": (_shared_lists("mlp_same_explainer", "mlp_single", "mlp_aggregated"),),
    "C6": (_shared_lists("cnn_aggregated", "mlp_aggregated", "cnn_aggregated_mlp"),),
    "E1": (_correlated,),
    "E2": (_correlated,),
    "E3": (_correlated,),
    "E4": (_highly_expressed,),
    "E5": (_highly_expressed,),
    "E6": (_highly_expressed,),
    "E7": (_specific,),
    "E8": (_between_tissues,),
    "E9": (_between_tissues,),
    "E10": (_specific_in_liver,),
    "E11": (_specific_in_liver,),
    "E12": (_specific,),
    "G1": (_highly_expressed,),
    "G5": (_between_tissues,),
    "G6": (_specific, _between_tissues),
    "G9": (_highly_expressed,),
    "K1": (pairs_outside("II", shares=True, fold=False),),
    "K2": (pairs_outside("II", shares=False, fold=True),),
    "K3": (pairs_outside("III", shares=True, fold=True),),
    "K6": (_between_tissues,),
}
"""Where evidence on a statement is found; the others have what was measured, and the sizes."""


def explanation(row: Mapping[str, Any], tables: Tables, chosen: Settings) -> str:
    """Write the paragraph on one statement that is not reproduced.

    Parameters
    ----------
    row
        Its row of the ledger.
    tables
        The tables of `TABLES`.
    chosen
        Settings of this run.
    """
    name = str(row["id"])
    found, low, high = (
        measured(float(row[column]), str(row["statistic"]))
        for column in ("observed", "ci_low", "ci_high")
    )
    if row["ci_low"] == row["ci_low"]:
        found += f" (95 % interval {low} to {high})"
    parts = [
        f"**{name}. {claims()[name].statement}.** Measured was: {row['statistic']}. Asked for: "
        f"{row['expected']}. Found: {found}, n = {int(row['n']):,} {row['unit']}.",
        *(sentence(tables) for sentence in EVIDENCE.get(name, ())),
        _smaller(name, chosen),
    ]
    return " ".join(part for part in parts if part)


def _smaller(name: str, chosen: Settings) -> str:
    """Say in which sizes that matter here the run falls short of the paper."""
    architectures = ["cnn"] if name in _CNN else ["mlp"] if name in _MLP else ["mlp", "cnn"]
    paper = settings("paper")
    phrases = [
        f"{getattr(chosen, field)} {title} instead of {getattr(paper, field)}"
        for architecture in architectures
        for field, title in _SIZES[architecture].items()
        if getattr(chosen, field) < getattr(paper, field)
    ]
    if "cnn" in architectures and chosen.cnn_channels != paper.cnn_channels:
        widths = [" · ".join(map(str, maps)) for maps in (chosen.cnn_channels, paper.cnn_channels)]
        phrases.append(f"{widths[0]} feature maps instead of {widths[1]}")
    if not phrases:
        return ""
    return f"Smaller than in the paper: {listed(phrases)}."


def explanations(ledger: pd.DataFrame, tables: Tables, chosen: Settings) -> dict[str, str]:
    """Write a paragraph for every statement that is not reproduced; see `explanation`."""
    rows = ledger[ledger["verdict"] == NOT_REPRODUCED].to_dict("records")
    return {
        str(row["id"]): explanation({str(k): v for k, v in row.items()}, tables, chosen)
        for row in rows
    }
