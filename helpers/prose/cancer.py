"""Sentences about top genes in cancer."""

from __future__ import annotations

import math

import pandas as pd

from helpers.biology.differential import CRITERIA
from helpers.prose.markdown import as_written
from helpers.prose.wording import counted, listed, percent, tissue_name

GROUPS = {
    "normal_only": "only of the normal tissue",
    "both": "of both",
    "cancer_only": "only of the cancer",
}


NO_PAIR = "There is no pair of a normal tissue and a cancer with enough samples in this run."


def pairs(table: pd.DataFrame, left_out: pd.DataFrame) -> str:
    """Say which cancers are compared with which tissues, and which are left out and why."""
    shown = [
        f"{tissue_name(row['cancer'])} ({row['n_cancer']}) with {tissue_name(row['normal'])} "
        f"({row['n_normal']})" for _, row in table.iterrows()
    ]  # fmt: skip
    text = f"Compared, with samples: {listed(shown)}." if shown else "No cancer can be compared."
    reasons = [
        f"{listed([tissue_name(name) for name in rows['tissue']])} ({reason})"
        for reason, rows in left_out.groupby("reason", sort=False)
    ]
    return text + (f" Left out: {'; '.join(reasons)}." if reasons else "")


def different(de: pd.DataFrame) -> str:
    """Say how many of all genes differ in each pair (``cancer_de.csv``)."""
    if de.empty:
        return NO_PAIR
    parts = []
    for (normal, cancer), rows in de.groupby(["normal", "cancer"], sort=False):
        counts = rows["direction"].value_counts()
        up, down = (int(counts.get(way, 0)) for way in ("up", "down"))
        parts.append(
            f"{_pair(normal, cancer)}: {percent((up + down) / len(rows), 0)} "
            f"({up:,} higher in cancer, {down:,} lower; median log2 of the change "
            f"{_median(rows):+.2f})"
        )
    text = f"Share of all genes that differ: {'; '.join(parts)}."
    moved = [
        _pair(normal, cancer)
        for (normal, cancer), rows in de.groupby(["normal", "cancer"], sort=False)
        if abs(_median(rows)) >= math.log2(CRITERIA.fold)
    ]
    if not moved:
        return text
    return (
        f"{text} If a cancer changed some genes only, the median would be near 0. In "
        f"{'; '.join(moved)} the median gene changes as much as a gene must to count as different, "
        f"{CRITERIA.fold:g}-fold or more: most of that share is composition, see *Expression is a "
        "share* below."
    )


def _pair(normal: object, cancer: object) -> str:
    return f"{tissue_name(str(normal))} and {tissue_name(str(cancer))}"


def _median(rows: pd.DataFrame) -> float:
    return float(rows["fold_change"].median())


def top_genes_different(shares: pd.DataFrame) -> str:
    """Say how many top genes differ against all genes, by explainer (`share_different`)."""
    if shares.empty:
        return NO_PAIR
    sentences = []
    for explainer, rows in shares.groupby("explainer", sort=False):
        sentences.append(
            f"{explainer}: {percent(rows['share'].min(), 0)} to "
            f"{percent(rows['share'].max(), 0)} of the top genes differ, "
            f"{rows['fold'].min():.1f}- to {rows['fold'].max():.1f}-fold of chance (median "
            f"{rows['fold'].median():.1f})."
        )
    count = shares[["normal", "cancer"]].drop_duplicates().shape[0]
    sentences.append(
        f"Each over {counted(count, 'pair')} (a tissue with two cancers counts twice)."
    )
    fewer = shares[shares["fold"] < 1]
    for (normal, cancer), rows in fewer.groupby(["normal", "cancer"], sort=False):
        sentences.append(
            f"The other way round in {_pair(normal, cancer)}: fewer top genes "
            f"differ than of all genes for {listed(rows['explainer'].tolist())}."
        )
    return " ".join(sentences)


def confounding(pairs: pd.DataFrame, classes: pd.DataFrame) -> str:
    """Say in which pairs the laboratories differ as the status does.

    Parameters
    ----------
    pairs
        ``cancer_pairs.csv``.
    classes
        ``classes.csv``.
    """
    if pairs.empty:
        return NO_PAIR
    studies = classes.set_index("class")["study"].map(lambda names: set(str(names).split(", ")))
    apart = [
        row for _, row in pairs.iterrows() if not studies[row["normal"]] & studies[row["cancer"]]
    ]
    if not apart:
        return (
            "In every pair at least one study gave both normal samples and tumours. Where others "
            "gave only one of them, laboratory and cancer are mixed in part."
        )
    sides = [
        listed(list(map(as_written, sorted(set().union(*(studies[row[side]] for row in apart))))))
        for side in ("normal", "cancer")
    ]
    part = "every pair" if len(apart) == len(pairs) else f"{len(apart)} of {len(pairs)} pairs"
    return (
        f"**In {part} all normal samples come from {sides[0]} and all tumours from {sides[1]}.** "
        "What differs between them is the cancer's and the laboratories' together: other donors, "
        "other protocols, other software. Nothing in these data can tell the two apart, in any "
        "number that compares such a pair."
    )


