"""Lists of baselines on the run's own tissues, counted like those of explainers."""

from __future__ import annotations

import numpy as np

from helpers.baselines import BASELINES
from helpers.biology.specificity import UNION
from helpers.study import Study


def test_every_baseline_has_a_list_of_every_tissue_and_its_cancers(tiny_study: Study) -> None:
    lists = tiny_study.get("tables/baseline_top_genes")
    explained = set(tiny_study.get("tables/explained")["tissue"])
    assert explained <= set(lists["tissue"])
    assert set(lists["explainer"]) == set(BASELINES)
    sizes = lists.groupby(["explainer", "tissue"]).size()
    assert (sizes == tiny_study.settings.top).all()
    # As `tiny_data` has it, genes 30 to 39 are those of the thyroid.
    own = lists.query("explainer == 'WelchT' and tissue == 'thyroid' and rank <= 10")["gene"]
    assert len(set(own) & {f"GENE{number:03d}" for number in range(30, 40)}) >= 8


def test_lists_of_networks_and_baselines_are_counted_alike(tiny_study: Study) -> None:
    beside = tiny_study.get("tables/beside_baselines")
    specific = beside[beside["measure"] == "specific"]
    counts = tiny_study.get("tables/specificity")
    counted = counts[(counts["set"] == UNION) & (counts["model"] == "all")]
    assert len(counted)
    keys = ["architecture", "explainer", "tissue"]
    found = specific.set_index(keys)["value"]
    for row in counted.to_dict("records"):
        share = row["hits"] / row["size"]
        np.testing.assert_allclose(found[tuple(row[key] for key in keys)], share)
    assert set(beside["architecture"]) == {"mlp", "cnn", "none"}
    # Invented genes are no regulators, so that a fold over none is undefined.
    assert beside["value"].isna().equals(beside["measure"] == "factors")
