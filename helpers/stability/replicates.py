"""Genes that several unoptimised replicates share, against the aggregated list (Figure S8)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.errors import BadInputError, one_of
from helpers.explain.scores import top_indices

SHARED_COLUMNS = [
    "architecture",
    "explainer",
    "tissue",
    "sample",
    "shared_by",
    "genes",
    "overlap",
]


def shared_by_replicates(
    scores: xarray.DataArray,
    aggregated: pd.DataFrame,
    *,
    architecture: str,
    explainer: str,
    over: str = "model",
    k: int = 100,
    by: str = "absolute",
) -> pd.DataFrame:
    """Ask whether genes shared by more replicates are more often in the aggregated list (C5).

    Parameters
    ----------
    scores
        Unoptimised scores of one explainer: dimensions sample, gene and what `over` names;
        coordinate ``tissue`` along sample. Any other dimension is gone through one label at a
        time, and its counts are pooled.
    aggregated
        Rows of the table of top genes of the same architecture and explainer, aggregated:
        ``tissue``, ``gene``; with the column ``sample``, lists of single samples.
    architecture, explainer
        Names put in the table.
    over
        What counts as a replicate: ``"model"`` (one estimate of each of several models) or
        ``"replicate"`` (several estimates of one model).
    k, by
        See `helpers.explain.top_indices`.

    Returns
    -------
    pandas.DataFrame
        ``architecture``, ``explainer``, ``tissue``, ``sample``, ``shared_by`` (1 to the number
        of replicates), ``genes`` (how many, mean over the pooled labels), ``overlap`` (share of
        these genes that is in the aggregated list; missing where there are none). For
        ``shared_by`` 1 this is the mean over single replicates' own lists, the paper's
        comparison; for s ≥ 2 it is over genes in at least s lists.

    Raises
    ------
    UnknownNameError
        If `over` is not one of the two.
    BadInputError
        If there are fewer than two replicates, or a sample has no aggregated list.
    """
    one_of("kind of replicate", over, ("model", "replicate"))
    for name in (over, "sample", "gene"):
        if name not in scores.dims:
            raise BadInputError(f"Scores need the dimension {name!r} to find shared genes.")
    if "tissue" not in scores.coords or scores.sizes[over] < 2:
        raise BadInputError(
            "Shared genes need at least two replicates and the coordinate 'tissue' of samples; "
            f"there are {scores.sizes[over]} of {over!r}."
        )
    rest = [str(name) for name in scores.dims if name not in (over, "sample", "gene")]
    ordered = scores.transpose("sample", *rest, over, "gene")
    genes, replicates = pd.Index(ordered["gene"].to_numpy()), ordered.sizes[over]
    tables = []
    for s, sample in enumerate(ordered["sample"].to_numpy()):
        tissue = str(ordered["tissue"].to_numpy()[s])
        inside = genes.isin(_baseline(aggregated, tissue, sample))
        vectors = ordered.values[s].reshape(-1, replicates, len(genes))
        totals, hits = np.zeros(replicates), np.zeros(replicates)
        for block in vectors:
            chosen = np.concatenate([top_indices(vector, k, by) for vector in block])
            times = np.bincount(chosen, minlength=len(genes))
            found, kept = _at_least(times, replicates), _at_least(times[inside], replicates)
            # Single replicates: each list counts whole, shared genes as often as they occur.
            found[0], kept[0] = k, times[inside].sum() / replicates
            totals += found
            hits += kept
        overlap = np.divide(hits, totals, out=np.full(replicates, np.nan), where=totals > 0)
        tables.append(
            pd.DataFrame(
                {
                    "architecture": architecture,
                    "explainer": explainer,
                    "tissue": tissue,
                    "sample": sample,
                    "shared_by": np.arange(1, replicates + 1),
                    "genes": totals / len(vectors),
                    "overlap": overlap,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)[SHARED_COLUMNS]


def _at_least(times: npt.NDArray[np.intp], replicates: int) -> npt.NDArray[np.float64]:
    """Count genes that are in at least 1, 2, … of the replicates' lists."""
    counts = np.bincount(times, minlength=replicates + 1)[1:]
    return counts[::-1].cumsum()[::-1].astype(float)


def _baseline(aggregated: pd.DataFrame, tissue: str, sample: object) -> pd.Series:
    key, value = ("sample", sample) if "sample" in aggregated.columns else ("tissue", tissue)
    genes = aggregated.loc[aggregated[key] == value, "gene"]
    if genes.empty:
        raise BadInputError(
            f"There is no aggregated list of top genes for {key} {value!r}: give one for each "
            f"{key} of the scores."
        )
    return genes
