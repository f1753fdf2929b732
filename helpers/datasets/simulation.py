"""Samples simulated around published medians, with the spread of real samples.

A sample is made in three steps, each with its reason:

1. *What was cut out.* Its expected profile is a mixture, in TPM, of the class's
   median with tissue next to it: a little of what lies around (`borders`), more
   of classes from which no sharp line parts it (`merges`), and in a tumour normal
   tissue of its organ (purity).
2. *How donors differ.* log2(TPM+1) scatters around that profile. Each gene's
   standard deviation follows its expression; six latent programmes, half shared by
   all classes and half the class's own, carry fixed shares of the variance, the
   rest is independent between genes.
3. *What the sequencer gives.* Negative values are cut to 0 and the sample is
   divided by its sum, so that its TPM add up to one million.

The programmes are drawn at random, blind to what any gene is: nothing in the
simulation makes a gene a marker beyond what its published medians say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SimulationParameters:
    """How simulated samples scatter; each field says where its default comes from.

    The standard deviations and shares were measured on real samples within one tissue;
    `programme_overlap`, the fractions and `tumour_spread` are assumptions.
    """

    mean_knots: tuple[float, ...] = (0.05, 0.3, 0.75, 1.5, 2.5, 5.0, 8.0)
    """Median, log2(TPM+1), at which `sd_knots` are given; linear between, flat outside."""
    sd_knots: tuple[float, ...] = (0.08, 0.31, 0.58, 0.76, 0.71, 0.62, 0.58)
    """Standard deviation at `mean_knots`, log2 units, before negative values are cut to 0. The
    cut takes part of it from genes of low expression: what is left, and measured on real
    samples, is 0.05, 0.25, 0.50, 0.70, 0.70, 0.62, 0.58."""
    programme_shares: tuple[float, ...] = (0.25, 0.11, 0.07, 0.06, 0.05, 0.04)
    """Share of the variance within a class carried by each latent programme."""
    programme_overlap: float = 0.5
    """Share of a programme's loadings that all classes have in common; the rest is their own."""
    border_fraction: tuple[float, float] = (1.0, 40.0)
    """Beta distribution of the fraction of bordering tissue: 2 % on average, seldom above 8 %, as
    a dissection follows the border of an organ."""
    merge_fraction: tuple[float, float] = (1.0, 4.5)
    """Beta distribution of the fraction of a merging class: 18 % on average, and more than half in
    4 % of samples, which then look like the other class. Not measured: chosen so that MLPs reach
    the paper's accuracy, 97 to 98 %."""
    normal_fraction: tuple[float, float] = (1.0, 9.0)
    """Beta distribution of normal tissue in a tumour: 10 % on average, on top of the share that
    the published median of bulk tumours already holds."""
    tumour_spread: float = 1.3
    """Standard deviations of tumours, as a multiple of those of normal tissue: mutations and
    subtypes add to what differs between donors."""


def simulate(
    medians: pd.DataFrame,
    classes: pd.DataFrame,
    *,
    samples_per_class: int,
    seed: int,
    parameters: SimulationParameters | None = None,
) -> ad.AnnData:
    """Simulate samples of each class around its medians.

    A class's samples depend on `seed`, its name, its medians and those of the
    tissues around it, and on nothing else: leaving other classes out, or giving
    them in another order, does not change them.

    Parameters
    ----------
    medians
        Genes × classes, TPM.
    classes
        Index: class, as the columns of `medians`. Columns ``status`` ("normal" or
        "cancer"), ``organ`` (a class), ``merges`` and ``borders`` (tuples of classes;
        those that have no column in `medians` are passed over).
    samples_per_class
        Samples of each class.
    seed
        Seed of every random draw.
    parameters
        Spread and mixture; default: `SimulationParameters()`.

    Returns
    -------
    anndata.AnnData
        X: log2(TPM+1), float32, samples × genes, classes in the order of `medians`;
        each sample's TPM add up to 1e6. ``obs``: ``tissue``, the sample's class.

    Raises
    ------
    BadInputError
        If `samples_per_class` is under 1, or a class is missing from `classes`.
    """
    if samples_per_class < 1:
        raise BadInputError(f"samples_per_class must be at least 1, not {samples_per_class}.")
    names = [str(name) for name in medians]
    counts = dict.fromkeys(names, samples_per_class)
    values = np.empty((len(names) * samples_per_class, len(medians)), np.float32)
    drawn = simulate_classes(medians, classes, counts, seed=seed, parameters=parameters)
    for position, samples in enumerate(drawn):
        values[position * samples_per_class : (position + 1) * samples_per_class] = samples
    obs = sample_table(counts)
    return ad.AnnData(values, obs=obs, var=pd.DataFrame(index=medians.index))


