"""The table of protocols: complete, valid, and what a run departs from is known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers import config
from helpers.config import Settings
from helpers.errors import BadInputError, UnknownNameError
from helpers.protocols import (
    DECISIONS,
    NAMES,
    PROTOCOLS,
    RELEASED,
    SETTINGS,
    STRICT,
    TEXT,
    TITLES,
    in_order,
    overridden,
)
from helpers.study.designs.choices import CHOICES, SCRIPTS

METHODS = Path(__file__).parents[1] / "book" / "methods_verdicts.md"


def test_every_protocol_decides_everything_once() -> None:
    assert list(PROTOCOLS) == list(NAMES) == list(TITLES)
    assert len(set(SETTINGS)) == len(SETTINGS)
    for values in PROTOCOLS.values():
        assert tuple(values) == SETTINGS


@pytest.mark.parametrize("protocol", NAMES)
def test_its_values_are_valid_settings(protocol: str) -> None:
    chosen = config.settings("quick", protocol=protocol)
    assert {name: getattr(chosen, name) for name in SETTINGS} == dict(PROTOCOLS[protocol])
    assert chosen.protocol == protocol
    assert overridden(chosen) == {}


def test_the_defaults_are_the_text_without_a_borrowed_choice() -> None:
    assert {name: getattr(Settings(), name) for name in SETTINGS} == dict(PROTOCOLS[TEXT])
    assert config.settings("paper", protocol=TEXT) == Settings()


def test_every_choice_that_is_tried_is_decided_by_every_protocol() -> None:
    """And an option that the scripts ask for is what the protocol of the scripts has."""
    assert set(CHOICES) <= set(SETTINGS)
    for name, choice in CHOICES.items():
        for option in choice.options:
            if SCRIPTS in option.says and "(said)" not in " ".join(option.says):
                assert PROTOCOLS[RELEASED][name] == option.changes[name]
        assert choice.default(Settings()) == choice.options[0]


def test_protocols_are_three_experiments() -> None:
    """Each two differ, and a decision on which all agree is one on a size or a silent text."""
    for name in NAMES:
        assert sum(dict(PROTOCOLS[name]) == dict(PROTOCOLS[other]) for other in NAMES) == 1
    for decision in DECISIONS:
        same = decision.text == decision.released == decision.strict
        assert not same or decision.silent or decision.setting == "smoothgrad_noise"
        assert decision.says.startswith("Text")
        assert "cripts" in decision.says


def test_single_choices_stay_settable_and_are_recorded() -> None:
    chosen = config.settings("quick", protocol="released", mode="eval", training_noise="0.2")
    assert (chosen.mode, chosen.combine) == ("eval", "absolute_median")
    assert overridden(chosen) == {"mode": "eval", "training_noise": 0.2}


def test_protocols_beside_the_headline_are_complete_whatever_it_overrides() -> None:
    chosen = config.settings("quick", mode="eval", models=7)
    released = config.under(chosen, RELEASED)
    assert overridden(released) == {}
    assert released.models == 7
    assert released.protocols == (RELEASED,)
    text = config.under(config.settings("quick", protocol="strict"), TEXT)
    assert overridden(text) == {}


def test_sizes_of_the_protocols_beside_differ_where_the_profile_says_so() -> None:
    chosen = config.settings("quick", beside='{"models": 4, "curve_sizes": [1, 9]}')
    assert config.under(chosen, STRICT).models == 4
    assert config.under(chosen, STRICT).curve_sizes == (1, 9)
    assert chosen.models == 20
    more = config.settings("quick", models=3, beside='{"models": 4}')
    assert config.under(more, STRICT).models == 3
    assert config.settings("paper").beside == ()
    assert config.settings("quick", beside="{}").beside == ()


def test_a_split_by_donor_is_one_by_tissue_where_nobody_is_behind_a_sample() -> None:
    chosen = config.settings("quick")
    assert config.under(chosen, STRICT).split == "donor_where_known"
    assert config.under(chosen, STRICT, donors=False).split == "tissue"


def test_cnns_are_left_out_of_protocols_that_are_not_named() -> None:
    chosen = config.settings("quick", cnn_protocols="text")
    assert chosen.architectures == ("mlp", "cnn")
    assert config.under(chosen, RELEASED).architectures == ("mlp",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"protocol": "relased"}, "no protocol 'relased': did you mean 'released'"),
        ({"protocols": "text,strikt"}, "no protocol 'strikt': did you mean 'strict'"),
        ({"cnn_protocols": "txt"}, "did you mean 'text'"),
        ({"beside": '{"mode": 1}'}, "no size of the protocols beside 'mode'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(values: dict[str, str], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        config.settings("quick", **values)


@pytest.mark.parametrize("value", ["curve_samples=1", "[1, 2]", "3"])
def test_sizes_that_are_no_mapping_are_refused(value: str) -> None:
    with pytest.raises(BadInputError, match="'beside' must name settings and sizes"):
        config.settings("quick", beside=value)


def test_the_headline_comes_first() -> None:
    assert in_order(NAMES, STRICT) == [STRICT, TEXT, RELEASED]
    assert in_order([RELEASED], TEXT) == [TEXT, RELEASED]


def test_the_page_on_methods_has_every_decision_and_its_values() -> None:
    text = METHODS.read_text(encoding="utf-8")
    section = text[text.index("(choices-table)=") : text.index("(audit)=")]
    rows = dict(re.findall(r"^\| [^|]*<br>`(\w+)` \|(.*)\|$", section, re.MULTILINE))
    assert set(rows) == set(SETTINGS)
    for decision in DECISIONS:
        cells = rows[decision.setting].split("|")
        for protocol, cell in zip(NAMES, cells, strict=True):
            value = getattr(decision, protocol)
            written = f"{value:g}" if isinstance(value, float) else str(value)
            assert f"`{written}`" in cell, (decision.setting, protocol)
