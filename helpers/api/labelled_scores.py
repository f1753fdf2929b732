"""What an explanation of one's own network is: labelled scores, and ways to take them elsewhere."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.api.labelled_samples import matrix_of
from helpers.errors import BadInputError, MissingInputError, one_of
from helpers.explain import top_genes
from helpers.workspace.atomic import atomic_path

PER = ("class", "sample")

EXPLAINED_CLASS = "explained_class"
"""Column of samples with the class that was explained, where that is not a column of theirs."""


@dataclass(frozen=True, repr=False)
class Explanation:
    """Scores of genes, with names of samples, genes and classes.

    Made by `explain_network`.

    Attributes
    ----------
    data
        Variables ``score`` (sample × gene; model × sample × gene if models were kept apart),
        ``class_score`` (class × gene, mean over the samples for which this class was explained)
        and, of several models, ``spread`` (class × gene, standard deviation over models of the
        same mean; divisor: number of models). Coordinates: ``sample``, ``gene``, ``class``, and
        along samples ``target``, the class that was explained. Attributes: explainer, engine,
        references, n, mode, seed, models. Scores have the units of a logit; with several models
        each is on one scale, see `explain_network`.
    samples
        The samples that were explained, genes as in ``data``.
    groupby
        Column of `samples` that holds the classes explained; empty if there is none.

    Examples
    --------
    >>> import helpers as hx
    >>> model, adata = hx.example_network()
    >>> found = hx.explain_network(model, adata, class_column="tissue")
    >>> found
    Explanation: 30 samples × 12 genes, 3 classes, DeepLift, engine mlp
    >>> found.data["class_score"].sel({"class": "liver", "gene": "ALB"}).item() > 0
    True
    """

    data: xarray.Dataset
    samples: anndata.AnnData
    groupby: str

    def __repr__(self) -> str:
        sizes, attributes = self.data.sizes, self.data.attrs
        models = f", {attributes['models']} models" if attributes["models"] > 1 else ""
        return (
            f"Explanation: {sizes['sample']} samples × {sizes['gene']} genes, {sizes['class']} "
            f"classes, {attributes['explainer']}, engine {attributes['engine']}{models}"
        )

    def top(self, k: int = 20, per: str = "class") -> pd.DataFrame:
        """List the genes with the largest scores, by absolute value.

        Parameters
        ----------
        k
            How many.
        per
            ``"class"``: a list for each class, of its mean scores; ``"sample"``: for each sample.

        Returns
        -------
        pandas.DataFrame
            class or sample (and model, if models were kept apart), rank from 1, gene, score.

        Raises
        ------
        UnknownNameError
            If `per` is neither.
        BadInputError
            If there are fewer than `k` genes.
        """
        return top_genes(self.data[_VARIABLES[one_of("kind of list", per, PER)]], k)

    def table(self, per: str = "class") -> pd.DataFrame:
        """Return all scores as a table.

        Parameters
        ----------
        per
            See `top`.

        Returns
        -------
        pandas.DataFrame
            As `top` with all genes; per class with ``spread``, if there are several models.
        """
        found = self.top(self.data.sizes["gene"], per)
        if per == "class" and "spread" in self.data:
            spread = self.data["spread"].to_series().rename("spread")
            found = found.join(spread, on=["class", "gene"])
        return found

    def to_parquet(self, path: str | Path, per: str = "class") -> None:
        """Write `table` to a Parquet file, whole or not at all.

        Parameters
        ----------
        path
            The file.
        per
            See `top`.

        Raises
        ------
        MissingInputError
            If pyarrow is not installed.
        WorkspaceError
            If the file cannot be written.
        """
        if importlib.util.find_spec("pyarrow") is None:
            raise MissingInputError(
                "Parquet files are written by pyarrow, which is not installed: pip install "
                "pyarrow, or write table().to_csv(...) instead."
            )
        with atomic_path(Path(path)) as unfinished:
            self.table(per).to_parquet(unfinished, index=False)

    def to_anndata(self, key: str = "rank_genes_groups") -> anndata.AnnData:
        """Return a copy of the samples with scores where Scanpy looks for them.

        Parameters
        ----------
        key
            Where the ranking goes; Scanpy's plots take it as ``key``.

        Returns
        -------
        anndata.AnnData
            Samples × genes. ``layers["scores"]``: scores; ``varm["class_scores"]``: genes ×
            classes; ``uns[key]``: genes of each class, largest score first, in the form of
            ``scanpy.tl.rank_genes_groups`` (``names``, ``scores``, ``logfoldchanges``: the class
            less the rest, in the units of X; ``pvals`` are not a number, since an explanation is
            no test); ``uns["explanation"]``: how it was made.

        Raises
        ------
        BadInputError
            If models were kept apart.
        """
        if "model" in self.data["score"].dims:
            raise BadInputError(
                "An AnnData has one score for each sample and gene, but models were kept apart: "
                "explain with aggregate='unit' or 'raw'."
            )
        found = self.samples.copy()
        groupby = self.groupby or EXPLAINED_CLASS
        scores = self.data["class_score"]
        classes = [str(name) for name in scores["class"].to_numpy()]
        if not self.groupby:
            targets = self.data["target"].to_numpy()
            found.obs[groupby] = pd.Categorical(targets, categories=classes)
        found.layers["scores"] = self.data["score"].to_numpy()
        by_class = scores.transpose("gene", "class").to_numpy()
        found.varm["class_scores"] = pd.DataFrame(by_class, found.var_names, classes)
        found.uns[key] = _ranking(scores, self._changes(groupby, found), groupby, self.data.attrs)
        found.uns["explanation"] = dict(self.data.attrs)
        return found

    def _changes(self, groupby: str, adata: anndata.AnnData) -> npt.NDArray[np.floating]:
        """Mean of each class less that of all other samples: class × gene."""
        matrix = matrix_of(adata, self.data.attrs["layer"] or None)
        labels = adata.obs[groupby].astype(str).to_numpy()
        found = np.full((self.data.sizes["class"], adata.n_vars), np.nan, dtype=np.float32)
        for number, name in enumerate(self.data["class"].to_numpy()):
            own = labels == str(name)
            if own.any() and not own.all():
                found[number] = matrix[own].mean(axis=0) - matrix[~own].mean(axis=0)
        return found


_VARIABLES = {"class": "class_score", "sample": "score"}


def _ranking(
    scores: xarray.DataArray,
    changes: npt.NDArray[np.floating],
    groupby: str,
    attributes: dict[str, Any],
) -> dict[str, Any]:
    """Put scores into the form of ``scanpy.tl.rank_genes_groups``."""
    genes = scores["gene"].to_numpy().astype(str)
    classes = [str(name) for name in scores["class"].to_numpy()]
    values = scores.transpose("class", "gene").to_numpy()
    orders = [np.argsort(-own, kind="stable") for own in values]
    columns: dict[str, list[npt.NDArray[Any]]] = {
        "names": [genes[order].astype(object) for order in orders],
        "scores": [
            own[order].astype(np.float32) for own, order in zip(values, orders, strict=True)
        ],
        "logfoldchanges": [
            own[order].astype(np.float32) for own, order in zip(changes, orders, strict=True)
        ],
    }
    for name in ("pvals", "pvals_adj"):
        columns[name] = [np.full(len(genes), np.nan) for _ in classes]
    made: dict[str, Any] = {
        name: pd.DataFrame(dict(zip(classes, of, strict=True))).to_records(index=False)
        for name, of in columns.items()
    }
    made["params"] = {
        "groupby": groupby,
        "reference": "rest",
        "method": attributes["explainer"],
        "use_raw": False,
        "layer": attributes["layer"] or None,
        "corr_method": "none",
    }
    return made
