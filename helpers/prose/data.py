"""Facts about the data set of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.prose.learning import cautions
from helpers.prose.writing.templates import Facts


def what_we_ran(
    title: str,
    *,
    simulated: bool,
    values: str = "log2(TPM + 1)",
    profile: str,
    classes: pd.DataFrame,
    genes: int,
    notes: Sequence[str] = (),
    learnt: pd.DataFrame | None = None,
    top: int = 0,
    expression: pd.DataFrame | None = None,
) -> Facts:
    """Return what data a chapter rests on.

    Parameters
    ----------
    title, simulated
        The data set's title, and whether its samples are simulated.
    values
        What a value of the matrix is.
    profile
        The profile of the run.
    classes
        ``classes.csv``.
    genes
        Number of genes.
    notes
        What the data set's reader has to say (classes left out, …).
    learnt, top, expression
        See `helpers.prose.learning.cautions`; left out where a chapter explains no network.

    Returns
    -------
    dict
        The same, with ``samples``, ``classes`` (how many) and, for each of ``statuses``, how many
        samples and classes have it; and what a reader has to know first, see `cautions`.
    """
    statuses = classes.groupby("status")["samples"].agg(["size", "sum"])
    return {
        "title": title,
        "simulated": simulated,
        "values": values,
        "profile": profile,
        "samples": int(classes["samples"].sum()),
        "classes": len(classes),
        "statuses": [
            {"status": str(row["status"]), "samples": int(row["sum"]), "classes": int(row["size"])}
            for row in statuses.sort_index(ascending=False).reset_index().to_dict("records")
        ],
        "genes": genes,
        "notes": list(notes),
        **cautions(learnt, top, genes, expression),
    }


def projection(points: pd.DataFrame) -> Facts:
    """Return how much of the variance the first two components carry, and of how many samples."""
    first = points.iloc[0]
    return {
        "first": float(first["share1"]),
        "second": float(first["share2"]),
        "samples": len(points),
    }


def spread(spreads: pd.DataFrame) -> Facts:
    """Return how much genes vary within the tissues that are explained later.

    Returns
    -------
    dict
        ``tissues``; the ``lowest`` and ``highest`` median SD in log2 units; ``peak_mean`` and
        ``peak_tissue``, where it is highest.
    """
    peak = spreads.sort_values("sd").iloc[-1]
    return {
        "tissues": list(dict.fromkeys(spreads["tissue"])),
        "lowest": float(spreads["sd"].min()),
        "highest": float(spreads["sd"].max()),
        "peak_mean": float(peak["mean"]),
        "peak_tissue": str(peak["tissue"]),
    }
