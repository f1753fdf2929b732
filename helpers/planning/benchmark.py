"""How long pieces of work take on this machine, measured in a few seconds.

Networks are untrained and samples are drawn at random: neither changes how long a piece takes.
What is measured are the functions that the steps call, on one thread as there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import xarray

from helpers.config import Settings
from helpers.datasets.size import DataSize
from helpers.devices import device, one_thread
from helpers.explain import compile_ahead
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain
from helpers.models.files import TrainedModel
from helpers.models.registry import ARCHITECTURES
from helpers.planning.workload import Unit
from helpers.stability.curves import aggregation_curve, curve
from helpers.stability.overlap import list_length
from helpers.stability.reproducibility import Comparison, compare
from helpers.stability.subsets import Subsets, disjoint_halves, draw_aggregates, draw_subsets
from helpers.study.designs.combined_estimates import SetsOfEstimates, combined_sets
from helpers.study.designs.samples import Samples
from helpers.study.designs.single_estimates import SCORES_AS
from helpers.study.optimisation.aggregation import HALVINGS
from helpers.training.hyperparameters import Hyperparameters
from helpers.training.loop import probabilities, train
from helpers.training.precision import PLAIN, PRECISIONS, step_seconds
from helpers.training.regime import Regime

TISSUE = "class 0"

# Seconds after which a piece is long enough to be measured well.
ENOUGH = 0.15
# Steps of IntegratedGradients that are measured; more take as many times as long.
STEPS = 2
# Samples of which a long pass through a network is measured.
FEW, MANY = 2, 16
LONG = 0.05


class Measurement:
    """Measures each unit of work once, when it is first asked for.

    Parameters
    ----------
    settings
        Settings of the run.
    size
        Size of its data.
    clock
        Seconds since some moment. On a CPU it is the time that this process computed, so that
        what else the machine does at the moment is of no influence.
    """

    def __init__(
        self, settings: Settings, size: DataSize, clock: Callable[[], float] | None = None
    ) -> None:
        self.settings = settings
        self.size = size
        self.device = device()
        alone = time.perf_counter if self.device.type != "cpu" else time.process_time
        self._clock = clock or alone
        self._found: dict[Unit, float] = {}
        self._models: dict[str, TrainedModel] = {}
        self._rng = np.random.default_rng(0)

    def seconds(self, unit: Unit) -> float:
        """Return the seconds that one piece of a unit takes, on one thread."""
        if unit not in self._found:
            with one_thread():
                self._found[unit] = _KINDS[unit.kind](self, unit)
        return self._found[unit]

    def parameters(self, architecture: str) -> int:
        """Count the weights of a network."""
        return sum(
            weight.numel() for weight in self.model(architecture).model.state_dict().values()
        )

    def model(self, architecture: str) -> TrainedModel:
        """Return an untrained network of the run's size."""
        if architecture not in self._models:
            self._models[architecture] = TrainedModel(
                architecture=architecture,
                model=self._build(architecture)().eval().to(self.device),
                genes=tuple(str(gene) for gene in range(self.size.genes)),
                classes=tuple(f"class {number}" for number in range(self.size.classes)),
                hyperparameters={},
                seed=0,
                history=(),
                best_epoch=1,
            )
        return self._models[architecture]

    def _build(self, architecture: str) -> Callable[[], torch.nn.Module]:
        options = {"channels": self.settings.cnn_channels} if architecture == "cnn" else {}
        build = ARCHITECTURES[architecture].build
        return partial(build, self.size.genes, self.size.classes, **options)

    def _samples(self, count: int) -> npt.NDArray[np.float32]:
        return self._rng.random((count, self.size.genes), dtype=np.float32) * 10

    def _timed(self, work: Callable[[], Any]) -> float:
        start = self._clock()
        work()
        return self._clock() - start

    @cached_property
    def _rows(self) -> int:
        """How many samples are measured together in a CNN: fewer if it is large."""
        model, one = self.model("cnn").model, self._samples(1)
        probabilities(model, one)
        return FEW if self._timed(lambda: probabilities(model, one)) > LONG else MANY

    @cached_property
    def _step(self) -> float:
        """Seconds of a training step of a CNN for each sample."""
        rows = min(self._rows, self.settings.cnn_batch_size)
        sizes = (self.size.genes, self.size.classes, rows)
        way = PRECISIONS[self._way]
        return step_seconds(way, self._build("cnn"), *sizes, self.device, self._clock) / rows

    @property
    def _way(self) -> str:
        """Precision in which CNNs are trained, and memory layout in which they predict."""
        return self.settings.cnn_precision

    def train(self, unit: Unit) -> float:
        """Measure training steps: seconds for each sample of a batch."""
        if unit.architecture == "cnn":
            return self._step
        build = self._build(unit.architecture)
        batch = unit.batch or self.settings.batch_size
        x, y = self._samples(2 * batch), np.arange(2 * batch) % min(2, self.size.classes)

        def epochs(count: int) -> float:
            return self._timed(
                lambda: train(
                    x, y, x[:2], y[:2], build=build,
                    regime=Regime(Hyperparameters(0.001, 0.001), count, batch),
                    seed=0, device=self.device,
                )
            )  # fmt: skip

        # What happens once, such as drawing the first weights, is the same in both.
        first = epochs(1)
        return max(epochs(3) - first, 0.1 * first) / (2 * len(x))

    def predict(self, unit: Unit) -> float:
        """Measure a forward pass: seconds for each sample."""
        rows = self._rows if unit.architecture == "cnn" else 256
        model, x = self.model(unit.architecture).model, self._samples(rows)
        way = self._way if unit.architecture == "cnn" else PLAIN
        probabilities(model, x, precision=way)
        return self._timed(lambda: probabilities(model, x, precision=way)) / rows

    def estimate(self, unit: Unit) -> float:
        """Measure single estimates through Captum: seconds for each."""
        model = self.model(unit.architecture)
        cnn = unit.architecture == "cnn"
        steps = min(STEPS, unit.steps) if cnn else unit.steps
        rows = 1 if cnn else self.settings.explained_samples
        x, reference = self._samples(rows), self._samples(1)

        def work(replicates: int) -> float:
            return self._timed(
                lambda: explain(
                    model.model, x, np.zeros(rows, dtype=np.int64), explainer=unit.explainer,
                    references=reference, replicates=replicates, integration_steps=steps or 1,
                    layer=self.settings.cam_layer or None, mode=self.settings.mode, seed=0,
                )
            )  # fmt: skip

        return self._grown(work, MANY) / rows * (unit.steps / steps if steps else 1)

    def pool(self, unit: Unit) -> float:
        """Measure a whole pool of estimates of one sample."""
        rows = max(1, min(self.settings.curve_samples, 3))
        references = self._samples(unit.estimates) if unit.reference else None
        return self._combined(unit, unit.estimates, rows, references) / rows

    def shared(self, unit: Unit) -> float:
        """Measure passes back through a CNN, by one and two of them."""
        one = self._passes(unit, 1)
        more = max(0.0, self._passes(unit, 2) - one) if unit.estimates > 1 else 0.0
        return (one + more * (unit.estimates - 1)) * (unit.steps / STEPS if unit.steps else 1)

    def _passes(self, unit: Unit, passes: int) -> float:
        if unit.apart or not EXPLAINERS[unit.explainer].need_cnn().linear:
            members = np.ones((1, passes), dtype=bool)
        else:
            # As many sets, none of them like another, of one estimate more.
            members = np.tri(passes, passes + 1, 1, dtype=bool)
        references = None
        if unit.reference:
            different = self._samples(members.shape[1])
            references = (
                different if unit.apart else np.repeat(different[:1], len(different), axis=0)
            )
        return self._explained(unit, members, 1, references)

    def _combined(self, unit: Unit, estimates: int, rows: int, references: Any) -> float:
        sizes = np.linspace(1, estimates, min(unit.sets, estimates)).astype(int)
        members = draw_subsets(estimates, list(dict.fromkeys(sizes.tolist())), 1, 0).weights > 0
        if unit.sets == 1:
            members = np.ones((1, estimates), dtype=bool)
        return self._explained(unit, members, rows, references)

    def _explained(
        self, unit: Unit, members: npt.NDArray[np.bool_], rows: int, references: Any
    ) -> float:
        noise = self.settings.smoothgrad_noise if unit.noisy else 0.0
        # A process does this once, whatever it explains.
        compile_ahead()
        return self._timed(
            lambda: combined_sets(
                self.model(unit.architecture),
                0,
                Samples(TISSUE, [str(row) for row in range(rows)], self._samples(rows)),
                SetsOfEstimates(unit.explainer, members, references, noise),
                self.settings.model_copy(update={"cnn_repeated_steps": STEPS}),
            )
        )

    def curve(self, unit: Unit) -> float:
        """Measure the comparison of models at one n of a curve."""
        sets = 4
        scores = self._scores(model=self.settings.inter_models, set=sets)
        scores = scores.assign_coords(n=("set", list(range(1, sets + 1))))
        comparison = self._comparison(unit)
        return self._timed(lambda: curve(scores, comparison, explainer=_first(unit))) / sets

    def aggregated(self, unit: Unit) -> float:
        """Measure all comparisons of averages over models."""
        models = self._models_of(unit)
        sizes = [size for size in self.settings.aggregate_sizes if size <= models]
        return self._aggregates(unit, draw_aggregates(models, sizes, 0), disjoint=False)

    def disjoint(self, unit: Unit) -> float:
        """Measure the same for averages that have no model in common."""
        models = self._models_of(unit)
        sizes = [size for size in self.settings.aggregate_sizes if size <= models // 2]
        return self._aggregates(unit, draw_aggregates(models, sizes or [1], 0), disjoint=True)

    def halves(self, unit: Unit) -> float:
        """Measure the comparisons of halves of all models."""
        draws = disjoint_halves(self._models_of(unit), HALVINGS, 0)
        return self._aggregates(unit, draws, disjoint=True)

    def replicates(self, unit: Unit) -> float:
        """Measure the comparison of replicates, and of models."""
        chosen = self.settings
        scores = self._scores(model=chosen.inter_models, replicate=chosen.replicates)
        comparison = self._comparison(unit)
        return self._timed(lambda: compare(scores, comparison, explainer=_first(unit)))

    def _models_of(self, unit: Unit) -> int:
        return self.settings.models if unit.architecture == "mlp" else self.settings.cnn_models

    def _aggregates(self, unit: Unit, draws: Subsets, *, disjoint: bool) -> float:
        scores = self._scores(model=self._models_of(unit))
        return self._timed(
            lambda: aggregation_curve(
                scores, draws, self._comparison(unit), explainer=_first(unit),
                design="inter_model", disjoint=disjoint,
            )
        )  # fmt: skip

    def _comparison(self, unit: Unit) -> Comparison:
        chosen = self.settings
        return Comparison(
            unit.architecture,
            reference="zero",
            k=min(list_length(chosen.top, self.size.genes), self.size.genes),
            scores_as=SCORES_AS[chosen.combine],
        )

    def _scores(self, **dims: int) -> xarray.DataArray:
        """Draw scores of one sample."""
        shape = {**dims, "sample": 1, "gene": self.size.genes}
        values = self._rng.standard_normal(tuple(shape.values()), dtype=np.float32)
        coordinates: dict[str, Any] = {
            name: [f"{number}" for number in range(count)] for name, count in shape.items()
        }
        coordinates["tissue"] = ("sample", [TISSUE])
        return xarray.DataArray(values, coords=coordinates, dims=list(shape))

    def _grown(self, work: Callable[[int], float], most: int) -> float:
        """Return the seconds of one of `count` pieces, with more of them until that is long."""
        first = work(1)
        if first > ENOUGH:
            # What happens once is small beside it.
            return first
        count = 1
        while (taken := work(count)) < ENOUGH and count < most:
            count *= 4
        return taken / count


def _first(unit: Unit) -> str:
    return unit.explainer or "Saliency"


_KINDS: dict[str, Callable[[Measurement, Unit], float]] = {
    "train": Measurement.train,
    "predict": Measurement.predict,
    "estimate": Measurement.estimate,
    "shared": Measurement.shared,
    "pool": Measurement.pool,
    "curve": Measurement.curve,
    "aggregated": Measurement.aggregated,
    "disjoint": Measurement.disjoint,
    "halves": Measurement.halves,
    "replicates": Measurement.replicates,
}