def batch_effects(table: pd.DataFrame) -> str:
    """Say how much of the difference between normal tissue and cancer may be the studies'.

    Parameters
    ----------
    table
        What `laboratory_effect` gave.
    """
    if table.empty:
        return (
            "How much the laboratories differ cannot be measured here: no normal tissue has "
            "enough samples from two studies."
        )
    sentences = []
    for organ, rows in table.groupby("organ", sort=False):
        largest = rows.groupby("comparison")["share"].max()
        row = rows[rows["comparison"] == "studies"].iloc[0]
        text = (
            f"In {tissue_name(str(organ))}, {percent(float(largest['studies']))} of the genes "
            f"differ between normal samples of the studies ({as_written(row['a'])}, {row['n_a']}; "
            f"{as_written(row['b'])}, "
            f"{row['n_b']})"
        )
        for name, words in (
            ("cancer, same study", "between normal samples and tumours of the same study"),
            ("cancer, other study", "where the studies differ as well"),
        ):
            if name in largest:
                text += f", {percent(float(largest[name]))} {words}"
        sentences.append(text + ".")
    return " ".join(sentences)


def segregation(summary: pd.DataFrame) -> str:
    """Say which way top genes of the normal tissue, of the cancer and of both change.

    Parameters
    ----------
    summary
        What `segregation_summary` gave, of one method.
    """
    if summary.empty:
        return NO_PAIR
    parts = []
    for group, words in GROUPS.items():
        rows = summary[summary["group"] == group]
        total = int(rows["genes"].sum())
        if not total:
            parts.append(f"there are none {words}")
            continue
        down, up = (percent(rows[way].sum() / total, 0) for way in ("down", "up"))
        parts.append(f"of {total} {words}, {down} are lower in cancer and {up} higher")
    count = summary[["normal", "cancer"]].drop_duplicates().shape[0]
    return f"Top genes over {counted(count, 'pair')}: {'; '.join(parts)}."


def marker(ranks: pd.DataFrame, gene: str, top: int) -> str:
    """Say where a gene stands among all genes (``marker_ranks.csv``, of one explainer).

    Parameters
    ----------
    ranks
        ``tissue``, ``gene``, ``rank``, ``genes``.
    gene
        Symbol.
    top
        Genes in a list of top genes.
    """
    own = ranks[ranks["gene"] == gene].sort_values("rank")
    if own.empty:
        return f"{as_written(gene)} is not among the genes of these data."
    inside = [
        f"number {row['rank']} in {tissue_name(str(row['tissue']))}"
        for _, row in own[own["rank"] <= top].iterrows()
    ]
    outside = [
        f"{row['rank']:,} in {tissue_name(str(row['tissue']))}"
        for _, row in own[own["rank"] > top].iterrows()
    ]
    text = f"Of {own['genes'].iloc[0]:,} genes, {as_written(gene)} is "
    text += listed(inside) if inside else f"among the first {top} nowhere"
    return text + (f"; its rank is {listed(outside)}." if outside else ".")


def shared(summary: pd.DataFrame) -> str:
    """Say how many top genes samples of one cancer share (`summarise_shared`)."""
    row = summary.iloc[0]
    genes = int(row["genes"])
    if not genes:
        return f"No gene is shared by samples of one of {counted(int(row['cancers']), 'cancer')}."
    return (
        f"{counted(genes, 'gene')} {'is' if genes == 1 else 'are'} shared by samples of one of "
        f"{counted(int(row['cancers']), 'cancer')} ({row['samples_per_cancer']:g} samples of each "
        f"explained, on which this number depends). {percent(row['share_specific'], 0)} are shared "
        f"within one cancer only, and none in more than {int(row['most_types'])}. "
        f"{int(row['known'])} are known cancer genes."
    )


def known(genes: pd.DataFrame, source: str, *, most: int = 5) -> str:
    """Name the known cancer genes that most cancers share (`known_cancer_genes`)."""
    if genes.empty:
        return f"None of the shared genes is a known cancer gene ({as_written(source)})."
    several, one = genes[genes["types"] > 1], genes[genes["types"] == 1]
    shown = [
        f"{as_written(row['gene'])} ({row['role']}, {counted(int(row['types']), 'cancer')})"
        for _, row in genes.head(most).iterrows()
    ]
    return (
        f"Of {counted(len(genes), 'known cancer gene')} ({as_written(source)}), two or more "
        f"cancers share {len(several)}, and {len(one)} belong to one alone. Shared by most: "
        f"{listed(shown)}."
    )
