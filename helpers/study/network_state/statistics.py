"""Steps: the headline numbers of every section in every state, and what moves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.annotations.regulators import transcription_factors
from helpers.biology.cancer import Pair, paired, segregation, segregation_summary
from helpers.biology.expression_status import top_expressed
from helpers.biology.specificity import specific_genes
from helpers.stability.overlap import list_length
from helpers.study.network_state.first_layer import weight_lists
from helpers.study.network_state.lists import FAMILY, LISTS
from helpers.study.network_state.states import FULL, MIXED, SAME, STATES, State
from helpers.study.top_genes.expression_status import tissue_means
from helpers.study.top_genes.lists import ALL_MODELS
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

Values = npt.NDArray[np.float64]

STATISTICS = {
    "between_models": "lists of different models share",
    "between_explainers": "lists of different explainers share",
    "between_tissues": "lists of different tissues share",
    "tissue_specific": "of a list is specific to its tissue",
    "top_expressed": "of a list is among the highest expressed genes",
    "transcription_factors": "of a list are transcription factors",
    "largest_weights": "of a list is among the genes with the largest weights",
    "segregation": "segregation of genes of normal tissue and of cancer",
}
"""What is measured of lists, one or more for each section of the paper, and its name."""

MEASURED = ["explainer", "statistic", "model", "value"]
"""What `measured` says of lists."""

STATISTIC_COLUMNS = ["state", "mode", "combine", "batch", "company", *MEASURED]
EFFECT_COLUMNS = ["factor", "change", "explainer", "statistic", "effect", "ci_low", "ci_high", "n",
                  "unit"]  # fmt: skip

INPUTS = ("data/tissues", "tables/tissue_groups", "tables/cancer_de", "tables/explained",
          FAMILY.step)  # fmt: skip
"""Steps that `Compared` reads."""


@dataclass(frozen=True)
class Compared:
    """What lists are compared with.

    Attributes
    ----------
    tissues
        The explained normal tissues.
    changes
        Expression in cancer against normal tissue, see ``cancer_de.csv``.
    sets
        Statistic → the genes that count, of a tissue.
    weights
        Model, or `ALL_MODELS` → the genes with the largest weights.
    """

    tissues: list[str]
    changes: list[Pair]
    sets: Mapping[str, Callable[[str], frozenset[str]]]
    weights: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, context: Context) -> Compared:
        """Read them, in a step with `INPUTS` and the settings top and state_models."""
        means = tissue_means(context)
        specific = specific_genes(context["tables/tissue_groups"])
        factors = transcription_factors().genes
        return cls(
            tissues=list(dict.fromkeys(context["tables/explained"]["tissue"])),
            changes=paired(context["tables/cancer_de"]),
            sets={
                "tissue_specific": _by_tissue(specific[specific["set"] == "tissue_specific"]),
                "top_expressed": _by_tissue(
                    top_expressed(means, list_length(context.settings.top, len(means)))
                ),
                "transcription_factors": lambda _: factors,
            },
            weights=weight_lists(context),
        )


def _by_tissue(table: pd.DataFrame) -> Callable[[str], frozenset[str]]:
    found = {str(tissue): frozenset(part) for tissue, part in table.groupby("tissue")["gene"]}
    return lambda tissue: found.get(tissue, frozenset())


def make_statistics(context: Context) -> pd.DataFrame:
    """Measure the lists of every state, of each model alone and of all together."""
    compared = Compared.of(context)
    lists = pd.concat([table for _, table in context.each(LISTS)], ignore_index=True)
    rows: list[dict[str, Any]] = []
    for state in STATES:
        own = lists[lists["state"] == state.name]
        named = {"state": state.name, "mode": state.mode, "combine": state.combine,
                 "batch": state.batch, "company": state.company}  # fmt: skip
        rows += [named | row for row in measured(own, compared)]
    return pd.DataFrame(rows, columns=STATISTIC_COLUMNS)


def measured(lists: pd.DataFrame, compared: Compared) -> Iterator[dict[str, Any]]:
    """Yield every statistic of the lists of one state: explainer, statistic, model, value.

    Means are over the explained normal tissues; of all models' lists too, where ``model`` is
    `ALL_MODELS`.
    """
    normal = lists[lists["tissue"].isin(compared.tissues)]
    found = {
        (str(explainer), str(model)): {
            str(tissue): frozenset(part) for tissue, part in own.groupby("tissue")["gene"]
        }
        for (explainer, model), own in normal.groupby(["explainer", "model"], sort=False)
    }
    for (explainer, model), own in found.items():
        alone = model != ALL_MODELS
        others = [
            of for (who, which), of in found.items()
            if who == explainer and alone and which not in (model, ALL_MODELS)
        ]  # fmt: skip
        kin = [of for (who, which), of in found.items() if which == model and who != explainer]
        values = {
            "between_models": _shared(own, others),
            "between_explainers": _shared(own, kin),
            "between_tissues": _mean(_overlap(a, b) for a, b in combinations(own.values(), 2)),
            "largest_weights": _mean(
                _overlap(genes, compared.weights[model])
                for genes in own.values()
                if model in compared.weights
            ),
            **{
                name: _mean(len(genes & of(tissue)) / len(genes) for tissue, genes in own.items())
                for name, of in compared.sets.items()
            },
        }
        for statistic, value in values.items():
            yield {"explainer": explainer, "statistic": statistic, "model": model, "value": value}
    yield from _segregations(lists, compared)


def _segregations(lists: pd.DataFrame, compared: Compared) -> Iterator[dict[str, Any]]:
    """Yield how far genes of normal tissue only and of cancer only part, mean over pairs."""
    for model, own in lists.groupby("model", sort=False):
        summary = segregation_summary(segregation(own, compared.changes))
        pairs = summary.drop_duplicates(["explainer", "normal", "cancer"])
        for explainer, part in pairs.groupby("explainer", sort=False):
            yield {"explainer": explainer, "statistic": "segregation", "model": str(model),
                   "value": _mean(part["segregation"])}  # fmt: skip


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(len(a), len(b), 1)


def _shared(own: dict[str, frozenset[str]], others: list[dict[str, frozenset[str]]]) -> float:
    return _mean(_overlap(genes, of[tissue]) for of in others for tissue, genes in own.items())


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


@dataclass(frozen=True)
class Change:
    """A change of one factor: the mean over some states minus that over others.

    Attributes
    ----------
    factor
        What is changed.
    title
        The change in words.
    after, before
        The states, each of `after` beside one of `before` that is equal but for the factor.
    """

    factor: str
    title: str
    after: tuple[State, ...]
    before: tuple[State, ...]


def _states(mode: str, batch: int = 0, company: str = "") -> tuple[State, ...]:
    return tuple(s for s in STATES if (s.mode, s.batch, s.company) == (mode, batch, company))


def _combined(name: str) -> tuple[State, ...]:
    return tuple(state for state in STATES if state.combine == name)


CHANGES = (
    Change("mode", "dropout on, in place of evaluation", _states("dropout"), _states("eval")),
    Change("mode", "training mode in full batches of one tissue, in place of dropout",
           _states("training", FULL, SAME), _states("dropout")),
    Change("combination", "median of absolute scores, in place of the mean",
           _combined("absolute_median"), _combined("signed_mean")),
    Change("batch size", "full batches of one tissue, in place of batches of four",
           _states("training", FULL, SAME), _states("training", 4, SAME)),
    Change("company", "mixed full batches, in place of one tissue",
           _states("training", FULL, MIXED), _states("training", FULL, SAME)),
)  # fmt: skip
"""The main effects of the factorial design."""


def make_effects(context: Context) -> pd.DataFrame:
    """Measure the effect of every factor on every statistic, with an interval over models."""
    table = context["tables/state_statistics"]
    single = table[table["model"] != ALL_MODELS]
    rows = []
    for (explainer, statistic), own in single.groupby(["explainer", "statistic"], sort=False):
        by_state = own.pivot_table(index="model", columns="state", values="value", dropna=False)
        for change in CHANGES:
            after, before = (
                by_state.reindex(columns=[state.name for state in states]).to_numpy()
                for states in (change.after, change.before)
            )
            effect, low, high, n = paired_effect(after.mean(axis=1) - before.mean(axis=1))
            rows.append({"factor": change.factor, "change": change.title, "explainer": explainer,
                         "statistic": statistic, "effect": effect, "ci_low": low,
                         "ci_high": high, "n": n, "unit": "models"})  # fmt: skip
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS)


def paired_effect(differences: Values) -> tuple[float, float, float, int]:
    """Return the mean of paired differences with Student's 95 % interval, and how many there are.

    Parameters
    ----------
    differences
        One for each model; those that are not known are left out.

    Returns
    -------
    tuple
        Mean, lower and upper end (NaN for fewer than two), and number.
    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return float("nan"), float("nan"), float("nan"), 0
    mean = float(known.mean())
    if len(known) < 2:
        return mean, float("nan"), float("nan"), 1
    half = float(stats.t.ppf(0.975, len(known) - 1) * stats.sem(known))
    return mean, mean - half, mean + half, len(known)


STEPS = (
    table_step(
        "state_statistics",
        make_statistics,
        "Measuring states of the network",
        text=("model",),
        inputs=(*INPUTS, LISTS),
        settings=("top", "state_models"),
    ),
    table_step(
        "state_effects",
        make_effects,
        "Comparing states of the network",
        text=("change",),
        inputs=("tables/state_statistics",),
    ),
)
