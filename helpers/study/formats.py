"""File formats of data and models."""

from __future__ import annotations

from pathlib import Path

import anndata
import pandas as pd

from helpers.datasets.store import StreamedExpression, open_store
from helpers.devices import device
from helpers.models.files import TrainedModel, load_model, save_model
from helpers.workspace.formats import JSON, TABLE, Format, table_format

# How artefacts are kept decides none of their numbers.
DECIDES_NO_NUMBER = True

__all__ = ["EXPRESSION", "JSON", "LIST_TABLE", "MODEL", "PARQUET", "TABLE"]


def _write_expression(path: Path, data: anndata.AnnData | StreamedExpression) -> None:
    if isinstance(data, StreamedExpression):
        data.write(path)
    else:
        data.write_h5ad(path)


def _write_model(path: Path, model: TrainedModel) -> None:
    save_model(path, model)


def _read_model(path: Path) -> TrainedModel:
    return load_model(path, device())


def _write_parquet(path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(path, engine="pyarrow", index=False, compression="zstd")


def _read_parquet(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, engine="pyarrow")


EXPRESSION = Format(_write_expression, open_store)
MODEL = Format(_write_model, _read_model)

PARQUET = Format(_write_parquet, _read_parquet)
"""A table of so many rows that it would be slow and large as text."""

LIST_TABLE = table_format("model")
"""Lists of top genes by single models and by all together: a model has a name there."""
