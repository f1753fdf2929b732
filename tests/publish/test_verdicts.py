from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.claims.control import CONTROL_COLUMNS
from helpers.claims.judging import NOT_RUN, VERDICTS
from helpers.claims.ledger import claims, evaluate, named
from helpers.claims.rulebook import RULES
from helpers.publish import book, verdicts
from helpers.publish.chapters import find_chapters
from helpers.publish.verdicts import (
    LedgerError,
    current_ledger,
    ledger_rows,
    refuse_gaps,
    side_by_side,
    unanswered,
    verdict_grid,
)
from helpers.study import Study, open_study
from helpers.workspace.formats import TABLE, table_format
from helpers.workspace.store import project_root


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study("smoke", workspace=tmp_path / "ws")


@pytest.fixture
def ledger() -> pd.DataFrame:
    """A ledger with every verdict in turn."""
    empty = evaluate(list(claims()), {}, dataset="reference", profile="smoke")
    verdicts = np.resize(list(VERDICTS), len(empty))
    return empty.assign(verdict=verdicts, observed=0.5, ci_low=0.4, ci_high=0.6, n=9, unit="genes")


def test_without_tables_no_statement_is_run_and_nothing_is_made(study: Study) -> None:
    found = current_ledger(study)
    assert set(found["verdict"]) == {NOT_RUN}
    assert not study.workspace.path("tables").exists()


def test_statements_whose_tables_are_fresh_are_judged_alone(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = pd.DataFrame({"samples": [27_000, 417]})
    study.workspace.write("tables/classes.csv", classes, TABLE, key=study.key("tables/classes"))
    monkeypatch.setattr(study, "upstream", lambda name: [name])
    found = current_ledger(study)
    run = found[found["verdict"] != NOT_RUN]
    assert run["id"].tolist() == ["T1"] * 3
    assert run["protocol"].tolist() == ["text", "released", "strict"]
    study.workspace.path("tables/classes.csv").write_text("samples\n1\n")
    assert set(current_ledger(study)["verdict"]) == {NOT_RUN}


def test_a_whole_book_with_a_gap_is_refused_and_names_the_statements(
    study: Study, ledger: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chapters = find_chapters(project_root())
    monkeypatch.setattr(verdicts, "current_ledger", lambda study: ledger)
    assert unanswered(study, chapters) == []
    refuse_gaps(study, chapters)
    without = [chapter for chapter in chapters if chapter.name != "12_cancer"]
    with pytest.raises(LedgerError, match=r"silent on 9 statements.*K1, K2, K3.*K9") as caught:
        refuse_gaps(study, without)
    assert caught.value.exit_code == 1
    gap = ledger.assign(verdict=ledger["verdict"].where(ledger["id"] != "B3", NOT_RUN))
    monkeypatch.setattr(verdicts, "current_ledger", lambda study: gap)
    with pytest.raises(LedgerError, match=r"silent on 1 statements.*: B3\."):
        refuse_gaps(study, chapters)
    with pytest.raises(LedgerError, match=r"silent on 68 statements"):
        book.build(study, project_root(), tmp_path / "html", whole=True)
    assert not (tmp_path / "html").exists()


def test_a_stored_verdict_must_follow_from_the_tables(
    study: Study, ledger: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "judged_anew", lambda study: ledger)
    verdicts.check_against_tables(study, ledger)
    changed = ledger.assign(observed=ledger["observed"].where(ledger["id"] != "E4", 0.7))
    with pytest.raises(LedgerError, match=r"do not follow from their tables: E4: stored"):
        verdicts.check_against_tables(study, changed)


@pytest.mark.parametrize(
    ("extreme", "said"),
    [
        (0, f"| less: true labels do better | {named(['G2'])[0]} |"),
        (1, f"| as much: no evidence | {named(['G2'])[0]} |"),
    ],
)
def test_what_networks_that_know_nothing_meet_is_said_if_the_table_is_fresh(
    study: Study, monkeypatch: pytest.MonkeyPatch, extreme: int, said: str
) -> None:
    assert "were not judged" in verdicts.control_outcome(study)
    row = ["G2", "larger", 3, 0.9, 0.2, 0.1, 0.3, 20, 0, extreme, (1 + extreme) / 21, 4,
           "partly", "partly", "partly"]  # fmt: skip
    table = pd.DataFrame([row], columns=CONTROL_COLUMNS)
    form = table_format("supports", "output", "hidden", "untrained")
    study.workspace.write("tables/control.csv", table, form, key=study.key("tables/control"))
    monkeypatch.setattr(study, "upstream", lambda name: [name])
    assert said in verdicts.control_outcome(study)


def test_rows_lead_to_the_box_and_to_the_figure_of_this_run(ledger: pd.DataFrame) -> None:
    others = ledger.assign(folder="real", dataset="rnaseqdb")
    rows, links = ledger_rows(ledger, others, project_root())
    assert len(rows) == len(links["id"]) == 136
    place = RULES["B3"].produced_by.replace("#", ".html#")
    row = rows.index[rows["id"] == "B3"][0]
    assert links["shown in"][row] == place == "02_baseline_reproducibility.html#figure_1b"
    assert links["id"][row] == "02_baseline_reproducibility.html#claim-B3"
    assert rows.loc[row, "found"] == "0.500 (0.400 to 0.600), n = 9 genes"
    assert set(links["id"][68:]) == {""}
    assert set(rows["data set"]) == {"reference, smoke (this run)", "rnaseqdb, smoke (real)"}


def test_a_row_has_the_verdicts_under_all_protocols_the_headline_first(
    ledger: pd.DataFrame,
) -> None:
    both = pd.concat([ledger, ledger.assign(protocol="strict", verdict="partly")])
    rows, links = ledger_rows(both, ledger.iloc[:0].assign(folder=""), project_root())
    assert len(rows) == len(links["id"]) == 68
    columns = rows.columns.tolist()
    assert columns.index("verdict") < columns.index("good practice")
    assert set(rows["good practice"]) == {"partly reproduced"}
    assert rows["verdict"].nunique() == 4


def test_runs_are_panels_with_honest_titles(ledger: pd.DataFrame) -> None:
    others = ledger.assign(folder="real")
    runs = pd.DataFrame(
        {"folder": ["real"], "dataset": "rnaseqdb", "profile": "smoke", "revision": "0123abcd99"}
    )
    grid = verdict_grid(ledger, others, runs, simulated=True)
    assert grid["run"].unique().tolist() == [
        "This run: reference, smoke (simulated)",
        "Another run: rnaseqdb, smoke [real, revision 0123abcd]",
    ]
    alone = verdict_grid(ledger, others.iloc[:0], runs.iloc[:0], simulated=False)
    assert len(alone) == 68


def test_ledgers_stand_side_by_side(ledger: pd.DataFrame) -> None:
    released = ledger.assign(protocol="released", verdict="partly")
    both = pd.concat([ledger, released.iloc[:-1]])
    table = side_by_side({"reference": both, "rnaseqdb": ledger.iloc[:-1]})
    assert len(table) == 68
    assert table.columns[3:].tolist() == [
        "reference: found", "reference: verdict", "reference: met by networks that know nothing",
        "reference, released", "rnaseqdb: found", "rnaseqdb: verdict",
        "rnaseqdb: met by networks that know nothing",
    ]  # fmt: skip
    assert table["reference, released"].iloc[[0, -1]].tolist() == ["partly reproduced", "not run"]
    assert table.loc[67, "rnaseqdb: verdict"] == "not run"
    assert table.loc[0, "reference: verdict"] == "reproduced"
