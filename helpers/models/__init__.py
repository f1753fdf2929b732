"""Network architectures, and trained models on disk."""

from helpers.models.cnn import CNN
from helpers.models.files import TrainedModel, load_model, save_model
from helpers.models.grid import GENE_ORDERS, GeneGrid, gene_order, grid_side, named_order
from helpers.models.mlp import MLP
from helpers.models.registry import ARCHITECTURES, Architecture
from helpers.models.relu_stack import ReluStack

__all__ = [
    "ARCHITECTURES",
    "CNN",
    "GENE_ORDERS",
    "MLP",
    "Architecture",
    "GeneGrid",
    "ReluStack",
    "TrainedModel",
    "gene_order",
    "grid_side",
    "load_model",
    "named_order",
    "save_model",
]
