"""Cross-validation, with the predictions of all folds pooled before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anndata
import numpy as np
import pandas as pd
import torch
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from helpers.training.ensemble import aligned, fit, mean_recall, predict
from helpers.training.loop import Record
from helpers.training.regime import Regime
from helpers.training.seeds import FOLD, derived_seed
from helpers.training.splitting import hold_out


def train_fold(
    adata: anndata.AnnData,
    folds: pd.Series,
    k: int,
    *,
    architecture: str = "mlp",
    options: Mapping[str, Any] | None = None,
    gene_order: str = "given",
    regime: Regime,
    seed: int,
    by: str = "tissue",
    device: torch.device | str = "cpu",
    on_epoch: Callable[[Record], None] | None = None,
) -> pd.DataFrame:
    """Train on all folds but one and predict that one (paper, "Model performance estimation").

    The validation samples that choose the epoch are a tenth of the training folds, so the
    predicted fold has no part in the training.

    Parameters
    ----------
    adata
        ``X``: samples × genes, log2(TPM + 1), float32; ``obs["tissue"]``: the class.
    folds
        What `helpers.training.folds` gave for ``adata.obs``.
    k
        The fold to predict.
    by
        As for `helpers.training.folds`: how the validation samples are chosen.
    architecture, options, gene_order, regime, seed
        As in `train_member`, but nothing is drawn around learning rate and L2.
    device, on_epoch
        See `train`.

    Returns
    -------
    pandas.DataFrame
        sample, fold, truth, predicted, probability (of the predicted class); a row per
        sample of the fold.
    """
    fold_of = aligned(folds, adata)
    fold_seed = derived_seed(seed, k, FOLD)
    in_training = adata.obs[fold_of != k]
    sides = pd.Series("test", index=adata.obs_names)
    sides[in_training.index] = hold_out(in_training, by=by, seed=fold_seed)
    trained = fit(
        adata,
        sides,
        architecture=architecture,
        options=options,
        gene_order=gene_order,
        regime=regime,
        seed=fold_seed,
        index=k,
        device=device,
        on_epoch=on_epoch,
    )
    trained.model.to(device)
    predicted = predict(trained, adata.X[fold_of == k])
    return pd.DataFrame(
        {
            "sample": adata.obs_names[fold_of == k],
            "fold": k,
            "truth": adata.obs["tissue"].to_numpy(dtype=str)[fold_of == k],
            "predicted": np.asarray(trained.classes)[predicted.argmax(axis=1)],
            "probability": predicted.max(axis=1),
        }
    )


def metrics(predictions: pd.DataFrame) -> dict[str, float]:
    """Measure pooled predictions (paper, "Model performance estimation").

    Parameters
    ----------
    predictions
        The rows of `train_fold` for all folds.

    Returns
    -------
    dict
        n (samples), classes, accuracy, balanced_accuracy (mean recall of the classes), macro_f1
        (mean F1 of the classes).
    """
    truth, predicted = predictions["truth"], predictions["predicted"]
    return {
        "n": len(predictions),
        "classes": int(truth.nunique()),
        "accuracy": float((truth == predicted).mean()),
        "balanced_accuracy": mean_recall(
            truth.to_numpy(dtype=str), (truth == predicted).to_numpy(dtype=bool)
        ),
        "macro_f1": float(
            f1_score(
                truth, predicted, labels=_classes(predictions), average="macro", zero_division=0
            )
        ),
    }


def per_class(predictions: pd.DataFrame) -> pd.DataFrame:
    """Measure pooled predictions for each class.

    Returns
    -------
    pandas.DataFrame
        tissue, n (samples of the class), recall, precision, f1; a row per class. Precision
        is 0 for a class that was never predicted.
    """
    classes = _classes(predictions)
    precision, recall, f1, n = precision_recall_fscore_support(
        predictions["truth"], predictions["predicted"], labels=classes, zero_division=0
    )
    return pd.DataFrame(
        {"tissue": classes, "n": n, "recall": recall, "precision": precision, "f1": f1}
    )


def confusion(predictions: pd.DataFrame) -> pd.DataFrame:
    """Count pooled predictions: rows are the true classes, columns the predicted ones."""
    classes = _classes(predictions)
    counts = confusion_matrix(predictions["truth"], predictions["predicted"], labels=classes)
    return pd.DataFrame(
        counts, index=pd.Index(classes, name="truth"), columns=pd.Index(classes, name="predicted")
    )


def _classes(predictions: pd.DataFrame) -> list[str]:
    """Return the classes that samples have; nothing else can be predicted by a network."""
    return sorted(set(predictions["truth"]) | set(predictions["predicted"]))
