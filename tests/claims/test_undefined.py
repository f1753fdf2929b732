"""Undefined is not testable: every rule is tried with what is no number, or with next to nothing.

A rule may find that nothing can be said; it may not fail, and not make a verdict of it.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ledger_tables import run_tables

from helpers.claims.constant_lists import without_constant_lists
from helpers.claims.control import plain_verdict
from helpers.claims.defined import MAY_BE_MISSING, NotTestableError, check_defined
from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.judging import NOT_TESTABLE, REPRODUCED, VERDICTS, Rule, Verdict
from helpers.claims.ledger import claims, evaluate
from helpers.claims.rulebook import CONTROLLED, PLAIN_RULES, RULES

Tables = dict[str, pd.DataFrame]


@functools.cache
def made() -> Tables:
    """The tables of a run, with the columns that are declared for rules."""
    return {name: table[[*TABLE_COLUMNS[name]]] for name, table in run_tables().items()}


@functools.cache
def plain(name: str) -> Verdict:
    return judge(name, made())


def judge(name: str, tables: Tables) -> Verdict:
    found = RULES[name].judge({table: tables[table] for table in RULES[name].tables})
    assert found.verdict in VERDICTS
    assert found.reason
    if found.verdict != NOT_TESTABLE:
        assert np.isfinite(found.observed)
        assert np.isnan(found.ci_low) == np.isnan(found.ci_high)
        assert found.ci_low != found.ci_high
    return found


def numeric(table: pd.DataFrame) -> list[str]:
    return list(table.select_dtypes("number").columns)


def test_the_tables_of_this_test_are_those_that_rules_read() -> None:
    assert set(made()) == set(TABLE_COLUMNS)
    testable = [name for name in RULES if plain(name).verdict != NOT_TESTABLE]
    # Only the number of samples, which is not the paper's, is not testable here.
    assert set(RULES) - set(testable) == {"T1"}


@pytest.mark.parametrize("name", RULES)
def test_a_column_without_numbers_leads_to_no_verdict(name: str) -> None:
    """Each numeric column alone, then all of them, in each table that the rule reads."""
    tables = {table: made()[table] for table in RULES[name].tables}
    for table, rows in tables.items():
        for columns in [*([column] for column in numeric(rows)), numeric(rows)]:
            if table == "left_out" and RULES[name].tables[0] != table:
                continue
            empty = rows.assign(**dict.fromkeys(columns, np.nan))
            found = judge(name, tables | {table: empty})
            read = reads(name, table, columns)
            assert found.verdict == NOT_TESTABLE or not read, (table, columns, found)


NOT_COMPARED = {
    # Shown beside the absolute scores, or for another statement's sake.
    ("expression", "spearman"): {"E4", "E5", "E6", "C2", "C3"},
    ("expression", "spearman_absolute"): {"E4", "E5", "E6", "C2", "C3"},
    ("expression", "hits"): {"E1", "E2", "E3", "C2", "C3"},
    ("consistency", "same_model"): {"C2", "C4", "C6"},
    ("regulators", "p_depleted"): set(),
    ("go", "fold"): {"G1", "G2", "G3", "G4", "G5"},
    ("go", "p"): {"G1", "G2", "G3", "G4", "G5"},
    ("cancer_shares", "fold"): set(),
    # Said in the reason: what counts is p.
    **{
        ("control", column): set(CONTROLLED) for column in ("number", "median", "lowest", "highest")
    },
}
"""Columns that rules do not compare, in tables which they read."""


def reads(name: str, table: str, columns: list[str]) -> bool:
    """Tell whether a rule compares one of the columns."""
    if (table, columns) == ("control", ["p"]):
        # It can only lower a verdict that is as good as can be.
        return plain_verdict(PLAIN_RULES[name], made()).verdict == REPRODUCED
    return any(name not in NOT_COMPARED.get((table, column), set()) for column in columns)


@pytest.mark.parametrize("name", RULES)
def test_without_the_interval_of_models_the_verdict_stays(name: str) -> None:
    """What lists without one model hold is no part of a verdict, only of its interval."""
    if "left_out" not in RULES[name].tables:
        return
    tables = made() | {"left_out": made()["left_out"].assign(hits=np.nan)}
    found = judge(name, tables)
    assert (found.verdict, found.observed) == (plain(name).verdict, plain(name).observed)
    assert np.isnan(found.ci_low)
    assert "undefined, so no interval" in found.reason


@pytest.mark.parametrize("name", RULES)
def test_an_empty_table_leads_to_no_verdict(name: str) -> None:
    for table in RULES[name].tables:
        if table == "left_out" and RULES[name].tables[0] != table:
            continue
        found = judge(name, made() | {table: made()[table].iloc[:0]})
        assert found.verdict == NOT_TESTABLE, (table, found)
    assert judge(name, {key: table.iloc[:0] for key, table in made().items()}).verdict == (
        NOT_TESTABLE
    )


@pytest.mark.parametrize("name", RULES)
def test_one_row_never_fails(name: str) -> None:
    for table in RULES[name].tables:
        for place in (0, -1):
            rows = made()[table]
            judge(name, made() | {table: rows.iloc[[place]]})
    judge(name, {key: table.iloc[[0]] for key, table in made().items()})


@pytest.mark.parametrize("name", RULES)
def test_the_same_number_everywhere_never_fails(name: str) -> None:
    for value in (0.0, 1.0):
        tables = {
            key: table.assign(**{column: type(value)(value) for column in numeric(table)})
            for key, table in made().items()
        }
        judge(name, tables)


def constant_scores() -> Tables:
    """What tables hold of scores that are all equal: no correlation, lists of the first genes."""
    tables = dict(made())
    for name in ("unoptimised", "curves", "disjoint"):
        table = tables[name]
        value = pd.Series(np.where(table["metric"] == "spearman", np.nan, 1.0), table.index)
        tables[name] = table.assign(value=value)
    tables["expression"] = tables["expression"].assign(spearman=np.nan, spearman_absolute=np.nan)
    first = [f"G{i:04d}" for i in range(100)]
    for name in ("top_lists", "top_genes"):
        table = tables[name]
        tables[name] = table.assign(gene=np.resize(first, len(table)))
    for name in ("consistency", "tissue_overlap", "held_out"):
        tables[name] = tables[name].assign(overlap=1.0)
    return tables


ON_SCORES = [name for name in RULES if name[0] in "BOCEG" and name not in ("O2", "O3", "O5", "O6",
             "O11", "O12", "C5", "G6", "G7", "G8", "G9", "G10")]  # fmt: skip
"""Statements on agreement and on lists whose tables tell that scores were all equal."""


@pytest.mark.parametrize("name", RULES)
def test_scores_that_are_all_equal_lead_to_no_verdict(name: str) -> None:
    tables = constant_scores()
    found = evaluate([name], tables, dataset="own", profile="smoke").iloc[0]
    if name in ON_SCORES:
        assert found["verdict"] == NOT_TESTABLE, found["reason"]


def without_cnns() -> Tables:
    """What a run without CNNs leaves: no row of theirs."""
    tables = dict(made())
    for name, table in tables.items():
        if "architecture" in table:
            tables[name] = table[table["architecture"] != "cnn"].reset_index(drop=True)
    rows = tables["consistency"]
    cnn = rows["a"].str.startswith("cnn") | rows["b"].str.startswith("cnn")
    tables["consistency"] = rows[~cnn]
    return tables


@pytest.mark.parametrize("name", RULES)
def test_without_cnns_statements_on_them_are_not_testable(name: str) -> None:
    found = judge(name, without_cnns())
    if "cnn" not in RULES[name].networks:
        assert (found.verdict, found.observed) == (plain(name).verdict, plain(name).observed)
    elif name in ("O1", "O4", "O9", "O14"):
        # One half of a statement on both architectures.
        assert found.verdict != "reproduced" or name == "O9"
    else:
        assert found.verdict == NOT_TESTABLE, found


MLPS_ALONE = [name for name, rule in RULES.items() if rule.networks == ("mlp",)]


@pytest.mark.parametrize("name", MLPS_ALONE)
def test_what_is_undefined_of_cnns_changes_nothing_that_rests_on_mlps(name: str) -> None:
    spoilt = {}
    for table, rows in made().items():
        changed = rows.copy()
        if "architecture" in rows:
            of_cnns = (rows["architecture"] == "cnn").to_numpy()
            for column in rows.select_dtypes("float"):
                changed.loc[of_cnns, column] = np.nan
        spoilt[table] = changed
    told: Any = {"dataset": "rnaseqdb", "profile": "quick"}
    ledger = evaluate([name], spoilt, **told)
    expected = evaluate([name], made(), **told)
    pd.testing.assert_frame_equal(ledger, expected)


def test_every_rule_says_which_networks_it_rests_on() -> None:
    assert {name for name, rule in RULES.items() if not rule.networks} == {"T1"}
    assert {network for rule in RULES.values() for network in rule.networks} == {"mlp", "cnn"}
    for name, claim in claims().items():
        said = claim.statement.split(":")[0]
        if said in ("CNN", "MLP"):
            assert RULES[name].networks[0] == said.lower() or name == "C5"


def rule(found: Verdict) -> Rule:
    return Rule("share", "high", "It says so.", ("go",), "10_go#table", lambda tables: found)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_without_a_number_is_none(verdict: str) -> None:
    found = rule(Verdict(verdict, reason="Because.")).judge({})
    assert found.verdict == NOT_TESTABLE
    assert found.reason.endswith("Because.")


def test_what_cannot_be_tested_is_said_by_the_rule() -> None:
    def fails(tables: object) -> Verdict:
        raise NotTestableError("There is nothing.")

    found = Rule("a", "b", "c", ("go",), "10_go#table", fails).judge({})
    assert (found.verdict, found.reason) == (NOT_TESTABLE, "There is nothing.")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_always_there_may_not_be_missing(value: float) -> None:
    table = made()["accuracy"].copy()
    table.loc[3, "accuracy"] = value
    with pytest.raises(NotTestableError, match=r"'accuracy', 'accuracy' is undefined in 1 of 56"):
        check_defined({"accuracy": table})
    allowed = {name: made()[name] for name in MAY_BE_MISSING}
    check_defined(allowed)


def test_lists_of_constant_scores_are_taken_out_and_no_others() -> None:
    tables = dict(made())
    expression = tables["expression"]
    chosen = (
        (expression["architecture"] == "mlp")
        & (expression["explainer"] == "DeepLift")
        & (expression["tissue"] == "liver")
        & expression["aggregated"]
    )
    tables["expression"] = expression.assign(
        spearman_absolute=expression["spearman_absolute"].mask(chosen)
    )
    found = without_constant_lists(tables)
    hits = found["specificity"]["hits"]
    assert hits.isna().sum() == 3  # one list, three sets
    overlap = found["consistency"]
    name = "mlp:DeepLift:aggregated"
    own = ((overlap["a"] == name) | (overlap["b"] == name)) & (overlap["tissue"] == "liver")
    assert overlap["overlap"].isna().equals(own)
    assert found["distinct_genes"]["distinct"].isna().sum() == 1
    assert without_constant_lists(made())["specificity"] is made()["specificity"]
    assert judge("E10", found).verdict == NOT_TESTABLE
    assert "mlp DeepLift" in judge("E10", found).reason
    assert judge("E11", found).verdict == plain("E11").verdict
