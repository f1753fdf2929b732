"""References as the steps ask for them: of a kind, from the samples that may be used."""

from __future__ import annotations

from dataclasses import dataclass

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.explain.explainers import NO_REFERENCE
from helpers.explain.references import REFERENCES, make_references
from helpers.study.designs.seeds import REFERENCE_STREAM, derived_seed
from helpers.workflow.step import Context

Scores = npt.NDArray[np.float32]


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
    cut, samples, seed
        The settings ``reference_cut``, ``reference_samples`` and ``seed``.
    """

    kind: str
    adata: anndata.AnnData
    split: pd.Series
    cut: str
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
        labels, expression = None, None
        if REFERENCES[self.kind].needs != "nothing":
            sides = self.split.loc[self.adata.obs_names].to_numpy()
            kept = np.full(len(sides), True) if self.samples == "all" else sides == "train"
            labels = self.adata.obs["tissue"].to_numpy(dtype=str)[kept]
            expression = np.asarray(self.adata.X)[kept]
        return make_references(
            self.kind,
            n,
            genes=self.adata.n_vars,
            expression=expression,
            tissues=labels,
            tissue=tissue,
            cut=self.cut,
            seed=derived_seed(self.seed, REFERENCE_STREAM),
        )
