"""Steps: top genes by networks that know nothing, and how far explanations follow the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray

from helpers.biology.cancer import rank_in_scores
from helpers.biology.expression_status import expression_correlation
from helpers.claims.control import HIDDEN, OUTPUT, SHUFFLED, TRUE, UNTRAINED
from helpers.explain.explainers import EXPLAINERS, NO_REFERENCE, explainers
from helpers.explain.scores import top_indices
from helpers.models.files import TrainedModel
from helpers.stability.model_scale import weighed
from helpers.stability.overlap import list_length
from helpers.stability.ranks import spearman_matrix
from helpers.study.cancer.lists import MARKERS
from helpers.study.cancer.shared_genes import EXPLAINER as OF_TUMOURS
from helpers.study.cancer.tumours import tumour_classes
from helpers.study.controls.networks import (
    FAMILY,
    OWN,
    SIZE_SETTINGS,
    TRAINING_SETTINGS,
    members,
    number_of,
    own_networks,
    shuffle_seed,
    shuffled_ensemble,
    without_knowledge,
)
from helpers.study.designs.choices import Chosen
from helpers.study.designs.combined_estimates import combined_sets, engine_settings
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import Samples, explained_samples
from helpers.study.designs.single_estimates import mode_of
from helpers.study.formats import JSON
from helpers.study.optimisation.at_optimum import Conditions, pool_of
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.lists import LIST_SETTINGS
from helpers.training.ensemble import aligned, predict
from helpers.training.selection import choose_at_most
from helpers.workflow.step import Context, Step

LISTS = "control/lists"

REFERENCE = "universal"
"""The kind of reference of lists, the best for MLPs, as the paper found."""

ALL = "all"
"""In place of a tissue where samples of several are explained together."""

POOL = 10
"""References are drawn from so many times as many as a network takes."""

ANOTHER = "another"
"""In the table of similarity: another network that learnt the true labels."""

STAGES = (OUTPUT, HIDDEN, UNTRAINED)

Values = npt.NDArray[np.floating]
Tables = dict[str, dict[str, list[Any]]]
"""Tables by name, each by column, as JSON can hold them."""

COLUMNS = {
    "lists": ["kind", "explainer", "tissue", "rank", "gene"],
    "correlations": ["kind", "explainer", "tissue", "spearman", "spearman_absolute"],
    "markers": ["kind", "explainer", "tissue", "gene", "rank", "genes"],
    "tumours": ["kind", "tissue", "sample", "rank", "gene"],
    "networks": ["kind", "model", "accuracy", "best_epoch", "epochs"],
    "similarity": ["kind", "explainer", "tissue", "models", "spearman", "overlap"],
}
"""Tables of a member, and their columns."""


def together(groups: list[Samples]) -> Samples:
    """Put groups of samples together, each sample with its class."""
    return Samples(
        ALL,
        [name for group in groups for name in group.names],
        np.concatenate([group.x for group in groups]),
        classes=tuple(group.tissue for group in groups for _ in group.names),
    )


class Work:
    """What is explained, and how: read once for all networks of a member."""

    def __init__(self, context: Context, seed: int) -> None:
        self.chosen = Chosen(context.settings, {"seed": seed})
        self.adata = context["data/expression"]
        self.genes = self.adata.var_names.to_numpy(dtype=str)
        self.k = list_length(self.chosen.top, len(self.genes))
        normal, cancer = (
            explained_samples(self.adata, context[f"tables/{name}"])
            for name in ("explained", "cancer_explained")
        )
        self.normal = [group.tissue for group in normal]
        self.groups: list[Samples] = [*normal, *cancer]
        self.tumours = explained_samples(
            self.adata,
            choose_at_most(
                context["tables/split"],
                tumour_classes(self.adata),
                context.settings.tumour_samples,
                seed=context.settings.seed,
            ),
        )
        self.means = tissue_means(context)
        estimates = self.chosen.sensitivity_estimates
        pool = max(min(self.chosen.reference_pool, POOL * estimates), estimates)
        # References of this kind are the same for all tissues.
        self.references = ReferenceMaker.of(context, REFERENCE).pools(pool, [ALL])[ALL]
        sides = aligned(context["tables/split"].set_index("sample")["split"], self.adata)
        self.test = np.flatnonzero(sides == "test")
        self.names = explainers("mlp")

    def explained(self, trained: TrainedModel) -> Values:
        """Return explainers × classes × genes: means over samples, on one scale."""
        found = np.empty((len(self.names), len(self.groups), len(self.genes)), dtype=np.float32)
        for place, explainer in enumerate(self.names):
            if is_copy(explainer, self.chosen):
                found[place] = found[self.names.index("DeepLift")]
                continue
            for row, values in enumerate(self._scores(trained, explainer, self.groups)):
                found[place, row] = weighed(values, self.chosen.model_scale).mean(axis=0)
        return found

    def of_tumours(self, trained: TrainedModel) -> Values:
        """Return samples of all tumours × genes, by one explainer, on one scale."""
        found = self._scores(trained, OF_TUMOURS, self.tumours)
        parts = [weighed(values, self.chosen.model_scale) for values in found]
        return np.concatenate(parts) if parts else np.empty((0, len(self.genes)), np.float32)

    def _scores(self, trained: TrainedModel, explainer: str, groups: list[Samples]) -> list[Values]:
        """Explain groups of samples: samples × genes of each.

        Where samples do not see each other they are explained as one group, which takes a
        quarter of the time; in training mode a group is a batch.
        """
        if not groups:
            return []
        needs = EXPLAINERS[explainer].needs_reference
        found = Conditions(REFERENCE if needs else NO_REFERENCE, self.chosen.sensitivity_estimates)
        pool = pool_of(
            explainer, found, self.references if needs else None, self.chosen.seed, trained.index
        )
        coupled = mode_of(explainer, self.chosen) == "training"
        parts = [
            combined_sets(trained, trained.index, group, pool, self.chosen)[0]
            for group in (groups if coupled else [together(groups)])
        ]
        ends = np.cumsum([len(group.names) for group in groups])[:-1]
        return np.split(np.concatenate(parts), ends)

    def accuracy(self, trained: TrainedModel) -> float:
        """Return the share of test samples that a network names correctly."""
        x = np.asarray(self.adata.X[self.test])
        truth = self.adata.obs["tissue"].to_numpy(dtype=str)[self.test]
        found = np.asarray(trained.classes)[predict(trained, x).argmax(axis=1)]
        return float((found == truth).mean()) if len(truth) else float("nan")


def is_copy(explainer: str, chosen: Any) -> bool:
    """Tell whether an explainer gives what DeepLift gives, to the last digit.

    DeepLiftShap is DeepLIFT averaged over references, and lists average DeepLift over the same ones
    with the same masks. In training mode samples and references share a batch, so it is not.
    """
    averaged = chosen.deepliftshap == "mean_over_references"
    return bool(explainer == "DeepLiftShap" and averaged and chosen.mode != "training")


class Ensemble:
    """What the explanations of several networks average to."""

    def __init__(self, work: Work, kind: str) -> None:
        self.work, self.kind, self.count = work, kind, 0
        self.total = np.zeros((len(work.names), len(work.groups), len(work.genes)))
        samples = sum(len(group.names) for group in work.tumours)
        self.of_tumours = np.zeros((samples, len(work.genes)))
        self.networks: list[list[Any]] = []

    def add(self, trained: TrainedModel, explained: Values) -> None:
        """Add one network."""
        self.total += explained
        self.of_tumours += self.work.of_tumours(trained)
        self.count += 1
        last = len(trained.history)
        accuracy = self.work.accuracy(trained)
        self.networks.append([self.kind, trained.index, accuracy, trained.best_epoch, last])

    @property
    def mean(self) -> Values:
        """Explainers × classes × genes."""
        found: Values = (self.total / self.count).astype(np.float32)
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return lists, and what else rules read of whole rankings."""
        work, mean = self.work, self.mean
        lists = [
            self._list(mean[i, j], explainer=explainer, tissue=group.tissue)
            for i, explainer in enumerate(work.names)
            for j, group in enumerate(work.groups)
        ]
        of_tumours = (self.of_tumours / self.count).astype(np.float32)
        names = [(group.tissue, name) for group in work.tumours for name in group.names]
        tumours = [
            self._list(vector, tissue=tissue, sample=name)
            for vector, (tissue, name) in zip(of_tumours, names, strict=True)
        ]
        return {
            "lists": pd.concat(lists, ignore_index=True),
            "correlations": self._correlations(mean),
            "markers": self._markers(mean),
            "tumours": pd.concat(tumours, ignore_index=True)
            if tumours
            else pd.DataFrame(columns=COLUMNS["tumours"]),
            "networks": pd.DataFrame(self.networks, columns=COLUMNS["networks"]),
        }

    def _list(self, vector: Values, **what: str) -> pd.DataFrame:
        work = self.work
        top = top_indices(vector, work.k, work.chosen.rank_by)
        ranks = {"rank": np.arange(1, len(top) + 1), "gene": work.genes[top]}
        return pd.DataFrame({"kind": self.kind} | what | ranks)

    def _scores(self, mean: Values) -> Iterator[tuple[str, xarray.DataArray]]:
        classes = [group.tissue for group in self.work.groups]
        for explainer, values in zip(self.work.names, mean, strict=True):
            yield (
                explainer,
                xarray.DataArray(values, coords={"tissue": classes, "gene": self.work.genes}),
            )

    def _correlations(self, mean: Values) -> pd.DataFrame:
        given = {
            ("mlp", explainer, True): scores.sel(tissue=self.work.normal)
            for explainer, scores in self._scores(mean)
        }
        table = expression_correlation(given, self.work.means).assign(kind=self.kind)
        return table[COLUMNS["correlations"]]

    def _markers(self, mean: Values) -> pd.DataFrame:
        parts = [pd.DataFrame(columns=COLUMNS["markers"])]
        for explainer, scores in self._scores(mean):
            for gene in sorted(set(MARKERS) & set(self.work.genes.tolist())):
                ranks = rank_in_scores(gene, scores)
                parts.append(ranks.assign(kind=self.kind, explainer=explainer))
        filled = [part for part in parts if len(part)] or parts
        return pd.concat(filled, ignore_index=True)[COLUMNS["markers"]]


