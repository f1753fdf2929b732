"""The training loop does what the paper says, and repeatably."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from helpers.errors import BadInputError, UnknownNameError
from helpers.models import MLP
from helpers.training import Hyperparameters, Regime, probabilities, train
from helpers.training.loop import batch_sizes

GENES, CLASSES = 30, 4
REGIME = [field.name for field in fields(Regime)]


def samples(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make separable samples: each class has its own high genes."""
    generator = np.random.default_rng(seed)
    y = np.arange(n) % CLASSES
    x = generator.random((n, GENES)) + 4.0 * (np.arange(GENES) % CLASSES == y[:, None])
    return x.astype(np.float32), y


def run(**changes: Any) -> tuple[nn.Module, list[dict[str, float]]]:
    arguments: dict[str, Any] = {
        "build": partial(MLP, GENES, CLASSES),
        "regime": Regime(Hyperparameters(0.001, 0.001), max_epochs=8, batch_size=16),
        "seed": 1,
        **changes,
    }
    own = {name: arguments.pop(name) for name in REGIME if name in arguments}
    arguments["regime"] = replace(arguments["regime"], **own)
    data = arguments.pop("data", (*samples(80, 0), *samples(24, 1)))
    return train(*data, **arguments)


def shuffled_labels() -> tuple[np.ndarray, ...]:
    """Make data in which there is nothing to learn, so that validation soon gets worse."""
    generator = np.random.default_rng(0)
    x, y = samples(80, 0)
    x_validation, y_validation = samples(24, 1)
    return x, generator.permutation(y), x_validation, generator.permutation(y_validation)


def test_learns_separable_classes_perfectly() -> None:
    model, history = run(max_epochs=30)
    x, y = samples(200, 5)
    assert history[-1]["validation_accuracy"] == 1.0
    assert (probabilities(model, x).argmax(axis=1) == y).all()
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_same_seed_same_bytes_and_another_seed_others() -> None:
    states = [run(seed=seed, noise=0.3)[0].state_dict() for seed in (1, 1, 2)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["hidden.weight"], states[2]["hidden.weight"])
    assert run(seed=1)[1] == run(seed=1)[1]


