"""A page about docstrings is made anew when one changes."""

from __future__ import annotations

import pytest

import helpers
from helpers.api.described import descriptions


def test_a_changed_docstring_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = descriptions()
    assert set(helpers.__all__) | {"Explanation.to_anndata", "Explanation.top"} <= set(before)
    assert "Spearman" in before["spearman_matrix"]
    assert before["tau"].startswith("(expression")
    monkeypatch.setattr(helpers.tau, "__doc__", "Something else.")
    after = descriptions()
    assert {name for name in before if before[name] != after[name]} == {"tau"}
