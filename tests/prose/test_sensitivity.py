"""Sentences of the audit say what is in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from said import said, table_rows

from helpers.claims.ledger import named
from helpers.prose import sensitivity
from helpers.stability.masks import EFFECTIVE


def sentence(block: str, *given: object, **more: object) -> str:
    """Return what chapter 13 says on what a function of the room found."""
    return said("13_choices", block, getattr(sensitivity, block)(*given), **more)


NAMES = {
    ("mode", "dropout"): "Mode: dropout (default)",
    ("mode", "eval"): "Mode: fixed",
    ("combine", "absolute_median"): "Combining: median",
}


def verdicts(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    columns = ["choice", "option", "claim", "verdict", "default_verdict"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        is_default=table["option"] == "dropout", holds=table["verdict"] == table["default_verdict"]
    )


TABLE = verdicts(
    ("mode", "dropout", "B3", "not_reproduced", "not_reproduced"),
    ("mode", "eval", "B3", "reproduced", "not_reproduced"),
    ("mode", "eval", "E4", "partly", "partly"),
    ("combine", "absolute_median", "E4", "partly", "partly"),
)


def test_changed_verdicts_are_named() -> None:
    assert sentence("what_changes", TABLE, NAMES) == (
        "3 verdicts were reached again under 2 other options. 1 differs from the default's:\n\n"
        f"- Mode: fixed: {named(['B3'])[0]}: not reproduced → reproduced"
    )
    untested = verdicts(("combine", "absolute_median", "T3", "not_testable", "not_testable"))
    with_untested = pd.concat([TABLE, untested])
    assert sentence("what_changes", with_untested, NAMES).startswith(
        "3 verdicts were reached again"
    )
    assert sentence("what_changes", TABLE[TABLE["holds"]], NAMES).endswith("None changes.")
    text = sentence("decisive", TABLE, {"mode": "Mode", "combine": "Combining"})
    assert text.startswith(
        "Verdicts depend on mode (1). Other statements were not judged again: whether they depend "
        "on a choice is not known."
    )
    (b3, e4) = named(["B3", "E4"])
    assert table_rows(text)[1:] == [["Mode", f"{b3} and {e4}", "1"], ["Combining", e4, "0"]]
    both = {"mode": "Mode", "combine": "Combining"}
    assert "judged again under: Combining." in sentence(
        "decisive", pd.concat([TABLE[TABLE["choice"] == "mode"], untested]), both
    )


def test_genes_that_stay_are_counted() -> None:
    table = pd.DataFrame(
        {"choice": "mode", "option": "eval", "is_default": False, "explainer": ["A", "B"],
         "statistic": "overlap_with_default", "value": [0.5, 0.9]}
    )  # fmt: skip
    text = sentence("unchanged_lists", table, NAMES)
    assert text.startswith(
        "The default's top genes depend most on “Mode: fixed”, which keeps 50\u202f% to 90\u202f%"
    )
    assert table_rows(text)[1:] == [["Mode: fixed", "50\u202f% to 90\u202f%"]]


def test_masks_are_answered_with_places() -> None:
    effective = pd.DataFrame(
        {"explainer": ["IntegratedGradients", "DeepLift", "Saliency"], "rows": [50, 2, 1],
         "expected": [40.9, 1, 1], "measured": [34.4, 1.02, 0.97]}
    )  # fmt: skip
    levels = pd.DataFrame(
        {1: [0.5, 0.5, 0.6], 50: [0.9, 0.9, 0.95]}, index=effective["explainer"].tolist()
    )
    run = pd.DataFrame({"masks": effective["measured"].tolist(), "value": [0.9, 0.5, 0.6]},
                       index=effective["explainer"].tolist())  # fmt: skip
    ranking = {"spread_at_one": 0.1, "spread_as_run": 0.4, "share_masks": 0.9,
               "share_explainers": 0.06}  # fmt: skip
    text = sentence("masks", effective, ranking, levels, run, "correlation")
    assert text.startswith(
        "How many masks are averaged explains 90\u202f% of the differences of Figure 1, and which "
        "explainer it is 6\u202f%"
    )
    assert "one mask for a whole path, with which it is compared, already averages" in text
    assert "The other 2 explainers average one (measured: 0.97 to 1.02)" in text
    (row,) = table_rows(text)[1:]
    assert row[:4] == ["IntegratedGradients", "50", "40.9", "34.4"]
    assert row[4:] == ["1 of 3", "0.90", "2", "0.50 (DeepLift 0.50)"]
    assert "from IntegratedGradients (0.50) to Saliency (0.60)" in text
    assert EFFECTIVE not in text


def group_two(inside: float, together: bool) -> str:
    collapsed = pd.DataFrame(
        {"kept": ["all", "one"], "inside": [0.8, inside], "outside": [0.5, 0.5],
         "silhouette": [0.4, 0.3], "together": [True, together], "others": [0, 0]}
    )  # fmt: skip
    expected = pd.DataFrame(
        [("DeepLift, universal", "InputXGradient", "t", 0.6),
         ("InputXGradient", "DeepLift, zero", "t", 0.9)],
        columns=["a", "b", "tissue", "overlap"],
    )  # fmt: skip
    return sentence("group_two", collapsed, expected)


def test_group_two_without_copies() -> None:
    more, less = group_two(0.7, True), group_two(0.3, False)
    assert "70\u202f% of their top genes, which is more than the 50\u202f%" in more
    assert "are in one cluster and nothing else is in it" in more
    assert "which is no more than" in less
    assert "are in two clusters (" in less
    assert "60\u202f% of its top genes with DeepLift on universal references and 90\u202f%" in more


SIMULATED = {"simulated": True}
SAME = {"cam_samples": 2, "share": 0.0}


def test_donors_and_targets() -> None:
    split = pd.DataFrame({"sample": ["a", "b"], "donors": 1, "reason": [np.nan, np.nan]})
    assert "could not be tried here" in sentence("donors", True, split, **SAME)
    assert "2 samples come from 1 donor" in sentence("donors", False, split, **SAME)
    assert "none was tried: few." in sentence("donors", False, split.assign(reason="few."), **SAME)
    cams = pd.DataFrame({"sample": ["a", "b"], "other_class": [0.0, 0.5]})
    assert "25.0\u202f%" in said("13_choices", "donors", SIMULATED | sensitivity.target(cams))
    assert "both targets are the same" in said(
        "13_choices", "donors", SIMULATED | sensitivity.target(cams.assign(other_class=0.0))
    )


def smoothed(after: str, on: bool) -> str:
    numbers = {"intra_spearman": (0.5, 0.6), "inter_spearman": (0.3, 0.4),
               "intra_top100": (0.7, 0.8), "inter_top100": (0.2, 0.1)}  # fmt: skip
    rows = [
        {"choice": "cam_smoothing", "option": option, "statistic": name, "value": value,
         "explainer": "GuidedGradCam"}
        for name, both in numbers.items()
        for option, value in zip(("product", "factors"), both, strict=True)
    ] + [
        {"choice": "cam_smoothing", "option": "factors", "statistic": f"between_options_{metric}",
         "value": value, "explainer": "GuidedGradCam"}
        for metric, value in (("spearman", 0.91), ("top100", 0.85))
    ]  # fmt: skip
    verdicts = pd.DataFrame(
        {"choice": "cam_smoothing", "option": ["product", "factors"],
         "verdict": ["partly", after], "observed": [0.7, 0.4]}
    )  # fmt: skip
    optimum = pd.DataFrame(
        {"architecture": "cnn", "explainer": ["GuidedGradCam"], "smoothgrad": [on]}
    )
    names = {"product": "the product", "factors": "the factors"}
    return sentence("smoothed_factors", pd.DataFrame(rows), verdicts, optimum, names)


def test_factors_smoothed_apart_are_told_with_both_numbers() -> None:
    text = smoothed("not_reproduced", on=False)
    assert "agree by 0.91 for GuidedGradCam, and share 85\u202f% of its top genes" in text
    assert table_rows(text)[1:] == [
        ["GuidedGradCam", "the product", "0.50", "70\u202f%", "0.30"],
        ["GuidedGradCam", "the factors", "0.60", "80\u202f%", "0.40"],
    ]
    assert "verdict changes: partly reproduced (70\u202f%" in text
    assert "GuidedGradCam SmoothGrad is off in this run" in text
    assert "verdict stays" in smoothed("partly", on=False)
    assert "is on under the best conditions of GuidedGradCam" in smoothed("partly", on=True)


def test_released_numbers_are_medians() -> None:
    names = ("DeepLift, one estimate", "DeepLift, one reference, repeated",
             "DeepLiftShap as released", "DeepLiftShap")  # fmt: skip
    table = pd.DataFrame(
        {"variant": names, "n": [1, 20, 20, 20], "design": "intra_model", "metric": "spearman",
         "value": [0.5, 0.7, 0.71, 0.9]}
    )  # fmt: skip
    fixed = pd.DataFrame({"a": ["one reference copied"], "max_relative_difference": [4e-15]})
    text = sentence("released", table, fixed)
    assert "at most 4e-15" in text
    assert [row[1] for row in table_rows(text)[1:]] == ["0.50", "0.70", "0.71", "0.90"]
