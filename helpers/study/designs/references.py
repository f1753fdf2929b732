"""References as the steps ask for them: of a kind, from the samples that may be used."""

from __future__ import annotations

import functools
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.explain.explainers import NO_REFERENCE
from helpers.explain.references import (
    REFERENCES,
    GeneStatistics,
    TruncatedNormal,
    gene_statistics,
)
from helpers.study.designs.seeds import REFERENCE_STREAM, derived_seed
from helpers.workflow.step import Context

Scores = npt.NDArray[np.float32]

REFERENCE_SETTINGS = ("reference_cut", "reference_statistics", "reference_samples")
"""Settings that decide what random references are drawn from."""

ADDED_SD = 0.01
"""What the released scripts add to the standard deviation of every gene (log2 units)."""

_KEPT_BYTES = 2**28


class Pool:
    """References that are drawn when they are asked for, since few of a pool are used.

    Reference k is the same whatever else is drawn.

    Parameters
    ----------
    n
        How many there are.
    drawn
        What they are drawn by.
    """

    def __init__(self, n: int, drawn: _Drawn) -> None:
        self._n = n
        self._drawn = drawn

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, numbers: Sequence[int] | npt.NDArray[np.integer]) -> Scores:
        """Return the references of these numbers, counted from 0: numbers × genes."""
        wanted = np.asarray(numbers)
        if wanted.min() < 0 or wanted.max() >= self._n:
            raise IndexError(f"There are {self._n} references, not {wanted.tolist()}.")
        return self._drawn.rows(wanted.tolist())


class _Drawn:
    """References of one distribution and seed, each of them drawn once."""

    def __init__(self, distribution: TruncatedNormal, seed: int) -> None:
        self._distribution = distribution
        self._seed = seed
        self._rows: dict[int, Scores] = {}

    def rows(self, numbers: list[int]) -> Scores:
        """Return the references of these numbers."""
        missing = [k for k in dict.fromkeys(numbers) if k not in self._rows]
        self._rows |= zip(missing, self._distribution.draw_some(missing, self._seed), strict=True)
        return np.stack([self._rows[k] for k in numbers])

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return len(self._rows) * len(self._distribution.mean) * np.dtype(np.float32).itemsize


# Steps on other explainers ask for the same ones: as many are kept as memory allows, the last ones.
_kept: OrderedDict[Any, _Drawn] = OrderedDict()


@dataclass(frozen=True)
class ReferenceMaker:
    """Makes the references of one kind for explaining samples of a tissue.

    Attributes
    ----------
    kind
        A key of `REFERENCES`, or `NO_REFERENCE`.
    adata
        Samples × genes, log2(TPM + 1).
    split
        Side of the split of each sample.
    cut, statistics, samples, seed
        The settings ``reference_cut``, ``reference_statistics``, ``reference_samples`` and
        ``seed``.
    """

    kind: str
    adata: anndata.AnnData
    split: pd.Series
    cut: str
    statistics: str
    samples: str
    seed: int

    @classmethod
    def of(cls, context: Context, kind: str, *stream: int) -> ReferenceMaker:
        """Return the maker for a step that declares data, split and the settings of references.

        Steps that name a `stream` of their own draw other references than the rest.
        """
        chosen = context.settings
        return cls(
            kind,
            context["data/expression"],
            context["tables/split"].set_index("sample")["split"],
            chosen.reference_cut,
            chosen.reference_statistics,
            chosen.reference_samples,
            derived_seed(chosen.seed, *stream) if stream else chosen.seed,
        )

    def make(self, n: int, tissues: list[str]) -> dict[str, Scores | None]:
        """Make `n` references (n × genes) for each tissue; only `specific` ones differ."""
        pools = self.pools(n, tissues)
        made = {id(pool): pool[range(n)] for pool in pools.values() if pool is not None}
        return {tissue: made.get(id(pool)) for tissue, pool in pools.items()}

    def pools(self, n: int, tissues: list[str]) -> dict[str, Pool | None]:
        """Return the same references, to be drawn as they are asked for."""
        if self.kind == NO_REFERENCE:
            return dict.fromkeys(tissues)
        if REFERENCES[self.kind].needs == "one tissue":
            return {tissue: Pool(n, self._drawn(tissue)) for tissue in tissues}
        return dict.fromkeys(tissues, Pool(n, self._drawn(None)))

    def _drawn(self, tissue: str | None) -> _Drawn:
        """Return what has been drawn of these references, by this step or another."""
        kind = REFERENCES[self.kind]
        seed = derived_seed(self.seed, REFERENCE_STREAM)
        key: tuple[Any, ...] = (kind, self.adata.n_vars, self.cut, seed)
        if kind.needs != "nothing":
            key = (*key, _Same(self.adata), self._used(tissue).tobytes(), self.statistics, tissue)
        if key not in _kept:
            statistics = None if kind.needs == "nothing" else self._statistics(tissue)
            distribution = kind.distribution(self.adata.n_vars, statistics, self.cut)
            while _kept and sum(other.size for other in _kept.values()) > _KEPT_BYTES:
                _kept.popitem(last=False)
            _kept[key] = _Drawn(distribution, seed)
        _kept.move_to_end(key)
        return _kept[key]

    def _used(self, tissue: str | None) -> npt.NDArray[np.bool_]:
        """Tell which samples genes are measured on: those of all classes, or of one."""
        sides = self.split.loc[self.adata.obs_names].to_numpy()
        used = np.full(len(sides), True) if self.samples == "all" else sides == "train"
        if tissue is not None:
            used &= self.adata.obs["tissue"].to_numpy(dtype=str) == tissue
        return used

    def _statistics(self, tissue: str | None) -> GeneStatistics:
        """Measure the genes: over all classes, or over the samples of one."""
        of_tissues = self.statistics == "tissue_medians"
        used = self._used(tissue)
        if tissue is None:
            found = _of_all_classes(_Same(self.adata), used.tobytes(), of_tissues)
        else:
            found = gene_statistics(np.asarray(self.adata.X)[used])
        return GeneStatistics(found.mean, found.sd + ADDED_SD) if of_tissues else found


class _Same:
    """A data set that is equal to itself alone, so that what is measured of it can be kept.

    It does not keep the data set.
    """

    def __init__(self, adata: anndata.AnnData) -> None:
        self.adata = weakref.ref(adata)
        self._hash = id(adata)

    def __eq__(self, other: object) -> bool:
        own = self.adata()
        return isinstance(other, _Same) and own is not None and own is other.adata()

    def __hash__(self) -> int:
        return self._hash


# It takes half a second, and every explainer asks for the same.
@functools.lru_cache(maxsize=2)
def _of_all_classes(data: _Same, used: bytes, medians: bool) -> GeneStatistics:
    """Measure the genes over all samples, or over the medians of classes.

    By medians classes count alike, whatever their number of samples.
    """
    adata = data.adata()
    assert adata is not None
    kept = np.frombuffer(used, dtype=bool)
    x = np.asarray(adata.X)
    if not medians:
        return gene_statistics(x[kept])
    classes = adata.obs["tissue"].to_numpy(dtype=str)
    each = [np.median(x[kept & (classes == name)], axis=0) for name in np.unique(classes[kept])]
    return gene_statistics(np.stack(each))
