"""What a checking cell says to right, wrong and missing answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.teaching.answers import GRADING, WrongAnswerError, check, near


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GRADING, raising=False)


def test_right_wrong_and_missing_answers() -> None:
    assert check("1.1", 3, near(3), "Count.").data == "Exercise 1.1: right."
    assert check("1.1", ..., near(3), "Count.").data == "Exercise 1.1 waits for your answer."
    assert check("1.1", (3, ...), near([3, 4]), "Count.").data.endswith("waits for your answer.")
    with pytest.raises(WrongAnswerError, match=r"Exercise 1\.1: not yet\. Count\."):
        check("1.1", 4, near(3), "Count.")


def test_no_answer_is_wrong_while_nbgrader_grades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GRADING, "autograde")
    with pytest.raises(WrongAnswerError, match="has no answer"):
        check("1.1", ..., near(3), "Count.")


@pytest.mark.parametrize("answer", ["three", None, {"a": 3}, [3, 3]])
def test_an_answer_of_another_kind_is_wrong_and_no_crash(answer: object) -> None:
    with pytest.raises(WrongAnswerError):
        check("1.1", answer, near(3), "A number.")
    with pytest.raises(WrongAnswerError, match="of another kind"):
        check("1.1", answer, lambda x: x.nothing, "A number.")


def test_near_compares_arrays_series_and_what_is_missing() -> None:
    values = pd.Series([1.0, np.nan, 3.0])
    assert near(values)(np.array([1.0 + 1e-9, np.nan, 3.0]))
    assert not near(values)([1.0, 2.0, 3.0])
    assert not near(values)([1.0, np.nan])
    assert near(1e-30, absolute=0)(1.0000001e-30)
    assert not near(1e-30, absolute=0)(2e-30)
