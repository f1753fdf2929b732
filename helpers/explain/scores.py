"""Scores: labelled arrays of what explainers say, and the genes with the largest ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.errors import BadInputError, MissingInputError, one_of

DIMENSIONS = ("explainer", "model", "replicate", "sample", "gene")
_ATTRIBUTES = "attributes_json"


def make_scores(
    values: npt.NDArray[np.floating],
    *,
    genes: Sequence[str],
    explainers: Sequence[str] | None = None,
    models: Sequence[int] | Sequence[str] | None = None,
    replicates: Sequence[int] | int | None = None,
    samples: Sequence[str] | None = None,
    tissues: Sequence[str] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> xarray.DataArray:
    """Label an array of scores.

    Parameters
    ----------
    values
        Scores; its axes are the dimensions whose labels are given, in the order explainer,
        model, replicate, sample, gene.
    genes, explainers, models, samples
        Labels; what is None is no dimension.
    replicates
        Labels, or their number.
    tissues
        Tissue of each sample: coordinate ``tissue`` along ``sample``.
    attributes
        Anything JSON can hold, such as explainer, reference and n.

    Returns
    -------
    xarray.DataArray

    Raises
    ------
    BadInputError
        If the labels do not fit the array, or a label occurs twice.


    Examples
    --------
    >>> import helpers as hx, numpy as np
    >>> scores = hx.make_scores(np.eye(2), samples=["a", "b"], genes=["ALB", "ACTB"])
    >>> scores.dims, scores.sel(sample="a", gene="ALB").item()
    (('sample', 'gene'), 1.0)
    """
    if isinstance(replicates, int):
        replicates = range(replicates)
    given = dict(zip(DIMENSIONS, (explainers, models, replicates, samples, genes), strict=True))
    labels = {name: list(of) for name, of in given.items() if of is not None}
    shape = tuple(len(of) for of in labels.values())
    if values.shape != shape:
        described = " × ".join(f"{len(of)} {name}s" for name, of in labels.items())
        raise BadInputError(f"Scores of shape {values.shape} cannot be labelled with {described}.")
    for name, of in labels.items():
        twice = pd.Index(of)[pd.Index(of).duplicated()]
        if len(twice):
            raise BadInputError(f"The label {twice[0]!r} of dimension {name!r} occurs twice.")
    coordinates: dict[str, Any] = dict(labels)
    if tissues is not None:
        count = len(labels.get("sample", ()))
        if len(tissues) != count:
            raise BadInputError(f"{len(tissues)} tissues cannot be given to {count} samples.")
        coordinates["tissue"] = ("sample", [str(tissue) for tissue in tissues])
    return xarray.DataArray(
        values, coords=coordinates, dims=list(labels), name="score", attrs=dict(attributes or {})
    )


def top_indices(
    vector: npt.NDArray[np.floating], k: int = 100, by: str = "absolute"
) -> npt.NDArray[np.intp]:
    """Find the k largest scores, largest first; of equal ones the earlier gene comes first.

    Parameters
    ----------
    vector
        One score per gene.
    k
        How many.
    by
        ``"absolute"``: by absolute value; ``"signed"``: by value.

    Raises
    ------
    UnknownNameError
        If `by` is neither.
    BadInputError
        If there are fewer than `k` genes, or a score is not a number.
    """
    one_of("order of scores", by, ("absolute", "signed"))
    if not 1 <= k <= len(vector):
        raise BadInputError(
            f"The top {k} genes cannot be taken from {len(vector)}: choose between 1 and "
            f"{len(vector)}."
        )
    key = -np.abs(vector) if by == "absolute" else -vector
    if np.isnan(key).any():
        raise BadInputError(
            f"The score of gene {int(np.flatnonzero(np.isnan(key))[0])} (counted from 0) is not a "
            "number, so genes cannot be put in order."
        )
    # Everything up to the k-th value, ties included, in gene order; only that is sorted.
    candidates = np.flatnonzero(key <= np.partition(key, k - 1)[k - 1])
    return candidates[np.argsort(key[candidates], kind="stable")[:k]]


def top_genes(scores: xarray.DataArray, k: int = 100, by: str = "absolute") -> pd.DataFrame:
    """List the genes with the largest scores.

    Parameters
    ----------
    scores
        Scores with dimension ``gene``; every vector over the genes gets its own list.
    k, by
        See `top_indices`: larger scores come first, of equal ones the gene that comes first in
        the data set.

    Returns
    -------
    pandas.DataFrame
        One row per gene of a list: the other dimensions' labels (and ``tissue``, if samples
        have one), ``rank`` from 1, ``gene``, ``score``.

    Raises
    ------
    BadInputError
        As `top_indices`.


    Examples
    --------
    >>> import helpers as hx, numpy as np
    >>> values = np.array([[1.0, -3.0, 2.0]])
    >>> scores = hx.make_scores(values, samples=["a"], genes=["ALB", "ACTB", "AFP"])
    >>> hx.top_genes(scores, k=2)["gene"].tolist()
    ['ACTB', 'AFP']
    >>> hx.top_genes(scores, k=2, by="signed")["gene"].tolist()
    ['AFP', 'ALB']
    """
    outer = [str(name) for name in scores.dims if name != "gene"]
    ordered = scores.transpose(*outer, "gene")
    genes = ordered["gene"].to_numpy()
    tissues = ordered["tissue"].to_numpy() if "tissue" in ordered.coords else None
    lists = []
    for place in np.ndindex(*ordered.shape[:-1]):
        vector = ordered.values[place]
        top = top_indices(vector, k, by)
        columns: dict[str, Any] = {}
        for name, i in zip(outer, place, strict=True):
            columns[name] = ordered[name].to_numpy()[i]
            if name == "sample" and tissues is not None:
                columns["tissue"] = tissues[i]
        columns |= {"rank": np.arange(1, k + 1), "gene": genes[top], "score": vector[top]}
        lists.append(pd.DataFrame(columns))
    return pd.concat(lists, ignore_index=True)


def save_scores(path: Path, scores: xarray.DataArray) -> None:
    """Write scores to a netCDF file; the same scores give the same bytes.

    Parameters
    ----------
    path
        The file to write. Making the write atomic is left to the caller.
    scores
        Any of the dimensions of `make_scores`, in the units of a logit.

    Examples
    --------
    >>> import helpers as hx, numpy as np, pathlib, tempfile
    >>> scores = hx.make_scores(np.eye(2), samples=["a", "b"], genes=["ALB", "ACTB"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hx.save_scores(pathlib.Path(folder, "scores.nc"), scores)
    ...     [file.name for file in pathlib.Path(folder).iterdir()]
    ['scores.nc']
    """
    stored = scores.copy(deep=False)
    stored.attrs = {_ATTRIBUTES: json.dumps(scores.attrs, sort_keys=True, ensure_ascii=False)}
    stored.to_netcdf(path, engine="h5netcdf")


def load_scores(path: Path) -> xarray.DataArray:
    """Read what `save_scores` wrote, wholly into memory.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    xarray.DataArray
        The scores, with the dimensions, labels and attributes that they had.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is not a file of scores.


    Examples
    --------
    >>> import helpers as hx, numpy as np, pathlib, tempfile
    >>> scores = hx.make_scores(np.eye(2), samples=["a", "b"], genes=["ALB", "ACTB"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hx.save_scores(pathlib.Path(folder, "scores.nc"), scores)
    ...     read = hx.load_scores(pathlib.Path(folder, "scores.nc"))
    >>> read.equals(scores)
    True
    """
    if not path.exists():
        raise MissingInputError(f"There is no file of scores at {path}: run the study first.")
    try:
        scores = xarray.load_dataarray(path, engine="h5netcdf")
        scores.attrs = json.loads(scores.attrs[_ATTRIBUTES])
    except (OSError, KeyError, ValueError) as error:
        raise BadInputError(
            f"{path} is not a file of scores ({error}): delete it, and it is made again."
        ) from None
    return scores
