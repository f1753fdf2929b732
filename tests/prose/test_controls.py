"""Sentences on networks that know nothing say what is in the tables."""

from __future__ import annotations

import pandas as pd
import pytest
from said import said

from helpers.claims.control import CONTROL_COLUMNS
from helpers.prose import controls

CHAPTER = "21_know_nothing"


def row(claim: str, p: float, met: int = 0, shuffles: int = 20, **verdicts: str) -> list[object]:
    others = [verdicts.get(kind, "partly") for kind in ("output", "hidden", "untrained")]
    return [claim, "larger", 6, 0.9, 0.2, 0.1, 0.3, shuffles, 0, 0, p, met, *others]


def table(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


def finding(*rows: list[object]) -> str:
    return said(CHAPTER, "finding", controls.finding(table(*rows)))


def test_what_carries_no_evidence_is_said_first_and_plainly() -> None:
    text = finding(
        row("E4", 0.6, 17, untrained="reproduced"), row("E10", 1 / 21), row("K2", 0.4, 2)
    )
    assert text.startswith("E4 and K2 carry no evidence on what networks have learnt")
    assert "True labels do better (p ≤ 0.05) on E10." in text
    assert "met by at least half of the shuffles on E4." in text
    assert "Networks that were never trained meet it on E4." in text
    assert "random" not in text.split("never trained")[0]
    one = finding(row("E4", 0.6))
    assert one.startswith("E4 carries no evidence")
    assert "True labels do better on none." in one
    assert "No rule is met by networks with random weights" in one


def test_random_layers_are_told_apart() -> None:
    text = finding(row("E4", 1 / 21, output="reproduced"), row("K2", 1 / 21, hidden="reproduced"))
    assert "no evidence" not in text
    assert "output layer was drawn at random meet the paper's rule on E4." in text
    assert "With a random hidden layer as well, K2 is met." in text


@pytest.mark.parametrize("shuffles", [0, 2, 18])
def test_too_few_shuffles_are_said(shuffles: int) -> None:
    text = finding(row("E4", float("nan"), shuffles=shuffles))
    assert "none of them can be called reproduced" in text
    assert "needs 19" in text
    assert "no evidence" not in text


def test_what_is_undefined_is_named() -> None:
    assert "so not tested, is G5." in finding(row("G5", float("nan")), row("E4", 1 / 21))
    assert said(CHAPTER, "finding", controls.finding(table())).startswith("No statement was judged")


def test_networks_are_told_with_their_accuracy_and_epochs() -> None:
    rows = [("true", 0, 0, 0.9, 12, 15), ("untrained", 0, 0, 0.01, 12, 15)]
    rows += [("shuffled", i, 0, 0.02, 5 + i, 8 + i) for i in range(3)]
    columns = ["kind", "replicate", "model", "accuracy", "best_epoch", "epochs"]
    facts = controls.networks(pd.DataFrame(rows, columns=columns), 50)
    assert (facts["count"], facts["best"], facts["last"], facts["epochs"]) == (3, 6, 7, 10)
    more = {"shuffles": 3, "models": 1, "estimates": 10, "ledger_estimates": 60}
    text = said(CHAPTER, "networks", facts, **more, ledger_models=20)
    assert "name 2.0\u202f% of the test samples rightly" in text
    assert "chance is 2.0\u202f%" in text
    assert "averages over 20 MLPs, those of this page over 1" in text
    assert "averages of up to 60" in text
    none = controls.networks(pd.DataFrame(rows[:2], columns=columns), 50)
    more["shuffles"] = 0
    assert "No network learnt shuffled labels" in said(
        CHAPTER, "networks", none, **more, ledger_models=1
    )


def test_explainers_that_do_not_look_at_the_network_are_named() -> None:
    rows = [
        (kind, explainer, "liver", "one", 0.1, value)
        for explainer, values in (("Saliency", (0.5, 0.1, 0.0)), ("DeepLift", (0.6, 0.7, 0.55)))
        for kind, value in zip(("another", "output", "hidden"), values, strict=True)
    ]
    columns = ["kind", "explainer", "tissue", "models", "spearman", "overlap"]
    facts = controls.cascade(pd.DataFrame(rows, columns=columns))
    assert (facts["stays"], facts["move"]) == (["DeepLift"], ["Saliency"])
    text = said(CHAPTER, "cascade", facts)
    assert text.startswith("DeepLift hardly looks at the network")
    assert "DeepLift keeps 70\u202f% of its top genes with a random output layer and 55" in text
    assert "another trained network shares 50\u202f%" in text
    moving = [entry for entry in rows if entry[1] == "Saliency" and entry[0] != "another"]
    alone = said(CHAPTER, "cascade", controls.cascade(pd.DataFrame(moving, columns=columns)))
    assert alone.startswith("Every explainer looks at the network")
    assert "another" not in alone
