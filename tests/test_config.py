from __future__ import annotations

import pytest

from helpers import config
from helpers.errors import BadInputError, UnknownNameError


def test_the_paper_profile_is_the_paper() -> None:
    paper = config.settings("paper")
    assert (paper.models, paper.max_epochs, paper.batch_size, paper.folds) == (60, 100, 256, 5)
    assert (paper.learning_rate_mlp, paper.weight_decay) == (0.001, 0.001)
    assert (paper.references, paper.repeats, paper.integration_steps) == (60, 40, 50)


@pytest.mark.parametrize("profile", config.PROFILES)
def test_profiles_are_valid_and_frozen(profile: str) -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.settings(profile).models = 3


def test_strings_are_converted() -> None:
    found = config.settings("smoke", models="4", tissues=" liver, lung,")
    assert (found.models, found.tissues) == (4, ("liver", "lung"))


@pytest.mark.parametrize(
    ("name", "value"), [("models", "many"), ("models", 1), ("mode", "training ")]
)
def test_a_wrong_value_is_named(name: str, value: object) -> None:
    with pytest.raises(BadInputError, match=f"Parameter '{name}' cannot be {value!r}"):
        config.settings("quick", **{name: value})


def test_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'repeats'"):
        config.settings("quick", repeat=3)
