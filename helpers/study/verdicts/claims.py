"""Steps: the ledger of claims, under each protocol and of all of them together."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from helpers.claims.rulebook import RULES
from helpers.config import Settings
from helpers.protocols import DECISIONS, NAMES
from helpers.study.formats import JSON
from helpers.study.verdicts.one_judge import CNNS, JUDGED_SETTINGS, judge
from helpers.training.learnt import LEARNT
from helpers.workflow.step import Context, Step
from helpers.workflow.study import SEPARATOR
from helpers.workflow.tables import table_step

_TABLES = tuple(sorted({table for rule in RULES.values() for table in rule.tables}))

VERDICTS = "tables/verdicts"
"""The verdicts under one protocol."""

PROTOCOL_COLUMNS = ["setting", "title", *NAMES, "this_run", "says"]


def make_verdicts(context: Context) -> pd.DataFrame:
    """Judge every statement of the paper under the protocol of this study."""
    return judge(context)


def verdicts_of_protocols(settings: Settings) -> tuple[str, ...]:
    """Name the verdicts under all protocols, the headline's first."""
    others = (name for name in settings.protocols if name != settings.protocol)
    return (VERDICTS, *(f"{name}{SEPARATOR}{VERDICTS}" for name in others))


def make_ledger(context: Context) -> pd.DataFrame:
    """Put the verdicts under all protocols below each other, the headline's first."""
    chosen = context.settings
    others = (name for name in chosen.protocols if name != chosen.protocol)
    names = (VERDICTS, *(f"{name}{SEPARATOR}{VERDICTS}" for name in others))
    return pd.concat([context[name] for name in names], ignore_index=True)


def make_ledger_json(context: Context) -> list[dict[str, Any]]:
    """Put the ledger into JSON, a record a statement and protocol."""
    return json.loads(context["tables/claims"].to_json(orient="records"))


def make_protocols(context: Context) -> pd.DataFrame:
    """List every choice: its value under each protocol, and that of this run."""
    chosen = context.settings
    rows = [
        [decision.setting, decision.title, *(str(getattr(decision, name)) for name in NAMES),
         str(getattr(chosen, decision.setting)), decision.says]
        for decision in DECISIONS
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=PROTOCOL_COLUMNS)


STEPS = (
    table_step(
        "protocols",
        make_protocols,
        "Listing choices",
        text=(*NAMES, "this_run"),
        settings=tuple(decision.setting for decision in DECISIONS),
    ),
    table_step(
        "verdicts",
        make_verdicts,
        "Judging claims",
        text=("expected", "known_nothing"),
        inputs=(
            "data/expression",
            CNNS,
            *(f"tables/{name}" for name in _TABLES),
            f"tables/{LEARNT}",
        ),
        settings=JUDGED_SETTINGS,
    ),
    table_step(
        "claims",
        make_ledger,
        "Judging claims",
        text=("expected", "known_nothing"),
        more_inputs=verdicts_of_protocols,
        settings=("protocol", "protocols"),
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
