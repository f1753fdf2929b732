from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers import config
from helpers.errors import BadInputError, UnknownNameError

PAPER: dict[str, object] = {
    # "Model training"; the stop, the epochs and the noise are those of the released scripts.
    "batch_size": 256, "cnn_batch_size": 256,
    "learning_rate_mlp": 0.001, "learning_rate_cnn": 0.0006, "weight_decay": 0.001,
    "reduce_after": 5, "stop_after": 15, "max_epochs": 100, "cnn_max_epochs": 100,
    "cnn_schedule": "plateau", "training_noise": 0.0, "split": "tissue",
    "cnn_channels": (64, 128, 256),
    "models": 60, "cnn_models": 60, "cnn_one_order_models": 5,
    "folds": 5,
    # "Model explanation": five replicates by a model, five models, lists of 100 genes.
    "replicates": 5, "inter_models": 5, "top": 100, "mode": "dropout", "combine": "signed_mean",
    "integration_steps": 50, "cnn_integration_steps": 50, "cnn_repeated_steps": 50,
    # "Reference preparation"
    "reference_pool": 2000,
    # The simulations: pools of 50 noisy copies and 50 repeats, 1 to 100 references, 1 to 20 models
    "smoothgrad_noise": 1.0,
    "curve_sizes": tuple(range(1, 51)), "cnn_curve_sizes": tuple(range(1, 51)),
    "reference_sizes": tuple(range(1, 101)), "cnn_reference_sizes": tuple(range(1, 101)),
    "aggregate_sizes": tuple(range(1, 21)),
    # The optimum (Table S1)
    "references": 60, "cnn_references": 20, "repeats": 40, "cnn_repeats": 20, "optimum": "paper",
    # Liver, lung, ovary, pancreas
    "own_tissues": 4,
}  # fmt: skip
"""What the paper's section "Methods" says, setting by setting."""


@pytest.mark.parametrize("name", PAPER)
def test_the_paper_profile_is_the_paper(name: str) -> None:
    assert getattr(config.settings("paper"), name) == PAPER[name]


def test_the_defaults_are_the_paper() -> None:
    assert config.settings("paper") == config.Settings()


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


@pytest.mark.parametrize(
    ("value", "tissues"),
    [(10, ("10",)), (True, ("True",)), ([10, "B"], ("10", "B")), ((1.5,), ("1.5",))],
)
def test_a_number_is_a_name_where_a_name_is_meant(value: object, tissues: tuple[str, ...]) -> None:
    assert config.settings("smoke", tissues=value).tissues == tissues
    assert config.settings("smoke", class_column=7).class_column == "7"
    assert config.settings("smoke", cnn_gene_order=1).cnn_gene_order == "1"


def test_one_number_is_a_list_of_one() -> None:
    assert config.settings("smoke", mask_sizes=3).mask_sizes == (3,)


def test_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'repeats'"):
        config.settings("quick", repeat=3)


PAGE = Path(__file__).parents[1] / "book" / "how_to_read.md"


def profile_table() -> dict[str, list[list[str]]]:
    """Read the table of profiles: setting → cells of smoke, quick and paper, a list for each."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`"):
            names = [name.strip("` ") for name in cells[0].split(",")]
            for place, name in enumerate(names):
                parts = [cell.split(" and ") for cell in cells[2:]]
                found[name] = [part[min(place, len(part) - 1)] for part in parts]
    return found


def test_the_page_names_every_setting_in_which_profiles_differ() -> None:
    differ = {name for values in config.PROFILES.values() for name in values} - {"beside"}
    assert differ <= set(profile_table())


@pytest.mark.parametrize("place", [0, 1])
def test_the_page_has_the_sizes_of_the_protocols_beside_the_headline(place: int) -> None:
    profile = ("smoke", "quick")[place]
    found: dict[str, str] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            found |= {name.strip("` "): cells[1 + place] for name in cells[0].split(",")}
    beside = dict(config.PROFILES[profile]["beside"])
    told = {
        n for n, cell in found.items() if cell != "as above" and n in config.Settings.model_fields
    }
    assert told == set(beside)
    for name, value in beside.items():
        numbers = [int(part) for part in re.findall(r"\d+", found[name])]
        if isinstance(value, tuple):
            assert numbers == ([len(value), max(value)] if value else [])
        else:
            assert numbers == [value]


@pytest.mark.parametrize("name", profile_table())
def test_the_page_has_the_values_of_the_profiles(name: str) -> None:
    for cell, profile in zip(profile_table()[name], config.PROFILES, strict=True):
        value = getattr(config.settings(profile), name)
        sizes = isinstance(value, tuple) and name.endswith("sizes")
        wanted = [len(value), max(value)] if sizes else value
        numbers = [
            float(part.replace(",", "")) for part in re.findall(r"\d[\d.]*(?:,\d{3})*", cell)
        ]
        if isinstance(value, str):
            words = {"one_cycle": "one cycle", "plateau": "plateau",
                     "headline": "the headline's", "own": "their own"}  # fmt: skip
            assert cell == words.get(value, "32 bits, channels last")
        elif isinstance(value, tuple) and value and isinstance(value[0], str):
            assert cell == ", ".join(value)
        elif not value and isinstance(value, tuple):
            assert cell == "all"
        elif name in {"curve_samples", "cnn_curve_samples"}:
            assert value in numbers
        else:
            assert numbers == list(wanted if isinstance(wanted, list | tuple) else [wanted])


@pytest.mark.parametrize(
    ("text", "tissues"),
    [
        ("liver, lung,", ("liver", "lung")),
        ('"T cell, naive", B', ("T cell, naive", "B")),
        ('"5"" disk"', ('5" disk',)),
        ('5" disk,b', ('5" disk', "b")),
        ("", ()),
    ],
)
def test_several_values_are_separated_by_commas_outside_quotation_marks(
    text: str, tissues: tuple[str, ...]
) -> None:
    assert config.settings("smoke", tissues=text).tissues == tissues


def test_settings_beyond_a_profile_open_the_same_run() -> None:
    chosen = config.settings("smoke", tissues="liver,lung", models=4, cnn_channels=(2, 2, 2))
    found = config.beyond_profile(chosen, "smoke")
    assert found == {"tissues": ["liver", "lung"], "models": 4, "cnn_channels": [2, 2, 2]}
    assert config.settings("smoke", **found) == chosen
    assert not config.beyond_profile(config.settings("quick"), "quick")
