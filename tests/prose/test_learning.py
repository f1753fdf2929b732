"""What a page says on top: networks that did not learn, lists that were cut, lists of nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
from said import said

from helpers.config import settings
from helpers.prose import learning
from helpers.prose.learning import cautions
from helpers.training.learnt import LEARNT_COLUMNS

LEARNT = pd.DataFrame(
    [("mlp", 20, 83, 0.97, 0.012, 0.98, 0.112, 0.88, True),
     ("cnn", 8, 83, 0.41, 0.012, 0.98, 0.112, 0.88, False)],
    columns=LEARNT_COLUMNS,
)  # fmt: skip

EXPRESSION = pd.DataFrame(
    {
        "architecture": ["mlp", "cnn"],
        "explainer": ["DeepLift", "GuidedGradCam"],
        "aggregated": [True, False],
        "tissue": ["liver", "lung"],
        "spearman_absolute": [0.3, np.nan],
    }
)


def on_top(**known: object) -> str:
    return said("16_summary", "cautions", cautions(**known))


def test_where_all_is_well_nothing_is_said() -> None:
    good = LEARNT[LEARNT["learnt"]]
    whole = EXPRESSION[EXPRESSION["architecture"] == "mlp"]
    assert on_top(learnt=good, top=100, genes=19_000, expression=whole).strip() == ""
    assert on_top().strip() == ""


def test_networks_that_did_not_learn_are_named_with_their_numbers() -> None:
    text = " ".join(on_top(learnt=LEARNT).split())
    assert "the CNNs of this run did not learn" in text
    assert "MLPs" not in text
    for part in ("83 test samples", "41.0", "8 models", "1.2", "98.0", "88.0"):
        assert part in text


def test_shortened_lists_are_told_in_numbers() -> None:
    text = " ".join(on_top(top=100, genes=500).split())
    assert "50 genes, not 100" in text
    assert "measured genes, of which there are 500" in text
    assert on_top(top=40, genes=500).strip() == ""


def test_lists_of_scores_that_are_all_equal_are_named() -> None:
    text = " ".join(on_top(expression=EXPRESSION).split())
    assert "1 list of top genes is of scores that are all equal" in text
    assert "GuidedGradCam" in text
    assert "lung" in text
    assert "DeepLift" not in text


def test_a_page_of_chapter_one_has_the_regression_beside_the_networks() -> None:
    linear = pd.DataFrame(
        [("logistic regression", 189, 7, 0.91, 0.9, 0.89, 1 / 7, 0.3)],
        columns=["method", "n", "classes", "accuracy", "balanced_accuracy", "macro_f1", "chance",
                 "majority"],
    )  # fmt: skip
    own = pd.DataFrame({"architecture": ["mlp"], "accuracy": [0.54], "balanced_accuracy": [0.51]})
    text = said("01_training", "linear_baseline", learning.linear_baseline(linear, own))
    for part in ("189 samples", "91.0", "MLPs 54.0", "90.0", "MLPs 51.0", "14.3", "30.0"):
        assert part in text.replace("\u202f", "")


def test_changed_batches_and_epochs_are_told() -> None:
    chosen = settings("quick")

    def trained(batch: int, epochs: int) -> dict[str, SimpleNamespace]:
        return {"000": SimpleNamespace(hyperparameters={"batch_size": batch, "max_epochs": epochs})}

    own = {"mlp": trained(chosen.batch_size, chosen.max_epochs), "cnn": {}}
    text = said("01_training", "steps", learning.steps(chosen, own))
    assert "100 steps of the optimiser or more" in text
    text = said("01_training", "steps", learning.steps(chosen, own | {"mlp": trained(16, 20)}))
    assert "MLPs have batches of 16 samples (not 256)" in text
    assert "20 epochs (not 15)" in text