def similarity(work: Work, kind: str, models: str, a: Values, b: Values) -> pd.DataFrame:
    """Compare explanations: rank correlation of sizes of scores, and overlap of top genes.

    Parameters
    ----------
    work
        What was explained.
    kind, models
        What is compared, and of how many networks.
    a, b
        Explainers × classes × genes.
    """
    rows = []
    for i, explainer in enumerate(work.names):
        for j, group in enumerate(work.groups):
            if group.tissue not in work.normal:
                continue
            pair = (a[i, j], b[i, j])
            found = spearman_matrix(np.abs(np.stack(pair)))[0, 1]
            one, other = (set(top_indices(v, work.k, work.chosen.rank_by).tolist()) for v in pair)
            shared = len(one & other) / work.k
            rows.append([kind, explainer, group.tissue, models, float(found), shared])
    return pd.DataFrame(rows, columns=COLUMNS["similarity"])


ALONE, TOGETHER = "one", "all"
"""Whether single networks are compared, each with itself, or averages over all."""


def make_lists(context: Context, member: str) -> Tables:
    """List the top genes by the run's own networks and their remains, or by one shuffle's."""
    if member == OWN:
        return _of_own_networks(context)
    number = number_of(member)
    work = Work(context, shuffle_seed(context.settings.seed, number))
    ensemble = Ensemble(work, SHUFFLED)
    for trained in shuffled_ensemble(context, number):
        ensemble.add(trained, work.explained(trained))
    return packed(ensemble.tables())


