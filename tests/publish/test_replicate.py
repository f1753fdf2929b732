"""Seeds as a person writes them."""

from __future__ import annotations

import pytest

from helpers.errors import BadInputError
from helpers.publish.replicate import parse_seeds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-4", (0, 1, 2, 3, 4)), ("7", (7,)), ("2, 0,5-6", (2, 0, 5, 6)), ("3-3", (3,))],
)
def test_seeds_are_read(text: str, expected: tuple[int, ...]) -> None:
    assert parse_seeds(text) == expected


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("0,0", "seed 0 is given twice"),
        ("0-3,2", "seed 2 is given twice"),
        ("4-1", "no seed in it"),
        ("", "is no seed"),
        ("a", "'a' is no seed"),
        ("-1", "'-1' is no seed"),
        ("1.5", "is no seed"),
    ],
)
def test_what_is_no_seed_is_refused(text: str, match: str) -> None:
    with pytest.raises(BadInputError, match=match):
        parse_seeds(text)
