from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets.reference import reference_classes, reference_medians
from helpers.datasets.simulation import SimulationParameters, simulate
from helpers.errors import BadInputError

Array = npt.NDArray[np.float32]

TISSUES = ("liver", "lung", "pancreas", "thyroid_gland", "amygdala")
# Measured on real samples within one tissue: bin of mean log2(TPM+1), standard deviation
SPREAD = {
    (0.0, 0.1): 0.05,
    (0.2, 0.4): 0.25,
    (0.6, 0.9): 0.50,
    (1.25, 1.75): 0.70,
    (2.25, 2.75): 0.70,
    (4.5, 5.5): 0.62,
    (8.0, 99.0): 0.58,
}
SHARES = (0.25, 0.11, 0.07, 0.06, 0.05, 0.04)
STILL = SimulationParameters(sd_knots=(0.0,) * 7)
"""No scatter: samples are pure mixtures."""


@pytest.fixture(scope="module")
def medians() -> pd.DataFrame:
    return reference_medians()


@pytest.fixture(scope="module")
def classes() -> pd.DataFrame:
    return reference_classes()


@pytest.fixture(scope="module")
def normal(medians: pd.DataFrame, classes: pd.DataFrame) -> dict[str, Array]:
    """One hundred samples of each tissue, with the tissues that they may hold."""
    columns = set(TISSUES)
    for column in ("merges", "borders"):
        columns.update(classes.loc[list(TISSUES), column].explode().dropna())
    data = simulate(medians[sorted(columns)], classes, samples_per_class=100, seed=3)
    return {t: np.asarray(data[data.obs["tissue"] == t].X) for t in TISSUES}


@pytest.fixture(scope="module")
def shares(normal: dict[str, Array]) -> npt.NDArray[np.float64]:
    """Share of the variance within a tissue on each principal component, mean over tissues."""
    measured = []
    for x in normal.values():
        centred = x - x.mean(axis=0)
        variance = np.linalg.eigvalsh((centred @ centred.T).astype(np.float64))[::-1]
        measured.append(variance / variance.sum())
    return np.mean(measured, axis=0)


