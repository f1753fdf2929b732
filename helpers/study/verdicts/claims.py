"""Steps: the ledger of claims."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from helpers.claims.ledger import claims, evaluate
from helpers.claims.rulebook import RULES
from helpers.config import Settings
from helpers.config import settings as settings_of
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
        list_share=context.settings.top / context["data/expression"].n_vars,
        remarks=shrunk_cnns(context.settings),
    )


def list_share(study: Study) -> float:
    """Return the share of the measured genes that a list of top genes holds."""
    return float(study.settings.top / study.get("data/expression").n_vars)


def shrunk_cnns(chosen: Settings) -> dict[str, str]:
    """Return a remark on each statement about CNNs' accuracy, where a run shrinks the CNNs."""
    complete = settings_of("paper")
    changed = []
    if chosen.cnn_channels != complete.cnn_channels:
        ours, paper = ("/".join(map(str, own.cnn_channels)) for own in (chosen, complete))
        changed.append(f"feature maps {ours} instead of {paper}")
    if chosen.cnn_max_epochs != complete.cnn_max_epochs:
        changed.append(
            f"epochs at most {chosen.cnn_max_epochs} instead of {complete.cnn_max_epochs}"
        )
    if not changed:
        return {}
    text = f"The CNNs of this run are not the paper's: {' and '.join(changed)}."
    return dict.fromkeys(("T2", "T4", "T5"), text)


def make_ledger_json(context: Context) -> list[dict[str, Any]]:
    """Put the ledger into JSON, a record a statement."""
    return json.loads(context["tables/claims"].to_json(orient="records"))


STEPS = (
    table_step(
        "claims",
        make_ledger,
        "Judging claims",
        text=("expected",),
        inputs=("data/expression", *(f"tables/{name}" for name in _TABLES)),
        settings=("top", "cnn_channels", "cnn_max_epochs"),
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
