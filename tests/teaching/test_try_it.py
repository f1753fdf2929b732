"""The networks of the page *Try it* are what training gives, and what the page says holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helpers.datasets.tissues import SHA256, load_tissues
from helpers.errors import BadInputError
from helpers.explain.mlp.engine import explain_exact
from helpers.models import MLP
from helpers.teaching import try_it
from helpers.teaching.try_it import PageData, PageNetwork
from helpers.workspace.store import project_root

STATIC = project_root() / "book" / "_static"
LARGEST = 3_000_000


@pytest.fixture(scope="module")
def stored() -> PageData:
    return try_it.read_networks(STATIC / try_it.FILE)


def scores(models: list[MLP], data: PageData, explainer: str, **more: Any) -> np.ndarray:
    """Explain all samples; models × samples × genes."""
    target = [data.classes.index(name) for name in data.samples["tissue"]]
    return explain_exact(
        models, data.expression, target, explainer=explainer, seed=0, mode="eval",
        precision="float64", **more,
    )[:, 0]  # fmt: skip


def test_the_page_holds_the_real_samples_and_is_small(stored: PageData) -> None:
    assert (STATIC / try_it.FILE).stat().st_size <= LARGEST
    data = load_tissues()
    assert stored.facts["table"]["sha256"] == SHA256
    assert list(stored.genes) == list(data.var_names)
    assert stored.samples["tissue"].tolist() == data.obs["tissue"].tolist()
    assert stored.samples["side"].tolist() == try_it.sides_of_samples(data).tolist()
    np.testing.assert_allclose(stored.expression, data.X, atol=0.51 * try_it.STEP)
    assert len(stored.networks) == try_it.MODELS
    assert (stored.references >= 0).all()
    assert len(np.unique(stored.references, axis=0)) == try_it.REFERENCES


def test_training_gives_the_networks_of_the_page(stored: PageData, two_networks: list[MLP]) -> None:
    held = [network.model(stored.dropout) for network in stored.networks[:2]]
    whole = try_it.page_data(load_tissues(), try_it.sides_of_samples(load_tissues()), two_networks)
    np.testing.assert_allclose(stored.references, whole.references, atol=0.51 * try_it.STEP)
    for name in ("Saliency", "DeepLift"):
        more = {"references": stored.references[:3]} if name == "DeepLift" else {}
        found, wanted = (
            scores(held, stored, name, **more),
            scores(two_networks, whole, name, **more),
        )
        largest = np.abs(wanted).max(axis=-1, keepdims=True)
        assert (np.abs(found - wanted) / largest).max() < 1e-3, name


def test_what_is_written_is_read_and_rounding_turns_no_unit(two_networks: list[MLP]) -> None:
    data = load_tissues()
    whole = try_it.page_data(data, try_it.sides_of_samples(data), two_networks)
    for exact, near in ((True, 1e-6), (False, 1e-4)):
        read = try_it.unpacked(try_it.packed(whole, exact=exact))
        for one, other in zip(read.networks, whole.networks, strict=True):
            np.testing.assert_allclose(one.first, other.first, atol=near)
            np.testing.assert_allclose(one.bias, other.bias)
            before, after = other.inputs(whole.expression) > 0, one.inputs(read.expression) > 0
            np.testing.assert_array_equal(before, after)
    assert read.facts == whole.facts
    assert 0.9 < whole.facts["accuracy"] <= 1


def test_a_network_that_rounding_would_change_is_refused(stored: PageData) -> None:
    network = stored.networks[0]
    # The first unit reads one gene, so finely that rounded expression is the same for two samples.
    first = np.zeros_like(network.first)
    first[:, 0], offset = 1.0, np.full(len(first), -1.0)
    samples = np.zeros((2, first.shape[1]))
    samples[:, 0] = 1 - 1e-6, 1 + 1e-6
    both = PageData(
        stored.genes, stored.classes, stored.samples[:2], samples, stored.references,
        (PageNetwork(first, offset, network.second, network.bias),), 0.25, {},
    )  # fmt: skip
    with pytest.raises(BadInputError, match="leave this network out"):
        try_it.packed(both)
    with pytest.raises(BadInputError, match="is damaged: make it anew"):
        try_it.unpacked("window.other = {};\n")


def test_the_takeaways_of_the_page_hold(stored: PageData) -> None:
    models = [network.model(stored.dropout) for network in stored.networks]
    # Networks that are right name different genes, and halves of all agree better than single ones.
    zero = np.zeros((1, len(stored.genes)))
    found = scores(models, stored, "DeepLift", references=zero)

    def shared(one: np.ndarray, other: np.ndarray) -> float:
        lists = (np.argsort(-np.abs(part), axis=1)[:, :20] for part in (one, other))
        return float(np.mean([len(np.intersect1d(*pair)) for pair in zip(*lists, strict=True)]))

    single, halves = shared(found[0], found[1]), shared(found[::2].mean(0), found[1::2].mean(0))
    assert single < 14 < 16 < halves
    # Three explainers are one.
    for name in ("DeepLiftShap", "IntegratedGradients"):
        np.testing.assert_allclose(scores(models, stored, name, references=zero), found)
    # Scores of each network add up to what its output changes; InputXGradient's do not.
    x = stored.expression
    target = [stored.classes.index(name) for name in stored.samples["tissue"]]
    weights = np.stack([network.second[target] for network in stored.networks])
    risen = np.stack(
        [np.maximum(n.inputs(x), 0) - np.maximum(n.offset, 0) for n in stored.networks]
    )
    change = (weights * risen).sum(axis=2)
    np.testing.assert_allclose(found.sum(axis=2), change)
    others = scores(models, stored, "InputXGradient").sum(axis=2)
    assert np.median(np.abs(others - change)) > 0.1
