"""The simulation with a known answer, against what it says of itself."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers import datasets
from helpers.correctness.oracle import oracle
from helpers.correctness.recovery import average_precision
from helpers.datasets.planted import FIRST, PARAMETERS, TWINS, load_planted, product_signs
from helpers.datasets.reference import load_reference
from helpers.datasets.truth import DECOY, PRODUCT, TRUTH, Stratum
from helpers.errors import BadInputError
from helpers.study.formats import EXPRESSION


@pytest.fixture(scope="module")
def planted() -> anndata.AnnData:
    return load_planted(samples_per_class=30, seed=3, classes=8)


def deviations(data: anndata.AnnData, tissue: str, stratum: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a class's mean and all others', of its genes of a stratum."""
    truth = data.uns[TRUTH]
    genes = truth.loc[(truth["tissue"] == tissue) & (truth["stratum"] == stratum), "gene"]
    x = np.asarray(data[:, genes.tolist()].X)
    own = (data.obs["tissue"] == tissue).to_numpy()
    return x[own], x[~own]


def test_it_has_the_size_and_the_form_of_the_reference() -> None:
    data = datasets.load("planted", samples_per_class=2, seed=1)
    reference = load_reference(samples_per_class=2, seed=1)
    assert data.shape == reference.shape
    assert set(data.obs["tissue"]) == set(reference.obs["tissue"])
    assert (data.var_names == reference.var_names).all()
    assert set(reference.obs) | {"batch"} == set(data.obs)
    np.testing.assert_allclose((2.0 ** np.asarray(data.X) - 1).sum(axis=1), 1e6, rtol=1e-3)
    assert data.uns["simulated"]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = (load_planted(samples_per_class=3, seed=s, classes=5) for s in (1, 1, 2))
    assert first.X.tobytes() == again.X.tobytes() != other.X.tobytes()
    pd.testing.assert_frame_equal(first.uns[TRUTH], again.uns[TRUTH])


def test_the_truth_is_kept_with_the_file(tmp_path: object, planted: anndata.AnnData) -> None:
    path = tmp_path / "planted.h5ad"  # type: ignore[operator]
    EXPRESSION.write(path, planted)
    kept = EXPRESSION.read(path).uns[TRUTH]
    assert kept.to_dict("list") == planted.uns[TRUTH].to_dict("list")


@pytest.mark.parametrize("stratum", ["strong_high", "weak_high", "pair", "module"])
def test_planted_genes_shift_by_their_effect(planted: anndata.AnnData, stratum: str) -> None:
    effect = planted.uns[TRUTH].set_index("stratum").loc[stratum, "effect"].iloc[0]
    shifts = []
    for tissue in ("liver", "lung", "ovary"):
        own, others = deviations(planted, tissue, stratum)
        shifts.append(own.mean() - others.mean())
    # At high expression log2(TPM + 1) is nearly log2 TPM; samples scatter by their programmes.
    assert np.mean(shifts) == pytest.approx(effect, abs=0.15)


def test_sets_vary_together_in_all_classes(planted: anndata.AnnData) -> None:
    truth = planted.uns[TRUTH]
    for stratum, tie in (("pair", 0.95), ("module", 0.8)):
        own = truth[(truth["tissue"] == "liver") & (truth["stratum"] == stratum)]
        genes = own.loc[own["bundle"] == 0, "gene"].tolist()
        x = planted[:, genes].to_df().groupby(planted.obs["tissue"].to_numpy())
        within = x.transform(lambda column: column - column.mean())
        found = np.corrcoef(within.to_numpy().T)[0, 1:]
        assert found.mean() == pytest.approx(tie, abs=0.07)
    single = truth[(truth["tissue"] == "liver") & (truth["stratum"] == "strong_high")]
    x = planted[:, single["gene"].tolist()].to_df().groupby(planted.obs["tissue"].to_numpy())
    within = x.transform(lambda column: column - column.mean())
    assert abs(np.corrcoef(within.to_numpy().T)[0, 1:].mean()) < 0.4


