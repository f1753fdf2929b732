"""The data set with a known answer: the simulation, with genes planted in every class.

Samples are simulated as those of `reference`, as many, of as many genes, and with the same spread
and latent programmes. But all classes start from one profile, the mean of the published medians,
and programmes are the same in all classes: what tells a class from the others is what was planted,
and nothing else. Class names are labels only.
"""

from __future__ import annotations

from collections.abc import Sequence

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.datasets.reference import (
    TABLE_SHA256,
    described,
    reference_classes,
    reference_table,
)
from helpers.datasets.simulation import SimulationParameters, simulate
from helpers.datasets.truth import (
    DECOY,
    PRODUCT,
    STRATA,
    TRUTH,
    Stratum,
    draw_laboratories,
    draw_truth,
    rescaled,
    shift,
)

TWINS = ("pancreas", "salivary_gland")
"""Classes that nothing but a product tells apart, the first of them explained by default."""

EXPLAINED_CLASSES = ("liver", "lung", "ovary", TWINS[0])
"""Explained by default."""

FIRST = ("liver", "lung", "ovary", *TWINS)
"""Classes that a smaller data set keeps first."""

PARAMETERS = SimulationParameters(programme_overlap=1.0)
"""Programmes of a class's own would be a signal that nobody planted."""

NOTES = (
    "Known genes are planted in every class; class names are labels and mean no tissue. All "
    "classes start from one profile, the mean of published medians.",
    "Nothing but a product of two sets of genes tells pancreas from salivary gland.",
    "Samples went through laboratories, which mark genes of their own: decoys.",
)


def load_planted(
    *,
    samples_per_class: int,
    seed: int,
    classes: int = 0,
    strata: Sequence[Stratum] = STRATA,
) -> ad.AnnData:
    """Simulate the data set, with the truth in ``uns["truth"]``.

    Parameters
    ----------
    samples_per_class
        Samples of each class.
    seed
        Seed of every draw: the same seed gives the same bytes.
    classes
        How many classes there are at most; 0: all 83. `FIRST` come first.
    strata
        What is planted.

    Returns
    -------
    anndata.AnnData
        As of `helpers.datasets.reference.load_reference`; ``obs`` has ``batch``, the laboratory,
        too, and ``uns["truth"]`` is what `helpers.datasets.truth.draw_truth` gave.

    Raises
    ------
    BadInputError
        If a stratum has no gene, or more are planted than are measured.
    """
    table, known = reference_table(), reference_classes()
    wanted = [*FIRST, *(name for name in known.index if name not in FIRST)][: classes or None]
    names = [str(name) for name in known.index if name in wanted]
    medians = table.drop(columns="ensembl_id")
    levels = np.log2(medians + 1).mean(axis=1)
    twins = TWINS if set(TWINS) <= set(names) else ()
    truth = draw_truth(levels, names, strata, twins=twins, seed=seed)
    profiles = _profiles(levels, names, truth)
    plain = pd.DataFrame(
        {"status": "normal", "organ": names, "merges": [()] * len(names),
         "borders": [()] * len(names)}, index=names,
    )  # fmt: skip
    data = simulate(
        profiles, plain, samples_per_class=samples_per_class, seed=seed, parameters=PARAMETERS
    )
    _plant(data, profiles, truth, strata, twins, np.random.default_rng([seed, *b"planted"]))
    data.obs = described(data.obs, known)
    data.var["ensembl_id"] = table["ensembl_id"]
    data.uns.update(
        source="Simulated samples around the mean of published medians, with planted genes",
        provenance={"samples_per_class": samples_per_class, "seed": seed, "classes": len(names)},
        sha256=TABLE_SHA256,
        simulated=True,
        notes=list(NOTES),
    )
    data.uns[TRUTH] = truth
    return data


