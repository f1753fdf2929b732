"""Settings that name a layer, a gene order or a precision are checked before any training."""

from __future__ import annotations

import anndata

from helpers.config import Settings
from helpers.errors import one_of
from helpers.models.cnn import CNN
from helpers.models.grid import named_order
from helpers.training.precision import FASTEST, PRECISIONS


def check_settings(settings: Settings) -> None:
    """Check what can be checked without data.

    Raises
    ------
    UnknownNameError
        If there is no such layer, gene order or precision; the nearest name is offered.
    """
    if settings.cam_layer:
        one_of("layer of the CNN", settings.cam_layer, feature_layers())
    if settings.cnn_gene_order != "genomic":
        named_order(settings.cnn_gene_order, ["a gene"])
    one_of("precision", settings.cnn_precision, (*PRECISIONS, FASTEST))


def check_data(settings: Settings, adata: anndata.AnnData) -> None:
    """Check that the data know the gene order that is asked for.

    Raises
    ------
    BadInputError
        If the coordinate of a gene is not known.
    """
    named_order(settings.cnn_gene_order, list(adata.var_names), adata.var)


def feature_layers() -> list[str]:
    """Name the layers of the CNN that give feature maps, from first to last."""
    names = [name for name, _ in CNN(1, 1, channels=(1, 1, 1)).named_children()]
    return names[names.index("conv1") : names.index("average")]
