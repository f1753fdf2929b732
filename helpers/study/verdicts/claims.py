"""Steps: the ledger of claims."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pandas as pd

from helpers.claims.ledger import claims, evaluate
from helpers.claims.networks import LISTS_OF_CNNS, ORDERS, beyond, remarks
from helpers.claims.rulebook import RULES, tables_of
from helpers.config import Settings
from helpers.study.formats import JSON
from helpers.workflow.step import Context, Step
from helpers.workflow.study import Study
from helpers.workflow.tables import table_step

_TABLES = tuple(sorted({table for rule in RULES.values() for table in rule.tables}))


def make_ledger(context: Context) -> pd.DataFrame:
    """Judge every statement of the paper."""
    tables = {name: context[f"tables/{name}"] for name in _TABLES}
    return evaluate(
        list(claims()),
        tables,
        dataset=context.dataset.name,
        profile=context.profile,
        **_of_run(context.settings, context["data/expression"].n_vars, tables["accuracy"]),
    )


def _of_run(chosen: Settings, genes: int, accuracy: pd.DataFrame | None) -> dict[str, Any]:
    return {
        "list_share": chosen.top / genes,
        "remarks": remarks(chosen),
        "beyond": beyond(chosen, accuracy),
    }


def tables_shown(ids: Collection[str]) -> list[str]:
    """Name the tables behind the boxes of some statements.

    Parameters
    ----------
    ids
        Statements of the ledger; others are passed over.
    """
    known = [name for name in ids if name in RULES]
    return sorted({*tables_of(known), *(["accuracy"] if _needs_accuracy(known) else [])})


def _needs_accuracy(ids: Collection[str]) -> bool:
    """Tell whether the accuracy of CNNs decides if a statement can be tested."""
    return bool({*LISTS_OF_CNNS, ORDERS}.intersection(ids))


def of_run(study: Study, ids: Collection[str], *, make: bool = True) -> dict[str, Any]:
    """Return what `helpers.claims.ledger.evaluate` has to know of a run besides its tables.

    Parameters
    ----------
    study
        The study.
    ids
        Statements that are judged: the accuracy of CNNs is looked up for those that need it.
    make
        Whether that table may be made if it is missing or stale.
    """
    known = _needs_accuracy(ids) and (
        make or set(study.states("tables/accuracy").values()) == {"fresh"}
    )
    accuracy = study.get("tables/accuracy") if known else None
    return _of_run(study.settings, study.get("data/expression").n_vars, accuracy)


def make_ledger_json(context: Context) -> list[dict[str, Any]]:
    """Put the ledger into JSON, a record a statement."""
    return json.loads(context["tables/claims"].to_json(orient="records"))


STEPS = (
    table_step(
        "claims",
        make_ledger,
        "Judging claims",
        inputs=("data/expression", *(f"tables/{name}" for name in _TABLES)),
        settings=("top", "cnn_channels", "cnn_max_epochs", "cnn_models"),
    ),
    Step(
        name="claims",
        path="claims.json",
        form=JSON,
        make=make_ledger_json,
        title="Judging claims",
        inputs=("tables/claims",),
    ),
)
