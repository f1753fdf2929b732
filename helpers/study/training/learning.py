"""Steps: a logistic regression beside the networks, and whether the networks have learnt."""

from __future__ import annotations

import pandas as pd

from helpers.training.cross_validation import metrics
from helpers.training.learnt import LEARNT, learnt
from helpers.training.linear import linear_predictions
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

LINEAR = "linear_baseline"
"""Table of how accurate a logistic regression is."""

HEADLINE = "headline_learnt"
"""Table of whether the headline's networks have learnt, which other protocols may explain."""


def make_linear_baseline(context: Context) -> pd.DataFrame:
    """Measure a logistic regression on the folds of the networks.

    ``chance`` is what guessing would reach, ``majority`` who always says the largest class.
    """
    sides = context["tables/split"]
    predictions = linear_predictions(
        context["data/expression"],
        sides.set_index("sample")["fold"],
        seed=context.settings.seed,
    )
    row = {
        "method": "logistic regression",
        **metrics(predictions),
        "chance": 1.0 / sides["tissue"].nunique(),
        "majority": float(sides["tissue"].value_counts(normalize=True).max()),
    }
    return pd.DataFrame([row])


def make_headline_learnt(context: Context) -> pd.DataFrame:
    """Judge whether the networks of each architecture have learnt."""
    tables = (context[f"tables/{name}"] for name in ("accuracy", "split", LINEAR))
    return learnt(*tables)


def make_learnt(context: Context) -> pd.DataFrame:
    """Judge the networks that are explained: a protocol's own, or the headline's."""
    own, headline = make_headline_learnt(context), context[f"tables/{HEADLINE}"]
    borrowed = headline[~headline["architecture"].isin(own["architecture"])]
    return pd.concat([own, borrowed], ignore_index=True)


_READ = ("tables/accuracy", "tables/split", f"tables/{LINEAR}")

STEPS = (
    table_step(
        LINEAR,
        make_linear_baseline,
        "Logistic regression",
        text=("method",),
        inputs=("data/expression", "tables/split"),
        settings=("seed",),
    ),
    table_step(
        HEADLINE,
        make_headline_learnt,
        "Asking whether networks have learnt",
        inputs=_READ,
        common=True,
    ),
    table_step(
        LEARNT,
        make_learnt,
        "Asking whether networks have learnt",
        inputs=(*_READ, f"tables/{HEADLINE}"),
    ),
)
