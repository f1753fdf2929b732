"""The plan of a run: what is to be made, and what that takes, without making anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.datasets.size import DataSize
from helpers.devices import device
from helpers.errors import MissingInputError
from helpers.planning.benchmark import Measurement
from helpers.planning.dataset_size import data_size
from helpers.planning.storage import bytes_of
from helpers.planning.workload import LOADS, Run
from helpers.workflow.study import Study

OTHER = 0.5
"""Seconds of a step that is not measured, and for each of so many samples:"""
OTHER_SAMPLES = 2500

FLOAT = 4
"""Bytes of a number."""
PROCESS = 600e6
"""Bytes of a process that has imported the package."""
GRADIENTS = 1.25
"""Memory of a training step of a CNN, in feature maps: they and gradients (measured)."""


@dataclass(frozen=True)
class Item:
    """What is to be made of one step.

    Attributes
    ----------
    step, title
        Its name, and what it is called on a progress bar.
    todo, fresh
        Members that are missing or stale, and those that are fresh.
    networks, estimates
        How many are trained and made.
    seconds
        Of computing on one thread.
    processes
        How many can share that.
    """

    step: str
    title: str
    todo: int
    fresh: int
    networks: int
    estimates: int
    seconds: float
    processes: int


@dataclass(frozen=True)
class Plan:
    """What a run takes.

    Attributes
    ----------
    size
        Of the data.
    items
        All steps in order, also those of which nothing is to be made.
    known
        Whether it could be found out what is fresh: for that the data must be there.
    memory
        Bytes, at most, of all processes together.
    disk
        Bytes of the artefacts that are to be made.
    device
        What networks are trained on.
    """

    size: DataSize
    items: tuple[Item, ...]
    known: bool
    memory: float
    disk: float
    device: str

    @property
    def networks(self) -> int:
        """Count the networks to train."""
        return sum(item.networks for item in self.items)

    @property
    def estimates(self) -> int:
        """Count the estimates to make."""
        return sum(item.estimates for item in self.items)

    @property
    def curves(self) -> int:
        """Count the curves to compute."""
        return sum(item.todo for item in self.items if item.step.startswith("curves/"))

    @property
    def seconds(self) -> float:
        """Add up computing time, as on one thread."""
        return sum(item.seconds for item in self.items)

    @property
    def wall_seconds(self) -> float:
        """Add up the time until all is done, with several processes."""
        return sum(item.seconds / item.processes for item in self.items)


def make_plan(study: Study, wanted: Sequence[str], *, workers: int = 1) -> Plan:
    """Find out what a run would make, and measure for a few seconds what that takes.

    Parameters
    ----------
    study
        The study; nothing is written.
    wanted
        The steps whose artefacts are asked for.
    workers
        Processes that share the work.
    """
    size = data_size(study)
    measured = Measurement(study.settings, size)
    names = list(dict.fromkeys(step for name in wanted for step in study.upstream(name)))
    known = _is_known(study)
    todo = {name: _todo(study, name, known) for name in names}
    items = tuple(_item(study, name, todo[name], size, measured, workers) for name in names)
    run = Run(study.settings, study.dataset, size)
    return Plan(
        size=size,
        items=items,
        known=known,
        memory=_memory(run, workers, items),
        disk=_disk(study, todo, size, measured),
        device=str(device()),
    )


def _is_known(study: Study) -> bool:
    """Tell whether the data are there, without which nothing can be found fresh."""
    try:
        return bool(study.data_fingerprint)
    except MissingInputError:
        return False


def _todo(study: Study, name: str, known: bool) -> list[str]:
    """Name the members that are missing or stale; a single artefact has one without a name."""
    members = [""] if study.step(name).members is None else study.members(name)
    if not known:
        return members
    states = study.states(name)
    return [member for member in members if states[study.file(name, member or None)] != "fresh"]


def _item(
    study: Study,
    name: str,
    todo: list[str],
    size: DataSize,
    measured: Measurement,
    workers: int,
) -> Item:
    owner, step = study.owner(name), study.step(name)
    run = Run(owner.settings, owner.dataset, size)
    makers = LOADS.get(step.name)
    loads = [load for member in todo for load in (makers(run, member) if makers else ())]
    seconds = sum(load.pieces * measured.seconds(load.unit) for load in loads)
    if makers is None:
        seconds = len(todo) * OTHER * max(1.0, run.size.samples / OTHER_SAMPLES)
    total = 1 if step.members is None else len(study.members(name))
    # Processes would only take turns on one GPU.
    shared = step.parallel and device().type == "cpu"
    return Item(
        step=name,
        title=study.title(name),
        todo=len(todo),
        fresh=total - len(todo),
        networks=sum(load.networks for load in loads),
        estimates=sum(load.estimates for load in loads),
        seconds=seconds,
        processes=max(1, min(workers, len(todo))) if shared else 1,
    )


def _memory(run: Run, workers: int, items: Sequence[Item]) -> float:
    """Estimate the largest memory of all processes together, in bytes."""
    chosen, size = run.settings, run.size
    matrix = float(size.samples * size.genes * FLOAT)
    vector = size.genes * FLOAT
    needs = [matrix]
    busy = {item.step for item in items if item.todo}
    if any(item.networks for item in items):
        # A network gets a copy of its samples.
        needs.append(1.9 * matrix)
    if any(item.networks for item in items if "cnn" in item.step):
        needs.append(1.9 * matrix + chosen.cnn_batch_size * _maps(run) * GRADIENTS)
    if any(name.startswith("curves/") for name in busy):
        points = max(len(chosen.curve_sizes), len(chosen.reference_sizes))
        scores = chosen.inter_models * points * run.samples("mlp", curves=True) * vector
        pools = run.tissues * chosen.reference_pool * vector
        # Estimating the references copies the training samples; stacking models, the scores.
        needs.append(matrix + max(0.8 * matrix, 2 * scores) + pools)
    if any(name.startswith("scores/optimised") for name in busy):
        needs.append(matrix + 2 * chosen.models * run.samples("mlp") * vector)
    return max(1, workers) * (PROCESS + max(needs))


def _maps(run: Run) -> float:
    """Add up the bytes of all feature maps of one sample."""
    side = -(-round(run.size.genes**0.5 + 0.499) // 8) * 8
    first, second, third = run.settings.cnn_channels
    places = side * side
    # Each block: the convolution's maps, then a quarter of them three times.
    blocks = first * places + second * places / 4 + third * places / 16
    return 1.75 * blocks * FLOAT


def _disk(
    study: Study, todo: Mapping[str, Sequence[str]], size: DataSize, measured: Measurement
) -> float:
    """Estimate the bytes of all artefacts; protocols beside the headline have their own."""
    total = 0.0
    for name, members in todo.items():
        owner = study.owner(name)
        run = Run(owner.settings, owner.dataset, size)
        if members:
            total += len(members) * bytes_of(study.step(name).name, run, measured.parameters)
    return total
