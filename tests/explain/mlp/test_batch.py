"""MLPs in training mode: against Captum's calls, which are given the same masks and noise."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from captum import attr as captum
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import EXPLAINERS, explain, explain_batch, explain_sets
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.mlp import accumulation, coupling
from helpers.explain.mlp import batch as batch_module
from helpers.explain.mlp.coupling import TrainingLayer
from helpers.explain.mlp.passes import PassNoise

GENES, HIDDEN, SAMPLES, ESTIMATES, STEPS = 12, 8, 5, 4, 6
OF_MLP = [name for name, explainer in EXPLAINERS.items() if "mlp" in explainer.architectures]
MEMBERS = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 0]], dtype=bool)
ROWS = [3, 1]


class GivenMasks(nn.Module):
    """Dropout whose masks are given, one for each row of a pass."""

    def __init__(self, masks: np.ndarray) -> None:
        super().__init__()
        self.masks = torch.tensor(masks.reshape(-1, HIDDEN))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        assert rows.shape == self.masks.shape
        return rows * self.masks


def draw_masks(*shape: int) -> np.ndarray:
    return (np.random.default_rng(9).random(shape) >= 0.25) / 0.75


def rows_of_pass(name: str) -> tuple[int, ...]:
    if name == "IntegratedGradients":
        return STEPS, SAMPLES
    return (2 * SAMPLES if EXPLAINERS[name].needs_reference else SAMPLES,)


def by_captum(name, model, x, target, reference, masks) -> np.ndarray:
    """Explain the whole batch once, with the network in training mode."""
    training = copy.deepcopy(model).train()
    training.dropout = GivenMasks(masks)
    rows = torch.tensor(x, requires_grad=True)
    pool = torch.tensor(np.tile(reference, (len(x), 1)))
    with quiet_captum():
        of = EXPLAINERS[name].captum
        return of(training, rows, torch.tensor(target), pool, Options(STEPS)).numpy()


def combined(estimates: np.ndarray, combine: str) -> np.ndarray:
    """Combine estimates × samples × genes in the sets of `MEMBERS`."""
    if combine == "signed_mean":
        return np.stack([estimates[own].mean(axis=0) for own in MEMBERS])
    return np.stack([np.median(np.abs(estimates[own]), axis=0) for own in MEMBERS])


def close(observed: np.ndarray, expected: np.ndarray) -> None:
    assert observed.shape == expected.shape
    assert np.abs(expected).max() > 1e-3
    assert np.abs(observed - expected).max() <= 1e-9 * np.abs(expected).max()


@pytest.fixture
def mlp(build):
    model = build("mlp")
    with torch.no_grad():
        model.norm.weight[::3] *= -1  # BatchNorm may turn a unit round
    return model


@pytest.fixture
def pool():
    return np.random.default_rng(3).uniform(0, 8, (ESTIMATES, GENES))


@pytest.fixture(params=[2**20, 40], ids=["together", "in parts"])
def chunks(request, monkeypatch):
    monkeypatch.setattr(batch_module, "_TOGETHER", request.param)
    monkeypatch.setattr(coupling, "_CACHED", request.param)
    monkeypatch.setattr(batch_module, "HELD", request.param)
    monkeypatch.setattr(accumulation, "TOGETHER", 5)


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("name", OF_MLP)
def test_equals_captum_for_the_same_masks_and_noise(mlp, x, target, pool, name, noisy, combine):
    masks = draw_masks(ESTIMATES, *rows_of_pass(name), HIDDEN)
    noise = np.random.default_rng(4).normal(size=(ESTIMATES, *x.shape)) * noisy
    singles = np.stack(
        [
            by_captum(name, mlp, x + noise[k], target, pool[k], masks[k])
            if name != "Saliency" or combine == "signed_mean"
            else np.abs(by_captum(name, mlp, x + noise[k], target, pool[k], masks[k]))
            for k in range(ESTIMATES)
        ]
    )
    arguments = {"masks": masks, "precision": "float64", "combine": combine, "seed": 0}
    observed = explain_batch(
        [mlp], x, target, explainer=name, members=MEMBERS, rows=ROWS, references=pool,
        integration_steps=STEPS, **arguments, **({"noise": noise} if noisy else {}),
    )  # fmt: skip
    close(observed[0], combined(singles, combine)[:, ROWS])


@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@pytest.mark.parametrize("name", [name for name in OF_MLP if EXPLAINERS[name].needs_reference])
def test_one_reference_for_all_estimates(mlp, x, target, pool, name, combine):
    masks = draw_masks(ESTIMATES, *rows_of_pass(name), HIDDEN)
    singles = [by_captum(name, mlp, x, target, pool[0], masks[k]) for k in range(ESTIMATES)]
    observed = explain_batch(
        [mlp], x, target, explainer=name, members=MEMBERS, references=pool[:1], masks=masks,
        combine=combine, integration_steps=STEPS, precision="float64", seed=0,
    )  # fmt: skip
    close(observed[0], combined(np.stack(singles), combine))


def test_captums_pairs_of_samples_and_copies(mlp, x, target, pool):
    """DeepLiftShap on copies of one reference is DeepLift with the mean masks of all pairs."""
    masks = draw_masks(ESTIMATES, 2, SAMPLES, SAMPLES, HIDDEN)
    singles = []
    for k in range(ESTIMATES):
        training = copy.deepcopy(mlp).train()
        training.dropout = GivenMasks(masks[k])
        rows, copies = torch.tensor(x, requires_grad=True), torch.tensor(pool[[k] * SAMPLES])
        with quiet_captum():
            explainer = captum.DeepLiftShap(training)
            singles.append(explainer.attribute(rows, copies, target=torch.tensor(target)).detach())
    means = masks.mean(axis=3).reshape(ESTIMATES, 2 * SAMPLES, HIDDEN)
    observed = explain_batch(
        [mlp], x, target, explainer="DeepLiftShap", members=MEMBERS, references=pool, masks=means,
        precision="float64", seed=0,
    )  # fmt: skip
    close(observed[0], combined(np.stack(singles), "signed_mean"))


@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("name", OF_MLP)
def test_drawn_masks_have_the_distribution_of_captums(mlp, x, target, pool, name, combine, copies):
    """Mean and spread of replicates agree between the engines within sampling error."""
    if copies and name != "DeepLiftShap":
        pytest.skip("copies are DeepLiftShap's")
    arguments = {"explainer": name, "references": pool[:3], "repeats": 3, "replicates": 100}
    arguments |= {"combine": combine, "mode": "training", "integration_steps": 4, "seed": 1}
    arguments |= {"shap_copies": copies, "rows": [0, 4]}
    captums = explain(mlp, x, target, **arguments)
    exacts = explain(mlp, x, target, engine="exact", **arguments)
    error = np.sqrt((captums.var(axis=0) + exacts.var(axis=0)) / 100)
    scale = np.abs(captums).max()
    assert (np.abs(captums.mean(axis=0) - exacts.mean(axis=0)) < 5 * error + 1e-6 * scale).all()
    assert 0.85 < exacts.std(axis=0).sum() / captums.std(axis=0).sum() < 1.15


def test_copies_make_deepliftshap_steadier(mlp, x, target, pool):
    arguments = {"explainer": "DeepLiftShap", "references": pool[:1], "replicates": 60}
    arguments |= {"mode": "training", "engine": "exact", "seed": 0}
    one, many = (
        explain(mlp, x, target, shap_copies=copies, **arguments).std(axis=0).mean()
        for copies in (False, True)
    )
    assert many < 0.6 * one  # 1/√5


@pytest.mark.parametrize("engine", ["captum", "exact"])
@pytest.mark.parametrize("name", OF_MLP)
def test_running_statistics_are_neither_read_nor_changed(mlp, x, target, pool, name, engine):
    arguments = {"explainer": name, "references": pool[:2], "mode": "training", "seed": 0}
    arguments |= {"repeats": 2, "engine": engine, "integration_steps": 3}
    before = {key: value.clone() for key, value in mlp.state_dict().items()}
    found = explain(mlp, x, target, **arguments)
    assert not mlp.training
    assert all(torch.equal(value, before[key]) for key, value in mlp.state_dict().items())
    with torch.no_grad():
        mlp.norm.running_mean.fill_(100.0)
        mlp.norm.running_var.fill_(0.01)
    np.testing.assert_array_equal(explain(mlp, x, target, **arguments), found)


@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@pytest.mark.parametrize("name", OF_MLP)
def test_rows_threads_and_seeds(build, x, target, pool, name, combine):
    models = [build("mlp", seed=seed) for seed in range(3)]
    arguments = {"explainer": name, "members": MEMBERS, "references": pool, "combine": combine}
    every = explain_batch(models, x, target, seed=5, threads=1, **arguments)
    assert every.shape == (3, len(MEMBERS), *x.shape)
    assert every.dtype == np.float32
    again = explain_batch(models, x, target, seed=5, threads=2, **arguments)
    assert every.tobytes() == again.tobytes()
    some = explain_batch(models[:1], x, target, seed=5, rows=ROWS, **arguments)
    # One product of other rows may round otherwise.
    np.testing.assert_allclose(some[0], every[0][:, ROWS], rtol=1e-3, atol=1e-5)
    assert not np.allclose(explain_batch(models, x, target, seed=6, **arguments), every)


@pytest.mark.parametrize("name", OF_MLP)
def test_it_is_the_engine_of_sets_and_replicates(mlp, x, target, pool, name):
    """Both front doors lead to it, and sets that are replicates are explanations of their own."""
    arguments = {"explainer": name, "mode": "training", "engine": "exact", "seed": 3}
    arguments |= {"rows": ROWS, "integration_steps": 3}
    blocks = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], dtype=bool)
    sets = explain_sets(mlp, x, target, members=blocks, references=pool, **arguments)
    replicates = explain(
        mlp, x, target, replicates=2, repeats=2, references=pool.reshape(2, 2, -1), **arguments
    )
    np.testing.assert_array_equal(sets, replicates)
    direct = explain_batch(
        [mlp], x, target, explainer=name, members=blocks, references=pool, rows=ROWS, seed=3,
        integration_steps=3, precision="float64",
    )  # fmt: skip
    np.testing.assert_array_equal(sets, direct[0])


def test_a_sample_depends_on_its_batch(mlp, x, target):
    arguments = {"explainer": "Saliency", "mode": "training", "engine": "exact", "seed": 0}
    mlp.dropout.p = 0.0
    other = np.concatenate([x[:1], np.random.default_rng(7).uniform(0, 8, (4, GENES))])
    found = explain(mlp, x, target, rows=[0], **arguments)
    assert not np.allclose(found, explain(mlp, other, target, rows=[0], **arguments))
    order = [4, 0, 2, 1, 3]
    moved = explain(mlp, x[order], target[order], rows=[1], **arguments)
    np.testing.assert_allclose(moved, found, rtol=1e-9)


@pytest.mark.parametrize("each", [False, True])
def test_noise_of_samples_that_are_not_explained(mlp, each):
    """It reaches the hidden units as W₁ times noise of the genes would."""
    layer = TrainingLayer.of(mlp, torch.float64)
    sd = torch.linspace(0, 1, GENES) if each else torch.tensor(0.5)
    noise = PassNoise(None, sd, [0], layer)
    passes, samples = 400, 12
    found = noise.reach_hidden(torch.arange(passes), samples, torch.tensor([2]))
    np.testing.assert_allclose(
        found[7, 2], noise.of(8, torch.tensor([2]))[7, 0] @ layer.first.T, rtol=1e-12
    )
    others = found[:, [i for i in range(samples) if i != 2]].flatten(0, 1)
    expected = (layer.first * sd**2) @ layer.first.T
    covariance = others.T @ others / len(others)
    assert (covariance - expected).abs().max() < 0.1 * expected.abs().max()
    assert others.mean(dim=0).abs().max() < 4 * (expected.diagonal().max() / len(others)).sqrt()


def test_drawn_noise_has_the_distribution_of_captums(mlp, x, target):
    arguments = {"explainer": "InputXGradient", "mode": "training", "noise_sd": 1.0, "seed": 0}
    arguments |= {"replicates": 200, "rows": [1]}
    captums = explain(mlp, x, target, **arguments)
    exacts = explain(mlp, x, target, engine="exact", **arguments)
    error = np.sqrt((captums.var(axis=0) + exacts.var(axis=0)) / 200)
    assert (np.abs(captums.mean(axis=0) - exacts.mean(axis=0)) < 5 * error).all()
    assert 0.85 < exacts.std(axis=0).sum() / captums.std(axis=0).sum() < 1.15


@pytest.mark.parametrize("kept", [0.0, 1.0])
@pytest.mark.parametrize("name", OF_MLP)
def test_no_dropout_and_nothing_but(mlp, x, target, pool, name, kept):
    mlp.dropout.p = 1 - kept
    arguments = {"explainer": name, "members": MEMBERS, "references": pool, "precision": "float64"}
    found = explain_batch([mlp], x, target, integration_steps=STEPS, seed=0, **arguments)[0]
    masks = np.full((*rows_of_pass(name), HIDDEN), kept)
    expected = by_captum(name, mlp, x, target, pool[3], masks)
    np.testing.assert_allclose(found[2], expected, atol=1e-9)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": np.ones((1, GENES)), "target": 0}, "batch of one sample"),
        ({"models": []}, "no model"),
        ({"models": [nn.Linear(GENES, 4)]}, "'mlp' only, not Linear"),
        ({"explainer": "DeepLift"}, "none are given"),
        ({"explainer": "DeepLift", "references": np.ones((3, GENES))}, "4 estimates, but it holds"),
        ({"masks": np.ones((3, HIDDEN))}, r"'masks' must have, .* \(1, 4, 5, 8"),
        ({"noise": np.ones((4, GENES))}, "'noise' must have"),
        ({"noise_sd": -1.0}, "'noise_sd' must be"),
        ({"members": np.ones((1, 4))}, "true and false"),
        ({"rows": [5]}, "asks for sample 5"),
        ({"target": 9}, "classes are 0 to 3"),
    ],
)
def test_bad_input_is_one_sentence(mlp, x, target, changed, message):
    arguments = {"models": [mlp], "x": x, "target": target, "explainer": "Saliency"}
    arguments |= {"members": MEMBERS, "seed": 0}
    with pytest.raises(BadInputError, match=message):
        explain_batch(**(arguments | changed))


def test_unknown_names(mlp, x, target):
    for changed in ({"explainer": "nonsense"}, {"combine": "nonsense"}, {"nonsense": 1}):
        arguments = {"explainer": "Saliency", "members": MEMBERS, "seed": 0} | changed
        with pytest.raises(UnknownNameError, match="nonsense"):
            explain_batch([mlp], x, target, **arguments)