def _of_own_networks(context: Context) -> Tables:
    """List them by the run's networks, and as these lose their weights from the output down."""
    chosen = context.settings
    work = Work(context, chosen.seed)
    ensembles = {kind: Ensemble(work, kind) for kind in (TRUE, *STAGES)}
    compared: list[pd.DataFrame] = []
    before: Values | None = None
    for place, (_, trained) in enumerate(own_networks(context)):
        found = {}
        for kind, network in without_knowledge(trained, chosen.seed).items():
            found[kind] = work.explained(network)
            ensembles[kind].add(network, found[kind])
        if place < chosen.inter_models:
            pairs = {kind: found[kind] for kind in STAGES}
            pairs |= {} if before is None else {ANOTHER: before}
            compared += [
                similarity(work, kind, ALONE, found[TRUE], own) for kind, own in pairs.items()
            ]
            before = found[TRUE]
    true = ensembles[TRUE].mean
    compared += [similarity(work, kind, TOGETHER, true, ensembles[kind].mean) for kind in STAGES]
    means = pd.concat(compared, ignore_index=True)
    keys = ["kind", "explainer", "tissue", "models"]
    parts = [ensemble.tables() for ensemble in ensembles.values()]
    tables = {
        name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]
    }
    tables["similarity"] = means.groupby(keys, sort=False).mean().reset_index()
    return packed(tables)


def packed(tables: dict[str, pd.DataFrame]) -> Tables:
    """Return tables as JSON can hold them."""
    return {
        name: {str(column): table[column].tolist() for column in table}
        for name, table in tables.items()
    }


def unpacked(tables: Tables, name: str) -> pd.DataFrame:
    """Return one of the tables of a member of `LISTS`."""
    return pd.DataFrame(tables[name], columns=COLUMNS[name])


STEPS = (
    Step(
        name=LISTS,
        path="control/lists-{member}.json",
        form=JSON,
        make=make_lists,
        title="Explaining networks that know nothing",
        inputs=("data/expression", "data/tissues", "tables/split", "tables/explained",
                "tables/cancer_explained", FAMILY.step),
        settings=tuple(dict.fromkeys((
            *TRAINING_SETTINGS, *SIZE_SETTINGS, *engine_settings("mlp"), *LIST_SETTINGS,
            "sensitivity_estimates", "reference_pool", "tumour_samples", "inter_models",
        ))),
        members=members,
        parallel=True,
    ),
)  # fmt: skip
