from __future__ import annotations

from helpers.prose import wording


def test_a_missing_agreement_is_said_in_words() -> None:
    assert wording.agreement(0.536) == "0.54"
    assert "all the same" in wording.agreement(float("nan"))
