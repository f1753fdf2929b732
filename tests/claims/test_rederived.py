"""Verdicts derived once more from the tables, by pandas code that shares none with the rules.

Thresholds are typed here as the ledger states them. Where a rule and this file part, one of them
does not do what it says. There is one statement of each kind of rule, and more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from derived_agreement import (
    WORDS,
    Found,
    Tables,
    b3,
    b4,
    b7,
    best_reference,
    c1,
    c2,
    c3,
    c4,
    c5,
    low_within,
    o4,
    o13,
    o14,
    o16,
    saturates,
    top,
)
from derived_lists import (
    e1,
    e2,
    e3,
    e4,
    e7,
    e8,
    e9,
    e10,
    e13,
    e14,
    few,
    g1,
    g5,
    g6,
    g8,
    g10,
    k1,
    k2,
    k3,
    k4,
    k5,
    k7,
    k9,
    median_accuracy,
    t5,
)
from ledger_tables import run_tables

from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.ledger import evaluate, headline
from helpers.claims.rulebook import RULES
from helpers.study import Study

REDERIVED: dict[str, Callable[[Tables], Found]] = {
    "T2": lambda t: median_accuracy(t, "cnn", 0.972),
    "T3": lambda t: median_accuracy(t, "mlp", 0.978),
    "T5": t5,
    "B1": lambda t: low_within(t, "spearman"),
    "B2": lambda t: low_within(t, top(t)),
    "B3": b3,
    "B4": b4,
    "B7": b7,
    "O2": lambda t: saturates(t, "mlp", "smoothgrad", 50, ["Saliency"]),
    "O4": o4,
    "O5": lambda t: saturates(t, "cnn", "repeats", 20),
    "O6": lambda t: saturates(t, "mlp", "repeats", 40),
    "O7": lambda t: best_reference(t, "cnn", "zero"),
    "O8": lambda t: best_reference(t, "mlp", "universal"),
    "O12": lambda t: saturates(t, "mlp", "references", 60, reference="universal", enough=True),
    "O13": o13,
    "O14": o14,
    "O16": o16,
    "C1": c1,
    "C2": c2,
    "C3": c3,
    "C4": c4,
    "C5": c5,
    "E1": e1,
    "E2": e2,
    "E3": e3,
    "E4": e4,
    "E5": lambda t: few(t, "expression", "top_expressed"),
    "E7": e7,
    "E8": e8,
    "E9": e9,
    "E10": e10,
    "E11": lambda t: few(t, "specificity", "enhanced"),
    "E13": e13,
    "E14": e14,
    "G1": g1,
    "G5": g5,
    "G6": g6,
    "G8": g8,
    "G10": g10,
    "K1": k1,
    "K2": k2,
    "K3": k3,
    "K4": k4,
    "K5": k5,
    "K7": k7,
    "K9": k9,
}


@functools.cache
@functools.cache
def made(seed: int) -> Tables:
    tables = run_tables(seed)
    # The set of the highest expressed genes has a name in a run's table.
    tables["expression"] = tables["expression"].assign(set="top_expressed")
    return tables


def ruled(name: str, tables: Tables) -> Found:
    columns = {table: tables[table][[*TABLE_COLUMNS[table]]] for table in RULES[name].tables}
    found = RULES[name].judge(columns)
    return found.verdict, found.observed


def derived(name: str, tables: Tables) -> Found:
    """Derive a verdict, and lower it where networks that know nothing do as well."""
    verdict, observed = REDERIVED[name](tables)
    control = tables["control"].set_index("claim")
    if verdict != "reproduced" or name not in control.index:
        return verdict, observed
    row = control.loc[name]
    if row["shuffles"] < 19:
        return "not_testable", observed
    return ("partly" if row["as_extreme"] + 1 > 0.05 * (row["shuffles"] + 1) else verdict), observed


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", REDERIVED)
def test_a_rule_does_what_the_ledger_says(name: str, seed: int) -> None:
    tables = made(seed)
    verdict, observed = derived(name, tables)
    assert ruled(name, tables) == (verdict, pytest.approx(observed))


def test_there_is_one_of_each_kind_and_every_verdict_comes_out() -> None:
    assert len(REDERIVED) >= 30
    assert {RULES[name].judge.__wrapped__.__module__ for name in REDERIVED} >= {
        f"helpers.claims.rules.{kind}"
        for kind in ("training", "reproducibility", "optimisation", "references", "aggregation",
                     "consistency", "expression", "specificity", "function", "regulators",
                     "cancer", "shared_cancer")
    }  # fmt: skip
    found = [derived(name, made(seed))[0] for name in REDERIVED for seed in range(3)]
    assert set(found) == set(WORDS)


def test_the_ledger_of_a_run_follows_from_its_tables(tiny_study: Study) -> None:
    """Every verdict of the tiny run that is one, under the paper's text."""
    ledger = headline(tiny_study.get("tables/claims")).set_index("id")
    names = {table for name in REDERIVED for table in RULES[name].tables}
    tables = {name: tiny_study.get(f"tables/{name}") for name in sorted(names)}
    again = evaluate(list(REDERIVED), tables, dataset="own", profile="smoke").set_index("id")
    checked = 0
    for name in REDERIVED:
        if again.loc[name, "verdict"] == "not_testable":
            continue
        verdict, observed = derived(name, tables)
        assert (again.loc[name, "verdict"], again.loc[name, "observed"]) == (
            verdict, pytest.approx(observed)
        ), name  # fmt: skip
        checked += 1
        if "On MLPs alone" in ledger.loc[name, "reason"]:
            # The few CNNs of so small a run need not have learnt.
            continue
        # What a run cannot test keeps its number.
        assert ledger.loc[name, "observed"] == pytest.approx(observed), name
        assert ledger.loc[name, "verdict"] in (verdict, "not_testable")
    assert checked >= 12
