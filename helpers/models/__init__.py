"""Network architectures, and trained models on disk."""

from helpers.models.files import TrainedModel, load_model, save_model
from helpers.models.mlp import MLP
from helpers.models.registry import ARCHITECTURES, Architecture

__all__ = ["ARCHITECTURES", "MLP", "Architecture", "TrainedModel", "load_model", "save_model"]
