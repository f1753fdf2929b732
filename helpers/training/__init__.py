"""From expression data to trained models and cross-validated predictions."""

from helpers.devices import device
from helpers.training.cross_validation import confusion, metrics, per_class, train_fold
from helpers.training.ensemble import accuracy_table, train_member
from helpers.training.epochs import add_noise, upsampled_epoch
from helpers.training.hyperparameters import Hyperparameters, draw_hyperparameters
from helpers.training.learning_rates import SCHEDULES
from helpers.training.loop import probabilities, train
from helpers.training.precision import PRECISIONS, choose_precision
from helpers.training.regime import Regime
from helpers.training.splitting import folds, split

__all__ = [
    "PRECISIONS",
    "SCHEDULES",
    "Hyperparameters",
    "Regime",
    "accuracy_table",
    "add_noise",
    "choose_precision",
    "confusion",
    "device",
    "draw_hyperparameters",
    "folds",
    "metrics",
    "per_class",
    "probabilities",
    "split",
    "train",
    "train_fold",
    "train_member",
    "upsampled_epoch",
]
