from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from helpers.biology import (
    HousekeepingRule,
    compare_with_published,
    housekeeping_genes,
    read_housekeeping,
)
from helpers.biology.housekeeping import HOUSEKEEPING_RULES, usable_rule
from helpers.errors import BadInputError, MissingInputError, UnknownNameError

MEDIANS = pd.DataFrame(
    [[2, 3, 3.9], [2, 3, 4], [0.9, 1, 1.1], [1, 1, 1], [5, 0, 5], [1, 3, 5], [3, 8, 30]],
    [f"G{i}" for i in range(7)],
    ["liver", "lung", "ovary"],
)


def test_the_papers_rule() -> None:
    found = housekeeping_genes(MEDIANS)
    assert found.columns.tolist() == ["gene", "lowest", "highest", "fold", "housekeeping"]
    assert found["fold"].tolist() == pytest.approx([1.95, 2, 11 / 9, 1, np.inf, 5, 10])
    assert found["housekeeping"].tolist() == [True, False, False, True, False, False, False]


def test_the_rule_of_the_publication_it_cites() -> None:
    found = housekeeping_genes(MEDIANS, HOUSEKEEPING_RULES["eisenberg"])
    expected = [15 ** (1 / 3), 30 / 720 ** (1 / 3)]
    assert found["fold"].tolist()[5:] == pytest.approx(expected)
    assert found["housekeeping"].tolist() == [True, True, False, True, False, True, False]
    looser = HousekeepingRule(fold=4, compared="average", spread=2)
    assert housekeeping_genes(MEDIANS, looser)["housekeeping"].iloc[6]


def test_unknown_comparison() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'extremes'"):
        housekeeping_genes(MEDIANS, HousekeepingRule(compared="extreme"))


def test_comparison_with_a_published_list() -> None:
    row = compare_with_published(housekeeping_genes(MEDIANS), ["G0", "G1", "G6", "X"]).iloc[0]
    counts = row[["measured", "found", "published", "published_measured", "shared"]]
    assert counts.tolist() == [7, 2, 4, 3, 1]
    assert row["jaccard"] == 1 / 4
    assert row["expected"] == pytest.approx(2 * 3 / 7)
    assert row["fold"] == pytest.approx(7 / 6)
    table = [[1, 1], [2, 3]]
    assert row["p"] == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


def test_nothing_found_has_no_fold() -> None:
    row = compare_with_published(housekeeping_genes(MEDIANS.iloc[[4]]), []).iloc[0]
    assert row["found"] == 0
    assert row[["jaccard", "fold"]].isna().all()


def test_lists_are_read(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("symbol\trefseq\nAAAS\tNM_015665\nGAPDH\n", encoding="utf-8")
    assert read_housekeeping(path) == ["AAAS", "GAPDH"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not start with a header"),
        (b"gene\nAAAS\n", "does not start with a header whose first column is 'symbol'"),
        (b"symbol\n", "a header and no genes"),
        (b"symbol\nA\n\tNM_1\n", "line 3: there is no gene symbol"),
        (b"symbol\nA\n\nB\n", "line 3: there is no gene symbol"),
        (b"symbol\nA\nB\nA\n", "line 4: 'A' is already on line 2"),
        (b"\x1f\x8b\x08\x00", "no text in UTF-8"),
    ],
)
def test_bad_lists(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.tsv"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=message):
        read_housekeeping(path)


def test_missing_list(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no list of housekeeping genes at"):
        read_housekeeping(tmp_path / "none.tsv")


@pytest.mark.real
def test_the_published_list(shared_data: Path) -> None:
    path = shared_data / "annotations" / "housekeeping" / "Eisenberg2013_housekeeping_3804.tsv"
    if not path.is_file():
        pytest.skip(f"Eisenberg and Levanon's list is not at {path}")
    genes = read_housekeeping(path)
    assert len(genes) == 3804
    # The genes that the authors recommend as calibrators.
    assert {"C1orf43", "PSMB2", "REEP5", "VCP"} <= set(genes)


def test_the_papers_rule_is_spoken_of_where_it_finds_genes() -> None:
    assert usable_rule({"paper": 100, "eisenberg": 900}) == "paper"
    assert usable_rule({"paper": 99, "eisenberg": 900}) == "eisenberg"