def _profiles(levels: pd.Series, names: Sequence[str], truth: pd.DataFrame) -> pd.DataFrame:
    """Return what each class expresses on average: genes × classes, TPM."""
    tpm = np.exp2(levels.to_numpy()) - 1
    tpm *= 1e6 / tpm.sum()
    values = np.repeat(tpm[:, None], len(names), axis=1)
    additive = truth[~truth["stratum"].isin([DECOY, PRODUCT])]
    for tissue, part in additive.groupby("tissue"):
        rows = levels.index.get_indexer(pd.Index(part["gene"]))
        values[rows, list(names).index(str(tissue))] *= np.exp2(part["effect"].to_numpy())
    return pd.DataFrame(values, index=levels.index, columns=list(names))


def _plant(
    data: ad.AnnData,
    profiles: pd.DataFrame,
    truth: pd.DataFrame,
    strata: Sequence[Stratum],
    twins: Sequence[str],
    generator: np.random.Generator,
) -> None:
    """Tie sets together, send samples through laboratories, and set the sides of the product."""
    tissues = data.obs["tissue"].to_numpy(dtype=str)
    x = np.asarray(data.X)
    places = pd.Series(np.arange(data.n_vars), index=data.var_names)
    _tie(x, tissues, profiles, truth, places, {stratum.name: stratum.tie for stratum in strata})
    decoys = truth[truth["stratum"] == DECOY]
    owners = list(dict.fromkeys(decoys["tissue"])) or list(profiles)
    laboratories = draw_laboratories(tissues, owners, generator)
    for name, part in decoys.groupby("tissue"):
        rows = np.flatnonzero(laboratories == name)
        own = places[part["gene"]].to_numpy(np.intp)
        x[rows[:, None], own] = shift(x[rows], own, part["effect"].to_numpy())
    if twins:
        product = truth[(truth["stratum"] == PRODUCT) & (truth["tissue"] == twins[0])]
        signs = product_signs(tissues, twins, generator)[:, product["bundle"].to_numpy()]
        own = places[product["gene"]].to_numpy()
        x[:, own] = shift(x, own, signs * product["effect"].to_numpy())
    data.X = rescaled(x, np.full(len(x), 1e6))
    data.obs["batch"] = laboratories


def product_signs(
    tissues: npt.NDArray[np.str_], twins: Sequence[str], generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw whether each side of the product is up (1) or down (-1): samples × 2.

    In the first twin both sides go the same way, in the second opposite ways, in all other classes
    each its own way. So in every class a side is up in half of the samples.
    """
    signs = generator.choice([-1, 1], (len(tissues), 2))
    first, second = (tissues == name for name in twins)
    # Half and half within a twin, so that no side tells them apart by accident.
    for own in (first, second):
        signs[own, 0] = generator.permutation(np.resize([-1, 1], int(own.sum())))
    signs[first, 1] = signs[first, 0]
    signs[second, 1] = -signs[second, 0]
    return signs


def _tie(
    x: npt.NDArray[np.float32],
    tissues: npt.NDArray[np.str_],
    profiles: pd.DataFrame,
    truth: pd.DataFrame,
    places: pd.Series,
    ties: dict[str, float],
) -> None:
    """Let the genes of a set deviate from their class as the first of them does."""
    tied = truth[truth["stratum"].map(ties) > 0]
    order = profiles.columns.get_indexer(pd.Index(tissues))
    expected = np.log2(profiles.to_numpy(np.float32) + 1)
    for (_, stratum, _), part in tied.groupby(["tissue", "stratum", "bundle"]):
        own = places[part["gene"]].to_numpy()
        means = expected[own][:, order].T
        rest = x[:, own] - means
        spread = rest.std(axis=0)
        tie = ties[str(stratum)]
        shared = rest[:, :1] / spread[0] * spread[1:]
        rest[:, 1:] = tie * shared + np.sqrt(1 - tie**2) * rest[:, 1:]
        x[:, own] = np.maximum(means + rest, 0)