def test_no_single_gene_tells_the_twins_apart_but_their_product_does(
    planted: anndata.AnnData,
) -> None:
    truth = planted.uns[TRUTH]
    own = truth[(truth["tissue"] == TWINS[0]) & (truth["stratum"] == PRODUCT)]
    x = planted[:, own["gene"].tolist()].to_df()
    centred = x - x.mean()
    sides = [centred.loc[:, (own["bundle"] == side).to_numpy()].mean(axis=1) for side in (0, 1)]
    tissues = planted.obs["tissue"].to_numpy(dtype=str)
    for side in sides:
        means = [side[tissues == name].mean() for name in TWINS]
        assert abs(means[0] - means[1]) < 0.3
    product = sides[0] * sides[1]
    assert (product[tissues == TWINS[0]] > 0).all()
    assert (product[tissues == TWINS[1]] < 0).all()
    assert set(truth.loc[truth["tissue"].isin(TWINS), "stratum"]) == {PRODUCT}


def test_a_side_is_up_in_half_of_the_samples_of_each_twin() -> None:
    tissues = np.repeat(np.array([*TWINS, "liver"]), 40)
    signs = product_signs(tissues, TWINS, np.random.default_rng(0))
    for name in TWINS:
        assert (signs[tissues == name].sum(axis=0) == 0).all()
    products = signs.prod(axis=1)
    assert (products[:40] == 1).all()
    assert (products[40:80] == -1).all()
    assert abs(products[80:].mean()) < 0.5


def test_decoys_follow_the_laboratory_and_not_the_class(planted: anndata.AnnData) -> None:
    truth = planted.uns[TRUTH]
    genes = truth.loc[(truth["tissue"] == "liver") & (truth["stratum"] == DECOY), "gene"].tolist()
    x = planted[:, genes].to_df().mean(axis=1)
    tissue, batch = planted.obs["tissue"] == "liver", planted.obs["batch"] == "liver"
    assert x[tissue & ~batch].mean() == pytest.approx(x[~tissue & ~batch].mean(), abs=0.3)
    assert x[batch].mean() - x[~batch].mean() > 2
    assert batch[tissue].mean() > 0.5
    assert (batch & ~tissue).any()


def test_an_oracle_that_knows_the_simulation_recovers_strong_genes(
    planted: anndata.AnnData,
) -> None:
    truth, tissues = planted.uns[TRUTH], planted.obs["tissue"].to_numpy(dtype=str)
    x = np.asarray(planted.X)
    level = np.median(x, axis=0)
    spread = np.interp(level, PARAMETERS.mean_knots, PARAMETERS.sd_knots)
    for tissue in ("liver", "lung", "ovary"):
        scores = np.abs(oracle(x, tissues == tissue, planted.obs["batch"].to_numpy(str), spread))
        own = truth[truth["tissue"] == tissue].set_index("gene")["stratum"]
        kind = planted.var_names.to_series().map(own)
        strong = kind.isin(["strong_high", "strong_low", "pair"])
        # Other planted genes are neither to be found nor wrong here.
        judged = (strong | kind.isna() | (kind == DECOY)).to_numpy()
        assert average_precision(scores[judged], strong.to_numpy()[judged]) >= 0.9
        decoys = (kind == DECOY).to_numpy()
        assert np.median(scores[decoys]) < np.median(scores[strong.to_numpy()]) / 3


def test_fewer_classes_keep_the_first_and_without_twins_there_is_no_product() -> None:
    five = load_planted(samples_per_class=2, seed=1, classes=5)
    assert set(five.obs["tissue"]) == set(FIRST)
    three = load_planted(samples_per_class=2, seed=1, classes=3)
    assert PRODUCT not in set(three.uns[TRUTH]["stratum"])


def test_what_cannot_be_planted_is_refused() -> None:
    with pytest.raises(BadInputError, match="no genes"):
        load_planted(samples_per_class=2, seed=1, strata=[Stratum("none", "none", 0, 1.0, "low")])
    with pytest.raises(BadInputError, match="genes are to be planted at low expression"):
        load_planted(samples_per_class=2, seed=1, strata=[Stratum("a", "a", 99, 1.0, "low")])
