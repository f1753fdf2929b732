"""What chapter 18 says of states of the network."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from said import said

from helpers.prose import network_state as prose

TEXT, RELEASED, ALL = "dropout, signed_mean", "training, absolute_median", "all"
CHAPTER = "18_which_experiment"


def states(text: float, released: float, second: float = 0.05) -> pd.DataFrame:
    """Of group III's genes `text` and then `released` are specific; DeepLift's lose `second`."""
    rows = [
        {"explainer": explainer, "statistic": statistic, "state": state, "model": model,
         "value": 0.8 - (state == RELEASED) * second if explainer == "DeepLift"
         else 1 - value if statistic == "between_tissues" else value}
        for explainer, statistic, model in product(
            (*prose.GROUP_THREE, "DeepLift"), prose.STATISTICS, ("0", "1", ALL)
        )
        for state, value in ((TEXT, text), (RELEASED, released))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def answer(table: pd.DataFrame) -> str:
    """What the chapter opens with, and the numbers that it goes on with."""
    facts = prose.state_facts(table, TEXT, RELEASED, ALL)
    return f"{said(CHAPTER, 'answer', facts)} {said(CHAPTER, 'lists_by_state', facts)}"


def test_the_answer_follows_what_becomes_of_group_three() -> None:
    found = answer(states(0.7, 0.04))
    assert "looks like an effect of the batch" in found
    assert "70\u202f% of Saliency's top genes" in found
    assert "4\u202f%" in found
    assert "DeepLift hardly notices" in found
    assert "does not make" in answer(states(0.7, 0.6))
    assert "DeepLift changes too, but less" in answer(states(0.7, 0.04, second=0.2))
    assert "DeepLift changes as well" in answer(states(0.7, 0.04, second=0.5))


def test_what_is_not_known_is_not_answered() -> None:
    found = answer(states(np.nan, np.nan))
    assert "cannot tell" in found
    assert "%" not in found
    facts = prose.state_facts(states(np.nan, np.nan), TEXT, RELEASED, ALL)
    assert "unknown" not in said(CHAPTER, "alt_states", facts)
    assert "nothing to compare" in said(CHAPTER, "states", facts)
    assert "are specific" in said(
        CHAPTER, "states", prose.state_facts(states(0.7, 0.1), TEXT, RELEASED, ALL)
    )


def curve(company: str, values: dict[int, float]) -> list[dict[str, Any]]:
    return [
        {"explainer": "Saliency", "company": company, "statistic": "between_tissues", "model": ALL,
         "batch": size, "samples": min(size, 30), "value": value}
        for size, value in values.items()
    ]  # fmt: skip


def test_batches_are_told_from_the_smallest_to_the_largest() -> None:
    table = pd.DataFrame(
        curve("mixed", {2: 0.0, 32: 0.1}) + curve("one tissue", {8: 0.3, 2: 0.1, 32: 0.6})
    )
    facts = prose.size_facts(table, ALL)
    one = next(row for row in facts["curves"] if row["company"] == "one tissue")
    assert (one["smallest"], one["at_smallest"], one["largest"], one["at_largest"]) == (
        2, 0.1, 30, 0.6,
    )  # fmt: skip
    found = said(CHAPTER, "sizes", facts)
    assert "a full batch of one tissue holds 30" in found
    nothing = prose.size_facts(table.assign(value=np.nan), ALL)
    for block in ("sizes", "alt_sizes"):
        assert "no two tissues" in said(CHAPTER, block, nothing)
        assert "unknown" not in said(CHAPTER, block, nothing)
    alone = said(CHAPTER, "sizes", prose.size_facts(table[table["company"] == "mixed"], ALL))
    assert "no batches of one tissue" in alone


def norms(batch: float, others: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"norm": norm, "mode": mode, "explainer": explainer, "statistic": "between_tissues",
             "model": ALL, "value": batch if (norm, mode) == ("batch", "training") else others}
            for norm, mode, explainer in product(
                ("batch", "layer", "none"), ("dropout", "training"), prose.GROUP_THREE
            )
        ]
    )  # fmt: skip


ACCURACY = pd.DataFrame(
    {"norm": ["batch", "layer", "none"], "split": "test", "model": "0",
     "accuracy": [0.9, 0.8, 0.7]}
)  # fmt: skip


def test_the_control_singles_out_batchnorm_only_where_the_others_do_not_change() -> None:
    found = said(CHAPTER, "norms", prose.norm_facts(norms(0.8, 0.05), ACCURACY, ALL))
    assert "needs BatchNorm" in found
    assert "by at least 75 percentage points with BatchNorm" in found
    assert "LayerNorm: median test accuracy 80.0\u202f%" in found
    assert "not learnt" not in found
    other = norms(0.8, 0.05)
    other.loc[(other["norm"] == "layer") & (other["mode"] == "training"), "value"] = 0.6
    facts = prose.norm_facts(other, ACCURACY, ALL)
    assert "does not single out BatchNorm" in said(CHAPTER, "norms", facts)
    facts = prose.norm_facts(norms(np.nan, np.nan), ACCURACY, ALL)
    for block, words in (("norms", "cannot tell"), ("alt_norms", "no two tissues")):
        assert words in said(CHAPTER, block, facts)
        assert "unknown" not in said(CHAPTER, block, facts)


def test_networks_that_have_not_learnt_are_no_control() -> None:
    lost = ACCURACY.assign(accuracy=[0.9, 0.8, 0.01])
    other = norms(0.8, 0.05)
    other.loc[(other["norm"] == "none") & (other["mode"] == "training"), "value"] = 0.9
    facts = prose.norm_facts(other, lost, ALL)
    assert facts["only_batch"]
    found = said(CHAPTER, "norms", facts)
    assert found.count("have not learnt the classes") == 1
    none = prose.norm_facts(other, ACCURACY.assign(accuracy=[0.9, 0.01, 0.01]), ALL)
    assert "cannot tell" in said(CHAPTER, "norms", none)


def test_terms_count_tissues_of_group_three_only() -> None:
    term = prose.PAPER_TERMS[1]
    table = pd.DataFrame(
        [
            (RELEASED, "Saliency", "liver", term, 0.01),
            (RELEASED, "GuidedBackprop", "lung", term, 0.01),
            (RELEASED, "DeepLift", "ovary", term, 0.01),
            (RELEASED, "Saliency", "ovary", term, 0.5),
            (TEXT, "Saliency", "liver", "other", 0.01),
        ],
        columns=["state", "explainer", "tissue", "term", "fdr"],
    )
    facts = prose.term_facts(table, TEXT, RELEASED, 0.05)
    assert {row["term"]: (row["text"], row["released"]) for row in facts["terms"]}[term] == (0, 2)
    assert facts["tissues"] == 3
    assert facts["everywhere"] == []


def test_statements_are_sorted_by_what_the_protocols_say() -> None:
    verdicts = {
        "A1": ("reproduced", "reproduced"),
        "B1": ("not_reproduced", "reproduced"),
        "C1": ("reproduced", "partly"),
        "D1": ("not_testable", "reproduced"),
    }
    ledger = pd.DataFrame(
        [
            {"id": name, "protocol": protocol, "verdict": verdict}
            for name, pair in verdicts.items()
            for protocol, verdict in zip(("text", "released"), pair, strict=True)
        ]
    )
    facts = prose.statement_facts(ledger)
    assert (facts["judged"], facts["same"], facts["state"]) == (3, ["A1"], ["B1", "C1"])
    assert (facts["only_released"], facts["only_text"]) == (["B1"], ["C1"])
    assert "2 have another" in said(CHAPTER, "statements", facts)
    alone = prose.statement_facts(ledger[ledger["protocol"] == "text"])
    assert "was run by one of the two alone" in said(CHAPTER, "statements", alone)
    words = {name: f"words of {name}" for name in verdicts}
    table = prose.moved(ledger, words, {"reproduced": "yes", "partly": "in part",
                                        "not_reproduced": "no", "not_testable": "?"})  # fmt: skip
    assert table.to_dict("list") == {
        "statement": ["B1: words of B1", "C1: words of C1"], "text": ["no", "yes"],
        "released": ["yes", "in part"],
    }  # fmt: skip


def test_effects_are_written_with_their_intervals() -> None:
    effects = pd.DataFrame(
        [
            ("c", "Saliency", "tissue_specific", -0.25, -0.5, 0.0),
            ("c", "Saliency", "between_tissues", np.nan, np.nan, np.nan),
            ("c", "DeepLift", "tissue_specific", 0.1, 0.05, 0.15),
            ("c", "Saliency", "top_expressed", 0.1, 0.05, 0.15),
        ],
        columns=["change", "explainer", "statistic", "effect", "ci_low", "ci_high"],
    )
    found = prose.effects_by_section(effects, ["Saliency", "DeepLift"])
    assert list(found.columns) == ["section", "change", "Saliency", "DeepLift"]
    assert found["section"].tolist() == [
        prose.SECTIONS["between_tissues"], prose.SECTIONS["tissue_specific"],
    ]  # fmt: skip
    assert found["Saliency"].tolist() == ["–", "−0.25 (−0.50 to +0.00)"]
