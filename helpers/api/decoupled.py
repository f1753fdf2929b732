"""From scores of genes to activities of what regulates them, by decoupler."""

from __future__ import annotations

import importlib
from typing import Any

import pandas as pd

from helpers.annotations import GeneSets
from helpers.api.labelled_scores import Explanation
from helpers.errors import BadInputError, MissingInputError, one_of

METHODS = ("ulm", "mlm", "waggr", "zscore")
COLUMNS = ("source", "target")


def activities(
    scores: Explanation | pd.DataFrame,
    net: pd.DataFrame | GeneSets,
    *,
    method: str = "ulm",
    min_targets: int = 5,
) -> pd.DataFrame:
    """Estimate activities of transcription factors or pathways from scores of their target genes.

    A regulator is active in a class if genes that it activates speak for the class more than
    others (Badia-i-Mompel et al., Bioinformatics Advances 2022). It is decoupler that computes
    this; install it with ``pip install decoupler``.

    Parameters
    ----------
    scores
        An explanation, of which the mean scores of classes are taken, or a table of classes (or
        samples) × genes.
    net
        Columns ``source`` (the regulator or pathway), ``target`` (a gene) and optionally
        ``weight`` (above zero: activates; 1 if absent), such as ``decoupler.op.collectri()``; or
        a library of `load_gene_sets`.
    method
        Of decoupler: ``"ulm"`` (a linear model for each source), ``"mlm"`` (one for all),
        ``"waggr"`` (weighted mean) or ``"zscore"``.
    min_targets
        Sources with fewer measured targets are left out.

    Returns
    -------
    pandas.DataFrame
        ``class``, ``source``, ``activity`` (of ``"ulm"`` and ``"mlm"`` a t-statistic) and ``p``
        (two-sided, not corrected for the number of sources), largest activity of a class first.

    Raises
    ------
    MissingInputError
        If decoupler is not installed.
    UnknownNameError
        If there is no such method.
    BadInputError
        If a column is missing, or no source has enough measured targets.

    Examples
    --------
    >>> import helpers as hx, pandas as pd
    >>> model, adata = hx.example_network()
    >>> found = hx.explain_network(model, adata, class_column="tissue")
    >>> net = pd.DataFrame(
    ...     {"source": ["HNF4A"] * 3 + ["GATA4"] * 3,
    ...      "target": ["ALB", "APOA2", "CYP2E1", "MYH6", "NPPA", "MYL7"]}
    ... )
    >>> table = hx.activities(found, net, min_targets=3)
    >>> table.groupby("class", observed=True)["source"].first()["liver"]
    'HNF4A'
    """
    one_of("method of decoupler", method, METHODS)
    links = _links(net)
    table = scores.data["class_score"].to_pandas() if isinstance(scores, Explanation) else scores
    if not isinstance(table, pd.DataFrame):
        raise BadInputError(
            "Activities need a table of classes × genes, but networks were kept apart: explain "
            "with aggregate='unit' or 'raw'."
        )
    measured = links[links["target"].isin(table.columns)]
    enough = measured.groupby("source")["target"].nunique() >= min_targets
    if not enough.any():
        raise BadInputError(
            f"No source of the net has {min_targets} targets among the {table.shape[1]} genes: "
            "name genes as the net does (HGNC symbols), or lower min_targets."
        )
    compute = getattr(_decoupler().mt, method)
    data = table.astype("float64").rename_axis(index=None, columns=None)
    found, p = compute(data, net=measured, tmin=min_targets, verbose=False)
    long = found.rename_axis(index="class", columns="source").stack().rename("activity")
    significance = p.rename_axis(index="class", columns="source").stack().rename("p")
    joined = pd.concat([long, significance], axis=1).reset_index()
    joined["class"] = pd.Categorical(joined["class"], categories=list(table.index), ordered=True)
    ordered = joined.sort_values(["class", "activity"], ascending=[True, False], kind="stable")
    return ordered.astype({"class": str}).reset_index(drop=True)


def _links(net: pd.DataFrame | GeneSets) -> pd.DataFrame:
    """Return source, target and weight of every link, each once."""
    if isinstance(net, GeneSets):
        pairs = [(net.terms[key], gene) for key, genes in net.sets.items() for gene in genes]
        net = pd.DataFrame(pairs, columns=list(COLUMNS))
    for column in COLUMNS:
        if column not in net:
            raise BadInputError(
                f"A net needs the columns source and target, but this one has no {column!r}."
            )
    links = net if "weight" in net else net.assign(weight=1.0)
    return links[[*COLUMNS, "weight"]].drop_duplicates(list(COLUMNS))


def _decoupler() -> Any:
    try:
        return importlib.import_module("decoupler")
    except ImportError as error:
        raise MissingInputError(
            "Activities are computed by decoupler, which cannot be imported "
            f"({error}): pip install decoupler."
        ) from None
