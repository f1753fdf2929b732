"""What the steps that explain samples share: the samples, their targets, the references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.explain.explainers import EXPLAINERS
from helpers.explain.explanation import explain
from helpers.explain.references import REFERENCES, make_references
from helpers.models.files import TrainedModel
from helpers.study.step import Context

Scores = npt.NDArray[np.float32]

NO_REFERENCE = "none"

SCORES_AS = {"signed_mean": "signed", "absolute_median": "absolute"}
"""What correlations are computed on, by how estimates are combined."""

EXPLANATION_SETTINGS = (
    "mode",
    "combine",
    "deepliftshap",
    "reference_cut",
    "reference_samples",
    "seed",
)
"""The settings that every step which explains samples depends on."""

CNN_EXPLANATION_SETTINGS = (
    *EXPLANATION_SETTINGS,
    "gradcampp_target",
    "cam_layer",
    "cnn_explained_samples",
)
"""The same for steps that explain CNNs."""

REFERENCE_STREAM, EXPLANATION_STREAM = 1, 2
"""Keep the draws of references and of dropout masks apart from all others of a run."""


def derived_seed(seed: int, *parts: int) -> int:
    """Return a seed that depends on the run's seed and on what it is for."""
    return int(np.random.SeedSequence([seed, *parts]).generate_state(1)[0])


@dataclass(frozen=True)
class Samples:
    """The samples of one tissue to explain: expression and class of each."""

    tissue: str
    names: list[str]
    x: npt.NDArray[np.float32]


def explained_samples(
    adata: anndata.AnnData, explained: pd.DataFrame, limit: int | None = None
) -> list[Samples]:
    """Collect the expression (samples × genes) of the chosen samples, tissue by tissue.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1).
    explained
        The table of chosen samples.
    limit
        How many samples of a tissue at most; None: all.
    """
    groups = []
    for tissue, rows in explained.groupby("tissue", sort=False):
        names = rows["sample"].tolist()[:limit]
        groups.append(Samples(str(tissue), names, np.asarray(adata[names].X, dtype=np.float32)))
    return groups


def samples_for(context: Context, architecture: str) -> list[Samples]:
    """Collect the samples that models of an architecture explain, outside of curves."""
    limit = context.settings.cnn_explained_samples if architecture == "cnn" else None
    return explained_samples(context["data/expression"], context["tables/explained"], limit)


def explain_groups(
    model: TrainedModel,
    number: int,
    groups: list[Samples],
    *,
    explainer: str,
    references: Mapping[str, Scores | None],
    integration_steps: int,
    settings: Any,
    **counts: Any,
) -> Scores:
    """Explain the samples of all tissues by one model: replicates × samples × genes.

    Parameters
    ----------
    model, number
        The model and its number, on which the draw of dropout masks depends.
    groups
        The samples, tissue by tissue.
    explainer
        A key of `EXPLAINERS`.
    references
        References for each tissue, as `explain` takes them.
    integration_steps
        Steps of IntegratedGradients.
    settings
        The `EXPLANATION_SETTINGS`, for CNNs the `CNN_EXPLANATION_SETTINGS`.
    **counts
        ``replicates`` or ``repeats``, as `explain` takes them.
    """
    if model.architecture == "cnn":
        counts["layer"] = settings.cam_layer or None
        counts["gradcampp_target"] = settings.gradcampp_target
    parts = [
        explain(
            model.model,
            group.x,
            targets(model, group),
            explainer=explainer,
            references=references[group.tissue],
            combine=settings.combine,
            mode=settings.mode,
            integration_steps=integration_steps,
            deepliftshap=settings.deepliftshap,
            seed=derived_seed(settings.seed, EXPLANATION_STREAM, number, *group.tissue.encode()),
            **counts,
        )
        for group in groups
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def labels(groups: list[Samples]) -> dict[str, Any]:
    """Return the names and tissues of all samples, as `make_scores` takes them."""
    return {
        "samples": [name for group in groups for name in group.names],
        "tissues": [group.tissue for group in groups for _ in group.names],
    }


def targets(model: TrainedModel, samples: Samples) -> npt.NDArray[np.int64]:
    """Return the index of the samples' own class in the model's output."""
    return np.full(len(samples.names), model.classes.index(samples.tissue), dtype=np.int64)


def explainers(architecture: str) -> list[str]:
    """Name the explainers of an architecture."""
    return [name for name, entry in EXPLAINERS.items() if architecture in entry.architectures]


def conditions(architecture: str, kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every explainer of an architecture with every one of `kinds` that it can use."""
    for name in explainers(architecture):
        usable = kinds if EXPLAINERS[name].needs_reference else (NO_REFERENCE,)
        yield from ((name, kind) for kind in usable)


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
