"""Which engine explains: the first of the table that can, and Captum where none can."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from helpers.errors import BadInputError
from helpers.explain import EXPLAINERS, ExplanationSettings, explain, explain_sets
from helpers.explain.engine_table import CAPTUM, ENGINES, engine_for
from helpers.explain.request import Question, architecture_of

MEMBERS = np.array([[1, 1, 0], [0, 1, 1]], dtype=bool)


def asked(architecture: str, explainer: str, *, sets: bool = True, **settings: object) -> str:
    how = ExplanationSettings(engine="exact", **settings)  # type: ignore[arg-type]
    return engine_for(Question(architecture, EXPLAINERS[explainer], how, sets)).name


def test_captum_is_the_last_and_can_everything() -> None:
    assert ENGINES[-1] is CAPTUM
    everything = Question(
        "", EXPLAINERS["GuidedGradCam"], ExplanationSettings(mode="training"), True
    )
    assert [engine.name for engine in ENGINES if engine.can(everything)] == ["captum"]


@pytest.mark.parametrize(
    ("architecture", "explainer", "settings", "expected"),
    [
        ("mlp", "Saliency", {}, "mlp"),
        ("mlp", "DeepLift", {"combine": "absolute_median", "noise_sd": 1.0}, "mlp"),
        ("mlp", "DeepLift", {"mode": "training"}, "mlp batch"),
        ("cnn", "Saliency", {}, "cnn"),
        ("cnn", "Saliency", {"noise_sd": 1.0}, "captum"),
        ("cnn", "DeepLift", {"noise_sd": 1.0}, "cnn"),
        ("cnn", "DeepLift", {"combine": "absolute_median"}, "captum"),
        ("cnn", "DeepLift", {"mode": "training"}, "captum"),
        ("cnn", "GuidedGradCam", {"layer": "conv3"}, "cnn"),
        ("cnn", "GuidedGradCam", {"layer": "conv2"}, "captum"),
        ("cnn", "Saliency", {"layer": "conv2"}, "cnn"),
        ("", "Saliency", {}, "captum"),
    ],
)
def test_who_makes_sets(architecture, explainer, settings, expected) -> None:
    assert asked(architecture, explainer, **settings) == expected


def test_who_makes_replicates() -> None:
    assert asked("cnn", "Saliency", sets=False, combine="absolute_median") == "cnn"
    assert asked("cnn", "DeepLift", sets=False) == "captum"
    assert asked("mlp", "DeepLift", sets=False) == "mlp"


def test_captum_where_the_settings_say_so() -> None:
    for architecture in ("mlp", "cnn"):
        question = Question(architecture, EXPLAINERS["Saliency"], ExplanationSettings(), True)
        assert engine_for(question) is CAPTUM


@pytest.mark.parametrize("mode", ["dropout", "training"])
@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_an_entry_without_a_rule_is_left_to_captum(
    build, x, target, monkeypatch, architecture, mode
) -> None:
    bare = replace(EXPLAINERS["Saliency"], mlp=None, cnn=None)
    monkeypatch.setitem(EXPLAINERS, "Bare", bare)
    arguments = {"mode": mode, "seed": 0, "members": MEMBERS}
    model = build(architecture)
    found = explain_sets(model, x, target, explainer="Bare", engine="exact", **arguments)
    np.testing.assert_array_equal(
        found, explain_sets(model, x, target, explainer="Saliency", **arguments)
    )
    with pytest.raises(BadInputError, match=r"entry of Saliency .*saliency.py.* no rule .* 'mlp'"):
        bare.need_mlp()
    with pytest.raises(BadInputError, match="no rule for engine 'cnn'"):
        bare.need_cnn()


class NoNorm(nn.Module):
    """Leaves the hidden units as they are."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden


@pytest.mark.parametrize("norm", [nn.LayerNorm(8).double(), NoNorm()])
@pytest.mark.parametrize("mode", ["dropout", "training"])
def test_a_network_whose_normalisation_was_exchanged_is_another(mlp, x, target, norm, mode) -> None:
    other = copy.deepcopy(mlp)
    other.norm = norm
    assert architecture_of(mlp) == "mlp"
    assert architecture_of(other) == ""
    arguments = {"explainer": "InputXGradient", "mode": mode, "seed": 0}
    np.testing.assert_array_equal(
        explain(other, x, target, engine="exact", **arguments),
        explain(other, x, target, **arguments),
    )


@pytest.mark.parametrize("combine", ["signed_mean", "absolute_median"])
@pytest.mark.parametrize("name", [n for n, e in EXPLAINERS.items() if "mlp" in e.architectures])
def test_sets_of_mlps_are_those_of_captum_where_nothing_is_random(
    mlp, x, target, references, name, combine
) -> None:
    arguments = {"explainer": name, "references": references[:3], "members": MEMBERS, "seed": 0}
    arguments |= {"mode": "eval", "combine": combine, "integration_steps": 7}
    expected = explain_sets(mlp, x, target, **arguments)
    found = explain_sets(mlp, x, target, engine="exact", integration_rule="steps", **arguments)
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())
