"""Steps: explainers beside each other on every question, and which one to use."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.correctness.comparison import BASELINE, TOGETHER, additive
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.faithfulness.recommendation import (
    as_good_as_the_best,
    choose,
    enough_estimates,
    models_of_enough,
)
from helpers.faithfulness.retraining import have_learnt
from helpers.faithfulness.summary import T_TEST
from helpers.study.faithfulness.sources import ESTIMATES, estimates_of
from helpers.study.ground_truth.known_genes import GENES
from helpers.study.optimisation.at_optimum import optimum_of_this_run
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

RECOMMENDED_COLUMNS = [
    "architecture", "explainer", "reproduces", "right", "faithful", "foretold", "sensitivity",
    "passes", "estimates", "enough", "models", "models_enough", "how", "good", "chosen",
]  # fmt: skip

PLAIN, PLAIN_NAME = "none", "WelchT"
"""The t-test's row: a ranking without a network."""


def make_recommendation(context: Context) -> pd.DataFrame:
    """Answer every question for every explainer of every architecture, and for a t-test.

    Returns
    -------
    pandas.DataFrame
        `RECOMMENDED_COLUMNS`: ``reproduces``, overlap of the top genes of halves of the networks;
        ``right``, average precision of planted genes with all networks; ``faithful``, area under
        deletion and insertion above that of random genes; ``foretold``, the share of changes that
        scores foretell; ``sensitivity``; ``passes`` of a sample through a network for one
        explanation; ``estimates`` in it, and how many would be ``enough``; ``models`` for an
        overlap of 0.9, with these or with enough estimates (``models_enough``), and ``how`` that is
        known; ``good``, on how many questions it is as good as
        the best; ``chosen``, of no architecture whose networks have not learnt the classes. How
        right explainers are is missing where networks of planted genes have learnt nothing.
    """
    chosen = context.settings
    needed = {
        (row["architecture"], row["explainer"]): row
        for row in context["tables/networks_needed"].to_dict("records")
    }
    reproduces, right, faithful, metrics = _answers(context)
    known = context["tables/learnt"]
    learnt = set(known.loc[known["learnt"].astype(bool), "architecture"])
    parts = []
    for architecture in ("mlp", "cnn") if chosen.cnn_models else ("mlp",):
        rows: list[dict[str, Any]] = []
        for explainer in explainers(architecture):
            key = (architecture, explainer)
            row: dict[str, Any] = {
                "architecture": architecture, "explainer": explainer,
                "reproduces": reproduces.get(key), "right": right.get(key),
                "faithful": faithful.get(key), "foretold": None, "sensitivity": None,
                **_effort(context, architecture, explainer), "how": "unknown",
            }  # fmt: skip
            if key in metrics:
                unexplained, sensitivity = metrics[key]
                row |= {"foretold": 1 - unexplained, "sensitivity": sensitivity}
            if key in needed:
                own = needed[key]
                enough = enough_estimates(float(own["between"]), float(own["within"]))
                row |= {
                    "models": own["models"], "how": own["how"], "enough": enough,
                    "models_enough": models_of_enough(own, enough),
                }  # fmt: skip
            rows.append(row)
        table = pd.DataFrame(rows, columns=RECOMMENDED_COLUMNS[:-2])
        use = choose(table) & (architecture in learnt)
        parts.append(table.assign(good=as_good_as_the_best(table), chosen=use))
    test = {
        "architecture": PLAIN, "explainer": PLAIN_NAME, "right": right.get((PLAIN, PLAIN_NAME)),
        "faithful": faithful.get(("mlp", T_TEST)), "passes": 0, "estimates": 0, "models": 0,
        "how": "unknown", "good": 0, "chosen": False,
    }  # fmt: skip
    parts.append(pd.DataFrame([test], columns=RECOMMENDED_COLUMNS))
    numbers = [name for name in RECOMMENDED_COLUMNS[2:-1] if name != "how"]
    whole = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    whole[numbers] = whole[numbers].apply(pd.to_numeric)
    return whole[RECOMMENDED_COLUMNS].astype({"chosen": bool})


def _answers(
    context: Context,
) -> tuple[pd.Series, pd.Series, pd.Series, dict[Any, tuple[float, float]]]:
    """Return overlap, precision, area and metrics by architecture and explainer."""
    keys = ["architecture", "explainer"]
    halves = context["tables/halves"]
    lists = halves[halves["metric"].str.startswith("top")]
    compared = context["tables/right_compared"]
    known = compared[
        compared["tissue"].isin(additive(context[GENES]))
        & compared["kind"].isin([TOGETHER, BASELINE])
        & compared["architecture"].isin([PLAIN, *_taught(context)])
    ]
    table = context["tables/faithfulness"]
    judged = context["tables/faithfulness_metrics"].groupby(keys)
    metrics = judged[["unexplained", "sensitivity"]].mean()
    own = table[(table["by"] == context.settings.rank_by) | (table["explainer"] == T_TEST)]
    return (
        lists.groupby(keys)["value"].mean(),
        known.groupby(keys)["auprc"].mean(),
        own.groupby(keys)["over_random"].mean(),
        dict(zip(metrics.index, metrics.itertuples(index=False, name=None), strict=True)),
    )


def _taught(context: Context) -> list[str]:
    """Name the architectures whose networks of planted genes have learnt the classes."""
    recall = context["tables/planted_recall"]
    true = recall[recall["labels"] == "true"]
    classes = int(true.loc[true["tissue"] != "all", "tissue"].nunique())
    means = true[true["tissue"] == "all"].groupby("architecture")["recall"].mean()
    return [str(name) for name, mean in means.items() if have_learnt(float(mean), classes)]


def _effort(context: Context, architecture: str, explainer: str) -> dict[str, int]:
    """Return the estimates of one explanation, and the passes of a sample that they take."""
    chosen, estimates = context.settings, estimates_of(context, architecture, explainer)
    steps = chosen.cnn_repeated_steps if architecture == "cnn" else chosen.integration_steps
    passes = estimates * EXPLAINERS[explainer].rows_per_estimate(int(steps))
    return {"estimates": estimates, "passes": passes}


STEPS = (
    table_step(
        "recommendation",
        make_recommendation,
        "Choosing an explainer",
        text=("how",),
        more_inputs=optimum_of_this_run,
        inputs=(
            "tables/networks_needed", "tables/halves", "tables/right_compared", GENES,
            "tables/faithfulness", "tables/faithfulness_metrics", "tables/learnt",
            "tables/planted_recall",
        ),
        settings=(
            "cnn_models", "rank_by", *ESTIMATES,
            "integration_steps", "cnn_repeated_steps",
        ),
    ),
)  # fmt: skip
