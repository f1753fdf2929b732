"""Sentences hold the numbers of the tables they are made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from said import said

from helpers.config import settings
from helpers.prose import data, reproducibility, training
from helpers.prose.writing.templates import Facts
from helpers.prose.writing.wording import counted, percent, tissue_name


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "model", "1 model"), (20, "model", "20 models"), (2, "class", "2 classes"),
     (1, "class", "1 class"), (2490, "sample", "2,490 samples"), (2, "study", "2 studies")],
)  # fmt: skip
def test_nouns_follow_their_number(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


def test_shares_and_names() -> None:
    assert percent(0.978) == "97.8\u202f%"
    assert tissue_name("salivary_gland") == "salivary gland"
    assert tissue_name("TCGA_LIHC") == "TCGA_LIHC"


def reproducible(block: str, facts: Facts) -> str:
    return said("02_baseline_reproducibility", block, facts)


CLASSES = pd.DataFrame({"class": ["a", "b"], "status": ["normal", "cancer"], "samples": [10, 12]})


def test_what_was_run_says_that_samples_are_simulated_only_where_they_are() -> None:
    known = {"profile": "quick", "classes": CLASSES, "genes": 19_009}
    simulated, real = (
        said("00_data", "what_we_ran", data.what_we_ran("T", simulated=told, notes=notes, **known))
        for told, notes in ((True, ["A note."]), (False, []))
    )
    assert "The samples are simulated" in simulated
    assert "- A note." in simulated
    assert "simulated" not in real
    for text in (simulated, real):
        assert "22 samples of 2 classes" in text
        assert "10 normal samples in 1 class and 12 cancer samples in 1 class" in text
        assert "19,009 genes" in text


def test_accuracy_is_that_of_the_test_samples() -> None:
    table = pd.DataFrame(
        {
            "architecture": "mlp",
            "split": ["test"] * 3 + ["train"],
            "accuracy": [0.9, 0.95, 1.0, 0.5],
        }
    )
    split = pd.DataFrame({"split": ["train"] * 8 + ["validation"] + ["test"] * 2})
    text = said("01_training", "accuracy", training.accuracy(table, split, {"mlp": 0.978}))
    assert "On 2 test samples the 3 models (MLP) reach a median accuracy of 95.0\u202f%" in text
    assert "lowest 90.0\u202f%, highest 100.0\u202f%" in text
    assert "The paper reports 97.8\u202f%" in text
    assert "1 validation sample chose the epoch" in text


@pytest.mark.parametrize(("cnn", "shown"), [(40, True), (100, False)])
def test_cross_validation_says_who_was_tested_on_some_folds_only(cnn: int, shown: bool) -> None:
    metrics = pd.DataFrame(
        {"architecture": ["cnn", "mlp"], "n": [cnn, 100], "accuracy": 0.9, "macro_f1": 0.8}
    )
    recall = pd.DataFrame(
        {"architecture": ["cnn", "mlp"], "tissue": "lung", "recall": [0.5, 1.0], "n": [4, 10]}
    )
    text = said("01_training", "cross_validation", training.cross_validation(metrics, recall, 5))
    assert "predicts each of the 100 samples once" in text.replace("\n", " ")
    assert ("(tested on some folds, 40 samples)" in text) is shown


def test_confusions_name_the_most_frequent_pair() -> None:
    table = pd.DataFrame(
        {
            "architecture": "mlp", "truth": ["a", "a", "b"], "predicted": ["a", "b", "a"],
            "samples": [50, 2, 7],
        }
    )  # fmt: skip
    text = said("01_training", "confusions", training.confusions(table))
    assert text == "MLPs took 9 samples for another class, most often b for a (7 samples)."
    assert (
        said("01_training", "confusions", training.confusions(table.iloc[:1]))
        == "MLPs took no sample for another class."
    )


def test_what_was_shrunk_is_named_with_both_values() -> None:
    quick, paper = settings("quick"), settings("paper")
    text = said("01_training", "shrunk", training.shrunk(quick, paper))
    assert "feature maps 4/16/32 instead of 64/128/256" in text
    assert "at most 6 epochs (the paper does not say how many; profile paper: 100)" in text
    assert "All genes are kept" in text
    fewer = said("01_training", "shrunk", training.shrunk(settings("smoke"), paper))
    assert "At most 6,000 genes are used" in fewer
    assert "All genes" not in fewer
    assert "nothing was shrunk" in said("01_training", "shrunk", training.shrunk(paper, paper))


def test_gene_orders_are_compared_by_their_means() -> None:
    table = pd.DataFrame(
        {
            "architecture": "cnn", "split": "test", "accuracy": [0.9, 0.92, 0.93, 0.97],
            "group": ["one order"] * 2 + ["different orders"] * 2,
            "gene_order": ["given", "given", "random-0", "random-1"],
        }
    )  # fmt: skip
    groups = training.gene_order(table)
    assert groups["gap"] == pytest.approx(0.04)
    text = said("01_training", "gene_order", groups=groups, order="random")
    assert "2 CNNs with one gene order: mean 91.0\u202f%, standard deviation 1.4 perc" in text
    assert "The means differ by +4.0 points" in text
    more = table.assign(gene_order=["given", "random-1000", "random-0", "random-1"])
    text = said("01_training", "gene_order", groups=training.gene_order(more), order="random")
    assert "2 CNNs with 2 shared gene orders: mean 91.0" in text
    groups = training.gene_order(table.iloc[1:])
    text = said("01_training", "gene_order", groups=groups, order="random")
    assert "1 CNN with one gene order: mean 92.0\u202f%, standard deviation unknown" in text


def test_samples_explained_say_where_they_come_from_and_what_cnns_take() -> None:
    samples = pd.DataFrame({"tissue": ["liver"] * 3 + ["lung"] * 3, "sample": range(6)})
    samples["split"] = ["test", "test", "test", "test", "validation", "validation"]
    text = reproducible("explained", reproducibility.explained(samples, cnn_each=2))
    assert text == (
        "Samples explained: liver (3) and lung (3). 4 of 6 are test samples, the other 2 are "
        "validation samples. CNNs explain only the first 2 of each tissue."
    )
    assert "CNNs" not in reproducible("explained", reproducibility.explained(samples, cnn_each=3))
    assert "CNNs" not in reproducible("explained", reproducibility.explained(samples))
    one = reproducible("explained", reproducibility.explained(samples.iloc[:5]))
    assert one.endswith("4 of 5 are test samples, the other one is a validation sample.")
    three = samples.assign(split=["test", "train", "train", "train", "validation", "validation"])
    assert "the others are 3 train and 2 validation samples." in reproducible(
        "explained", reproducibility.explained(three)
    )


def test_a_state_in_which_all_explainers_repeat_themselves_is_said_once() -> None:
    table = pd.DataFrame(
        {"mode": "eval", "metric": "spearman", "value": 1.0,
         "explainer": ["GuidedGradCam++", "Saliency", "DeepLift"]}
    )  # fmt: skip
    text = reproducible("modes", reproducibility.modes(table))
    assert text.endswith("with the network in the state of prediction, every explainer 1.00.")


def test_the_order_that_cnns_share_is_said_to_be_random_only_where_it_is() -> None:
    text = reproducible(
        "gene_order",
        training.shared_order("given", ["A1BG", "A1CF", "ZYX"]) | {"cnns": True},
    )
    assert "not random" in text
    assert "alphabetical" in text
    own = reproducible(
        "gene_order", training.shared_order("given", ["ZYX", "A1BG"]) | {"cnns": True}
    )
    assert "not random" in own
    assert "alphabetical" not in own
    assert "genome" in reproducible(
        "gene_order", training.shared_order("genomic", ["A1BG"]) | {"cnns": True}
    )
    assert "not random" not in reproducible(
        "gene_order", training.shared_order("random-3", ["A1BG"]) | {"cnns": True}
    )


def test_the_error_of_accuracy_is_that_of_the_binomial_distribution() -> None:
    table = pd.DataFrame({"architecture": ["mlp", "cnn"], "split": "test", "accuracy": [0.9, 0.5]})
    split = pd.DataFrame({"split": ["test"] * 100 + ["train"] * 900})
    text = said("01_training", "sampling_error", training.sampling_error(table, split))
    assert "the same 100 samples" in text
    assert f"5.9 percentage points around {percent(0.9)} (MLPs)" in text
    assert f"9.8 percentage points around {percent(0.5)} (CNNs)" in text


def test_modes_are_compared_as_the_scripts_mix_them() -> None:
    levels = {"eval": 1.0, "dropout": 0.6, "training": 0.2}
    rows = [
        (mode, name, "spearman", level + 0.1 * (name == "Saliency"))
        for mode, level in levels.items()
        for name in ("GuidedGradCam++", "Saliency", "DeepLift")
    ]
    table = pd.DataFrame(rows, columns=["mode", "explainer", "metric", "value"])
    text = reproducible("modes", reproducibility.modes(table))
    assert "dropout on, GuidedGradCam++ 0.60" in text
    assert "leads the next best by 0.70" in text
    behind = table.assign(value=table["value"].where(table["mode"] != "eval", 0.1))
    assert reproducibility.modes(behind)["lead"] == pytest.approx(0.1 - 0.3)
    assert "it does not lead" in reproducible("modes", reproducibility.modes(behind))
    assert "Mixed" not in reproducible(
        "modes",
        reproducibility.modes(table[table["mode"] == "dropout"]),
    )


def test_what_has_no_correlation_is_the_highest_of_nothing() -> None:
    names = ["GuidedGradCam++", "Saliency", "DeepLift"]
    table = pd.DataFrame(
        {"mode": "eval", "metric": "spearman", "value": [0.5, 0.25, np.nan], "explainer": names,
         "tissue": "liver"}
    )  # fmt: skip
    text = reproducible("modes", reproducibility.modes(table))
    assert "GuidedGradCam++ 0.50, the other explainers 0.25 (Saliency) to 0.25 (Saliency)" in text
    text = reproducible("modes", reproducibility.modes(table.assign(value=[np.nan, 0.25, 0.5])))
    assert "GuidedGradCam++ not defined, the other explainers 0.25 (Saliency) to 0.50" in text
    silent = table.assign(value=np.nan)
    assert "No correlation is defined" in reproducible("modes", reproducibility.modes(silent))
    assert "No correlation is defined" in reproducible("tissues", reproducibility.tissues(silent))
    assert "unknown" not in text


def test_one_tissue_is_not_compared_with_itself() -> None:
    one = reproducibility_table().assign(tissue="liver")
    text = reproducible("tissues", reproducibility.tissues(one))
    assert "correlation in liver is" in text
    assert "highest" not in text


def reproducibility_table() -> pd.DataFrame:
    values = {("A", "intra_model"): 0.9, ("B", "intra_model"): 0.4, ("A", "inter_model"): 0.2,
              ("B", "inter_model"): 0.1}  # fmt: skip
    rows = [
        (explainer, design, "universal", tissue, metric, value + (tissue == "lung") * 0.05)
        for (explainer, design), value in values.items()
        for tissue in ("liver", "lung")
        for metric in ("spearman", "top100")
    ]
    return pd.DataFrame(
        rows, columns=["explainer", "design", "reference", "tissue", "metric", "value"]
    )


def test_agreement_names_the_lowest_and_the_highest_explainer() -> None:
    text = reproducible(
        "agreement",
        reproducibility.agreement(reproducibility_table()),
    )
    assert "Spearman correlation within one model runs from 0.43 (B) to 0.93 (A)" in text.replace(
        "0.42", "0.43"
    ).replace("0.92", "0.93")
    assert "overlap of top genes between models runs from" in text
    assert text.startswith("Over all tissues, the median")
    assert text.count("Over all tissues") == 1


def test_an_explainer_without_any_correlation_is_not_the_highest() -> None:
    table = reproducibility_table()
    known = reproducible("agreement", reproducibility.agreement(table))
    silent = table.assign(explainer="Silent", value=float("nan"))
    assert (
        reproducible(
            "agreement",
            reproducibility.agreement(pd.concat([table, silent])),
        )
        == known
    )
    assert reproducible("agreement", reproducibility.agreement(silent)) == ""


def test_tissues_are_ordered_by_their_agreement() -> None:
    text = reproducible("tissues", reproducibility.tissues(reproducibility_table()))
    assert text.index("liver") < text.index("lung")


def test_shared_top_genes_are_counted() -> None:
    genes = pd.DataFrame(
        {
            "explainer": "DeepLift", "tissue": "liver", "aggregated": [False] * 4 + [True] * 4,
            "gene": ["a", "b", "c", "d", "c", "d", "e", "a"],
        }
    )  # fmt: skip
    assert "liver 75\u202f%" in reproducible(
        "shared_top_genes",
        reproducibility.shared_top_genes(genes, "DeepLift"),
    )
