"""Sentences of chapter 14: single cells."""

from __future__ import annotations

import anndata
import pandas as pd
from scipy.stats import binomtest

from helpers.prose.writing.wording import counted, listed, percent

EXPECTED = {
    "CD19+ B": ("MS4A1", "CD79A"),
    "CD14+ Monocyte": ("LYZ", "S100A8", "S100A9"),
}
"""Markers by which anyone would check these two types first."""
MONOCYTES, DENDRITIC = "CD14+ Monocyte", "Dendritic"
SIXTEEN = "FCGR3A"
"""HGNC: Fc gamma receptor IIIa, also called CD16 and CD16A."""
SURE = 0.05
LOWER = "↓"
"""Marks a gene that is lower in the type than in other cells."""


def what_we_ran(title: str, types: pd.DataFrame, genes: int, models: int, dataset: str) -> str:
    """Say what the chapter rests on, and that it is not the data set of the run.

    Parameters
    ----------
    title
        Title of the cells.
    types
        ``cell_types.csv``.
    genes, models
        How many there are.
    dataset
        Title of the run's own data set.
    """
    cells = int(types["samples"].sum())
    return (
        f"**What this page was run on.** {title}; {counted(cells, 'cell')} of "
        f"{counted(len(types), 'type')}, {genes:,} genes, log2(CPM + 1); {counted(models, 'MLP')}. "
        "**These cells are real**: they were measured, nothing is simulated. The other chapters of "
        f"this run are about its own data set: {dataset}. This one is the same in every run of "
        "the same size."
    )


def limits(genes: int, top: int, notes: list[str]) -> str:
    """Say how small the gene selection is, and what the reader of the file reported."""
    chance = top / genes
    return (
        f"The file holds {genes} of some 20,000 genes, chosen by others because they vary between "
        f"cells. So chance is high: a random list of {top} genes holds {percent(chance)} of any "
        f"set of them (of 19,000 genes it would be {percent(top / 19000)}). Lists have {top} "
        "genes here, not 100.\n\n" + "\n".join(f"- {note}" for note in notes)
    )


def accuracy(recall: pd.DataFrame, folds: int) -> str:
    """Say how well cells are told apart in cross-validation."""
    whole = recall[recall["tissue"] == "all"].iloc[0]
    types = recall[recall["tissue"] != "all"]
    most = types["n"].max() / types["n"].sum()
    best = types.sort_values("f1").iloc[-1]
    worst = types.sort_values("f1").iloc[0]
    return (
        f"In {folds}-fold cross-validation MLPs name the right type of {percent(whole['recall'])} "
        f"of {int(whole['n']):,} cells (macro F1 {whole['f1']:.2f}); whoever always says the most "
        f"frequent type is right in {percent(most)}. The best F1 is that of {best['tissue']} "
        f"({best['f1']:.2f}), the lowest that of {worst['tissue']} ({worst['f1']:.2f})."
    )


