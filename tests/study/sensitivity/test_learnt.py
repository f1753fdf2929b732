"""Verdicts under other choices: not testable where networks did not learn."""

from __future__ import annotations

from typing import Any

from helpers.claims.judging import NOT_TESTABLE, REPRODUCED
from helpers.study.sensitivity.verdicts import _of_learnt

ROWS: list[dict[str, Any]] = [
    {"claim": "B3", "verdict": REPRODUCED, "observed": 0.2, "reason": "Low."},
    {"claim": "T3", "verdict": REPRODUCED, "observed": 0.98, "reason": "As accurate."},
]


def test_only_explanations_of_networks_that_did_not_learn_are_closed() -> None:
    assert _of_learnt(ROWS, "mlp", {"cnn": "no better than chance"}) == ROWS
    explained, accurate = _of_learnt(ROWS, "mlp", {"mlp": "no better than chance"})
    assert accurate == ROWS[1]
    assert explained["verdict"] == NOT_TESTABLE
    assert explained["observed"] == 0.2
    assert explained["reason"] == (
        "The MLPs of this run did not learn: no better than chance. Low."
    )