def simulate_classes(
    medians: pd.DataFrame,
    classes: pd.DataFrame,
    counts: Mapping[str, int],
    *,
    seed: int,
    parameters: SimulationParameters | None = None,
) -> Iterator[Array]:
    """Simulate one class after the other, so that one is in memory.

    Parameters
    ----------
    medians, classes, seed, parameters
        As in `simulate`.
    counts
        Class → number of samples, 1 or more; other classes only lend their tissue.

    Yields
    ------
    numpy.ndarray
        The samples of a class, log2(TPM+1), float32, samples × genes; in the order of `counts`.

    Raises
    ------
    BadInputError
        If a class is missing from `classes`.
    """
    parameters = parameters or SimulationParameters()
    missing = medians.columns.difference(classes.index)
    if len(missing):
        raise BadInputError(f"The class table has no row for the class {missing[0]!r}.")
    profiles = {str(name): medians[name].to_numpy(np.float32) for name in medians}
    shared = _loadings(_generator(seed, "programmes"), len(medians), parameters)
    for name, count in counts.items():
        generator = _generator(seed, f"class {name}")
        expected = _mixtures(name, profiles, classes, count, generator, parameters)
        spread = parameters.tumour_spread if classes.at[name, "status"] == "cancer" else 1.0
        yield _scatter(expected, _log(profiles[name]), shared, spread, generator, parameters)


def sample_table(counts: Mapping[str, int]) -> pd.DataFrame:
    """Name simulated samples, such as ``liver-001``, and give their classes (``tissue``)."""
    rows = [
        (f"{name}-{k:03d}", name) for name, count in counts.items() for k in range(1, count + 1)
    ]
    names, tissues = zip(*rows, strict=True)
    return pd.DataFrame({"tissue": list(tissues)}, index=pd.Index(list(names)))


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a generator of its own for each purpose, independent of all others."""
    digest = hashlib.sha256(purpose.encode()).digest()
    key = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _log(tpm: Array) -> Array:
    return np.log2(tpm + np.float32(1))


def _loadings(
    generator: np.random.Generator, n_genes: int, parameters: SimulationParameters
) -> Array:
    """Draw loadings: programmes × genes, mean square 1."""
    shape = (len(parameters.programme_shares), n_genes)
    return generator.standard_normal(shape, dtype=np.float32)


def _mixtures(
    name: str,
    profiles: dict[str, Array],
    classes: pd.DataFrame,
    n: int,
    generator: np.random.Generator,
    parameters: SimulationParameters,
) -> Array:
    """Draw what `n` samples of a class consist of: expected TPM, samples × genes."""
    row = classes.loc[name]
    mixed = np.repeat(profiles[name][None], n, axis=0)
    sources = [
        (row["merges"], parameters.merge_fraction),
        ((row["organ"],) if row["status"] == "cancer" else (), parameters.normal_fraction),
        (row["borders"], parameters.border_fraction),
    ]
    for others, (a, b) in sources:
        present = [other for other in others if other in profiles]
        fractions = generator.beta(a, b, n).astype(np.float32)
        chosen = generator.random(n)
        if present:
            which = (chosen * len(present)).astype(int)
            admixture = np.stack([profiles[str(other)] for other in present])[which]
            mixed += fractions[:, None] * (admixture - mixed)
    return mixed


def _scatter(
    expected: Array,
    level: Array,
    shared: Array,
    spread: float,
    generator: np.random.Generator,
    parameters: SimulationParameters,
) -> Array:
    """Let samples differ around `expected` (TPM) and return log2(TPM+1)."""
    n, n_genes = expected.shape
    overlap = np.float32(parameters.programme_overlap)
    own = _loadings(generator, n_genes, parameters)
    loadings = np.sqrt(overlap) * shared + np.sqrt(1 - overlap) * own
    shares = np.asarray(parameters.programme_shares, np.float32)
    scores = generator.standard_normal((n, len(shares)), dtype=np.float32) * np.sqrt(shares)
    noise = generator.standard_normal((n, n_genes), dtype=np.float32)
    noise *= np.sqrt(1 - shares.sum())
    noise += scores @ loadings
    sd = np.interp(level, parameters.mean_knots, parameters.sd_knots).astype(np.float32)
    noise *= np.float32(spread) * sd
    noise += _log(expected)
    np.maximum(noise, 0, out=noise)
    tpm = np.exp2(noise) - np.float32(1)
    tpm *= np.float32(1e6) / tpm.sum(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    return _log(tpm)
