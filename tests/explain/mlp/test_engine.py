"""The exact engine against Captum, which is given the same masks, references and noise."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from captum import attr as captum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import EXPLAINERS, explain, explain_exact
from helpers.explain.entry import Options, quiet_captum
from helpers.explain.mlp import genes as exact_genes
from helpers.explain.mlp import model as exact_model

MODELS, REPLICATES, ESTIMATES, SAMPLES, STEPS, HIDDEN, GENES = 3, 2, 7, 5, 6, 8, 12
OF_MLP = [name for name, explainer in EXPLAINERS.items() if "mlp" in explainer.architectures]
PLAIN = [name for name in OF_MLP if not EXPLAINERS[name].needs_reference]
COMPARING = [name for name in OF_MLP if EXPLAINERS[name].needs_reference]


class GivenMasks(nn.Module):
    """Dropout whose masks are given, one per row.

    DeepLIFT sends references along as a second half; theirs are made nonsense on purpose.
    """

    def __init__(self, masks: np.ndarray) -> None:
        super().__init__()
        self.masks = torch.tensor(masks)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        masks = self.masks
        if len(rows) == 2 * len(masks):
            masks = torch.cat([masks, torch.full_like(masks, 17.0)])
        return rows * masks


def with_masks(model: nn.Module, masks: np.ndarray) -> nn.Module:
    masked = copy.deepcopy(model).eval()
    masked.dropout = GivenMasks(masks)
    return masked


def by_captum(name, model, x, target, references, masks, steps=STEPS):
    """Explain with one estimate of each sample; masks are [steps ×] samples × hidden."""
    masked = with_masks(model, masks.reshape(-1, HIDDEN))
    rows = torch.tensor(x, requires_grad=True)
    pool = None if references is None else torch.tensor(references)
    with quiet_captum():
        return (
            EXPLAINERS[name]
            .captum(masked, rows, torch.tensor(target), pool, Options(steps))
            .numpy()
        )


def draw_masks(*shape: int, p: float = 0.25) -> np.ndarray:
    return (np.random.default_rng(9).random(shape) >= p) / (1 - p)


def close(observed: np.ndarray, expected: np.ndarray, tolerance: float = 1e-9) -> None:
    assert observed.shape == expected.shape
    assert np.abs(expected).max() > 0.1
    # Relative to the largest score of each sample; guided backpropagation may pass on nothing.
    scale = np.maximum(np.abs(expected).max(axis=-1, keepdims=True), 1e-3)
    assert (np.abs(observed - expected) / scale).max() <= tolerance


@pytest.fixture
def models(build):
    made = [build("mlp", seed=seed) for seed in range(MODELS)]
    for model in made:
        with torch.no_grad():
            model.norm.weight[::3] *= -1  # BatchNorm may turn a unit round
    return made


@pytest.fixture
def pools():
    return np.random.default_rng(3).uniform(0, 8, (REPLICATES, ESTIMATES, GENES))


@pytest.fixture(
    params=[(1, True), (3, False), (64, True), (64, False)],
    ids=lambda how: f"chunks of {how[0]}, {'at once' if how[1] else 'in strips'}",
)
def chunk(request, monkeypatch):
    size, at_once = request.param
    monkeypatch.setattr(exact_model, "_ESTIMATES", size)
    monkeypatch.setattr(exact_model, "_NOISY_ROWS", size * SAMPLES)
    monkeypatch.setattr(exact_model, "TOGETHER", 5)
    if at_once:
        monkeypatch.setattr(exact_genes, "_weighted", exact_genes._weighted_at_once)
        monkeypatch.setattr(exact_genes, "_ROWS", 14)


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("name", OF_MLP)
def test_equals_captum_for_the_same_masks_and_references(models, x, target, pools, name):
    steps = (STEPS,) if name == "IntegratedGradients" else ()
    masks = draw_masks(MODELS, REPLICATES, ESTIMATES, *steps, SAMPLES, HIDDEN)
    expected = np.zeros((MODELS, REPLICATES, SAMPLES, GENES))
    for m, model in enumerate(models):
        for r in range(REPLICATES):
            for k in range(ESTIMATES):
                one = np.tile(pools[r, k], (SAMPLES, 1)) if name in COMPARING else None
                expected[m, r] += by_captum(name, model, x, target, one, masks[m, r, k])
    observed = explain_exact(
        models,
        x,
        target,
        explainer=name,
        references=pools,
        replicates=REPLICATES,
        repeats=ESTIMATES,
        integration_rule="steps",
        integration_steps=STEPS,
        masks=masks,
        seed=0,
        precision="float64",
    )
    close(observed, expected / ESTIMATES)


def test_equals_captums_deepliftshap(models, x, target, references):
    masks = draw_masks(len(references), SAMPLES, HIDDEN)
    # Captum's pairs of sample and reference: the sample is the outer loop.
    masked = with_masks(models[0], masks.transpose(1, 0, 2).reshape(-1, HIDDEN))
    with quiet_captum():
        expected = captum.DeepLiftShap(masked).attribute(
            torch.tensor(x), torch.tensor(references), target=torch.tensor(target)
        )
    observed = explain_exact(
        models[:1],
        x,
        target,
        explainer="DeepLiftShap",
        references=references,
        masks=masks,
        seed=0,
        precision="float64",
    )
    close(observed[0, 0], expected.detach().numpy())


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("name", OF_MLP)
def test_smoothgrad_equals_captum_on_noisy_samples(models, x, target, pools, name):
    steps = (STEPS,) if name == "IntegratedGradients" else ()
    masks = draw_masks(REPLICATES, ESTIMATES, *steps, SAMPLES, HIDDEN)
    noise = np.random.default_rng(4).normal(size=(REPLICATES, ESTIMATES, SAMPLES, GENES))
    expected = np.zeros((REPLICATES, SAMPLES, GENES))
    for r in range(REPLICATES):
        for k in range(ESTIMATES):
            one = np.tile(pools[r, k], (SAMPLES, 1)) if name in COMPARING else None
            noisy = x + noise[r, k]
            expected[r] += by_captum(name, models[0], noisy, target, one, masks[r, k])
    observed = explain_exact(
        models[:1],
        x,
        target,
        explainer=name,
        references=pools,
        replicates=REPLICATES,
        repeats=ESTIMATES,
        integration_rule="steps",
        integration_steps=STEPS,
        masks=masks,
        noise=noise,
        seed=0,
        precision="float64",
    )
    close(observed[0], expected / ESTIMATES)


def pieces(model: nn.Module, x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Cut the path from reference to sample where a ReLU switches."""

    def inputs(row: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model.norm(model.hidden(torch.tensor(row[None]))).numpy()[0]

    start, end = inputs(reference), inputs(x)
    switches = start / (start - end)
    inner = np.sort(switches[(switches > 0) & (switches < 1)])
    return np.concatenate([[0.0], inner, [1.0]])


def test_exact_integral_is_captums_on_each_linear_piece(models, x, target, references):
    """Between switches the gradient is constant, so that a single step is without error."""
    model, reference = models[0], references[0]
    mask = draw_masks(SAMPLES, HIDDEN)
    expected, counts = np.zeros_like(x), []
    for s in range(SAMPLES):
        path = pieces(model, x[s], reference)[:, None] * (x[s] - reference) + reference
        count = len(path) - 1
        counts.append(count)
        masked = with_masks(model, np.tile(mask[s], (count, 1)))
        expected[s] = (
            captum.IntegratedGradients(masked)
            .attribute(
                torch.tensor(path[1:]), torch.tensor(path[:-1]), target=int(target[s]), n_steps=1
            )
            .sum(0)
        )
    assert max(counts) > 2
    arguments = {"references": references[:1], "masks": mask, "seed": 0, "precision": "float64"}
    observed = explain_exact(models[:1], x, target, explainer="IntegratedGradients", **arguments)
    close(observed[0, 0], expected)
    deeplift = explain_exact(models[:1], x, target, explainer="DeepLift", **arguments)
    close(observed, deeplift, 1e-14)


def test_steps_tend_to_the_exact_integral(models, x, target, references):
    arguments = {"explainer": "IntegratedGradients", "references": references, "seed": 0}
    arguments |= {"mode": "eval", "precision": "float64"}
    limit = explain_exact(models, x, target, **arguments)
    scale = np.abs(limit).max(axis=-1, keepdims=True)
    errors = []
    for n in (10, 100, 1000):
        rule = {"integration_rule": "steps", "integration_steps": n}
        difference = explain_exact(models, x, target, **arguments, **rule) - limit
        errors.append((np.abs(difference) / scale).max())
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert errors[2] < 2e-3


def test_independent_masks_of_steps_average_out(models, x, target, references):
    """Many steps with a mask each tend to the integral without dropout."""
    arguments = {"explainer": "IntegratedGradients", "references": references, "seed": 0}
    arguments |= {"precision": "float64"}
    limit = explain_exact(models, x, target, mode="eval", **arguments)
    observed = explain_exact(
        models, x, target, integration_rule="steps", integration_steps=500, **arguments
    )
    few = explain_exact(
        models, x, target, integration_rule="steps", integration_steps=5, **arguments
    )
    assert np.abs(observed - limit).max() < 0.3 * np.abs(few - limit).max()


def test_equal_inputs_of_a_relu_take_the_gradient(models, x, target):
    """As Captum does, also where sample and reference are the same."""
    references = np.stack([x[0], x[1]])
    references[1, 0] += 1e-12
    for k, reference in enumerate(references):
        one, mask = np.tile(reference, (SAMPLES, 1)), np.ones((SAMPLES, HIDDEN))
        expected = by_captum("DeepLift", models[0], x, target, one, mask)
        observed = explain_exact(
            models[:1],
            x,
            target,
            explainer="DeepLift",
            references=references[k : k + 1],
            mode="eval",
            seed=0,
            precision="float64",
        )
        np.testing.assert_allclose(observed[0, 0], expected, atol=1e-9)


@pytest.mark.parametrize("name", OF_MLP)
def test_without_dropout_it_is_the_other_engine(mlp, x, target, references, name):
    arguments = {"explainer": name, "references": references, "mode": "eval", "seed": 0}
    arguments |= {"integration_steps": 50, "replicates": 2}
    expected = explain(mlp, x, target, **arguments)
    tolerance = 0.05 if name == "IntegratedGradients" else 1e-9
    close(explain(mlp, x, target, engine="exact", **arguments), expected, tolerance)
    arguments["combine"] = "absolute_median"
    expected = explain(mlp, x, target, **arguments)
    close(explain(mlp, x, target, engine="exact", **arguments), expected, tolerance)


@pytest.mark.parametrize("name", ["Saliency", "GuidedBackprop", "DeepLift"])
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
def test_drawn_masks_have_the_distribution_of_dropout(mlp, x, target, references, name, combine):
    """Mean and spread of replicates agree between the engines within sampling error."""
    arguments = {"explainer": name, "references": references[:3], "repeats": 3, "seed": 1}
    arguments |= {"replicates": 100, "combine": combine}
    captums = explain(mlp, x, target, **arguments)
    exacts = explain(mlp, x, target, engine="exact", **arguments)
    error = np.sqrt((captums.var(axis=0) + exacts.var(axis=0)) / 100)
    scale = np.abs(captums).max()
    assert (np.abs(captums.mean(axis=0) - exacts.mean(axis=0)) < 5 * error + 1e-6 * scale).all()
    assert 0.85 < exacts.std(axis=0).sum() / captums.std(axis=0).sum() < 1.15


def test_deepliftshap_of_the_released_scripts(mlp, x, target, references):
    arguments = {"references": references, "mode": "eval", "seed": 0, "explainer": "DeepLiftShap"}
    arguments |= {"deepliftshap": "one_reference"}
    expected = explain(mlp, x, target, **arguments)
    close(explain(mlp, x, target, engine="exact", **arguments), expected)


@pytest.mark.parametrize("name", OF_MLP)
def test_same_seed_same_bytes(models, x, target, references, name):
    arguments = {"explainer": name, "references": references, "repeats": 3, "replicates": 2}
    arguments |= {"noise_sd": 0.5}
    first = explain_exact(models, x, target, seed=5, **arguments)
    again = explain_exact(models, x, target, seed=5, **arguments)
    other = explain_exact(models, x, target, seed=6, **arguments)
    assert first.shape == (MODELS, 2, *x.shape)
    assert first.dtype == np.float32
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)
    assert not np.allclose(first[:, 0], first[:, 1])
    alone = explain_exact(models[:1], x, target, seed=5, **arguments)
    np.testing.assert_array_equal(alone[0], first[0])


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(OF_MLP),
    samples=st.integers(1, 4),
    replicates=st.integers(1, 3),
    n=st.integers(1, 5),
)
def test_replicates_are_explanations_of_their_own(build, name, samples, replicates, n):
    rng = np.random.default_rng(0)
    x, pools = rng.uniform(0, 8, (samples, 12)), rng.uniform(0, 8, (replicates, n, 12))
    arguments = {"explainer": name, "repeats": n, "seed": 0, "precision": "float64"}
    masks = draw_masks(replicates, n, samples, HIDDEN)
    together = explain_exact(
        [build("mlp")], x, 1, references=pools, replicates=replicates, masks=masks, **arguments
    )
    for r in range(replicates):
        alone = explain_exact(
            [build("mlp")], x, 1, references=pools[r], masks=masks[r], **arguments
        )
        np.testing.assert_allclose(together[0, r], alone[0, 0], atol=1e-11)


