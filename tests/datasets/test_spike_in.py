"""Known genes shifted in one half of a real class."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.datasets.rnaseqdb import load_rnaseqdb
from helpers.datasets.spike_in import can_be_spiked, shifted_name, spike_in
from helpers.datasets.truth import DECOY, PRODUCT, SPIKED, TRUTH, Stratum
from helpers.errors import BadInputError

STRATA = [Stratum("strong_high", "strong", 5, 2.0, "high"), Stratum(DECOY, "decoy", 5, 2.0, "high")]


@pytest.fixture
def data() -> anndata.AnnData:
    """Return 80 samples of liver and 20 of lung, 900 genes; their TPM add up to what they like."""
    rng = np.random.default_rng(0)
    x = rng.normal(np.linspace(0, 9, 900), 0.4, size=(100, 900)).clip(0).astype(np.float32)
    obs = pd.DataFrame(
        {"tissue": ["liver"] * 80 + ["lung"] * 20}, index=[f"s{i}" for i in range(100)]
    )
    return anndata.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i:03d}" for i in range(900)]))


def test_halves_differ_by_the_shifted_genes_alone(data: anndata.AnnData) -> None:
    found = spike_in(data, "liver", seed=1, strata=STRATA)
    assert found.n_obs == 80
    sizes = found.obs["tissue"].value_counts()
    assert sizes.to_dict() == {"liver, shifted": 40, "liver, as measured": 40}
    truth = found.uns[TRUTH]
    assert set(truth["tissue"]) == {shifted_name("liver")}
    before = data[:80].to_df()
    change = found.to_df() - before
    shifted = (found.obs["tissue"] == "liver, shifted").to_numpy()
    own = truth.loc[truth["stratum"] == "strong_high", "gene"]
    decoys = truth.loc[truth["stratum"] == DECOY, "gene"]
    rest = change.columns.difference(truth["gene"])
    means = [change.loc[side, genes].to_numpy().mean() for side in (shifted, ~shifted)
             for genes in (own, rest)]  # fmt: skip
    # Samples are rescaled to their sums, which takes a little from every gene.
    assert means[0] - means[1] == pytest.approx(2.0, abs=0.1)
    assert means[2] - means[3] == pytest.approx(0.0, abs=0.1)
    sums = [(2.0 ** table.to_numpy() - 1).sum(axis=1) for table in (found.to_df(), before)]
    np.testing.assert_allclose(*sums, rtol=1e-3)
    batch = (found.obs["batch"] == "liver, shifted").to_numpy()
    by_batch = (
        change.loc[batch, decoys].to_numpy().mean() - change.loc[~batch, decoys].to_numpy().mean()
    )
    assert by_batch > 1.5
    assert 0.6 < batch[shifted].mean() < 1


def test_real_files_can_be_spiked_with_as_many_genes_as_they_allow() -> None:
    folder = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"
    real = load_rnaseqdb(folder, min_class_size=10)
    tissue = str(real.obs["tissue"].value_counts().index[0])
    # The files of the tests have a handful of genes.
    assert not can_be_spiked(real, tissue)
    with pytest.raises(BadInputError, match="genes are expressed in the class, and shifting"):
        spike_in(real, tissue, seed=1)
    wide = anndata.AnnData(
        np.tile(np.asarray(real.X), 9), obs=real.obs,
        var=pd.DataFrame(index=[f"G{i}" for i in range(9 * real.n_vars)]),
    )  # fmt: skip
    assert can_be_spiked(wide, tissue)
    found = spike_in(wide, tissue, seed=1)
    assert found.uns["simulated"] is False
    sizes = found.uns[TRUTH].groupby("stratum").size()
    assert set(sizes.index) == {stratum.name for stratum in SPIKED}
    assert sizes.max() <= wide.n_vars // 30
    assert {PRODUCT, "pair", "module"}.isdisjoint(sizes.index)


def test_a_class_that_is_too_small_is_refused(data: anndata.AnnData) -> None:
    assert can_be_spiked(data, "lung")
    assert not can_be_spiked(data, "heart")
    with pytest.raises(BadInputError, match="Class 'heart' has 0 samples, and two halves"):
        spike_in(data, "heart", seed=1)
