"""References as the steps ask for them: of a kind, from the samples that may be used."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.explain.explainers import NO_REFERENCE
from helpers.explain.references import (
    REFERENCES,
    GeneStatistics,
    gene_statistics,
    make_references,
)
from helpers.study.designs.seeds import REFERENCE_STREAM, derived_seed
from helpers.workflow.step import Context

Scores = npt.NDArray[np.float32]

REFERENCE_SETTINGS = ("reference_cut", "reference_statistics", "reference_samples")
"""Settings that decide what random references are drawn from."""

ADDED_SD = 0.01
"""What the released scripts add to the standard deviation of every gene (log2 units)."""


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
        if self.kind == NO_REFERENCE:
            return dict.fromkeys(tissues)
        if REFERENCES[self.kind].needs == "one tissue":
            return {tissue: self._draw(n, tissue) for tissue in tissues}
        return dict.fromkeys(tissues, self._draw(n, None))

    def _draw(self, n: int, tissue: str | None) -> Scores:
        needs = REFERENCES[self.kind].needs
        return make_references(
            self.kind,
            n,
            genes=self.adata.n_vars,
            statistics=None if needs == "nothing" else self._statistics(tissue),
            cut=self.cut,
            seed=derived_seed(self.seed, REFERENCE_STREAM),
        )

    def _statistics(self, tissue: str | None) -> GeneStatistics:
        """Measure the genes: over all classes, or over the samples of one."""
        sides = self.split.loc[self.adata.obs_names].to_numpy()
        kept = np.full(len(sides), True) if self.samples == "all" else sides == "train"
        of_tissues = self.statistics == "tissue_medians"
        if tissue is None and of_tissues:
            found = _of_tissue_medians(_Same(self.adata), kept.tobytes())
        else:
            if tissue is not None:
                kept &= self.adata.obs["tissue"].to_numpy(dtype=str) == tissue
            found = gene_statistics(np.asarray(self.adata.X)[kept])
        return GeneStatistics(found.mean, found.sd + ADDED_SD) if of_tissues else found


class _Same:
    """A data set that is equal to itself alone, so that what is measured of it can be kept."""

    def __init__(self, adata: anndata.AnnData) -> None:
        self.adata = adata

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.adata is other.adata

    def __hash__(self) -> int:
        return id(self.adata)


# Medians of 80 classes take half a second, and every explainer asks for the same.
@functools.lru_cache(maxsize=1)
def _of_tissue_medians(data: _Same, kept: bytes) -> GeneStatistics:
    """Measure the medians of classes, which count alike whatever their number of samples."""
    used = np.frombuffer(kept, dtype=bool)
    classes = data.adata.obs["tissue"].to_numpy(dtype=str)
    x = np.asarray(data.adata.X)
    medians = [np.median(x[used & (classes == name)], axis=0) for name in np.unique(classes[used])]
    return gene_statistics(np.stack(medians))