def test_global_random_state_neither_matters_nor_changes() -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    first = run()[0].state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(99)
    second = run()[0].state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_equals_plain_torch_adam() -> None:
    """One batch an epoch, no dropout: an independent loop must reach the same weights."""
    x, y, x_validation, y_validation = map(torch.from_numpy, (*samples(16, 0), *samples(8, 1)))
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        oracle = MLP(GENES, CLASSES, dropout=0.0).double()
    start = {name: tensor.float() for name, tensor in oracle.state_dict().items()}

    def build() -> nn.Module:
        model = MLP(GENES, CLASSES, dropout=0.0)
        model.load_state_dict(start)
        return model

    model, history = run(
        data=(x, y, x_validation, y_validation),
        build=build,
        max_epochs=5,
        hyperparameters=Hyperparameters(0.01, 0.05),
    )
    adam = torch.optim.Adam(oracle.parameters(), lr=0.01, weight_decay=0.05)
    for record in history:
        loss = nn.functional.cross_entropy(oracle.train()(x.double()), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert record["train_loss"] == pytest.approx(loss.item(), rel=1e-4)
    assert [record["validation_loss"] for record in history] == sorted(
        (record["validation_loss"] for record in history), reverse=True
    )
    torch.testing.assert_close(
        model.state_dict()["hidden.weight"].double(),
        oracle.state_dict()["hidden.weight"],
        rtol=1e-3,
        atol=1e-4,
    )


def test_returns_the_best_epoch_and_stops_early() -> None:
    data = shuffled_labels()
    model, history = run(data=data, max_epochs=200, stop_after=15)
    losses = [record["validation_loss"] for record in history]
    best = int(np.argmin(losses))
    assert len(history) == best + 1 + 15 < 200
    assert best + 1 < len(history)
    logits = model(torch.from_numpy(data[2]))
    loss = nn.functional.cross_entropy(logits, torch.from_numpy(data[3]))
    assert loss.item() == pytest.approx(losses[best], rel=1e-6)
    assert not model.training


def test_learning_rate_shrinks_after_five_flat_epochs() -> None:
    _, history = run(data=shuffled_labels(), max_epochs=200, stop_after=15)
    rate, best, flat, expected = 0.001, float("inf"), 0, []
    for record in history:
        expected.append(rate)
        if record["validation_loss"] < best:
            best, flat = record["validation_loss"], 0
        else:
            flat += 1
            if flat in (5, 10):
                rate *= 0.25
    assert [record["learning_rate"] for record in history] == expected
    assert history[-1]["learning_rate"] == pytest.approx(0.001 * 0.25**2)


def test_history_has_no_clock_and_on_epoch_sees_it() -> None:
    seen: list[dict[str, float]] = []
    _, history = run(max_epochs=3, on_epoch=seen.append)
    assert seen == history
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert set(history[0]) == {
        "epoch",
        "train_loss",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
    }


@given(st.integers(2, 2000), st.integers(2, 300))
def test_no_batch_of_one(n: int, batch_size: int) -> None:
    sizes = batch_sizes(n, batch_size)
    assert sum(sizes) == n
    assert min(sizes) > 1
    assert max(sizes) <= batch_size + 1
    assert len(sizes) <= -(-n // batch_size)


def test_single_sample_left_over_trains() -> None:
    sizes: list[int] = []

    def build() -> nn.Module:
        model = MLP(GENES, CLASSES)
        model.register_forward_pre_hook(
            lambda module, x: sizes.append(len(x[0])) if module.training else None
        )
        return model

    run(data=(*samples(68, 0)[:2], *samples(8, 1)), build=build, max_epochs=1, batch_size=67)
    assert sizes == [68]


def batches_seen(**changes: Any) -> list[torch.Tensor]:
    """Train one epoch on samples whose values are all the number of their class."""
    y = np.repeat(np.arange(CLASSES), [3, 5, 7, 20])
    x = np.repeat(y[:, None], GENES, axis=1).astype(np.float32)
    seen: list[torch.Tensor] = []

    class Spy(MLP):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append(x.clone())
            return super().forward(x)

    run(data=(x, y, x, y), build=partial(Spy, GENES, CLASSES), max_epochs=1, **changes)
    return seen


def test_an_epoch_is_upsampled_and_its_order_depends_on_the_seed() -> None:
    first, again, other = (torch.cat(batches_seen(seed=seed))[:, 0] for seed in (1, 1, 2))
    assert first.long().bincount().tolist() == [20] * CLASSES
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_noise_reaches_its_share_of_every_batch() -> None:
    for batch in batches_seen(noise=0.25, batch_size=16):
        changed = (batch != batch.round()).any(dim=1)
        assert int(changed.sum()) == round(0.25 * len(batch))
        assert (batch >= 0).all()
    assert all(bool((batch == batch.round()).all()) for batch in batches_seen())


@pytest.mark.parametrize("changes", [{"batch_size": 1}, {"data": (*samples(1, 0), *samples(4, 1))}])
def test_refuses_what_batchnorm_cannot_do(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="two samples"):
        run(**changes)


def test_divergence_is_an_error() -> None:
    with pytest.raises(BadInputError, match=r"epoch 1 with learning rate 1e\+30: .*lower"):
        run(hyperparameters=Hyperparameters(1e30, 0.0))


@pytest.mark.parametrize("writeable", [True, False])
def test_probabilities_in_chunks(writeable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = run(max_epochs=1)
    x = samples(50, 3)[0]
    x.flags.writeable = writeable
    whole = probabilities(model.train(), x)
    monkeypatch.setattr("helpers.training.loop.CHUNK", 7)
    np.testing.assert_allclose(probabilities(model, x), whole, rtol=1e-5)
    assert model.training
    expected = model.eval()(torch.tensor(x)).softmax(1).detach().numpy()
    np.testing.assert_allclose(whole, expected, rtol=1e-5)


def test_one_cycle_trains_all_epochs_and_records_the_rate() -> None:
    _, history = run(
        data=shuffled_labels(),
        schedule="one_cycle",
        max_epochs=40,
        stop_after=2,
        hyperparameters=Hyperparameters(0.02, 0.0),
    )
    seen = [record["learning_rate"] for record in history]
    assert len(seen) == 40
    assert max(seen) == pytest.approx(0.02, rel=0.05)
    assert seen[-1] == pytest.approx(0.02 / 250_000)


def test_one_cycle_counts_the_upsampled_batches() -> None:
    """With unequal classes and a sample left over, the last batch still has the last rate."""
    x, y = samples(68, 0)
    keep = (y > 0) | (np.arange(68) < 20)
    data = (x[keep], y[keep], *samples(8, 1))
    _, history = run(data=data, schedule="one_cycle", max_epochs=3, batch_size=67)
    assert history[-1]["learning_rate"] == pytest.approx(0.001 / 250_000)


def test_one_cycle_learns_faster_than_the_papers_schedule() -> None:
    rate = Hyperparameters(0.01, 0.001)
    _, cycle = run(schedule="one_cycle", max_epochs=4, hyperparameters=rate)
    _, plateau = run(max_epochs=4)
    assert cycle[-1]["validation_loss"] < plateau[-1]["validation_loss"]


def test_unknown_schedule_and_precision() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'one_cycle'"):
        run(schedule="onecycle")
    with pytest.raises(UnknownNameError, match="did you mean 'float32'"):
        run(precision="float")
