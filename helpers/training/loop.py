"""The training loop, and prediction with what it made."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from helpers.devices import device_of, whole_float32
from helpers.errors import BadInputError, one_of
from helpers.training.epochs import add_noise, upsampled_epoch
from helpers.training.learning_rates import Schedule, make_schedule
from helpers.training.precision import PLAIN, PRECISIONS, Precision, laid_out
from helpers.training.regime import Regime

Record = dict[str, float]
Matrix = np.ndarray | torch.Tensor

# Samples that are predicted at once: bounds memory on large data. The feature maps of the
# full CNN take some 10 MB for each sample.
CHUNK = 1024
CHUNK_OF_MAPS = 32


def train(
    x_train: Matrix,
    y_train: Matrix,
    x_validation: Matrix,
    y_validation: Matrix,
    *,
    build: Callable[[], nn.Module],
    regime: Regime,
    seed: int,
    device: torch.device | str = "cpu",
    on_epoch: Callable[[Record], None] | None = None,
) -> tuple[nn.Module, list[Record]]:
    """Train one network (paper, "Model training").

    Adam with coupled L2, cross-entropy, classes up-sampled to the largest in every epoch.
    An epoch *improves* if its validation loss is below that of all before. The network
    returned is the last that improved. The same seed gives the same bytes on the same
    machine with the same number of threads; the global random state is left as it was.

    Parameters
    ----------
    x_train, x_validation
        Samples × genes, log2(TPM + 1), float32. `x_train` needs two samples or more.
    y_train, y_validation
        Class of each sample, from 0.
    build
        Makes the untrained network, samples × genes → logits.
    regime
        The way of training. Whatever its precision, the network returned has float32 weights in
        PyTorch's usual memory layout.
    seed
        Seed of initial weights, batches, dropout and noise.
    device
        Where to train.
    on_epoch
        Called with the record of every epoch.

    Returns
    -------
    model
        The network of the best epoch, on the CPU, in evaluation mode.
    history
        A record per epoch: epoch (from 1), train_loss, validation_loss,
        validation_accuracy, learning_rate (of its last batch).

    Raises
    ------
    BadInputError
        If the losses grow beyond all numbers.
    UnknownNameError
        If there is no such schedule or precision.
    """
    way = PRECISIONS[one_of("precision", regime.precision, PRECISIONS)]
    device = torch.device(device)
    x_train, x_validation = (_on(x, device, torch.float32) for x in (x_train, x_validation))
    y_train, y_validation = (_on(y, device, torch.int64) for y in (y_train, y_validation))
    history: list[Record] = []
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        _seed_global(seed, device)
        model = way.prepare(build().to(device))
        optimiser = torch.optim.Adam(
            model.parameters(),
            lr=regime.hyperparameters.learning_rate,
            weight_decay=regime.hyperparameters.weight_decay,
            fused=True,
        )
        batches = _Batches(x_train, y_train, regime.batch_size, regime.noise, seed)
        rate = make_schedule(
            regime.schedule,
            optimiser,
            batches=regime.max_epochs * len(batches),
            reduce_after=regime.reduce_after,
            reduce_factor=regime.reduce_factor,
            stop_after=regime.stop_after,
        )
        best, lowest = copy.deepcopy(model.state_dict()), math.inf
        for epoch in range(1, regime.max_epochs + 1):
            loss, last_rate = _epoch(model, optimiser, batches, rate, way)
            record = {"epoch": epoch, "train_loss": loss}
            record.update(_validate(model, x_validation, y_validation, way))
            record["learning_rate"] = last_rate
            history.append(record)
            _require_finite(record)
            if on_epoch is not None:
                on_epoch(record)
            improved = record["validation_loss"] < lowest
            if improved:
                lowest = record["validation_loss"]
                _copy_state(model, best)
            if not rate.after_epoch(improved=improved):
                break
        model.load_state_dict(best)
    return laid_out(model.cpu(), torch.contiguous_format).eval(), history


def probabilities(model: nn.Module, x: Matrix, *, precision: str = PLAIN) -> np.ndarray:
    """Predict class probabilities in evaluation mode, in float32, where the network is.

    Parameters
    ----------
    model
        A network; its mode is the same afterwards.
    x
        Samples × genes, log2(TPM + 1).
    precision
        A key of `helpers.training.precision.PRECISIONS`, such as the one the network was
        trained in: its memory layout, which makes a CNN predict up to three times as fast.

    Returns
    -------
    numpy.ndarray
        Samples × classes, float32, each row summing to 1.

    Raises
    ------
    UnknownNameError
        If there is no such precision.


    Examples
    --------
    >>> import helpers as hx
    >>> model, adata = hx.example_network()
    >>> found = hx.probabilities(model, adata.X)
    >>> found.shape, bool((found.argmax(axis=1) == adata.obs["tissue"].cat.codes).all())
    ((30, 3), True)
    """
    way = PRECISIONS[one_of("precision", precision, PRECISIONS)]
    if way.channels_last:
        model = way.prepare(copy.deepcopy(model))
    place = device_of(model)
    with whole_float32(place):
        return _logits(model, x, place).softmax(dim=1).cpu().numpy()


class _Batches:
    """The up-sampled, shuffled batches of each epoch, gathered into one reused buffer."""

    def __init__(
        self, x: torch.Tensor, y: torch.Tensor, batch_size: int, noise: float, seed: int
    ) -> None:
        if batch_size < 2 or len(x) < 2:
            raise ValueError("BatchNorm needs batches of two samples or more")
        self.x, self.y, self.batch_size, self.noise = x, y, batch_size, noise
        self.labels = y.cpu()
        self.order = torch.Generator().manual_seed(seed)
        self.noise_source = torch.Generator(x.device).manual_seed(seed)
        self.buffer = x.new_empty((batch_size + 1, *x.shape[1:]))

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        counts = self.labels.bincount()
        drawn = int((counts > 0).sum() * counts.max())
        return len(batch_sizes(drawn, self.batch_size))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        positions = upsampled_epoch(self.labels, self.order).to(self.x.device)
        for chosen in positions.split(batch_sizes(len(positions), self.batch_size)):
            batch = self.buffer[: len(chosen)]
            torch.index_select(self.x, 0, chosen, out=batch)
            yield add_noise(batch, self.noise, self.noise_source), self.y[chosen]


def batch_sizes(samples: int, batch_size: int) -> list[int]:
    """Divide samples into batches; one left over joins the batch before it.

    BatchNorm has no variance to divide by in a batch of one.
    """
    full, rest = divmod(samples, batch_size)
    sizes = [batch_size] * full
    if rest == 1 and sizes:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


def _require_finite(record: Record) -> None:
    """Raise `BadInputError` if training went astray."""
    if not math.isfinite(record["train_loss"] + record["validation_loss"]):
        raise BadInputError(
            f"Training diverged in epoch {record['epoch']} with learning rate "
            f"{record['learning_rate']:g}: choose a lower one."
        )


def _epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    batches: _Batches,
    schedule: Schedule,
    way: Precision,
) -> tuple[float, float]:
    """Train on every batch once; return the mean loss of the samples and the last rate."""
    model.train()
    device = batches.x.device
    total, samples, rate = torch.zeros((), dtype=torch.float64, device=device), 0, 0.0
    for x, y in batches:
        with way.autocast(device):
            logits = model(x)
        loss = nn.functional.cross_entropy(logits.float(), y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        rate = optimiser.param_groups[0]["lr"]
        schedule.after_batch()
        total += loss.detach() * len(y)
        samples += len(y)
    return total.item() / samples, rate


def _validate(model: nn.Module, x: torch.Tensor, y: torch.Tensor, way: Precision) -> Record:
    """Return loss and accuracy on the validation samples."""
    with way.autocast(x.device):
        logits = _logits(model, x, x.device).float()
    return {
        "validation_loss": nn.functional.cross_entropy(logits, y).item(),
        "validation_accuracy": (logits.argmax(dim=1) == y).double().mean().item(),
    }


@torch.no_grad()
def _logits(model: nn.Module, x: Matrix, device: torch.device) -> torch.Tensor:
    """Predict chunk by chunk in evaluation mode, then restore the mode."""
    was_training = model.training
    model.eval()
    try:
        size = _chunk(model)
        chunks = range(0, len(x), size)
        return torch.cat([model(_on(x[i : i + size], device, torch.float32)) for i in chunks])
    finally:
        model.train(was_training)


def _chunk(model: nn.Module) -> int:
    """Return how many samples to predict at once."""
    has_maps = any(isinstance(module, nn.Conv2d) for module in model.modules())
    return min(CHUNK, CHUNK_OF_MAPS) if has_maps else CHUNK


def _on(values: Matrix, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Return `values` as a tensor, without a copy where that is safe."""
    if isinstance(values, np.ndarray):
        # PyTorch has no read-only tensors, so a read-only array (a memory map) is copied.
        values = torch.from_numpy(np.require(values, requirements=["C", "W"]))
    return values.to(device=device, dtype=dtype)


def _seed_global(seed: int, device: torch.device) -> None:
    """Seed what initial weights and dropout draw from, on `device` only."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)


@torch.no_grad()
def _copy_state(model: nn.Module, target: dict[str, Any]) -> None:
    """Copy the weights of `model` into tensors that exist already."""
    for name, tensor in model.state_dict().items():
        target[name].copy_(tensor)
