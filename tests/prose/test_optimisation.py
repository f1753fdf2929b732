"""Sentences on optimisation say what is in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from said import said, table_rows

from helpers.prose import optimisation
from helpers.stability import (
    compare_references,
    curve_summary,
    effect,
    optimum,
    paper_optimum,
    paper_saturation,
    saturation,
)

CHAPTERS = {"references": "04_references", "optimum": "04_references"} | dict.fromkeys(
    ("aggregation", "sharing"), "05_aggregation"
)


def sentence(block: str, *tables: pd.DataFrame) -> str:
    """Return what a chapter says on what a function of the room found."""
    facts = getattr(optimisation, block)(*tables)
    facts = {"by_metric": [facts]} if block == "references" else facts
    return said(CHAPTERS.get(block, "03_smoothgrad_and_repeats"), block, facts)


def test_smoothgrad_names_what_it_raises_and_lowers(curve_rows) -> None:
    table = pd.concat(
        [
            curve_rows({1: 0.5}),
            curve_rows({1: 0.1, 50: 0.7}, optimisation="smoothgrad"),
            curve_rows({1: 0.5}, explainer="DeepLift"),
            curve_rows({1: 0.1, 50: 0.4}, explainer="DeepLift", optimisation="smoothgrad"),
        ]
    )
    assert sentence("smoothgrad", effect(table, against="none")) == (
        "MLP: the mean over 50 noisy copies, against one estimate without noise, raises Saliency "
        "(+0.20) and lowers DeepLift (-0.10) (median Spearman correlation between models)."
    )


def test_smoothgrad_is_also_set_against_as_many_repeats(curve_rows) -> None:
    noisy = {"optimisation": "smoothgrad"}
    table = pd.concat(
        [
            part
            for name, end in {"Saliency": 0.7, "InputXGradient": 0.604, "DeepLift": 0.5}.items()
            for part in (
                curve_rows({1: 0.5, 50: 0.6}, explainer=name),
                curve_rows({1: 0.1, 50: end}, explainer=name, **noisy),
            )
        ]
    )
    ours = optimum(curve_summary(table), saturation(table))
    text = sentence("smoothgrad", effect(table, against="none"), ours)
    assert text.endswith(
        "Against as many repeats, that is by noise alone, it raises Saliency (+0.100), lowers "
        "DeepLift (-0.100) and moves InputXGradient (+0.004) by at most 0.01."
    )


def test_saturation_beside_the_paper(curve_rows) -> None:
    table = pd.concat(
        [
            curve_rows({1: 0.2, 10: 0.7, 20: 0.8, 50: 0.8}),
            curve_rows({1: 0.2, 10: 0.3, 50: 0.8}, explainer="DeepLift"),
            curve_rows({1: 0.5, 10: 0.5, 50: 0.4}, explainer="GuidedBackprop"),
        ]
    )
    text = sentence("saturation", saturation(table), paper_saturation())
    assert text == (
        "Saturation is the smallest n within 0.01 of the level at the largest n (Spearman "
        "correlation). MLP: Saliency at 20 repeats; DeepLift not within 50 repeats; GuidedBackprop "
        "without a gain. The paper gives 40."
    )


def test_places_say_where_there_is_none(curve_rows) -> None:
    table = pd.concat(
        [
            curve_rows({1: 0.2, 20: 0.8, 50: 0.8}),
            curve_rows({1: 0.2, 40: 0.3, 50: 0.8}, explainer="DeepLift"),
            curve_rows({1: 0.5, 50: 0.5}, explainer="GuidedBackprop"),
        ]
    )
    found = optimisation.places(saturation(table), table)
    assert found.tolist() == ["20", "> 40", "–"]


def test_samples_are_counted_by_architecture(curve_rows) -> None:
    table = pd.concat([curve_rows({1: 0.2}), curve_rows({1: 0.2}, [0, 0.1], architecture="cnn")])
    assert sentence("samples_of", table) == "5 samples for MLPs and 2 for CNNs"
    assert sentence("samples_of", table[table["architecture"] == "cnn"]) == "2 samples for CNNs"


def test_saturation_of_a_single_explainer_of_the_paper(curve_rows) -> None:
    table = pd.concat(
        [
            curve_rows({1: 0.2, 20: 0.8, 50: 0.8}, optimisation="smoothgrad"),
            curve_rows({1: 0.2, 5: 0.8, 50: 0.8}, optimisation="smoothgrad", explainer="DeepLift"),
        ]
    )
    text = sentence("saturation", saturation(table), paper_saturation())
    assert "DeepLift at 5 noisy copies; Saliency at 20 noisy copies." in text
    assert text.endswith("The paper gives 50 for Saliency.")


def references(curve_rows, **levels: float) -> pd.DataFrame:
    named = {"explainer": "DeepLift", "optimisation": "references"}
    return pd.concat(
        [curve_rows({1: 0.1, 60: x, 100: x}, reference=kind, **named) for kind, x in levels.items()]
    )


def test_references_name_the_best_kind(curve_rows) -> None:
    compared = compare_references(references(curve_rows, zero=0.4, universal=0.9, specific=0.7))
    text = sentence("references", compared)
    assert text.startswith(
        "One kind of reference is ahead of the next by more than chance in 1 of 1 comparison here."
    )
    row = ["Spearman correlation", "MLP, many references (100)", "DeepLift", "universal", "0.90"]
    assert table_rows(text)[1:] == [[*row, "+0.20"]]
    unsure = sentence("references", compared.assign(ci_low=-0.1))
    assert unsure.startswith("No kind of reference is ahead of the next by more than chance in any")
    assert table_rows(unsure)[1:] == [[*row, "+0.20 (may be chance)"]]


def test_references_without_a_correlation_are_not_best(curve_rows) -> None:
    compared = compare_references(references(curve_rows, zero=0.4, universal=0.9))
    silent = compared.assign(value=np.nan, margin=np.nan, ci_low=np.nan)
    assert sentence("references", silent).endswith(
        "no median is defined, as scores are alike for all genes."
    )


def test_aggregation_in_both_metrics(curve_rows) -> None:
    named = {"optimisation": "aggregated", "shared": 0.0}
    table = pd.concat(
        [
            curve_rows({1: 0.5, 20: 0.9}, **named),
            curve_rows({1: 0.4, 20: 0.8}, explainer="DeepLift", **named),
            curve_rows({1: 0.3, 20: 0.6}, metric="top100", **named),
        ]
    )
    disjoint = pd.concat(
        [
            curve_rows({1: 0.5, 10: 0.52}, optimisation="aggregated"),
            curve_rows({1: 0.4, 10: 0.7}, explainer="DeepLift", optimisation="aggregated"),
        ]
    )
    text = sentence("aggregation", effect(table), effect(disjoint))
    assert (
        "Without a model in common, means over 10 models reach 0.52 to 0.70 and gain +0.020 "
        "(Saliency) to +0.300 (DeepLift)."
    ) in text
    assert text.count("Without a model in common") == 1
    assert (
        "MLP: means over 20 models have a median Spearman correlation from 0.80 (DeepLift) to "
        "0.90 (Saliency), single models from 0.40 to 0.50; aggregation raises "
    ) in text
    assert "a median top-100 overlap from 0.60 (Saliency) to 0.60" in text


def test_optimum_beside_the_paper(curve_rows) -> None:
    table = pd.concat(
        [
            curve_rows({1: 0.2, 10: 0.7, 20: 0.8, 50: 0.8}),
            references(curve_rows, zero=0.9, universal=0.5),
        ]
    )
    ours = optimum(curve_summary(table), saturation(table))
    text = sentence("optimum", ours, paper_optimum())
    assert text.startswith(
        "Our curves choose the paper's kind of reference for 0 of 1 explainer that takes one, and "
        "fewer estimates than the paper for 1 of all 2."
    )
    assert table_rows(text)[1:] == [
        ["MLP", "Saliency", "20 ×", "40 ×"],
        ["MLP", "DeepLift", "60 × zero", "60 × universal"],
    ]


def test_the_optimum_by_overlap_is_named_where_it_differs(curve_rows) -> None:
    def rows(zero: float, universal: float, metric: str) -> pd.DataFrame:
        return references(curve_rows, zero=zero, universal=universal).assign(metric=metric)

    table = pd.concat([rows(0.9, 0.5, "spearman"), rows(0.3, 0.6, "top100")])
    summary, points = curve_summary(table), saturation(table)
    by = {name: optimum(summary, points, metric=name) for name in ("spearman", "top100")}
    text = sentence("optimum", by["spearman"], paper_optimum(), by["top100"])
    assert (
        "By the overlap of top genes the kind would be universal in place of zero for DeepLift "
        "(MLP)."
    ) in text
    same = sentence("optimum", by["top100"], paper_optimum(), by["top100"])
    assert "would choose the same kinds of reference." in same


def test_what_shared_models_add_is_said_for_the_same_n() -> None:
    def rows(n: int, value: float, **more: float) -> pd.DataFrame:
        known = {"architecture": "mlp", "metric": "spearman", "explainer": "DeepLift", "n": n}
        return pd.DataFrame([known | {"value": value} | more])

    curves = pd.concat([rows(2, 0.5, shared=0.0), rows(5, 0.8, shared=0.3)])
    text = sentence("sharing", curves, pd.concat([rows(2, 0.5), rows(5, 0.6)]))
    assert "averages over 5 models" in text
    assert "of 0.60 without a model in common, and of 0.80 when all pairs count" in text
    assert "30\u202f%" in text
    assert sentence("sharing", curves, rows(4, 0.6)) == ""
