from __future__ import annotations

import pytest

from helpers.claims.rulebook import RULES
from helpers.prose import wording
from helpers.prose.wording import COUNTS, measured


def test_a_missing_agreement_is_said_in_words() -> None:
    assert wording.agreement(0.536) == "0.54"
    assert "all the same" in wording.agreement(float("nan"))


@pytest.mark.parametrize(
    ("value", "statistic", "text"),
    [
        (2353.0, "genes in the top 100", "2,353"),
        (2228.54, "genes in the top 100", "2,229"),
        (1.0, "estimates after which nothing is gained", "1"),
        (1.0, "share of explainers", "1.000"),
        (2.0, "mean fold over chance", "2.000"),
        (123.45, "mean fold over chance", "123"),
        (-0.0499, "a difference", "-0.050"),
        (-1e-16, "a difference", "0.000"),
        (float("nan"), "share of explainers", "–"),
    ],
)
def test_numbers_are_written_as_what_they_measure(value: float, statistic: str, text: str) -> None:
    assert measured(value, statistic) == text


def test_statistics_that_count_are_known_by_their_first_word() -> None:
    whole = {name for name, rule in RULES.items() if rule.statistic.startswith(COUNTS)}
    assert whole == {"T1", "O2", "O3", "O5", "O6", "O11", "O12", "K5", "K7"}
