"""The one judge: chapter boxes, ledger page, command line and the step of the ledger ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from helpers.claims.control import CONTROL
from helpers.claims.learnt import beyond_learning, is_on_explanations, unlearnt, without_cnns
from helpers.claims.ledger import claims, evaluate
from helpers.claims.networks import (
    ABOUT_CNN_TRAINING,
    ABOUT_CNNS,
    LISTS_OF_CNNS,
    ORDERS,
    beyond,
    shrunk_remarks,
)
from helpers.claims.rulebook import CONTROLLED, RULES, tables_of
from helpers.protocols import TITLES
from helpers.stability.overlap import list_length
from helpers.study.designs.families import FAMILIES
from helpers.training.learnt import LEARNT
from helpers.workflow.step import Context
from helpers.workflow.study import Study

JUDGED_SETTINGS = (
    "top",
    "protocol",
    "cnn_protocols",
    "cnn_models",
    "cnn_channels",
    "cnn_max_epochs",
    "mode",
    "explain_batch",
    "cnn_explain_batch",
)
"""Settings that verdicts depend on besides their tables."""

CNNS = FAMILIES["cnn"].step

HEADLINE_CONTROL = "The control is that of the headline's protocol."


def judge(
    source: Study | Context,
    ids: Iterable[str] | None = None,
    available: Callable[[str], bool] | None = None,
) -> pd.DataFrame:
    """Judge statements by the tables of a study, under its own protocol.

    Parameters
    ----------
    source
        The study, or the context of a step that declares the tables, the data, `CNNS` and
        `JUDGED_SETTINGS`.
    ids
        Statements; None: all, in the paper's order.
    available
        Tells whether an artefact may be read: of a statement that needs another one, the verdict
        is `helpers.claims.judging.NOT_RUN`. None: all may, and are made where they are missing.

    Returns
    -------
    pandas.DataFrame
        Columns as `helpers.claims.ledger.COLUMNS`, one row a statement.

    Raises
    ------
    UnknownNameError
        If there is no such statement.
    """
    names = list(claims()) if ids is None else list(ids)
    chosen = source.settings
    tables = {
        table: source.get(f"tables/{table}")
        for table in judged_from(names)
        if available is None or available(f"tables/{table}")
    }
    found = unlearnt(tables.get(LEARNT))
    # Without tables nothing is judged, and nothing should be loaded.
    genes = source.get("data/expression").n_vars if tables else 0
    return evaluate(
        names,
        tables,
        dataset=source.dataset.name,
        profile=source.profile,
        protocol=chosen.protocol,
        list_share=list_length(chosen.top, genes) / genes if genes else 0.0,
        remarks=remarks(source),
        untestable=untestable(source),
        beyond=beyond(chosen, tables.get("accuracy") if _needs_accuracy(names) else None)
        | beyond_learning(found),
        mlps_alone=without_cnns(found),
        also_needed={name: LEARNT for name in names if is_on_explanations(name)},
    )


def judged_from(ids: Iterable[str]) -> list[str]:
    """Name the tables behind the verdicts on some statements.

    Parameters
    ----------
    ids
        Statements of the ledger; others are passed over.
    """
    known = [name for name in ids if name in RULES]
    more = {"accuracy"} if _needs_accuracy(known) else set()
    if any(is_on_explanations(name) for name in known):
        more.add(LEARNT)
    return sorted({*tables_of(known), *more})


def _needs_accuracy(ids: Iterable[str]) -> bool:
    """Tell whether the accuracy of CNNs decides if one of the statements can be tested."""
    return bool({*LISTS_OF_CNNS, ORDERS}.intersection(ids))


def judge_all(
    study: Study,
    ids: Iterable[str] | None = None,
    available: Callable[[str], bool] | None = None,
) -> pd.DataFrame:
    """Judge statements under every protocol of a study, the headline first; see `judge`.

    `available` is asked by the names that `study` knows, such as ``released:tables/accuracy``.
    """
    names = list(claims()) if ids is None else list(ids)
    parts = []
    for protocol in protocols_in_order(study):
        own: Callable[[str], bool] | None = None
        if available is not None:
            own = _named(available, "" if protocol == study.protocol else f"{protocol}:")
        parts.append(judge(study.under(protocol), names, own))
    return pd.concat(parts, ignore_index=True)


def _named(available: Callable[[str], bool], before: str) -> Callable[[str], bool]:
    return lambda name: available(f"{before}{name}")


def protocols_in_order(study: Study) -> list[str]:
    """Name the protocols that a study judges under: its own, which is the headline, first."""
    others = [name for name in study.settings.protocols if name != study.protocol]
    return [study.protocol, *others]


def untestable(source: Study | Context) -> dict[str, str]:
    """Return why statements cannot be judged in a run, by statement."""
    return {**_without_cnns(source), **source.dataset.cannot_show}


def _without_cnns(source: Study | Context) -> dict[str, str]:
    chosen = source.settings
    if chosen.cnn_models == 0:
        why = (
            "This run has no CNNs (cnn_models=0)."
            if chosen.protocol in chosen.cnn_protocols
            else f"CNNs are not explained under {TITLES[chosen.protocol]} in this run: the setting "
            "cnn_protocols names the protocols under which they are."
        )
        return dict.fromkeys(ABOUT_CNNS, why)
    if source.borrows(CNNS):
        why = (
            f"No CNN was trained as {TITLES[chosen.protocol]} would have it: those explained here "
            "are the headline's (setting cnns_beside)."
        )
        return dict.fromkeys(ABOUT_CNN_TRAINING, why)
    return {}


def remarks(source: Study | Context) -> dict[str, str]:
    """Return what a reader of a verdict has to know of a run, by statement: sentences."""
    chosen = source.settings
    found = shrunk_remarks(chosen)
    more = []
    if chosen.cnn_models and source.borrows(CNNS):
        more.append("The CNNs are those trained under the headline's protocol.")
    if chosen.mode == "training" and chosen.cnn_explain_batch < chosen.explain_batch:
        more.append(f"CNNs explain batches of at most {chosen.cnn_explain_batch} samples.")
    for name in ABOUT_CNNS:
        found[name] = " ".join(filter(None, [found.get(name, ""), *more]))
    if source.borrows(f"tables/{CONTROL}"):
        for name in CONTROLLED:
            found[name] = " ".join(filter(None, [found.get(name, ""), HEADLINE_CONTROL]))
    return {name: text for name, text in found.items() if text}
