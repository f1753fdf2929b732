"""Numbers of masks: theory, simulation, and tables that were made to give each answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.errors import BadInputError
from helpers.explain import explain_exact
from helpers.models import MLP
from helpers.stability.masks import (
    EFFECTIVE,
    MASK_COLUMNS,
    as_run,
    at_equal_masks,
    effective_masks,
    mask_sets,
    quadrature_masks,
    ranking,
)

EXPLAINERS = ("A", "B", "C")
SIZES = (1, 4, 16)


def counts(level, run) -> pd.DataFrame:
    """Make a table; level(explainer, masks) is the agreement, run[explainer] masks as run."""
    rows = []
    for place, name in enumerate(EXPLAINERS):
        for sample in ("s0", "s1"):
            rows += [(name, "equal", m, "spearman", "t", sample, level(place, m)) for m in SIZES]
            rows.append((name, "as_run", np.nan, EFFECTIVE, "t", sample, run[place]))
            rows.append((name, "as_run", np.nan, "spearman", "t", sample, level(place, run[place])))
    return pd.DataFrame(rows, columns=MASK_COLUMNS)


def test_one_step_is_one_mask_and_many_are_worth_less_than_their_number() -> None:
    assert quadrature_masks(1) == pytest.approx(1)
    assert quadrature_masks(2) == pytest.approx(2)
    for steps in (5, 20, 50):
        assert 0.75 * steps < quadrature_masks(steps) < steps


@pytest.mark.parametrize("masks", [1, 4, 9])
def test_means_of_masks_show_their_number(masks: int) -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(2, 200, 3, 50))
    many = rng.normal(size=(2, 200, 3, 50)) / np.sqrt(masks)
    assert effective_masks(one, many) == pytest.approx(np.full(3, masks), rel=0.05)


def test_replicates_that_do_not_differ_are_worth_infinitely_many() -> None:
    one = np.random.default_rng(0).normal(size=(1, 5, 2, 4))
    assert np.isinf(effective_masks(one, np.ones((1, 5, 2, 4)))).all()
    with pytest.raises(BadInputError, match="two replicates or more"):
        effective_masks(one[:, :1], one)


def test_steps_with_a_mask_each_scatter_as_their_weights_say() -> None:
    """Where all units stay on along the path, steps differ in nothing but their masks."""
    model = MLP(6, 3, hidden=16).eval()
    model.norm.bias.data.fill_(50.0)
    x, reference = np.ones((1, 6), np.float32), np.zeros((1, 6), np.float32)
    common = {"references": reference, "replicates": 4000, "seed": 0}
    explainer = "IntegratedGradients"
    one = explain_exact([model], x, 0, explainer=explainer, **common)
    run = explain_exact(
        [model], x, 0, explainer=explainer, integration_rule="steps", integration_steps=10, **common
    )
    assert effective_masks(one, run)[0] == pytest.approx(quadrature_masks(10), rel=0.06)
    lift = explain_exact([model], x, 0, explainer="DeepLift", **common)
    assert effective_masks(one, lift)[0] == pytest.approx(1)


def test_replicates_of_a_size_share_no_mask() -> None:
    weights = mask_sets((1, 3), 4)
    assert weights.shape == (8, 12)
    assert weights.sum(axis=1) == pytest.approx(np.ones(8))
    for rows in (weights[:4], weights[4:]):
        assert ((rows > 0).sum(axis=0) <= 1).all()


def test_where_only_masks_matter_they_make_the_ranking() -> None:
    table = counts(lambda place, m: m / (m + 5), run=(1, 4, 16))
    found = ranking(table)
    assert found["rank_correlation"] == pytest.approx(1)
    assert found["share_masks"] == pytest.approx(1)
    assert found["spread_at_one"] == pytest.approx(0)
    assert found["spread_as_run"] == pytest.approx(16 / 21 - 1 / 6)


def test_where_only_the_explainer_matters_its_ranking_stays() -> None:
    found = ranking(counts(lambda place, m: 0.2 + 0.3 * place, run=(16, 4, 1)))
    assert found["share_explainers"] == pytest.approx(1)
    assert found["kept"] == pytest.approx(1)
    assert found["rank_correlation"] == pytest.approx(-1)
    assert found["spread_of_masks"] == pytest.approx(0)


def test_tables_are_medians_over_samples() -> None:
    table = counts(lambda place, m: 0.1 * place, run=(2, 2, 2))
    table.loc[(table["sample"] == "s1") & (table["metric"] == "spearman"), "value"] += 0.2
    assert at_equal_masks(table).loc["B"].tolist() == pytest.approx([0.2] * 3)
    assert as_run(table).loc["C"].to_dict() == pytest.approx({"masks": 2, "value": 0.3})