def little(
    n_genes: int = 50, tumour: bool = False, merges: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two classes, ``a`` with what it may hold and ``b``, with disjoint genes."""
    values = np.zeros((n_genes, 2))
    values[: n_genes // 2, 0] = values[n_genes // 2 :, 1] = 2e6 / n_genes
    medians = pd.DataFrame(values, [f"G{i}" for i in range(n_genes)], ["a", "b"])
    classes = pd.DataFrame(
        {
            "status": ["cancer" if tumour else "normal", "normal"],
            "organ": ["b" if tumour else "a", "b"],
            "merges": [merges, ()],
            "borders": [(), ()],
        },
        index=["a", "b"],
    )
    return medians, classes


def foreign(data: ad.AnnData) -> npt.NDArray[np.float64]:
    """Fraction of ``b`` in the samples of ``a`` that `little` describes."""
    tpm = np.exp2(np.asarray(data[data.obs["tissue"] == "a"].X, np.float64)) - 1
    return tpm[:, tpm.shape[1] // 2 :].sum(axis=1) / tpm.sum(axis=1)


def samples_of(data: ad.AnnData, name: str) -> bytes:
    return np.asarray(data[data.obs["tissue"] == name].X).tobytes()


@pytest.mark.parametrize(("low", "high"), SPREAD)
def test_spread_is_that_of_real_samples(normal: dict[str, Array], low: float, high: float) -> None:
    measured = []
    for x in normal.values():
        mean = x.mean(axis=0)
        measured.append(x[:, (mean >= low) & (mean < high)].std(axis=0, ddof=1).mean())
    assert np.mean(measured) == pytest.approx(SPREAD[low, high], rel=0.2)


def test_component_shares_are_those_of_real_samples(shares: npt.NDArray[np.float64]) -> None:
    np.testing.assert_allclose(shares[: len(SHARES)], SHARES, rtol=0.2)


def test_tumours_vary_more(medians: pd.DataFrame, classes: pd.DataFrame) -> None:
    pair = simulate(medians[["liver", "TCGA_LIHC"]], classes, samples_per_class=40, seed=0)
    values = np.asarray(pair.X)
    spread = [values[rows].std(axis=0).mean() for rows in (slice(40), slice(40, 80))]
    assert 1.2 < spread[1] / spread[0] < 1.8


def test_samples_centre_on_the_medians(medians: pd.DataFrame, classes: pd.DataFrame) -> None:
    data = simulate(medians[["retina"]], classes, samples_per_class=101, seed=5)
    centre = np.median(np.asarray(data.X), axis=0)
    published = np.log2(medians["retina"].to_numpy() + 1)
    # A little below, as the scatter of a log value raises the sum by which a sample is divided
    assert np.abs(centre - published).mean() < 0.15
    assert -0.2 < (centre - published)[published > 1].mean() < 0


def test_same_seed_same_bytes(medians: pd.DataFrame, classes: pd.DataFrame) -> None:
    few = medians[["liver", "TCGA_LIHC"]]
    first, again, other = (
        simulate(few, classes, samples_per_class=2, seed=seed) for seed in (1, 1, 2)
    )
    assert np.asarray(first.X).tobytes() == np.asarray(again.X).tobytes()
    assert not np.array_equal(first.X, other.X)


def test_a_class_does_not_depend_on_unrelated_classes(
    medians: pd.DataFrame, classes: pd.DataFrame
) -> None:
    few = ["liver", "gallbladder", "adipose_tissue"]
    alone = simulate(medians[few], classes, samples_per_class=3, seed=1)
    shuffled = simulate(
        medians[["testis", *reversed(few)]], classes.iloc[::-1], samples_per_class=3, seed=1
    )
    assert samples_of(alone, "liver") == samples_of(shuffled, "liver")
    without = simulate(medians[["liver"]], classes, samples_per_class=3, seed=1)
    assert samples_of(alone, "liver") != samples_of(without, "liver")


@pytest.mark.parametrize("tumour", [False, True])
def test_admixture_follows_its_beta_distribution(tumour: bool) -> None:
    beta = (2.0, 6.0)
    parameters = (
        replace(STILL, normal_fraction=beta) if tumour else replace(STILL, merge_fraction=beta)
    )
    merges = () if tumour else ("b",)
    data = simulate(
        *little(tumour=tumour, merges=merges),
        samples_per_class=2000,
        seed=0,
        parameters=parameters,
    )
    fractions = foreign(data)
    assert fractions.mean() == pytest.approx(0.25, abs=0.01)
    assert fractions.std() == pytest.approx(np.sqrt(0.25 * 0.75 / 9), rel=0.05)


def test_what_is_not_in_the_medians_is_passed_over() -> None:
    medians, classes = little(merges=("elsewhere",))
    data = simulate(medians, classes, samples_per_class=4, seed=0, parameters=STILL)
    np.testing.assert_allclose(foreign(data), 0, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5), tumour=st.booleans())
def test_samples_are_expression_values(seed: int, n: int, tumour: bool) -> None:
    data = simulate(*little(tumour=tumour, merges=("b",)), samples_per_class=n, seed=seed)
    x = np.asarray(data.X)
    assert x.shape == (2 * n, 50)
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert (x >= 0).all()
    np.testing.assert_allclose((np.exp2(x.astype(np.float64)) - 1).sum(axis=1), 1e6, rtol=1e-4)


def test_bad_input() -> None:
    medians, classes = little()
    with pytest.raises(BadInputError, match="samples_per_class must be at least 1, not 0"):
        simulate(medians, classes, samples_per_class=0, seed=0)
    with pytest.raises(BadInputError, match="no row for the class 'b'"):
        simulate(medians, classes.drop("b"), samples_per_class=1, seed=0)
