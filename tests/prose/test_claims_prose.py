from __future__ import annotations

import pandas as pd
import pytest

from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import CHAPTERS, COLUMNS, claims, counted
from helpers.config import settings
from helpers.prose import claims as prose
from helpers.prose import explanations, summary
from helpers.prose.explanations import EVIDENCE, TABLES, explanation


def ledger(verdicts: dict[str, str]) -> pd.DataFrame:
    rows = [
        dict.fromkeys(COLUMNS, "x")
        | {
            "id": name, "verdict": verdict, "observed": 0.25, "ci_low": 0.2, "ci_high": 0.3,
            "n": 7, "unit": "samples", "dataset": "reference", "profile": "quick",
        }
        for name, verdict in verdicts.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def empty_tables() -> dict[str, pd.DataFrame]:
    columns = [
        "metric", "mode", "explainer", "value", "architecture", "reference", "design", "tissue",
        "optimisation", "gain", "plateau", "before", "after", "change", "n_after", "a", "b",
        "overlap", "same_model", "hits", "size", "aggregated", "spearman", "set", "normal",
        "cancer", "chance",
    ]  # fmt: skip
    return {name: pd.DataFrame(columns=columns) for name in TABLES}


@pytest.mark.parametrize("name", claims())
def test_every_statement_that_fails_gets_a_paragraph_with_its_numbers(name: str) -> None:
    row = {str(k): v for k, v in ledger({name: "not_reproduced"}).iloc[0].items()}
    paragraph = explanation(row, empty_tables(), settings("quick"))
    assert paragraph.startswith(f"**{name}. ")
    assert "Found: 0.25 (95 % interval 0.2 to 0.3), n = 7 samples." in paragraph
    assert "Smaller than in the paper" in paragraph
    assert "nan" not in paragraph
    whole = explanation(row, empty_tables(), settings("paper"))
    assert "Smaller than in the paper" not in whole


def test_only_what_is_not_reproduced_is_explained() -> None:
    table = ledger({"B1": "not_reproduced", "B2": "partly", "K9": "not_reproduced"})
    found = explanations.explanations(table, empty_tables(), settings("quick"))
    assert list(found) == ["B1", "K9"]
    assert set(EVIDENCE) <= set(claims())


def test_evidence_comes_from_the_tables() -> None:
    modes = pd.DataFrame(
        [
            {"metric": "spearman", "explainer": explainer, "mode": mode, "value": value}
            for explainer, values in (
                ("GuidedGradCam++", (0.8, 0.2, 1.0)),
                ("Saliency", (0.7, 0.6, 1.0)),
            )
            for mode, value in zip(("dropout", "training", "eval"), values, strict=True)
        ]
    )
    tables = empty_tables() | {"modes": modes}
    row = {str(k): v for k, v in ledger({"B4": "not_reproduced"}).iloc[0].items()}
    paragraph = explanation(row, tables, settings("quick"))
    assert "correlate by 1.00 and the best of the others' by 0.60" in paragraph
    assert "with all in training mode by 0.20" in paragraph
    row["id"] = "B1"
    assert "0.75 with dropout on" in explanation(row, tables, settings("quick"))


def test_the_overview_counts_what_can_be_tested() -> None:
    table = ledger(
        {"T1": "not_testable", "T2": "reproduced", "B1": "not_reproduced", "B2": "partly"}
    )
    text = prose.overview(counted([table]))
    assert "4 statements, 3 can be tested" in text
    assert "1 are reproduced, 1 are partly reproduced and 1 are not reproduced" in text
    assert f"in {CHAPTERS['T']} (100" in text


def test_other_runs_are_named_with_revision_and_data_set() -> None:
    assert "No other run" in prose.other_runs(pd.DataFrame())
    runs = pd.DataFrame(
        {
            "folder": ["a", "b"], "dataset": "rnaseqdb", "profile": "quick",
            "revision": "0123456789abcdef", "models": 20, "left_out": [None, "it was changed"],
        }
    )  # fmt: skip
    text = prose.other_runs(runs)
    assert "Another run: `a` (data set rnaseqdb" in text
    assert "revision 0123456789," in text
    assert "Left out: `b`" in text
    assert "because it was changed." in text


def test_runs_are_compared_where_both_can_test() -> None:
    own = ledger({"T1": "not_testable", "T2": "reproduced", "B1": "partly", "B2": "reproduced"})
    other = ledger({"T1": "reproduced", "T2": "reproduced", "B1": "partly", "B2": "not_reproduced"})
    text = prose.agreement(own, other.assign(folder="real"))
    assert "can both test 3 statements and agree on 2; opposite are the verdicts on B2." in text


def test_the_summary_counts_and_names() -> None:
    table = ledger(dict(zip(claims(), [*VERDICTS] * 17, strict=True)))
    results = summary.results(table)
    assert results["statements"].sum() == 68
    assert results.loc[0, "which not"] == "T3"
    changed = summary.changed(settings("quick"))
    row = changed.set_index("setting").loc["models"]
    assert (row["paper"], row["here"]) == ("60", "20")
    assert row["meaning"].startswith("MLPs in the ensemble")
    assert summary.changed(settings("paper")).empty
    assert set(summary.CHOICES) <= set(type(settings("paper")).model_fields)
