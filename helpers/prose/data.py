"""Sentences about the data set of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.prose.wording import as_written, counted, listed, percent, tissue_name


def what_we_ran(
    title: str,
    *,
    simulated: bool,
    profile: str,
    classes: pd.DataFrame,
    genes: int,
    notes: Sequence[str] = (),
) -> str:
    """Say what data a chapter rests on.

    Parameters
    ----------
    title, simulated
        The data set's title, and whether its samples are simulated.
    profile
        The profile of the run.
    classes
        ``classes.csv``.
    genes
        Number of genes.
    notes
        What the data set's reader has to say (classes left out, …).
    """
    samples = int(classes["samples"].sum())
    statuses = classes.groupby("status")["samples"].agg(["size", "sum"])
    statuses = statuses.sort_index(ascending=False).reset_index()
    parts = [
        f"{counted(int(row['sum']), row['status'] + ' sample')} in "
        f"{counted(int(row['size']), 'class')}"
        for row in statuses.to_dict("records")
    ]
    text = (
        f"**What this page was run on.** Data set: {as_written(title)}; profile `{profile}`; "
        f"{counted(samples, 'sample')} of {counted(len(classes), 'class')} "
        f"({listed(parts)}), {genes:,} genes, log2(TPM + 1)."
    )
    if simulated:
        text += (
            " **The samples are simulated**: they are drawn around published medians of real "
            "tissues and tumours. They show how the methods behave, and which genes stand out "
            "in those medians; they are not measurements."
        )
    if len(notes):
        text += "\n\n" + "\n".join(f"- {as_written(note)}" for note in notes)
    return text


def projection(points: pd.DataFrame) -> str:
    """Say how much of the variance the first two components carry."""
    first = points.iloc[0]
    return (
        f"The first two principal components carry {percent(first['share1'], 0)} and "
        f"{percent(first['share2'], 0)} of the variance of {counted(len(points), 'sample')}."
    )


def spread(spreads: pd.DataFrame) -> str:
    """Say how much genes vary within the tissues that are explained later."""
    low, high = spreads["sd"].min(), spreads["sd"].max()
    tissues = [tissue_name(name) for name in dict.fromkeys(spreads["tissue"])]
    peak = spreads.sort_values("sd").iloc[-1]
    return (
        f"Within {listed(tissues)} the median SD of genes runs from {low:.2f} to {high:.2f} log2 "
        f"units; it is largest for genes with a mean of about {peak['mean']:.1f} "
        f"({tissue_name(str(peak['tissue']))})."
    )
