from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.explain import EXPLAINERS, explain
from helpers.explain import explanation as explanation_module
from helpers.models import ARCHITECTURES

# Every explainer with every architecture that it supports.
PAIRS = [
    (architecture, name)
    for architecture in ARCHITECTURES
    for name, entry in EXPLAINERS.items()
    if architecture in entry.architectures
]
every_pair = pytest.mark.parametrize(("architecture", "name"), PAIRS)


def rows_seen(model: nn.Module) -> list[int]:
    rows: list[int] = []
    model.output.register_forward_hook(lambda module, inputs, output: rows.append(len(output)))
    return rows


@every_pair
@pytest.mark.parametrize("mode", ["dropout", "training", "eval"])
def test_same_seed_same_bytes(build, x, target, references, architecture, name, mode):
    model = build(architecture)
    arguments = {"explainer": name, "references": references, "repeats": 3, "mode": mode}
    first = explain(model, x, target, replicates=2, seed=5, **arguments)
    again = explain(model, x, target, replicates=2, seed=5, **arguments)
    assert first.shape == (2, *x.shape)
    assert first.dtype == np.float64
    assert np.isfinite(first).all()
    assert first.tobytes() == again.tobytes()
    other = explain(model, x, target, replicates=2, seed=6, **arguments)
    assert np.array_equal(first, other) == (mode == "eval")
    assert np.array_equal(first[0], first[1]) == (mode == "eval")


@every_pair
def test_a_sample_alone_equals_the_same_sample_in_a_batch(
    build, x, target, references, architecture, name
):
    model = build(architecture, dtype=torch.float32)
    arguments = {"explainer": name, "references": references, "mode": "eval", "seed": 0}
    together = explain(model, x, target, **arguments)
    alone = [explain(model, x[i : i + 1], target[i : i + 1], **arguments)[0, 0] for i in range(5)]
    assert together.dtype == np.float32
    np.testing.assert_allclose(together[0], alone, atol=1e-6 * np.abs(together).max())


@every_pair
@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batch_rows=st.integers(1, 40), n=st.integers(1, 7))
@example(batch_rows=4, n=3)  # would leave a single reference over
@example(batch_rows=6, n=7)  # parts of three and of two references
def test_memory_is_bounded_and_changes_nothing(build, architecture, name, combine, batch_rows, n):
    model, rng = build(architecture), np.random.default_rng(0)
    x, pool = rng.uniform(0, 8, (3, 12)), rng.uniform(0, 8, (n, 12))
    arguments = {"explainer": name, "references": pool, "repeats": n, "combine": combine}
    arguments |= {"mode": "eval", "integration_steps": 9, "seed": 0}
    expected = explain(model, x, 1, batch_rows=10_000, **arguments)
    rows = rows_seen(model)
    observed = explain(model, x, 1, batch_rows=batch_rows, **arguments)
    # DeepLIFT needs sample and reference at once.
    assert max(rows) <= max(batch_rows, 2)
    np.testing.assert_allclose(observed, expected, atol=1e-9)


