"""Steps: the data set, its classes, the split, the samples to explain."""

from __future__ import annotations

import anndata
import pandas as pd

from helpers.config import Settings
from helpers.datasets.description import describe, projection, spread
from helpers.datasets.registry import Dataset
from helpers.datasets.store import StreamedExpression
from helpers.datasets.thinning import fewer_genes
from helpers.errors import BadInputError
from helpers.study.designs.company import BATCH_SETTINGS, describe_batches
from helpers.study.formats import EXPRESSION
from helpers.training.selection import choose_samples
from helpers.training.splitting import folds, split
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step


def make_expression(context: Context) -> anndata.AnnData | StreamedExpression:
    """Load the data set, or say how it is written where it is too large to load."""
    values = {name: getattr(context.settings, name) for name in context.dataset.settings}
    loaded = context.dataset.load(context.data, **values)
    most = context.settings.most_genes
    if not most or isinstance(loaded, StreamedExpression):
        # What is too large to load is large because of its samples.
        return loaded
    return fewer_genes(loaded, most)


def make_classes(context: Context) -> pd.DataFrame:
    """Count the samples of each class."""
    return describe(context["data/expression"])


def make_projection(context: Context) -> pd.DataFrame:
    """Project the samples on two principal components."""
    return projection(context["data/expression"], seed=context.settings.seed)


def make_spread(context: Context) -> pd.DataFrame:
    """Measure how much genes vary within the explained tissues."""
    tissues = list(dict.fromkeys(context["tables/explained"]["tissue"]))
    return spread(context["data/expression"], tissues)


def make_split(context: Context) -> pd.DataFrame:
    """Put each sample on one side of the split and in one fold."""
    return sides_of(context["data/expression"].obs, context.settings)


def sides_of(obs: pd.DataFrame, chosen: Settings) -> pd.DataFrame:
    """Put each sample on one side of the split and in one fold, as the settings ask.

    Parameters
    ----------
    obs
        Samples by name, with ``tissue`` and ``donor``.
    chosen
        The run's settings: ``split``, ``folds`` and ``seed`` count.

    Returns
    -------
    pandas.DataFrame
        sample, tissue, split, fold, by (whether donors were kept together).

    Raises
    ------
    BadInputError
        If a class has too few samples or donors.
    """
    if chosen.split != "donor_where_known":
        return _sides(obs, chosen, chosen.split)
    try:
        return _sides(obs, chosen, "donor")
    except BadInputError:
        # No donor is known, or classes share their donors so much that none can be held out.
        return _sides(obs, chosen, "tissue")


def _sides(obs: pd.DataFrame, chosen: Settings, by: str) -> pd.DataFrame:
    together = "donor" if by == "donor" else "tissue"
    return pd.DataFrame(
        {
            "sample": obs.index.to_numpy(dtype=str),
            "tissue": obs["tissue"].to_numpy(dtype=str),
            "split": split(obs, by=by, seed=chosen.seed).to_numpy(),
            "fold": folds(obs, chosen.folds, seed=chosen.seed, by=together).to_numpy(),
            "by": together,
        }
    )


def make_batches(context: Context) -> pd.DataFrame:
    """Say how large the batches are in which samples are explained."""
    chosen = context.settings
    architectures = ["mlp", "cnn"] if chosen.cnn_models else ["mlp"]
    return describe_batches(
        context["data/expression"], context["tables/explained"], chosen, architectures
    )


def make_explained(context: Context) -> pd.DataFrame:
    """Choose the samples to explain."""
    return chosen_samples(context["tables/split"], context.settings, context.dataset)


def chosen_samples(split: pd.DataFrame, chosen: Settings, dataset: Dataset) -> pd.DataFrame:
    """Choose the samples to explain, as the settings ask.

    Parameters
    ----------
    split
        As `sides_of` makes it.
    chosen
        The run's settings.
    dataset
        The data set, which names the tissues if the settings do not.

    Raises
    ------
    UnknownNameError, BadInputError
        If a tissue is no class of the data, is named twice, or has too few samples.
    """
    sides = split.set_index("sample")
    return choose_samples(
        sides,
        sides["split"],
        chosen.tissues or dataset.explained_tissues[: chosen.own_tissues],
        chosen.explained_samples,
        seed=chosen.seed,
    )


STEPS = (
    Step(
        name="data/expression",
        path="data/expression.h5ad",
        form=EXPRESSION,
        make=make_expression,
        title="Loading the data",
        settings=("most_genes",),
        data_settings=True,
    ),
    table_step(
        "classes",
        make_classes,
        "Counting classes",
        inputs=("data/expression",),
    ),
    table_step(
        "split",
        make_split,
        "Splitting samples",
        text=("by",),
        inputs=("data/expression",),
        settings=("split", "folds", "seed"),
    ),
    table_step(
        "explained",
        make_explained,
        "Choosing samples",
        inputs=("tables/split",),
        settings=("tissues", "own_tissues", "explained_samples", "seed"),
        # Protocols differ in what they make of a sample, so all of them explain the same ones.
        common=True,
    ),
    table_step(
        "explain_batches",
        make_batches,
        "Describing batches",
        text=("composition",),
        inputs=("data/expression", "tables/explained"),
        settings=("mode", *BATCH_SETTINGS, "cnn_explain_batch", "cnn_explained_samples",
                  "cnn_models"),
    ),
    table_step(
        "projection",
        make_projection,
        "Projecting samples",
        inputs=("data/expression",),
        settings=("seed",),
    ),
    table_step(
        "spread",
        make_spread,
        "Measuring spread",
        inputs=("data/expression", "tables/explained"),
    ),
)  # fmt: skip
