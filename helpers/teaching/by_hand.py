"""The network of chapter 06 with sliders, in the page: no kernel is needed."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib.resources import files

from IPython.display import HTML

from helpers.explain.worked_example import (
    TinyNetwork,
    deep_lift,
    gradient,
    input_x_gradient,
    integrated_gradients,
)

STEPS = 50
"""Steps of IntegratedGradients to begin with."""


def sliders(network: TinyNetwork, sample: Sequence[float], reference: Sequence[float]) -> HTML:
    """Show the network with sliders for sample, reference, weights and steps.

    Without a script the tables show the numbers of this sample and reference.

    Parameters
    ----------
    network
        Two genes, two hidden units.
    sample, reference
        Where the sliders stand to begin with.
    """
    room = files("helpers.teaching")
    style, script = (room.joinpath(f"by_hand.{kind}").read_text("utf-8") for kind in ("css", "js"))
    numbers = {
        "hidden": network.hidden,
        "bias": network.bias,
        "output": network.output,
        "outputBias": network.output_bias,
    }
    return HTML(
        f"<style>\n{style}</style>"
        f'<div class="by-hand" data-network="{html.escape(json.dumps(numbers))}">'
        f'<div class="by-hand-controls" hidden>{_controls(network, sample, reference)}</div>'
        f'<div class="by-hand-scroll">{_units(network, sample, reference)}'
        f"{_scores(network, sample, reference)}</div></div>"
        f"<script>\n{script}</script>"
    )


def _controls(network: TinyNetwork, sample: Sequence[float], reference: Sequence[float]) -> str:
    points = [
        (f"{name}{gene}", f"{title}, gene {gene}", 0, 5, point[gene - 1])
        for name, title, point in (("x", "Sample", sample), ("r", "Reference", reference))
        for gene in (1, 2)
    ]
    weights = [
        (f"W{unit}{gene}", f"W, unit {unit}, gene {gene}", -3, 3, weight)
        for unit, row in enumerate(network.hidden, 1)
        for gene, weight in enumerate(row, 1)
    ]
    rest = [
        (f"{name}{unit}", f"{name}, unit {unit}", -3, 3, values[unit - 1])
        for name, values in (("b", network.bias), ("w", network.output))
        for unit in (1, 2)
    ]
    steps = _slider("steps", "Steps of IG", 1, 200, STEPS, step=1)
    return (
        f"<fieldset><legend>Sample and reference</legend>{_sliders(points)}{steps}</fieldset>"
        f"<fieldset><legend>The network</legend>{_sliders(weights + rest)}</fieldset>"
        '<button type="button">Back to the beginning</button>'
    )


def _sliders(wanted: Sequence[tuple[str, str, float, float, float]]) -> str:
    return "".join(_slider(*each) for each in wanted)


def _slider(
    name: str, title: str, least: float, most: float, value: float, step: float = 0.1
) -> str:
    return (
        f'<label>{title} <input type="range" name="{name}" min="{least}" max="{most}" '
        f'step="{step}" value="{value:g}"/><output>{value:g}</output></label>'
    )


def _units(network: TinyNetwork, sample: Sequence[float], reference: Sequence[float]) -> str:
    start, end = network.inputs(reference), network.inputs(sample)
    rows = "".join(
        f'<tr><th scope="row">unit {unit}</th>{_cell(f"start{unit}", start[unit - 1])}'
        f"{_cell(f'end{unit}', end[unit - 1])}{_cell(f'share{unit}')}{_cell(f'multiplier{unit}')}"
        f'<td><div class="by-hand-way"><span data-bar="{unit}"></span></div></td></tr>'
        for unit in (1, 2)
    )
    heads = ("", "in, reference", "in, sample", "share on", "DeepLIFT multiplier", "on the way")
    return _table(heads, rows)


def _scores(network: TinyNetwork, sample: Sequence[float], reference: Sequence[float]) -> str:
    found = {
        "gradient": ("gradient", gradient(network, sample)),
        "inputXGradient": ("InputXGradient", input_x_gradient(network, sample)),
        "integratedGradients": (
            "IntegratedGradients",
            integrated_gradients(network, sample, reference, steps=STEPS),
        ),
        "deepLift": ("DeepLift", deep_lift(network, sample, reference)),
    }
    rows = "".join(
        f'<tr><th scope="row">{title}</th>{_cell(f"{name}1", scores[0])}'
        f"{_cell(f'{name}2', scores[1])}"
        + ("<td></td>" if name == "gradient" else _cell(f"{name}Sum", scores.sum()))
        + "</tr>"
        for name, (title, scores) in found.items()
    )
    change = network(sample) - network(reference)
    return (
        _table(("", "gene 1", "gene 2", "sum"), rows)
        + f'<p role="status" data-cell="difference">f(sample) − f(reference) = {change:g}</p>'
    )


def _cell(name: str, value: float | None = None) -> str:
    text = "" if value is None else f"{value:.3g}".replace("-", "−")
    return f'<td data-cell="{name}">{text}</td>'


def _table(heads: Sequence[str], rows: str) -> str:
    titles = "".join(f'<th scope="col">{head}</th>' if head else "<td></td>" for head in heads)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
