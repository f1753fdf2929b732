"""Which genes are planted: a table of class × gene × stratum, drawn before any sample is.

A *stratum* is a kind of planted gene: how strong, at which expression, alone or with others. The
table is the ground truth that explanations are held against. Decoys stand in it too: genes that
follow a class only because most of its samples went through one laboratory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import BadInputError

TRUTH = "truth"
"""Key of ``uns`` under which a data set keeps the table."""

TRUTH_COLUMNS = ["tissue", "gene", "stratum", "effect", "bundle"]

DECOY, PRODUCT = "decoy", "product"

LEVELS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"low": (0.8, 2.5), "high": (4.0, 8.0)}
)
"""Expression of a gene, mean log2(TPM + 1) before anything is planted."""

OWN_LABORATORY = 0.7
"""Share of a class's samples that went through the laboratory of the class; the others are spread
over all laboratories, so that a laboratory can be told from a class."""


@dataclass(frozen=True)
class Stratum:
    """A kind of planted gene.

    Attributes
    ----------
    name
        Its name in tables.
    title
        Its name for readers.
    genes
        How many each class has.
    effect
        log2 of the change of TPM in samples of the class; of a decoy, of the laboratory; of a
        product, up or down in every sample of every class.
    level
        A key of `LEVELS`.
    together
        Genes in a set that varies together, in all classes.
    tie
        Correlation of the others of a set with its first gene, within a class.
    """

    name: str
    title: str
    genes: int
    effect: float
    level: str
    together: int = 1
    tie: float = 0.0


STRATA = (
    Stratum("strong_high", "strong, high expression", 10, 3.0, "high"),
    Stratum("strong_low", "strong, low expression", 10, 3.0, "low"),
    Stratum("weak_high", "weak, high expression", 10, 0.7, "high"),
    Stratum("weak_low", "weak, low expression", 10, 0.7, "low"),
    Stratum("pair", "strong, in pairs that say the same", 10, 3.0, "high", together=2, tie=0.95),
    Stratum("module", "medium, in a module", 10, 1.4, "high", together=10, tie=0.8),
    Stratum(PRODUCT, "product of two sides", 60, 2.0, "high"),
    Stratum(DECOY, "decoy: follows the laboratory", 10, 3.0, "high"),
)
"""What each class of the simulation has; a product only two classes, which have nothing else."""

SPIKED = tuple(stratum for stratum in STRATA if stratum.name not in ("pair", "module", PRODUCT))
"""What is shifted in real samples: how these vary together is theirs."""

TITLES = {stratum.name: stratum.title for stratum in STRATA}


def draw_truth(
    levels: pd.Series,
    classes: Sequence[str],
    strata: Sequence[Stratum],
    *,
    twins: Sequence[str] = (),
    bounds: Mapping[str, tuple[float, float]] = LEVELS,
    seed: int,
) -> pd.DataFrame:
    """Draw the planted genes of every class; no gene is drawn twice.

    Parameters
    ----------
    levels
        Mean log2(TPM + 1) of every measured gene, by its name.
    classes
        Names.
    strata
        What each class has.
    twins
        Two of the classes that differ by the stratum `PRODUCT` alone, and from all others by
        nothing; none: that stratum is left out.
    bounds
        From where to where each level goes.
    seed
        Same seed, same genes.

    Returns
    -------
    pandas.DataFrame
        ``tissue``, ``gene``, ``stratum``, ``effect`` (log2 of the change of TPM) and ``bundle``:
        number of the set within class and stratum that varies together; of a product its side.
        Twins have the same rows.

    Raises
    ------
    BadInputError
        If a stratum has no gene, or more are planted than are measured.
    """
    wanted = [
        (tissue, stratum)
        for stratum in strata
        for tissue in _bearers(stratum, classes, twins)
    ]  # fmt: skip
    pools = _pools(levels, wanted, bounds, seed)
    parts = []
    for tissue, stratum in wanted:
        pool = pools[stratum.level]
        genes, pools[stratum.level] = pool[: stratum.genes], pool[stratum.genes :]
        numbers = np.arange(stratum.genes)
        sides = numbers * 2 // stratum.genes
        own = sides if stratum.name == PRODUCT else numbers // stratum.together
        table = pd.DataFrame(
            {"tissue": tissue, "gene": genes, "stratum": stratum.name,
             "effect": stratum.effect, "bundle": own}
        )  # fmt: skip
        parts.append(table)
        if stratum.name == PRODUCT:
            parts.append(table.assign(tissue=twins[1]))
    return pd.concat(parts, ignore_index=True)[TRUTH_COLUMNS]


def _bearers(stratum: Stratum, classes: Sequence[str], twins: Sequence[str]) -> list[str]:
    """Name the classes that genes of a stratum are drawn for."""
    if stratum.genes < 1:
        raise BadInputError(
            f"Stratum {stratum.name!r} of the planted truth has no genes: give it one or more, or "
            "leave it out."
        )
    if stratum.name == PRODUCT:
        return list(twins[:1])
    return [name for name in classes if name not in twins]


def _pools(
    levels: pd.Series,
    wanted: list[tuple[str, Stratum]],
    bounds: Mapping[str, tuple[float, float]],
    seed: int,
) -> dict[str, npt.NDArray[np.str_]]:
    """Shuffle the genes of each level that is asked for."""
    generator = np.random.default_rng([seed, *b"truth"])
    pools = {}
    for level, (low, high) in bounds.items():
        order = generator.permutation(levels.index[(levels >= low) & (levels < high)].to_numpy(str))
        needed = sum(stratum.genes for _, stratum in wanted if stratum.level == level)
        if needed > len(order):
            names = dict.fromkeys(s.name for _, s in wanted if s.level == level)
            raise BadInputError(
                f"{needed:,} genes are to be planted at {level} expression (strata "
                f"{', '.join(names)}), but {len(order):,} are measured there, of {low:.1f} to "
                f"{high:.1f} log2(TPM + 1): plant fewer classes (planted_classes), or measure more "
                "genes (most_genes)."
            )
        pools[level] = order
    return pools


def draw_laboratories(
    tissues: npt.NDArray[np.str_], owners: Sequence[str], generator: np.random.Generator
) -> npt.NDArray[np.str_]:
    """Send every sample through a laboratory, named after the class that most of its samples are.

    Parameters
    ----------
    tissues
        Class of each sample.
    owners
        Classes with a laboratory of their own; samples of others go anywhere.
    generator
        Of the draws.
    """
    anywhere = generator.choice(np.asarray(owners, dtype=str), len(tissues))
    stays = generator.random(len(tissues)) < OWN_LABORATORY
    return np.where(stays & np.isin(tissues, owners), tissues, anywhere)


def shift(
    x: npt.NDArray[np.floating], columns: npt.ArrayLike, effect: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Return log2(TPM + 1) of some genes after their TPM changed by a factor of two to `effect`.

    Parameters
    ----------
    x
        Samples × genes, log2(TPM + 1).
    columns
        Places of the genes.
    effect
        log2 of the change: one for all, or genes, or samples × genes.
    """
    tpm = np.exp2(x[:, np.asarray(columns)]) - 1
    return np.log2(tpm * np.exp2(np.asarray(effect)) + 1).astype(np.float32)


def rescaled(x: npt.NDArray[np.float32], sums: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Divide each sample so that its TPM add up to `sums` again: what a sequencer gives."""
    tpm = np.exp2(x) - np.float32(1)
    tpm *= (sums / tpm.sum(axis=1, dtype=np.float64)).astype(np.float32)[:, None]
    return np.log2(tpm + np.float32(1))


def real_genes(truth: pd.DataFrame, tissue: str) -> pd.DataFrame:
    """Return the rows of a class that are no decoys."""
    return truth[(truth["tissue"] == tissue) & (truth["stratum"] != DECOY)]
