"""All eight explainers on the CNN: completeness, genes in their places, bounded memory."""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch

from helpers.explain import EXPLAINERS, explain
from helpers.explain.network.tracing import MOST_ROWS, trace
from helpers.models import CNN, MLP


def outputs(model: CNN, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.tensor(x)).numpy()[np.arange(len(x)), target]


def test_deeplift_is_complete(cnn, x, target, references):
    arguments = {"references": references, "mode": "eval", "seed": 0}
    whole = outputs(cnn, x, target) - np.mean(
        [outputs(cnn, np.repeat(r[None], len(x), axis=0), target) for r in references], axis=0
    )
    assert np.abs(whole).min() > 1e-3
    for name in ("DeepLift", "DeepLiftShap"):
        scores = explain(cnn, x, target, explainer=name, **arguments)
        np.testing.assert_allclose(scores[0].sum(axis=1), whole, atol=1e-6)


def test_integrated_gradients_become_complete(cnn, x, target, references):
    whole = outputs(cnn, x, target) - outputs(cnn, np.repeat(references[:1], 5, axis=0), target)
    scores = explain(
        cnn,
        x,
        target,
        explainer="IntegratedGradients",
        references=references[:1],
        integration_steps=400,
        mode="eval",
        seed=0,
    )
    np.testing.assert_allclose(scores[0].sum(axis=1), whole, atol=1e-2 * np.abs(whole).max())


@pytest.mark.parametrize("name", EXPLAINERS)
def test_scores_belong_to_genes_and_not_to_places(cnn, x, target, references, name):
    """A network with an order is the network without one on genes in that order."""
    order = cnn.grid.order.numpy()
    plain = copy.deepcopy(cnn)
    plain.grid.order = torch.arange(len(order))
    arguments = {"explainer": name, "mode": "eval", "seed": 0}
    scores = explain(cnn, x, target, references=references, **arguments)[0]
    other = explain(plain, x[:, order], target, references=references[:, order], **arguments)[0]
    np.testing.assert_allclose(scores[:, order], other, atol=1e-12)
    assert scores.any()


def test_rows_follow_from_the_size_of_the_layers():
    small = trace(MLP(200, 82), torch.rand(1, 200))
    assert small.classes == 82
    assert small.row_bytes == 4 * (4 * 128 + 82)
    assert small.rows == MOST_ROWS
    large = trace(CNN(19_241, 82), torch.rand(1, 19_241))
    maps = [64 * 144**2, 3 * 64 * 72**2, 128 * 72**2, 3 * 128 * 36**2, 256 * 36**2, 4 * 256 * 18**2]
    assert large.row_bytes == 4 * (144**2 + sum(maps) + 3 * 256 + 82)
    assert 4 <= large.rows <= 16


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 6, 20])
@pytest.mark.parametrize("steps", [3, 7, 13])
def test_training_mode_is_bounded_too(cnn, x, references, rows, steps):
    """BatchNorm cannot take one row, so a few more may go through than were asked for."""
    seen: list[int] = []
    cnn.output.register_forward_hook(lambda module, inputs, output: seen.append(len(output)))
    explain(
        cnn,
        x[:2],
        [0, 1],
        explainer="IntegratedGradients",
        references=references[:1],
        integration_steps=steps,
        mode="training",
        batch_rows=rows,
        seed=0,
    )
    assert min(seen[1:]) >= 2
    assert max(seen) <= max(rows, 2) + 3
    assert sum(seen[1:]) == 2 * steps


MEASURE = """
import resource, sys, numpy as np
from helpers.explain import explain
from helpers.models import CNN
name, count = sys.argv[1], int(sys.argv[2])
references = np.random.default_rng(0).gamma(1, 2, (count, 19_241)).astype(np.float32)
explain(CNN(19_241, 82), references[:1] + 1, 0, explainer=name, seed=0,
        references=references, integration_steps=count)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
@pytest.mark.parametrize(("name", "count"), [("IntegratedGradients", 40), ("DeepLiftShap", 24)])
def test_the_papers_network_stays_under_3_gb(name, count):
    code = MEASURE.replace("references=references,", "references=references[:1],", name[0] == "I")
    done = subprocess.run(
        [sys.executable, "-c", code, name, str(count)], capture_output=True, text=True, check=True
    )
    # Kibibytes on Linux, bytes on macOS.
    peak = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert peak < 3e9
