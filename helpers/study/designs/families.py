"""The families of models that are trained: a new one is one entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.config import Settings
from helpers.training.hyperparameters import Hyperparameters
from helpers.training.regime import Regime


@dataclass(frozen=True)
class Family:
    """Models of one architecture that are compared with each other.

    Attributes
    ----------
    name
        Its name in those of steps and files.
    architecture
        A key of `helpers.models.ARCHITECTURES`.
    title
        What it is called on a progress bar.
    size
        Field of `Settings` that holds the number of models.
    training
        Parts of a `helpers.training.Regime` and the fields of `Settings` that they are.
    order
        Field of `Settings` with the gene order of all its models; empty: each its own, where
        the architecture depends on it.
    options
        What the architecture is told, likewise.
    orders
        Field of `Settings` with the number of gene orders, each of which `size` models share;
        empty: one, or each its own.
    """

    name: str
    architecture: str
    title: str
    size: str
    training: dict[str, str]
    order: str = ""
    options: tuple[tuple[str, str], ...] = ()
    orders: str = ""

    @property
    def step(self) -> str:
        """Name of the step that trains it."""
        return f"models/{self.name}"

    @property
    def settings(self) -> tuple[str, ...]:
        """Fields of `Settings` that training one of its models depends on."""
        order = (self.order,) if self.order else ()
        # Which order a model has depends on how many share one, not on how many orders there are.
        shared = (self.size,) if self.orders else ()
        options = tuple(field for _, field in self.options)
        return ("seed", *COMMON.values(), *self.training.values(), *order, *shared, *options)

    def count(self, settings: Settings) -> int:
        """Return how many models it has; none where the study has no CNNs."""
        if self.architecture not in settings.architectures:
            return 0
        orders = getattr(settings, self.orders) if self.orders else 1
        return int(getattr(settings, self.size) * orders)

    def members(self, settings: Settings) -> list[str]:
        """Name its models by number."""
        return [f"{index:03d}" for index in range(self.count(settings))]

    def borrowed(self, settings: Settings) -> bool:
        """Tell whether a protocol beside the headline explains the headline's models."""
        return self.architecture == "cnn" and settings.cnns_beside == "headline"

    def arguments(self, chosen: Any, index: int | None = None) -> dict[str, Any]:
        """Return how to train model number `index`, or a model of the first one's order."""
        found: dict[str, Any] = {
            "architecture": self.architecture,
            "options": {name: getattr(chosen, field) for name, field in self.options},
            "regime": self.regime(chosen),
            "seed": chosen.seed,
        }
        if self.order:
            found["gene_order"] = getattr(chosen, self.order)
        elif self.orders:
            shared = (index or 0) // getattr(chosen, self.size)
            found["gene_order"] = f"random-{FIRST_SHARED + shared}"
        elif self.architecture == "cnn":
            found["gene_order"] = f"random-{index or 0}"
        return found

    def regime(self, chosen: Any) -> Regime:
        """Return the way in which its models are trained."""
        values = {name: getattr(chosen, field) for name, field in (COMMON | self.training).items()}
        rates = Hyperparameters(values.pop("learning_rate"), values.pop("weight_decay"))
        return Regime(rates, **values)


FIRST_SHARED = 1000
"""Number of the first random order that several CNNs share: no CNN has it as its own."""

COMMON = {
    "weight_decay": "weight_decay",
    "reduce_after": "reduce_after",
    "stop_after": "stop_after",
    "noise": "training_noise",
    "minimum_steps": "minimum_steps",
}

_MLP = {
    "learning_rate": "learning_rate_mlp",
    "max_epochs": "max_epochs",
    "batch_size": "batch_size",
}
_CNN = {
    "learning_rate": "learning_rate_cnn",
    "max_epochs": "cnn_max_epochs",
    "batch_size": "cnn_batch_size",
    "schedule": "cnn_schedule",
    "precision": "cnn_precision",
}
_CHANNELS = (("channels", "cnn_channels"),)

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("mlp", "mlp", "Training MLPs", "models", _MLP),
        Family(
            "cnn_one_order",
            "cnn",
            "Training CNNs, one gene order",
            "cnn_one_order_models",
            _CNN,
            order="cnn_gene_order",
            options=_CHANNELS,
        ),
        Family(
            "cnn", "cnn", "Training CNNs, different orders", "cnn_models", _CNN, options=_CHANNELS
        ),
        Family(
            "cnn_more_orders",
            "cnn",
            "Training CNNs, more shared orders",
            "cnn_one_order_models",
            _CNN,
            options=_CHANNELS,
            orders="cnn_more_orders",
        ),
    )
}
"""MLPs; CNNs that share one gene order; CNNs of different orders (paper, "Model training"); and
CNNs that share further orders, to tell orders apart from seeds."""

CROSS_VALIDATED = ("mlp", "cnn_one_order")
"""The families whose way of training is cross-validated, one for each architecture."""
