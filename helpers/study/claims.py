"""Steps: the ledger of claims."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from helpers.claims.ledger import claims, evaluate
from helpers.claims.rules import RULES
from helpers.study.formats import JSON
from helpers.study.step import Context, Step
from helpers.study.tables import table_step

_TABLES = tuple(sorted({table for rule in RULES.values() for table in rule.tables}))


def make_ledger(context: Context) -> pd.DataFrame:
    """Judge every statement of the paper."""
    tables = {name: context[f"tables/{name}"] for name in _TABLES}
    return evaluate(
        list(claims()),
        tables,
        dataset=context.dataset.name,
        profile=context.profile,
        list_share=context.settings.top / context["data/expression"].n_vars,
    )


def make_ledger_json(context: Context) -> list[dict[str, Any]]:
    """Put the ledger into JSON, a record a statement."""
    return json.loads(context["tables/claims"].to_json(orient="records"))


STEPS = (
    table_step(
        "claims",
        make_ledger,
        "Judging claims",
        inputs=("data/expression", *(f"tables/{name}" for name in _TABLES)),
        settings=("top",),
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