def first_genes(genes: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """List the first genes of each type in one cell; those lower in the type carry an arrow.

    Parameters
    ----------
    genes
        ``cell_genes.csv``: ``tissue``, ``gene``, ``rank``, ``t`` (of the type against the others).
    most
        Genes to list.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``top genes``.
    """
    top = genes[genes["rank"] <= most].sort_values(["tissue", "rank"])
    marked = top["gene"].where(top["t"] >= 0, top["gene"] + LOWER)
    return marked.groupby(top["tissue"]).agg(", ".join).rename("top genes").reset_index()


def markers(table: pd.DataFrame, top: int) -> str:
    """Say where the markers of B cells and monocytes stand, whether or not they are on top."""
    sentences = []
    for tissue, expected in EXPECTED.items():
        part = table[(table["tissue"] == tissue) & table["measured"].astype(bool)]
        part = part[part["gene"].isin(expected)].sort_values("rank")
        if part.empty:
            sentences.append(f"None of {listed(expected)} is measured for {tissue}.")
            continue
        places = [f"{row['gene']} {row['rank']:.0f}" for row in part.to_dict("records")]
        inside = part.loc[part["rank"] <= top, "gene"].tolist()
        verdict = (
            f"{listed(inside)} {'is' if len(inside) == 1 else 'are'} among the top {top}"
            if inside
            else f"none is among the top {top}"
        )
        sentences.append(f"{tissue}: {verdict} (ranks: {listed(places)}).")
    missing = int((~table["measured"].astype(bool)).sum())
    sentences.append(
        f"Of {counted(len(table), 'entry')} in the table of markers, {missing} cannot be found "
        "because the gene is not among those selected."
    )
    return " ".join(sentences)


def against_chance(chance: pd.DataFrame, marker_table: pd.DataFrame) -> str:
    """Say how many markers the two rankings find, how many chance would, and which is ahead.

    Parameters
    ----------
    chance
        ``cell_marker_chance.csv``.
    marker_table
        ``cell_markers.csv``: rankings are compared marker by marker.
    """
    sums = chance.groupby("ranking")[["hits", "markers", "expected"]].sum().to_dict("index")
    ours, plain = sums["explanation"], sums["t"]
    own = chance[chance["ranking"] == "explanation"]
    clear = int((own["p"] < 0.05 / len(own)).sum())
    return (
        f"Over all types {ours['hits']:.0f} of {ours['markers']:.0f} measured markers are among "
        f"the top genes of the explanation, where chance gives {ours['expected']:.1f} "
        f"({ours['hits'] / ours['expected']:.0f} times as many); {clear} of "
        f"{counted(len(own), 'type')} depart from chance after Bonferroni's correction. A plain "
        f"t-test of the type against all other cells finds {plain['hits']:.0f}. "
        + _against_t(marker_table, int(chance["top"].iloc[0]))
    )


def _against_t(marker_table: pd.DataFrame, top: int) -> str:
    """Compare the two rankings on markers that only one of them finds (exact sign test)."""
    measured = marker_table[marker_table["measured"].astype(bool)]
    ours, plain = (measured[column].astype(float) <= top for column in ("rank", "rank_t"))
    only_ours, only_plain = int((ours & ~plain).sum()), int((plain & ~ours).sum())
    apart = only_ours + only_plain
    if not apart:
        return "Both find the same markers."
    p = float(binomtest(only_ours, apart).pvalue)
    if p >= SURE:
        verdict = "too few to say that either finds more"
    else:
        verdict = f"the {'explanation' if only_ours > only_plain else 't-test'} finds more"
    return (
        f"Only the explanation finds {only_ours} of them and only the t-test {only_plain} (exact "
        f"sign test, p = {p:.2g}): {verdict}."
    )


def label_check(cells: anndata.AnnData) -> str:
    """Say how far two labels agree with what is measured: CD14+ monocytes and dendritic cells.

    Parameters
    ----------
    cells
        Cells × genes, with ``tissue`` (the label) in ``obs``.
    """
    labels = cells.obs["tissue"].astype(str).to_numpy()
    sentences = []
    inside = labels == MONOCYTES
    if inside.any() and SIXTEEN in cells.var_names:
        carried = cells[:, SIXTEEN].to_df()[SIXTEEN].to_numpy() > 0
        sentences.append(
            f"{SIXTEEN}, the gene of CD16, is found in {percent(carried[inside].mean(), 0)} of the "
            f"cells that are called {MONOCYTES} (and in {percent(carried[~inside].mean(), 0)} of "
            "the others). CD16+ monocytes, the other kind, are named after it and have no label "
            "here."
        )
    dendritic = (labels == DENDRITIC).mean()
    if dendritic:
        sentences.append(
            f"{percent(dendritic, 0)} of all cells are called {DENDRITIC}, and dendritic cells are "
            "rare in blood: either these cells are no random part of it, or many of the labels "
            "are wrong. The file does not tell which."
        )
    return " ".join(sentences)


def agreement(table: pd.DataFrame, chance: float) -> str:
    """Say how far single models and halves of the ensemble agree."""
    halves, models = (
        table[table["what"] == what].groupby("tissue")["overlap"].median()
        for what in ("halves", "models")
    )
    size = int(table.loc[table["what"] == "halves", "n"].max())
    lowest = halves.index[halves == halves.min()].tolist()
    return (
        f"Two single models share {percent(models.median(), 0)} of their top genes "
        f"(median over types of the median over pairs), two halves of {counted(size, 'model')} "
        f"that have no model in common {percent(halves.median(), 0)}; chance is "
        f"{percent(chance)}. The halves agree least on {listed(lowest)} "
        f"({percent(halves.min(), 0)}{' each' if len(lowest) > 1 else ''})."
    )
