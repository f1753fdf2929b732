from __future__ import annotations

import nasty
import pytest

from helpers.errors import BadInputError
from helpers.publish import rehearsal
from helpers.publish.rehearsal import try_names


def test_plain_names_need_no_word() -> None:
    assert try_names({"class": ["liver", "T_cell_1", "$x^$"], "gene": map(str, range(3000))}) == []


def test_letters_that_no_font_has_are_told_with_a_name() -> None:
    (said,) = try_names({"class": ["liver", "x\ue000"], "organ": ["liver", "x\ue000"]})
    assert said.startswith("No font on this machine has all letters of 1 class names, such as ")


def test_names_of_all_kinds_can_be_drawn() -> None:
    assert len(try_names({"class": nasty.NAMES, "gene": nasty.NAMES})) <= 2


def test_a_name_that_cannot_be_drawn_is_named_before_the_long_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = rehearsal._missing_letters

    def fails(names: list[str]) -> set[str]:
        if "bad" in names:
            raise RuntimeError("too bad")
        return drawn(names)

    monkeypatch.setattr(rehearsal, "_missing_letters", fails)
    with pytest.raises(BadInputError, match=r"cannot show the gene name 'bad' \(too bad\): rename"):
        try_names({"class": ["a"], "gene": ["a", "b", "c", "bad", "d"]})
