"""The one definition of a missing name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.datasets.gene_names import annotation, entrez_symbols
from helpers.datasets.missing import WORDS, is_missing, names

NOTHING = [
    None, np.nan, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), "", " ", "\t", "\u3000", "NA",
    "na", "N/A", "nan", "NaN", "None", "none", "null", "NULL", "<NA>", "NaT", "#N/A", "-", "--",
    "---", "?", ".", "\ufeff", b"NA", b"", " NA ", "[Not Available]", "'--",
]  # fmt: skip


@pytest.mark.parametrize("value", NOTHING, ids=repr)
def test_what_stands_for_nothing_is_missing(value: object) -> None:
    found = names([value, "B"])
    assert found.texts == ["", "B"]
    assert found.missing == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"), (np.False_, "False"), (10, "10"), (1.0, "1"), (2.5, "2.5"),
        ("1e3", "1e3"), ("007", "007"), ("2020-01-02", "2020-01-02"), ("+", "+"), ("B ", "B"),
        (pd.Timestamp("2020-01-02"), "2020-01-02"), (b"T cell", "T cell"), ("unknown", "unknown"),
        ("Nan", ""), ("Nancy", "Nancy"), ("NAT1", "NAT1"), ("肝臓", "肝臓"), ("a\tb", "a\tb"),
    ],
)  # fmt: skip
def test_names_are_text_as_it_is_written(value: object, text: str) -> None:
    assert names([value]).texts == [text]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pd.Categorical(["b", None, "NA", "b"])),
        pd.Categorical.from_codes([1, -1, 0, 1], ["NA", "b"]),
        pd.Index(["b", np.nan, "NA", "b"]),
        pd.array(["b", None, "NA", "b"], dtype="string"),
        np.array(["b", None, "NA", "b"], dtype=object),
    ],
    ids=["categories", "codes", "index", "strings", "objects"],
)
def test_any_kind_of_column_is_read_alike(values: object) -> None:
    found = names(values)  # type: ignore[arg-type]
    assert found.texts == ["b", "", "", "b"]
    assert found.words == {"": 1, "NA": 1}
    assert found.said() == "empty 1, 'NA' 1"


def test_whole_numbers_stay_whole_beside_missing_ones() -> None:
    assert names(pd.Series([0, 1, None])).texts == ["0", "1", ""]
    assert names(pd.Series([0, 1, None], dtype="Int64")).texts == ["0", "1", ""]
    assert names(pd.Series([True, None], dtype="boolean")).texts == ["True", ""]


def test_no_symbol_of_a_known_gene_is_missing() -> None:
    assert not [symbol for symbol in annotation().index if is_missing(symbol)]
    assert not [symbol for symbol in entrez_symbols().values() if is_missing(symbol)]


def test_many_words_are_summed_up() -> None:
    said = names(["NA", "nan", "None", "null", "-", "NA", "x"]).said()
    assert said == "'NA' 2, '-' 1, 'None' 1, 'nan' 1 and 1 more words"


@given(st.text())
def test_every_text_is_either_a_name_or_missing(text: str) -> None:
    found = names([text])
    assert (found.texts == [""]) == is_missing(text)
    assert found.missing == int(is_missing(text))
    assert names(found.texts).texts == found.texts


@given(st.sampled_from(sorted(WORDS)), st.sampled_from(["upper", "title", "lower"]))
def test_words_are_missing_in_any_case(word: str, case: str) -> None:
    assert is_missing(f" {getattr(word, case)()} ")
