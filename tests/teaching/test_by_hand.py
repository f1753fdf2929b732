"""The page's arithmetic is the package's."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from helpers.explain import worked_example as tiny
from helpers.teaching.by_hand import sliders

SCRIPT = Path(str(files("helpers.teaching").joinpath("by_hand.js")))


def test_without_a_script_the_numbers_of_the_sample_stand_there() -> None:
    markup = str(sliders(tiny.NETWORK, tiny.SAMPLE, tiny.REFERENCE).data)
    assert '<td data-cell="deepLift1">3.3</td><td data-cell="deepLift2">−0.3</td>' in markup
    assert '<td data-cell="end2">−1.5</td>' in markup
    assert "f(sample) − f(reference) = 3</p>" in markup
    assert markup.count("<label>") == markup.count('<input type="range"') == 13
    assert "http" not in markup


def test_explainers_of_the_page_give_what_python_gives() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(200):
        network = tiny.TinyNetwork(
            hidden=tuple(map(tuple, rng.normal(size=(2, 2)))), bias=tuple(rng.normal(size=2)),
            output=tuple(rng.normal(size=2)), output_bias=float(rng.normal()),
        )  # fmt: skip
        cases.append((network, *rng.uniform(0, 5, size=(2, 2)).tolist()))
    cases.append((tiny.NETWORK, [3.0, 1.0], [3.0, 1.0]))
    given = [
        [
            {"hidden": n.hidden, "bias": n.bias, "output": n.output, "outputBias": n.output_bias},
            x,
            r,
        ]
        for n, x, r in cases
    ]
    program = (
        f"const {{ explain }} = require({json.dumps(str(SCRIPT))});"
        "const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(given.map(([n, x, r]) => explain(n, x, r, 20))));"
    )
    run = subprocess.run(
        [node, "-e", program], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    for (network, x, r), found in zip(cases, json.loads(run.stdout), strict=True):
        wanted = {
            "start": network.inputs(r),
            "end": network.inputs(x),
            "outputs": [network(r), network(x)],
            "gradient": tiny.gradient(network, x),
            "inputXGradient": tiny.input_x_gradient(network, x),
            "deepLift": tiny.deep_lift(network, x, r),
            "integratedGradients": tiny.integrated_gradients(network, x, r, steps=20),
        }
        for name, values in wanted.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, err_msg=name)
        if x != r:
            np.testing.assert_allclose(found["shares"], found["multipliers"], atol=1e-9)
