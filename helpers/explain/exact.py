"""Scores of MLPs without automatic differentiation: all models, repeats and references at once.

The score of one estimate is ``(x − r) ∘ W₁ᵀ g`` with g of as many numbers as there are hidden
units (see `exact_hidden`). A mean over estimates k is therefore ``x ∘ W₁ᵀ ḡ − Σₖ rₖ ∘ W₁ᵀ gₖ / n``:
the first part needs the mean of g only, and the second is summed in blocks of genes that
stay in the processor's cache, so that no score of a single estimate ever reaches memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helpers.errors import BadInputError, one_of
from helpers.explain import exact_hidden as hidden
from helpers.explain.checks import checked_inputs
from helpers.explain.exact_hidden import Estimates, HiddenLayer, Masks
from helpers.explain.explainers import EXPLAINERS
from helpers.explain.modes import MODES

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
INTEGRATION_RULES = ("exact", "steps")
# Estimates and genes worked on at once: their product is to fit into a core's cache.
_ESTIMATES, _GENES = 64, 2048
# Rows of noisy copies of samples held at once.
_NOISY_ROWS = 64


@dataclass(frozen=True)
class _Rule:
    """How an explainer's scores follow from the hidden layer.

    `absolute`: each estimate's absolute value is taken before the mean. `times_input`: scores
    are multiplied by the sample, or by its difference from the reference.
    """

    multipliers: Callable[[Estimates], Tensor]
    absolute: bool
    times_input: bool


_RULES = {
    "Saliency": _Rule(hidden.gradient, True, False),
    "InputXGradient": _Rule(hidden.gradient, False, True),
    "GuidedBackprop": _Rule(hidden.guided, False, False),
    "IntegratedGradients": _Rule(hidden.rescale, False, True),
    "DeepLift": _Rule(hidden.rescale, False, True),
    "DeepLiftShap": _Rule(hidden.rescale, False, True),
}
_STEPS = _Rule(hidden.steps, False, True)


@dataclass(frozen=True)
class _Task:
    """All that is the same for every model."""

    rule: _Rule
    x: Tensor
    target: Tensor
    pools: npt.NDArray[np.generic] | None
    replicates: int
    estimates: int
    steps: int
    noise: npt.NDArray[np.generic] | None
    noise_sd: float

    @property
    def noisy(self) -> bool:
        return self.noise is not None or self.noise_sd > 0

    def references(self, estimates: npt.NDArray[np.intp]) -> Tensor | None:
        """Take the references of some estimates, estimates × genes."""
        if self.pools is None:
            return None
        pools = (estimates // self.estimates) % len(self.pools)
        within = estimates % self.estimates
        if pools[0] == pools[-1] and within[-1] - within[0] == len(within) - 1:
            chosen = self.pools[pools[0], within[0] : within[-1] + 1]
        else:
            chosen = self.pools[pools, within]
        # PyTorch warns of arrays that it may not write to, such as views of a file.
        return torch.as_tensor(np.require(chosen, requirements=["W"])).to(self.x.dtype)

    def noise_of(
        self, model: int, estimates: npt.NDArray[np.intp], rng: np.random.Generator
    ) -> Tensor | None:
        """Take or draw the noise of some estimates, estimates × samples × genes."""
        if self.noise is not None:
            where = (model, estimates // self.estimates, estimates % self.estimates)
            return torch.as_tensor(self.noise[where]).to(self.x.dtype)
        if self.noise_sd == 0:
            return None
        drawn = rng.standard_normal((len(estimates), *self.x.shape), dtype=np.float32)
        return torch.from_numpy(drawn).to(self.x.dtype) * self.noise_sd


def explain_exact(
    models: Sequence[nn.Module],
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    explainer: str,
    references: npt.ArrayLike | None = None,
    replicates: int = 1,
    repeats: int = 1,
    mode: str = "dropout",
    integration_rule: str = "exact",
    integration_steps: int = 50,
    noise_sd: float = 0.0,
    seed: int | Sequence[int],
    masks: npt.ArrayLike | None = None,
    noise: npt.ArrayLike | None = None,
    precision: str = "float32",
) -> npt.NDArray[np.floating]:
    """Compute the means that `explain` computes, for MLPs, in closed form.

    For the same masks, references and noise the scores are Captum's, up to rounding; masks
    are drawn from generators of their own, so the same seed gives other masks than `explain`.
    Memory depends neither on the number of replicates' estimates nor on that of models, but
    for the result.

    Parameters
    ----------
    models
        MLPs for the same genes and classes. Nothing in them is changed or run in training mode.
    x, target, explainer, references, replicates, repeats
        See `explain`.
    mode
        ``"dropout"`` or ``"eval"``, see `explanation_mode`.
    integration_rule
        Of IntegratedGradients. ``"exact"``: the integral in closed form, one mask for all of a
        path, so that each estimate is DeepLIFT's (with one hidden layer of ReLUs the mean
        gradient of a unit along the path is its rescale multiplier). ``"steps"``: Captum's
        Gauss–Legendre rule with a mask for each step; for many steps this tends to
        ``"exact"`` with the mean of all masks, that is in mode ``"eval"``.
    integration_steps
        Steps of rule ``"steps"``.
    noise_sd
        SmoothGrad (Smilkov et al. 2017): standard deviation of the normal noise that is added
        to the sample in every estimate. What multiplies by the input takes the noisy input.
    seed
        Same seed, same arguments, same bytes.
    masks
        In place of drawn ones: factors of the hidden units (0 or 1/(1 − p)) that broadcast to
        models × replicates × estimates × samples × hidden, for rule ``"steps"`` to
        models × replicates × estimates × steps × samples × hidden.
    noise
        In place of drawn noise: what is added to the samples, broadcast to
        models × replicates × estimates × samples × genes.
    precision
        Type to compute with and to return: ``"float32"`` or ``"float64"``.

    Returns
    -------
    numpy.ndarray
        Models × replicates × samples × genes.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, mode, rule or precision.
    BadInputError
        As `explain`, and if a network is no MLP, the mode is ``"training"``, or masks or noise
        have another shape. Nothing has been computed then.
    """
    one_of("explainer", explainer, EXPLAINERS)
    one_of("explanation mode", mode, MODES)
    one_of("rule of integration", integration_rule, INTEGRATION_RULES)
    dtype = PRECISIONS[one_of("precision", precision, PRECISIONS)]
    counts = {"replicates": replicates, "repeats": repeats, "integration_steps": integration_steps}
    units = _check_models(models, explainer, mode, x, target, references, counts)
    pools = _pools(references) if EXPLAINERS[explainer].needs_reference else None
    samples = torch.as_tensor(np.array(x)).to(dtype)
    by_steps = explainer == "IntegratedGradients" and integration_rule == "steps"
    estimates = repeats if pools is None else pools.shape[1]
    rows = (len(models), replicates, estimates)
    per_sample = (*((integration_steps,) if by_steps else ()), len(samples), units)
    given_masks = _given(masks, "masks", (*rows, *per_sample))
    if not 0 <= noise_sd < np.inf:
        raise BadInputError(f"Parameter 'noise_sd' must be finite and ≥ 0, but it is {noise_sd}.")
    task = _Task(
        rule=_STEPS if by_steps else _RULES[explainer],
        x=samples,
        target=torch.as_tensor(np.broadcast_to(np.asarray(target), len(samples)).astype(np.int64)),
        pools=pools,
        replicates=replicates,
        estimates=estimates,
        steps=integration_steps,
        noise=_given(noise, "noise", (*rows, *samples.shape)),
        noise_sd=noise_sd,
    )
    result = np.empty((len(models), replicates, *samples.shape), dtype=precision)
    for number, model in enumerate(models):
        layer = HiddenLayer.of(model, dtype)
        drawn = layer.dropout if mode == "dropout" else 0.0
        mine = None if given_masks is None else given_masks[number]
        rng = np.random.default_rng([*np.atleast_1d(seed), number, 0])
        with torch.no_grad():
            _explain_model(
                task, number, layer, Masks(mine, drawn, rng), seed, torch.from_numpy(result[number])
            )
    return result


def _check_models(
    models: Sequence[nn.Module],
    explainer: str,
    mode: str,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    references: npt.ArrayLike | None,
    counts: dict[str, int],
) -> int:
    """Check the arguments that `explain` has too, and count the hidden units."""
    if mode == "training":
        raise BadInputError(
            "The exact engine cannot explain in mode 'training', in which BatchNorm depends on "
            "the batch: choose engine 'captum', or mode 'dropout' or 'eval'."
        )
    if not models:
        raise BadInputError("There is no model to explain: give one at least in 'models'.")
    layers = (HiddenLayer.of(model, torch.float32) for model in models)
    shapes = [(tuple(layer.first.shape), tuple(layer.second.shape)) for layer in layers]
    checked_inputs(models[0], EXPLAINERS[explainer], x, target, references, None, counts)
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise BadInputError(
                f"Model {number} (counted from 0) has weights of shapes {shape}, but model 0 "
                f"{shapes[0]}: explain only models of the same genes, hidden units and classes "
                "together."
            )
    return shapes[0][0][0]


def _pools(references: npt.ArrayLike | None) -> npt.NDArray[np.generic]:
    array = np.asarray(references)
    return array[None] if array.ndim == 2 else array


def _given(
    values: npt.ArrayLike | None, name: str, shape: tuple[int, ...]
) -> npt.NDArray[np.generic] | None:
    if values is None:
        return None
    array = np.asarray(values)
    try:
        wide = np.broadcast_to(array, shape)
    except ValueError:
        raise BadInputError(
            f"Parameter {name!r} must have, or broadcast to, shape {shape}, but it has shape "
            f"{array.shape}."
        ) from None
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise BadInputError(f"Parameter {name!r} must hold finite numbers only.")
    return wide


def _explain_model(
    task: _Task,
    number: int,
    layer: HiddenLayer,
    masks: Masks,
    seed: int | Sequence[int],
    result: Tensor,
) -> None:
    """Fill `result`, replicates × samples × genes."""
    noise_rng = np.random.default_rng([*np.atleast_1d(seed), number, 1])
    means = task.x.new_zeros(task.replicates, len(task.x), layer.first.shape[0])
    inputs, weights = layer.inputs(task.x)[None], layer.second[task.target]
    result.zero_()
    for estimates in _chunks(task):
        noise = task.noise_of(number, estimates, noise_rng)
        references = task.references(estimates)
        some = Estimates(
            inputs=inputs if noise is None else layer.inputs(task.x + noise),
            references=None if references is None else layer.inputs(references)[:, None],
            weights=weights,
            count=len(estimates),
            masks=_maker(masks, estimates, task.estimates, inputs),
            steps=task.steps,
        )
        g = task.rule.multipliers(some) * layer.scale
        g = g.expand(len(estimates), *g.shape[1:])
        replicates, share = _shares(estimates, task)
        if task.rule.absolute:
            _add_by_genes(layer.first, g, None, None, share, result[replicates])
            continue
        means[replicates] += torch.tensordot(share, g, dims=1)
        if task.rule.times_input and not (noise is None and references is None):
            _add_by_genes(layer.first, g, references, noise, share, result[replicates])
    if not task.rule.absolute:
        scores = (means.reshape(-1, means.shape[-1]) @ layer.first).reshape(result.shape)
        result += scores.mul_(task.x) if task.rule.times_input else scores


def _maker(
    masks: Masks, estimates: npt.NDArray[np.intp], repeats: int, like: Tensor
) -> Callable[[int | None], Tensor | float]:
    return lambda step: masks.of(estimates, repeats, step, like)


def _chunks(task: _Task) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the numbers of estimates, replicate by replicate, a few at a time."""
    size = max(1, _NOISY_ROWS // len(task.x)) if task.noisy else _ESTIMATES
    count = task.replicates * task.estimates
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def _shares(estimates: npt.NDArray[np.intp], task: _Task) -> tuple[slice, Tensor]:
    """Tell which replicates some estimates belong to, and their shares in the means.

    The second is replicates × estimates: 1/n where an estimate is one of a replicate's n.
    """
    of = estimates // task.estimates
    replicates = np.arange(of[0], of[-1] + 1)
    share = torch.as_tensor(replicates[:, None] == of).to(task.x.dtype) / task.estimates
    return slice(int(of[0]), int(of[-1]) + 1), share


def _add_by_genes(
    first: Tensor,
    g: Tensor,
    references: Tensor | None,
    noise: Tensor | None,
    share: Tensor,
    result: Tensor,
) -> None:
    """Add what needs single estimates: (noise − reference) ∘ W₁ᵀ g, or without both |W₁ᵀ g|."""
    samples, rows = range(g.shape[1]), len(g)
    units = [torch.nonzero((g[:, s] != 0).any(0)).ravel() for s in samples]
    # Leaving out units that are off in all of a sample's estimates (often half) costs a copy of
    # the others' weights, which pays off only in products that are large enough.
    fewer = [rows * (g.shape[2] - len(on)) > 10 * len(on) for on in units]
    parts = [g[:, s].index_select(1, units[s]) if fewer[s] else g[:, s] for s in samples]
    for start in range(0, first.shape[1], _GENES):
        block = slice(start, start + _GENES)
        weights = first[:, block].contiguous()
        for s in samples:
            scores = parts[s] @ (weights.index_select(0, units[s]) if fewer[s] else weights)
            if references is None and noise is None:
                result[:, s, block].addmm_(share, scores.abs_())
                continue
            if references is not None:
                minus = references[:, block]
                scores *= minus if noise is None else minus - noise[:, s, block]
            elif noise is not None:
                scores *= -noise[:, s, block]
            result[:, s, block].addmm_(share, scores, alpha=-1)
