from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import UnknownNameError, listed, shortened


def test_an_unknown_name_reaches_another_process_as_it_is() -> None:
    error = UnknownNameError("profile", "quikc", ["smoke", "quick"])
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, UnknownNameError)
    assert str(again) == str(error)


@given(st.lists(st.text("ab ,", min_size=1, max_size=90), max_size=20), st.integers(1, 8))
def test_lists_are_cut_between_items(items: list[str], most: int) -> None:
    said = listed(items, most)
    whole, cut, _ = said.partition(", …")
    shown = next(n for n in range(len(items) + 1) if ", ".join(items[:n]) == whole)
    assert shown <= most
    assert bool(cut) == (shown < len(items))
    assert shown >= min(1, len(items))
    if cut:
        assert said.endswith(f", … ({len(items)} in all)")


def test_a_list_of_names_says_how_many_there_are() -> None:
    assert listed("abcdefg", 3) == "a, b, c, … (7 in all)"
    assert listed(["x" * 200, "y"], 12) == f"{'x' * 200}, y"
    assert listed(["x" * 200, "y" * 200], 12) == f"{'x' * 200}, … (2 in all)"


def test_what_another_program_said_is_cut_between_words() -> None:
    assert shortened("one two  three", 10) == "one two …"
    assert shortened("as it  is") == "as it  is"
