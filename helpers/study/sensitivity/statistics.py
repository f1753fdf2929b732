"""Steps: the ledger's numbers under every option of every choice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from helpers.claims.intervals import middle
from helpers.study.designs.choices import (
    CAM_SMOOTHING,
    CHOICE_SETTINGS,
    CHOICES,
    DEFAULT,
    GRADCAMPP,
    SMOOTHGRAD,
    Choice,
)
from helpers.study.designs.reach import explained
from helpers.study.sensitivity.facts import (
    ALL,
    FACTS,
    Facts,
    cnn_modes,
    completed,
    list_rows,
    options_of,
    single_rows,
)
from helpers.study.sensitivity.lists import AGREEMENT, LISTS
from helpers.study.sensitivity.noise import CAM, SMOOTH
from helpers.study.sensitivity.smoothing import BETWEEN, BOTH, SMOOTHED_CAMS
from helpers.workflow.step import Context
from helpers.workflow.tables import stacked, table_step

COLUMNS = ["choice", "option", "is_default", "statistic", "architecture", "explainer", "claim",
           "value", "ci_low", "ci_high", "n", "unit"]  # fmt: skip


def make_choices(context: Context) -> pd.DataFrame:
    """Compute the ledger's numbers under every option."""
    agreement = dict(context.each(AGREEMENT))
    lists = dict(context.each(LISTS))
    facts = Facts(context)
    parts = []
    known: dict[str, list[dict[str, Any]]] = {}
    for choice in CHOICES.values():
        for option, name, is_default in options_of(context, choice):
            if name not in known:
                known[name] = single_rows(completed(agreement, name), "B3")
                known[name] += list_rows(completed(lists, name), lists[DEFAULT], facts)
            rows = pd.DataFrame(known[name] + accuracy_rows(context, choice, name))
            own = rows["explainer"].isin([ALL, *explained(choice)])
            own &= rows["statistic"].map(partial(concerns, choice))
            parts.append(
                rows[own].assign(choice=choice.name, option=option.name, is_default=is_default)
            )
    parts += [_smoothgrad(context), _cam_smoothing(context), _gradcampp(context)]
    parts.append(_cnn_modes(context))
    # Without CNNs some parts are empty.
    return stacked((part for part in parts if len(part)), COLUMNS)[COLUMNS]


def concerns(choice: Choice, statistic: str) -> bool:
    """Tell whether a choice can change a number of MLPs; if not, it is the default's once more.

    Single estimates depend on some choices only with certain kinds of reference.
    """
    if not statistic.startswith(("intra_", "inter_")):
        return True
    return ("universal" if statistic.endswith("_universal") else "zero") in choice.single


def accuracy_rows(context: Context, choice: Choice, name: str) -> list[dict[str, Any]]:
    """Return the accuracy on test samples where a choice needs other networks."""
    if not choice.trains:
        return []
    table = context["tables/sensitivity_accuracy"]
    own = table[(table["member"] == name) & (table["split"] == "test")]["accuracy"]
    value, low, high = middle(own.to_numpy(float), median=True)
    return [{"statistic": "accuracy", "architecture": "mlp", "explainer": ALL, "claim": "T3",
             "value": value, "ci_low": low, "ci_high": high, "n": len(own),
             "unit": "models"}]  # fmt: skip


def _smoothgrad(context: Context) -> pd.DataFrame:
    """Return what each kind of noise gains over as many repeats, and over one estimate."""
    medians = sample_medians_by_option(pd.concat([t for _, t in context.each(SMOOTH)]))
    rows = []
    for (explainer, metric), part in medians.groupby(["explainer", "metric"], sort=False):
        wide = part.pivot_table(index="sample", columns=["option", "n"], values="value")
        size = int(part["n"].max())
        for option in SMOOTHGRAD.options:
            for statistic, other in (("repeats", size), ("one_estimate", 1)):
                if option.name == "none" and other == size:
                    continue
                gain = wide[option.name, size] - wide["none", other]
                value, low, high = middle(gain.to_numpy(float), median=True)
                rows.append(
                    {"choice": SMOOTHGRAD.name, "option": option.name,
                     "is_default": option == SMOOTHGRAD.options[0],
                     "statistic": f"gain_over_{statistic}_{metric}", "architecture": "mlp",
                     "explainer": explainer, "claim": "O1", "value": value, "ci_low": low,
                     "ci_high": high, "n": len(gain), "unit": "samples"}
                )  # fmt: skip
    return pd.DataFrame(rows)


def sample_medians_by_option(table: pd.DataFrame) -> pd.DataFrame:
    """Return medians over pairs: a row a sample, size, measure and option."""
    keys = ["option", "explainer", "metric", "n", "tissue", "sample"]
    return table.groupby(keys, sort=False)["value"].median().reset_index()


def _cam_smoothing(context: Context) -> pd.DataFrame:
    """Return how replicates and models agree under each option, and the options with each other.

    The last is a number of the option that is not the default.
    """
    table = context[SMOOTHED_CAMS]
    product, factors = CAM_SMOOTHING.options
    parts = [
        pd.DataFrame(single_rows(table[table["option"] == option.name], "O1")).assign(
            option=option.name, is_default=option == product
        )
        for option in CAM_SMOOTHING.options
    ]
    both = table[(table["option"] == BOTH) & (table["design"] == BETWEEN)]
    between = pd.DataFrame(single_rows(both, ""))
    parts.append(between.assign(option=factors.name, is_default=False))
    return pd.concat(parts, ignore_index=True).assign(choice=CAM_SMOOTHING.name)


def _gradcampp(context: Context) -> pd.DataFrame:
    table = context[CAM]
    parts = []
    for option in GRADCAMPP.options:
        rows = pd.DataFrame(single_rows(table[table["option"] == option.name], "B4"))
        is_default = option == GRADCAMPP.default(context.settings)
        parts.append(rows.assign(choice=GRADCAMPP.name, option=option.name, is_default=is_default))
    return pd.concat(parts, ignore_index=True)


def _cnn_modes(context: Context) -> pd.DataFrame:
    parts = [
        pd.DataFrame(single_rows(table.drop(columns="mode"), "B4")).assign(
            choice="mode", option=option.name,
            is_default=option == CHOICES["mode"].default(context.settings),
        )
        for option, table in cnn_modes(context).items()
    ]  # fmt: skip
    return stacked(parts, COLUMNS)


STEPS = (
    table_step(
        "choices",
        make_choices,
        "Measuring other choices",
        inputs=(
            *FACTS,
            "tables/sensitivity_accuracy",
            "tables/modes",
            AGREEMENT,
            LISTS,
            SMOOTH,
            SMOOTHED_CAMS,
            CAM,
        ),
        settings=("top", "gradcampp_target", *CHOICE_SETTINGS),
    ),
)
