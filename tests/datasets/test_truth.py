"""Which genes are planted, and what planting does to expression."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.truth import (
    DECOY,
    LEVELS,
    OWN_LABORATORY,
    PRODUCT,
    STRATA,
    TITLES,
    Stratum,
    draw_laboratories,
    draw_truth,
    real_genes,
    rescaled,
    shift,
)
from helpers.errors import BadInputError

CLASSES = ["liver", "lung", "a twin", "its twin"]
TWINS = CLASSES[2:]


@pytest.fixture
def levels() -> pd.Series:
    """Mean log2(TPM + 1) of 600 genes, evenly from 0 to 10."""
    return pd.Series(np.linspace(0, 10, 600), index=[f"GENE{i:03d}" for i in range(600)])


def test_every_class_has_its_genes_at_their_level_and_no_gene_is_drawn_twice(
    levels: pd.Series,
) -> None:
    truth = draw_truth(levels, CLASSES, STRATA, twins=TWINS, seed=1)
    sizes = truth.groupby(["tissue", "stratum"]).size()
    for stratum in STRATA:
        bearers = TWINS if stratum.name == PRODUCT else CLASSES[:2]
        assert [sizes[tissue, stratum.name] for tissue in bearers] == [stratum.genes] * 2
        own = truth[truth["stratum"] == stratum.name]
        assert own["tissue"].isin(bearers).all()
        low, high = LEVELS[stratum.level]
        assert levels[own["gene"]].between(low, high, inclusive="left").all()
        assert (own["effect"] == stratum.effect).all()
    alone = truth[truth["tissue"] != TWINS[1]]
    assert alone["gene"].is_unique
    twins = [truth.loc[truth["tissue"] == name, ["gene", "bundle"]].to_numpy() for name in TWINS]
    assert (twins[0] == twins[1]).all()
    assert set(TITLES) == {stratum.name for stratum in STRATA}


def test_pairs_modules_and_sides_are_bundles_of_their_size(levels: pd.Series) -> None:
    truth = draw_truth(levels, CLASSES, STRATA, twins=TWINS, seed=1)
    sizes = truth[truth["tissue"] != TWINS[1]].groupby(["tissue", "stratum", "bundle"]).size()
    together = sizes.groupby("stratum").unique().map(list)
    assert together["pair"] == [2]
    assert together["module"] == [10]
    assert together["strong_high"] == [1]
    assert together[PRODUCT] == [30]


def test_the_truth_depends_on_the_seed_alone(levels: pd.Series) -> None:
    tables = [draw_truth(levels, CLASSES, STRATA, seed=seed) for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert (tables[0]["gene"] != tables[2]["gene"]).mean() > 0.9


def test_a_stratum_without_genes_is_refused(levels: pd.Series) -> None:
    empty = [replace(STRATA[0], genes=0), *STRATA[1:]]
    with pytest.raises(BadInputError, match="Stratum 'strong_high' of the planted truth has no ge"):
        draw_truth(levels, CLASSES, empty, seed=1)


def test_more_planted_than_measured_genes_are_refused(levels: pd.Series) -> None:
    many = [Stratum("strong_low", "many", 60, 1.0, "low")]
    draw_truth(levels, CLASSES[:1], many, seed=1)
    with pytest.raises(BadInputError, match=r"120 genes are to be planted at low expression .*102"):
        draw_truth(levels, CLASSES[:2], many, seed=1)


def test_decoys_are_not_real(levels: pd.Series) -> None:
    truth = draw_truth(levels, CLASSES, STRATA, seed=1)
    real = real_genes(truth, "liver")
    own = [stratum for stratum in STRATA if stratum.name not in (DECOY, PRODUCT)]
    assert set(real["stratum"]) - {PRODUCT} == {stratum.name for stratum in own}
    assert set(real["tissue"]) == {"liver"}


def test_most_samples_of_a_class_go_through_its_laboratory() -> None:
    tissues = np.repeat(np.array(["a", "b", "c"]), 2000)
    found = draw_laboratories(tissues, ["a", "b"], np.random.default_rng(0))
    own = [(found[tissues == name] == name).mean() for name in ("a", "b")]
    # The rest is spread over both laboratories, so half of it comes back.
    expected = OWN_LABORATORY + (1 - OWN_LABORATORY) / 2
    assert own == pytest.approx([expected] * 2, abs=0.03)
    assert (found[tissues == "c"] == "a").mean() == pytest.approx(0.5, abs=0.05)


def test_a_shift_is_one_of_tpm_and_rescaling_keeps_sums() -> None:
    tpm = np.array([[0.0, 1.0, 100.0], [3.0, 7.0, 15.0]])
    x = np.log2(tpm + 1).astype(np.float32)
    moved = shift(x, [1, 2], np.array([1.0, -2.0]))
    np.testing.assert_allclose(2**moved - 1, tpm[:, 1:] * [2, 0.25], rtol=1e-4)
    again = rescaled(x, np.array([50.0, 50.0]))
    sums = (2.0**again - 1).sum(axis=1)
    np.testing.assert_allclose(sums, 50, rtol=1e-4)
    np.testing.assert_allclose((2.0 ** again[1] - 1), tpm[1] * 2, rtol=1e-4)
