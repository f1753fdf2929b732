"""Logistic regression: what a model without hidden layers makes of the same samples.

A network that does worse than this has not learnt what there is to learn. With twenty thousand
genes and a few thousand samples all that a linear model can tell apart lies in the space that the
samples span, and nearly all of it in its first principal components: these are found from the
products of samples with each other, which are made once for all folds.
"""

from __future__ import annotations

import warnings

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from helpers.training.ensemble import aligned

COMPONENTS = 256
"""Principal components of the training samples that the regression is given, at most."""

MOST_SAMPLES = 4000
"""Samples that are used at most, so that the products of all with all stay small."""

COST = 100.0
"""Inverse strength of L2, for samples of mean squared length 1."""

_POWERS = 3
"""Rounds of the iteration that finds the components (Halko, Martinsson & Tropp 2011)."""


def linear_predictions(adata: anndata.AnnData, folds: pd.Series, *, seed: int) -> pd.DataFrame:
    """Predict each sample by a logistic regression that has not seen its fold.

    Multinomial, with L2, classes weighted to count the same, on log2(TPM + 1) as networks get it,
    less the mean of the training samples, in their first `COMPONENTS` principal components.

    Parameters
    ----------
    adata
        ``X``: samples × genes, log2(TPM + 1); ``obs["tissue"]``: the class.
    folds
        What `helpers.training.folds` gave for ``adata.obs``: the folds of the networks.
    seed
        Of the choice of samples, where there are more than `MOST_SAMPLES`, and of the components.

    Returns
    -------
    pandas.DataFrame
        sample, fold, truth, predicted, probability (of the predicted class).
    """
    fold_of = aligned(folds, adata)
    truth = adata.obs["tissue"].to_numpy(dtype=str)
    rows = _at_most(truth, fold_of, MOST_SAMPLES, seed)
    fold_of, truth = fold_of[rows], truth[rows]
    products = _products(adata.X, rows)
    rng = np.random.default_rng(seed)
    parts = []
    for fold in np.unique(fold_of):
        tested = fold_of == fold
        training, others = _components(products, tested, rng)
        model = LogisticRegression(C=COST, class_weight="balanced", max_iter=500, tol=1e-4)
        with warnings.catch_warnings():
            # What is not quite at its optimum is a fair measure all the same.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(training, truth[~tested])
        found = model.predict_proba(others)
        parts.append(
            pd.DataFrame(
                {
                    "sample": adata.obs_names[rows[tested]],
                    "fold": fold,
                    "truth": truth[tested],
                    "predicted": model.classes_[found.argmax(axis=1)],
                    "probability": found.max(axis=1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _at_most(
    truth: npt.NDArray[np.str_], folds: npt.NDArray[np.integer], most: int, seed: int
) -> npt.NDArray[np.intp]:
    """Choose samples, of each class in each fold the same share and at least one."""
    if len(truth) <= most:
        return np.arange(len(truth))
    rng = np.random.default_rng(seed)
    share = most / len(truth)
    groups = pd.DataFrame({"truth": truth, "fold": folds}).groupby(["truth", "fold"]).indices
    kept = [rng.permutation(own)[: max(1, int(share * len(own)))] for own in groups.values()]
    return np.sort(np.concatenate(kept))


def _products(
    x: npt.NDArray[np.floating], rows: npt.NDArray[np.intp], genes: int = 2048
) -> npt.NDArray[np.float32]:
    """Multiply all samples with each other, less the mean of all: samples × samples.

    Some genes at a time, so that the data are not copied as a whole.
    """
    total = np.zeros((len(rows), len(rows)), dtype=np.float32)
    for start in range(0, x.shape[1], genes):
        part = np.asarray(x[rows, start : start + genes], dtype=np.float32)
        part -= part.mean(axis=0)
        total += part @ part.T
    return total


def _components(
    products: npt.NDArray[np.float32], tested: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Return training samples and tested ones in the components of the former."""
    own = products[np.ix_(~tested, ~tested)]
    other = products[np.ix_(tested, ~tested)]
    # Centred on the mean of the training samples, which the tested ones know nothing of.
    columns, whole = own.mean(axis=0), own.mean()
    other += whole - columns - other.mean(axis=1, keepdims=True)
    own += whole - columns - columns[:, None]
    size = min(COMPONENTS, len(own) - 1)
    basis = rng.standard_normal((len(own), min(len(own), size + 20)), dtype=np.float32)
    for _ in range(_POWERS):
        basis, _ = np.linalg.qr(own @ basis)
    values, vectors = np.linalg.eigh(basis.T @ own @ basis)
    values, vectors = values[::-1][:size], vectors[:, ::-1][:, :size]
    # Where all samples are alike there is no direction; one of no length is as good as any.
    kept = values >= 1e-6 * max(values[0], 1e-30)
    kept[0], values[0] = True, max(values[0], 1e-30)
    directions = (basis @ vectors[:, kept]) / np.sqrt(values[kept])
    length = np.sqrt(max(np.trace(own) / len(own), 1e-30))
    return own @ directions / length, other @ directions / length
