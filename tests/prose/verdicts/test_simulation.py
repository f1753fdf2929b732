"""Where verdicts on simulated and real samples part, and when a reason is given."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from said import said

from helpers.claims.ledger import claims
from helpers.prose.verdicts import simulation
from helpers.results import measures
from helpers.results.measures import MEASURES

CHAPTER = "23_simulated_and_real"
BUNDLES = pd.DataFrame(
    [("real-quick", "real", 0), ("reference-quick", "reference", 1)],
    columns=["bundle", "dataset", "simulated"],
)


def _ledger(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["id", "verdict", "observed"])
    return table.assign(protocol="text", statistic="share of something")


def _over(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["id", "verdict", "median"])
    return table.assign(bundle="real-quick", protocol="text", fragile=0)


def _measured(measure: str, *values: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"measure": measure, "explainer": "all", "quantile": [0.25, 0.5, 0.75], "value": values,
         "n": 3, "unit": "things"}
    )  # fmt: skip


def _found(
    here: pd.DataFrame, there: pd.DataFrame, own: pd.DataFrame, other: pd.DataFrame
) -> dict[str, Any]:
    sides = simulation.beside(own, other.assign(bundle="real-quick"), BUNDLES, simulated=True)
    return simulation.finding(here, there, BUNDLES, sides)


HERE = _ledger(("K9", "reproduced", 0.1), ("E4", "partly", 0.3), ("C6", "reproduced", 0.9),
               ("T3", "not_testable", 0.9), ("G2", "reproduced", 0.9))  # fmt: skip
THERE = _over(("K9", "not_reproduced", 0.0), ("E4", "reproduced", 0.5), ("C6", "reproduced", 0.9),
              ("T3", "reproduced", 0.9), ("G2", "partly", 0.8))  # fmt: skip


def test_what_parts_is_named_opposite_ones_first() -> None:
    own, other = _measured(measures.CANCERS, 33, 33, 33), _measured(measures.CANCERS, 3, 3, 3)
    facts = _found(HERE, THERE, own, other)
    (each,) = facts["others"]
    assert each["dataset"] == "real"
    assert (each["tested"], each["same"], each["alone"]) == (4, 1, ["T3"])
    assert [row["id"] for row in each["part"]] == ["K9", "E4", "G2"]
    assert [row["opposite"] for row in each["part"]] == [True, False, False]
    text = said(CHAPTER, "finding", facts)
    assert "This run has simulated samples, real has real ones." in text
    assert "Of 4 statements that both can test, 1 has the same verdict." in text
    assert "Opposite is the verdict on some cancer genes are shared (K9)." in text
    assert "supports a reason for 1 of these 3." in text
    told = said(CHAPTER, "statements", facts)
    assert "It rests on the number of kinds of cancer: 33 here, 3 there." in told
    assert told.count("a likely reason") == 1
    assert told.count("Why they differ we do not know.") == 2
    assert "which is not in the published results" in told
    assert "In one of the two alone can be tested: T3." in told


def test_a_reason_needs_a_clear_difference_in_the_right_direction() -> None:
    low, high = (_measured(measures.SPECIFIC, *v) for v in ((0.1, 0.2, 0.3), (0.7, 0.8, 0.9)))
    wide = _measured(measures.SPECIFIC, 0.1, 0.75, 0.9)
    here, there = _ledger(("G2", "reproduced", 0.9)), _over(("G2", "partly", 0.8))

    def explained(own: pd.DataFrame, other: pd.DataFrame) -> bool:
        return bool(_found(here, there, own, other)["others"][0]["part"][0]["explained"])

    assert explained(high, low)
    assert not explained(low, high)
    assert not explained(high, wide)
    unknown = _found(here, _over(("G2", "partly", float("nan"))), high, low)
    assert not unknown["others"][0]["part"][0]["explained"]


def test_published_results_without_measures_give_no_reason() -> None:
    sides = simulation.beside(
        _measured(measures.CANCERS, 33, 33, 33), pd.DataFrame(columns=["bundle"]), BUNDLES, True
    )
    facts = simulation.finding(HERE, THERE, BUNDLES, sides)
    assert set(sides["source"]) == {simulation.RUN}
    assert not facts["others"][0]["measured"]
    assert "is not in the published results" in said(CHAPTER, "finding", facts)
    assert "a likely reason" not in said(CHAPTER, "statements", facts)


def test_real_samples_are_held_against_simulated_ones_and_nothing_against_none() -> None:
    sides = simulation.beside(
        _measured(measures.CANCERS, 3, 3, 3), pd.DataFrame(columns=["bundle"]), BUNDLES, False
    )
    none = simulation.finding(HERE, THERE, BUNDLES[:1], sides)
    assert none["others"] == []
    assert said(CHAPTER, "finding", none).startswith("No published run on simulated samples")
    over = THERE.assign(bundle="reference-quick")
    assert [e["name"] for e in simulation.finding(HERE, over, BUNDLES, sides)["others"]] == [
        "reference-quick"
    ]


def test_without_a_statement_that_both_can_test_nothing_is_said_of_verdicts() -> None:
    own = _measured(measures.CANCERS, 33, 33, 33)
    facts = _found(_ledger(("K9", "not_testable", 0.1)), THERE, own, own)
    text = said(CHAPTER, "finding", facts)
    assert "There is no statement that both can test." in text
    assert "same verdict" not in text
    assert "No statement is reproduced" not in text
    assert "No verdict" not in said(CHAPTER, "statements", facts)


def test_the_table_has_a_row_for_each_measure_and_a_column_for_each_source() -> None:
    other = _measured(measures.ZEROS, 0.1, 0.2, 0.3).assign(bundle="real-quick")
    sides = simulation.beside(_measured(measures.CANCERS, 3, 3, 3), other, BUNDLES, True)
    table = simulation.compared(sides)
    assert table.columns.tolist() == ["measure", simulation.RUN, "real-quick"]
    assert len(table) == len(MEASURES)
    row = table.set_index("measure").loc["Share of zeros"]
    assert row["real-quick"] == "0.200 (0.100 to 0.300)"
    assert row[simulation.RUN] == "unknown"


def test_what_statements_rest_on_exists() -> None:
    assert set(simulation.RESTS_ON) <= set(claims())
    assert {basis.measure for basis in simulation.RESTS_ON.values()} <= set(MEASURES)


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize("published", [True, False])
def test_the_correlation_of_genes_is_told_by_kind_of_samples(
    simulated: bool, published: bool
) -> None:
    def rows(source: str, made: bool, value: float) -> dict[str, object]:
        return {
            "measure": "correlation", "explainer": "all", "quantile": 0.5, "value": value,
            "n": 9, "unit": "pairs", "source": source, "simulated": made,
        }  # fmt: skip

    parts = [rows(simulation.RUN, simulated, 0.1)]
    parts += [rows("another", not simulated, 0.3)] if published else []
    found = simulation.correlated(pd.DataFrame(parts))
    other = 0.3 if published else None
    real, made = (other, 0.1) if simulated else (0.1, other)
    assert found == {"own": 0.1, "other": other, "real": real, "made": made}
