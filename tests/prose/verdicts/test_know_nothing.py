"""Sentences on networks that know nothing say what is in the tables."""

from __future__ import annotations

import pandas as pd
import pytest
from said import said, table_rows

from helpers.claims.control import CONTROL_COLUMNS
from helpers.claims.ledger import named
from helpers.prose.verdicts import know_nothing as controls

CHAPTER = "22_know_nothing"


def row(claim: str, p: float, met: int = 0, shuffles: int = 20, **verdicts: str) -> list[object]:
    others = [verdicts.get(kind, "partly") for kind in ("output", "hidden", "untrained")]
    return [claim, "larger", 6, 0.9, 0.2, 0.1, 0.3, shuffles, 0, 0, p, met, *others]


def made(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


def finding(*rows: list[object]) -> str:
    return said(CHAPTER, "finding", controls.finding(made(*rows)))


def test_what_carries_no_evidence_is_said_first_and_plainly() -> None:
    text = finding(
        row("E4", 0.6, 17, untrained="reproduced"), row("E10", 1 / 21), row("K2", 0.4, 2)
    )
    assert "networks that learnt shuffled labels do as well on 2, which carry no evidence" in text
    assert "true labels do better on 1 (p ≤ 0.05; 20 shuffles" in text
    (e4, k2, e10) = named(["E4", "K2", "E10"])
    assert [row[1] for row in table_rows(text)[1:]] == [f"{e4} and {k2}", e10, e4]
    assert f"Networks that were never trained meet it on {e4}." in text
    assert "random" not in text.split("never trained")[0]
    one = finding(row("E4", 0.6))
    assert "do as well on 1, which carries no evidence" in one
    assert "true labels do better on 0 (p" in one
    assert "No rule is met by networks with random weights" in one


def test_random_layers_are_told_apart() -> None:
    text = finding(row("E4", 1 / 21, output="reproduced"), row("K2", 1 / 21, hidden="reproduced"))
    assert "no evidence" not in text
    (e4,) = named(["E4"])
    assert f"output layer was drawn at random meet the paper's rule on {e4}." in text
    assert f"With a random hidden layer as well, {named(['K2'])[0]} is met." in text


@pytest.mark.parametrize("shuffles", [0, 2, 18])
def test_too_few_shuffles_are_said(shuffles: int) -> None:
    text = finding(row("E4", float("nan"), shuffles=shuffles))
    assert "none of them can be called reproduced" in text
    assert "needs 19" in text
    assert "no evidence" not in text


def test_what_is_undefined_is_named() -> None:
    assert f"and so not tested | {named(['G5'])[0]} |" in finding(
        row("G5", float("nan")), row("E4", 1 / 21)
    )
    assert said(CHAPTER, "finding", controls.finding(made())).startswith("No statement was judged")


def test_networks_are_told_with_their_accuracy_and_epochs() -> None:
    rows = [("true", 0, 0, 0.9, 12, 15), ("untrained", 0, 0, 0.01, 12, 15)]
    rows += [("shuffled", i, 0, 0.02, 5 + i, 8 + i) for i in range(3)]
    columns = ["kind", "replicate", "model", "accuracy", "best_epoch", "epochs"]
    facts = controls.networks(pd.DataFrame(rows, columns=columns), 50)
    assert (facts["count"], facts["best"], facts["last"], facts["epochs"]) == (3, 6, 7, 10)
    more = {"shuffles": 3, "models": 1, "estimates": 10, "ledger_estimates": 60,
            "stop_after": 2, "own_stop_after": 15}  # fmt: skip
    text = said(CHAPTER, "networks", facts, **more, ledger_models=20)
    assert "name 2.0\u202f% of the test samples rightly" in text
    assert "chance is 2.0\u202f%" in text
    assert "averages over 20 MLPs, those of this page, with the true labels too, over 1" in text
    assert "stops after 2 epochs without improvement, in place of 15" in text
    assert "averages of up to 60" in text
    none = controls.networks(pd.DataFrame(rows[:2], columns=columns), 50)
    more["shuffles"] = 0
    assert "No network learnt shuffled labels" in said(
        CHAPTER, "networks", none, **more, ledger_models=1
    )


def compared(**explainers: tuple[tuple[float, float, float], tuple[float, float]]) -> pd.DataFrame:
    """Make overlaps (another, output, hidden) and rank correlations (another, hidden)."""
    rows = [
        (kind, explainer, "liver", "one", rank, value)
        for explainer, (values, ranks) in explainers.items()
        for kind, value, rank in zip(
            ("another", "output", "hidden"), values, (ranks[0], 0.0, ranks[1]), strict=True
        )
    ]
    columns = ["kind", "explainer", "tissue", "models", "spearman", "overlap"]
    return pd.DataFrame(rows, columns=columns)


def test_explainers_that_do_not_look_at_the_network_are_named() -> None:
    table = compared(
        Saliency=((0.5, 0.1, 0.0), (0.3, 0.0)), DeepLift=((0.6, 0.7, 0.35), (0.62, 0.6))
    )
    facts = controls.cascade(table)
    assert (facts["stays"], facts["ranks"]) == (["DeepLift"], ["DeepLift"])
    text = said(CHAPTER, "cascade", facts)
    assert text.startswith("DeepLift hardly looks at the network")
    assert "correlate as well with a random network (0.60) as with another trained one" in text
    numbers = said(CHAPTER, "cascade_numbers", facts)
    assert "DeepLift 60\u202f%, 70\u202f% and 35\u202f%" in numbers
    moving = controls.cascade(compared(Saliency=((0.5, 0.1, 0.0), (0.3, 0.0))))
    alone = said(CHAPTER, "cascade", moving)
    assert alone.startswith("Lists of top genes follow the network")
    assert "ranks" not in alone


def test_networks_that_have_not_learnt_say_nothing_of_explainers() -> None:
    table = compared(DeepLift=((0.6, 0.7, 0.65), (0.62, 0.6)))
    text = said(CHAPTER, "cascade", controls.cascade(table, learnt=False))
    assert text.startswith("The networks of this run have not learnt")
    assert "DeepLift" not in text
    said_first = said(CHAPTER, "finding", controls.finding(made(row("E4", 1 / 21)), learnt=False))
    assert said_first.startswith("The networks of this run have not learnt")
    learnt = pd.DataFrame({"architecture": ["mlp", "cnn"], "learnt": [True, False]})
    assert controls.have_learnt(learnt)
    assert not controls.have_learnt(learnt.assign(learnt=False))
