"""One entry really is one entry: what a module of an explainer must hold, and that it is enough."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest

from helpers.errors import BadInputError
from helpers.explain import EXPLAINERS
from helpers.explain.cnn.gradients import BackwardRule
from helpers.explain.explainers import entry_of
from helpers.explain.mlp.gates import GateRule, gradient
from helpers.stability.paper import PAPER_EXPLAINERS

SALIENCY = EXPLAINERS["Saliency"]


def module(**names: object) -> ModuleType:
    made = ModuleType("helpers.explain.explainers.mine")
    made.__file__ = "/somewhere/helpers/explain/explainers/mine.py"
    vars(made).update(names)
    return made


def test_the_papers_explainers_are_all_there() -> None:
    assert set(PAPER_EXPLAINERS["cnn"]) <= set(EXPLAINERS)
    for architecture, names in PAPER_EXPLAINERS.items():
        assert all(architecture in EXPLAINERS[name].architectures for name in names)
    assert len(PAPER_EXPLAINERS["cnn"]) == 8


def test_an_entry_knows_its_file() -> None:
    found = entry_of(module(EXPLAINER=SALIENCY))
    assert found.source == "helpers/explain/explainers/mine.py"
    assert EXPLAINERS["DeepLift"].source == "helpers/explain/explainers/deep_lift.py"


def test_lines_can_be_told_apart() -> None:
    looks = [(entry.line.colour, entry.line.marker) for entry in EXPLAINERS.values()]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({}, "mine.py defines no EXPLAINER"),
        ({"EXPLAINER": "Saliency"}, "mine.py defines no EXPLAINER"),
        (
            {"EXPLAINER": replace(SALIENCY, captum=None)},
            "'Saliency' has no rule for engine 'captum'",
        ),
        (
            {"EXPLAINER": replace(SALIENCY, mlp=gradient)},
            "no rule for engine 'mlp': .* GateRule, not",
        ),
        ({"EXPLAINER": replace(SALIENCY, cnn=GateRule(gradient))}, "no rule for engine 'cnn'"),
        (
            {"EXPLAINER": replace(SALIENCY, architectures=frozenset({"cnn"}))},
            "rule for engine 'mlp', but does not say .*: add 'mlp' to its architectures",
        ),
        (
            {"EXPLAINER": replace(SALIENCY, architectures=frozenset({"rnn"}), mlp=None, cnn=None)},
            "of mlp, cnn, but names 'rnn'",
        ),
        (
            {"EXPLAINER": replace(SALIENCY, architectures=frozenset(), mlp=None, cnn=None)},
            "but names none",
        ),
    ],
)
def test_what_is_no_entry_is_refused_in_one_sentence(
    names: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        entry_of(module(**names))
    assert "helpers/explain/explainers/mine.py" in str(caught.value)


def test_rows_of_an_estimate() -> None:
    assert SALIENCY.rows_per_estimate(50) == 1
    assert EXPLAINERS["DeepLift"].rows_per_estimate(50) == 2
    assert EXPLAINERS["IntegratedGradients"].rows_per_estimate(50) == 50


def test_label() -> None:
    assert SALIENCY.title == "Saliency"
    assert replace(SALIENCY, label="|∂f/∂x|").title == "|∂f/∂x|"


def test_rules_of_cnns_say_how_many_masks() -> None:
    masks = {name: entry.need_cnn().masks_each(7) for name, entry in EXPLAINERS.items()}
    assert masks["IntegratedGradients"] == 7
    assert masks["DeepLift"] == masks["GuidedGradCam"] == 2
    assert masks["Saliency"] == 1
    assert BackwardRule().linear is False