@every_pair
def test_mean_and_median_of_estimates(build, x, target, references, architecture, name):
    """In dropout mode too: both combinations see the same estimates as single replicates do."""
    model, n = build(architecture), len(references)
    # One estimate at a time, so that masks are drawn in the same order in all three calls.
    rows = EXPLAINERS[name].rows_per_estimate(4)
    arguments = {"explainer": name, "seed": 3, "integration_steps": 4, "batch_rows": rows}
    single = explain(
        model, x[:1], target[:1], references=references[:, None], replicates=n, **arguments
    )
    together = {"references": references, "repeats": n}
    mean = explain(model, x[:1], target[:1], **arguments, **together)
    median = explain(model, x[:1], target[:1], combine="absolute_median", **arguments, **together)
    np.testing.assert_allclose(mean[0], single.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(median[0], np.median(np.abs(single), axis=0), atol=1e-12)


def test_replicates_use_their_own_references(mlp, x, target, references):
    arguments = {"explainer": "DeepLift", "mode": "eval", "seed": 0}
    each = explain(mlp, x, target, references=references[:, None], replicates=7, **arguments)
    for i, one in enumerate(references):
        alone = explain(mlp, x, target, references=one[None], **arguments)
        np.testing.assert_allclose(each[i], alone[0], atol=1e-12)
    same = explain(mlp, x, target, references=references, replicates=3, **arguments)
    np.testing.assert_allclose(same, np.stack([each.mean(axis=0)] * 3), atol=1e-12)


def test_one_reference_makes_deepliftshap_deeplift(mlp, x, target, references):
    arguments = {"references": references, "mode": "eval", "seed": 0}
    scripts = explain(
        mlp, x, target, explainer="DeepLiftShap", deepliftshap="one_reference", **arguments
    )
    arguments["references"] = references[:1]
    deeplift = explain(mlp, x, target, explainer="DeepLift", **arguments)
    np.testing.assert_allclose(scripts, deeplift, atol=1e-12)


def test_dropout_averages_out(mlp, x, target):
    arguments = {"explainer": "InputXGradient", "seed": 1}
    limit = explain(mlp, x, target, mode="eval", **arguments)
    few = explain(mlp, x, target, repeats=4, **arguments)
    many = explain(mlp, x, target, repeats=1000, **arguments)
    assert np.abs(many - limit).max() < 0.2 * np.abs(few - limit).max()


@every_pair
def test_no_dropout_is_eval(build, x, target, references, architecture, name):
    model = build(architecture, dropout=0.0)
    arguments = {"explainer": name, "references": references, "seed": 0}
    np.testing.assert_array_equal(
        explain(model, x, target, mode="dropout", **arguments),
        explain(model, x, target, mode="eval", **arguments),
    )


def test_training_mode_takes_the_statistics_of_the_batch(mlp, x, target):
    """A batch holds each sample once; the oracle is autograd on the network in training mode."""
    mlp.dropout.p = 0.0
    observed = explain(
        mlp,
        x,
        target,
        explainer="InputXGradient",
        mode="training",
        repeats=3,
        batch_rows=10,
        seed=0,
    )
    model = copy.deepcopy(mlp).train()
    inputs = torch.tensor(x, requires_grad=True)
    outputs = model(inputs)[torch.arange(5), torch.tensor(target)].sum()
    (gradient,) = torch.autograd.grad(outputs, inputs)
    np.testing.assert_allclose(observed[0], x * gradient.numpy(), atol=1e-10)


@every_pair
@pytest.mark.parametrize("mode", ["dropout", "training", "eval"])
def test_the_model_is_as_it_was(build, x, target, references, architecture, name, mode):
    model = build(architecture)
    before, generator = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    explain(model, x, target, explainer=name, references=references, mode=mode, seed=0)
    after = model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert torch.equal(generator, torch.get_rng_state())
    assert not any(module.training for module in model.modules())
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


@every_pair
def test_hooks_are_gone_after_an_exception(build, x, target, references, architecture, name):
    model = build(architecture)

    class CutShortError(Exception):
        pass

    def interrupt(module, inputs, output):
        if len(output) > 1:
            raise CutShortError

    def hooks() -> list[int]:
        return [
            len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks)
            for m in model.modules()
        ]

    arguments = {"explainer": name, "references": references, "seed": 0}
    attributes = [sorted(vars(m)) for m in model.modules()]
    expected = explain(model, x, target, **arguments)
    assert sum(hooks()) == 0
    handle = model.output.register_forward_hook(interrupt)
    with pytest.raises(CutShortError):
        explain(model, x, target, **arguments)
    handle.remove()
    assert sum(hooks()) == 0
    assert [sorted(vars(m)) for m in model.modules()] == attributes
    assert not any(module.training for module in model.modules())
    np.testing.assert_array_equal(explain(model, x, target, **arguments), expected)


def test_inputs_are_not_written_to(build, x, target, references):
    copies = x.copy(), references.copy()
    x.flags.writeable = references.flags.writeable = False
    for architecture, name in PAIRS:
        explain(build(architecture), x, target, explainer=name, references=references, seed=0)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(references, copies[1])


def with_nan(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x[2, 3] = np.nan
    return x


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": with_nan}, "'x' holds nan at sample 2, gene 3"),
        ({"x": lambda x: x[:0]}, "'x' must be a non-empty matrix"),
        ({"x": lambda x: x.astype(str)}, "'x' must be a non-empty matrix of numbers"),
        ({"x": lambda x: x[:, :-1]}, "cannot read samples of 11 genes"),
        ({"target": [0, 1, 2, 4, 1]}, "target of sample 3 is class 4, .* 0 to 3"),
        ({"target": [0, 1, -1, 3, 1]}, "target of sample 2 is class -1"),
        ({"target": [0, 1]}, "one class index for each of the 5 samples"),
        ({"target": [0.0, 1, 2, 3, 1]}, "one class index for each"),
        ({"references": None}, "DeepLift compares .* none are given"),
        ({"references": np.zeros((2, 11))}, r"references × 12 genes .* shape \(2, 11\)"),
        ({"references": np.zeros((0, 12))}, "it has shape"),
        ({"references": np.zeros((3, 2, 12)), "replicates": 2}, "2 replicates"),
        ({"references": np.full((2, 12), np.inf)}, "'references' holds inf"),
        ({"references": np.full((2, 12), "a")}, "must hold numbers"),
        ({"replicates": 0}, "'replicates' must be at least 1, but it is 0"),
        ({"repeats": 0}, "'repeats' must be at least 1"),
        ({"integration_steps": 0}, "'integration_steps' must be at least 1"),
        ({"batch_rows": -1}, "'batch_rows' must be at least 1"),
        ({"explainer": "GuidedGradCam"}, "GuidedGradCam cannot explain .* 'mlp', only of cnn"),
        ({"explainer": "GuidedGradCam++"}, "cannot explain .* 'mlp', only of cnn"),
    ],
)
def test_bad_input(mlp, x, target, references, changes, message, monkeypatch):
    monkeypatch.setattr(explanation_module, "engine_for", None)
    arguments = {"x": x, "target": target, "references": references, "explainer": "DeepLift"}
    for name, value in changes.items():
        arguments[name] = value(x) if callable(value) else value
    with pytest.raises(BadInputError, match=message):
        explain(mlp, seed=0, **arguments)