def test_nothing_is_changed(models, x, target, references):
    before = [{k: v.clone() for k, v in m.state_dict().items()} for m in models]
    state, inputs = torch.get_rng_state(), (x.copy(), references.copy())
    explain_exact(models, x, target, explainer="DeepLift", references=references, seed=0)
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(x, inputs[0])
    np.testing.assert_array_equal(references, inputs[1])
    for model, saved in zip(models, before, strict=True):
        assert not model.training
        assert all(torch.equal(v, saved[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mode": "training"}, "use explain_batch"),
        ({"models": []}, "no model"),
        ({"models": [nn.Linear(12, 4)]}, "'mlp' only, not Linear"),
        ({"repeats": 0}, "'repeats' must be at least 1"),
        ({"explainer": "DeepLift"}, "none are given"),
        ({"masks": np.ones((3, 8))}, r"'masks' must have, or broadcast to, shape \(1, 1, 2, 5, 8"),
        ({"masks": np.full(8, np.nan)}, "finite numbers"),
        ({"noise": np.ones((4, 12))}, "'noise' must have"),
        ({"noise_sd": -1.0}, "'noise_sd' must be"),
        ({"x": np.full((5, 12), np.nan)}, "finite number"),
        ({"target": 9}, "classes are 0 to 3"),
    ],
)
def test_bad_input_is_one_sentence(mlp, x, target, changed, message):
    arguments = {"models": [mlp], "x": x, "target": target, "explainer": "Saliency", "repeats": 2}
    with pytest.raises(BadInputError, match=message):
        explain_exact(**(arguments | {"seed": 0} | changed))


def test_models_must_fit_together(build, x, target):
    other = type(build("mlp"))(GENES, 5, hidden=HIDDEN).double()
    with pytest.raises(BadInputError, match="Model 1"):
        explain_exact([build("mlp"), other], x, target, explainer="Saliency", seed=0)


@pytest.mark.parametrize("choice", ["integration_rule", "precision", "mode", "explainer"])
def test_unknown_names(mlp, x, target, choice):
    arguments = {"explainer": "Saliency", choice: "nonsense"}
    with pytest.raises(UnknownNameError, match="nonsense"):
        explain_exact([mlp], x, target, seed=0, **arguments)
    with pytest.raises(UnknownNameError, match="engine"):
        explain(mlp, x, target, explainer="Saliency", seed=0, engine="nonsense")