@pytest.mark.parametrize(
    ("choice", "suggestion"),
    [
        ({"explainer": "deeplift"}, "DeepLift"),
        ({"mode": "evaluation"}, "eval"),
        ({"combine": "mean"}, "signed_mean"),
        ({"deepliftshap": "one"}, "one_reference"),
        ({"gradcampp_target": "predict"}, "predicted"),
    ],
)
def test_unknown_names(mlp, x, target, references, choice, suggestion):
    arguments = {"explainer": "DeepLift", "references": references, "seed": 0} | choice
    with pytest.raises(UnknownNameError, match=f"did you mean '{suggestion}'"):
        explain(mlp, x, target, **arguments)


def test_architecture_that_is_not_supported(mlp, x, target, monkeypatch):
    entry = replace(EXPLAINERS["Saliency"], name="ForOthers", architectures=frozenset({"cnn"}))
    monkeypatch.setitem(EXPLAINERS, "ForOthers", entry)
    with pytest.raises(BadInputError, match=r"cannot explain .* 'mlp', only of cnn"):
        explain(mlp, x, target, explainer="ForOthers", seed=0)


@pytest.mark.parametrize("name", ["Saliency", "DeepLift", "IntegratedGradients"])
@pytest.mark.parametrize("engine", ["captum", "exact"])
def test_one_sample_in_training_mode(mlp, x, target, references, name, engine):
    """Also where a reference or the steps make a batch of it: their scores would mean nothing."""
    arguments = {"references": references, "mode": "training", "engine": engine, "seed": 0}
    with pytest.raises(BadInputError, match="batch of one sample"):
        explain(mlp, x[:1], target[:1], explainer=name, **arguments)


@pytest.mark.parametrize("mode", ["dropout", "training", "eval"])
@every_pair
def test_wanted_rows_are_those_of_all(build, x, target, references, architecture, name, mode):
    model = build(architecture, dropout=0.0)
    arguments = {"explainer": name, "references": references[:2], "mode": mode, "seed": 0}
    arguments |= {"integration_steps": 3, "replicates": 2}
    every = explain(model, x, target, **arguments)
    for engine in ("captum", "exact"):
        some = explain(model, x, target, rows=[3, 0], engine=engine, **arguments)
        steps = engine == "exact" and name == "IntegratedGradients" and mode != "training"
        if not steps:
            np.testing.assert_allclose(some, every[:, [3, 0]], atol=1e-9)


def test_rows_that_are_not_there(mlp, x, target):
    with pytest.raises(BadInputError, match=r"asks for sample 5, but .* 0 to 4"):
        explain(mlp, x, target, explainer="Saliency", rows=[1, 5], seed=0)
    with pytest.raises(BadInputError, match="list of numbers of samples"):
        explain(mlp, x, target, explainer="Saliency", rows=np.array([], dtype=int), seed=0)


def test_unknown_setting(mlp, x, target):
    with pytest.raises(UnknownNameError, match="did you mean 'mode'"):
        explain(mlp, x, target, explainer="Saliency", moed="eval", seed=0)


def test_all_samples_are_one_batch_in_training_mode(mlp, x, target, references):
    """However few rows pass at once otherwise, and whatever the explainer makes of a row."""
    arguments = {"references": references[:2], "mode": "training", "seed": 0}
    mlp.dropout.p = 0.0
    for name in ("Saliency", "DeepLift", "DeepLiftShap"):
        whole = explain(mlp, x, target, explainer=name, **arguments)
        parts = explain(mlp, x, target, explainer=name, batch_rows=2, **arguments)
        np.testing.assert_array_equal(whole, parts)
        other = explain(mlp, x[:3], target[:3], explainer=name, **arguments)
        assert not np.allclose(whole[:, :3], other)
