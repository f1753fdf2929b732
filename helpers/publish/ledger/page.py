"""The ledger as HTML: a table on a desktop, a card for each statement on a phone.

It is whole and readable without a script. With ``book/_static/ledger.js``, which every page of the
book loads, readers choose a section, a verdict, a protocol, a data set, or the statements that the
paper's conclusions rest on, and an address such as ``15_claims.html#E2`` opens a statement.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.claims.ledger import CHAPTERS, beside_headline, claims, headline, protocols_of
from helpers.figures.naming import visible
from helpers.prose.verdicts.findings import CONCLUSIONS
from helpers.protocols import TITLES
from helpers.publish.alone.links import link
from helpers.publish.chapters import Chapter, find_chapters
from helpers.publish.display import (
    VERDICT_NAMES,
    Shown,
    found_text,
    made_by_note,
    nothing_text,
    save_for_page,
    simulated_note,
)
from helpers.publish.places import find_place
from helpers.publish.verdicts import by_run, ledger_rows
from helpers.study import Study
from helpers.workspace.formats import SHOWN_TABLE
from helpers.workspace.store import project_root

NAME = "ledger"
COLUMNS = ("Statement", "Verdict", "Found", "Shown in")
WEIGHTY = frozenset(name for conclusion in CONCLUSIONS for name in conclusion.ids)
"""Statements that the paper's five conclusions rest on: marked, and chosen by a box to tick."""


def show_ledger(
    study: Study, ledger: pd.DataFrame, others: pd.DataFrame, caption: str, made_by: Sequence[str]
) -> Shown:
    """Save the ledger in the workspace and show it.

    Parameters
    ----------
    study
        The study whose workspace keeps ``figures/ledger.csv``.
    ledger, others
        This run's ledger, and the table ``other_claims``.
    caption
        What it holds.
    made_by
        The steps whose artefacts it shows, the first the most.
    """
    rows, _ = ledger_rows(ledger, others)
    files = save_for_page(study, f"figures/{NAME}.csv", rows, SHOWN_TABLE)
    markup = (
        f'<figure class="book-ledger" id="{NAME}">{simulated_note(study)}<figcaption>{caption} '
        f"{link(study, f'figures/{NAME}.csv', 'Data (CSV)')}"
        f"{made_by_note(made_by)}</figcaption>{ledger_markup(ledger, others)}</figure>"
    )
    return Shown(markup, table=NAME, files=files)


def ledger_markup(ledger: pd.DataFrame, others: pd.DataFrame, root: Path | None = None) -> str:
    """Write the ledgers of this run and of others: their filters, and a row a statement.

    Parameters
    ----------
    ledger, others
        As `show_ledger` has them.
    root
        Folder of the project; None: the one that the working directory is in.

    Returns
    -------
    str
        HTML. A row of this run has the statement as its identifier; rows of others have none.
    """
    chapters = {chapter.name: chapter for chapter in find_chapters(root or project_root())}
    rows, sets = [], []
    for part, own in by_run(ledger, others):
        beside = beside_headline(part)
        for found in headline(part).to_dict("records"):
            row = {str(key): value for key, value in found.items()}
            where = "this run" if own else str(row["folder"])
            row["set"] = f"{row['dataset']}, {row['profile']} ({where})"
            sets.append(row["set"])
            rows.append(_row(row, beside.get(row["id"], {}), chapters, own=own))
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return (
        f"{_filters(protocols_of(ledger), list(dict.fromkeys(sets)))}"
        f'<table class="ledger"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _filters(protocols: Sequence[str], sets: Sequence[str]) -> str:
    """Write the form that the script shows and works with."""
    menus = (
        _menu("section", "Section", CHAPTERS, "all"),
        _menu("verdict", "Verdict", dict(list(VERDICT_NAMES.items())[:4]), "all"),
        _menu("protocol", "by", {name: TITLES[name] for name in protocols}),
        _menu("set", "Data set", {name: name for name in sets}, "all"),
    )
    return (
        f'<form class="ledger-filters" hidden>'
        f'<p><label for="{NAME}-words">Search</label> '
        f'<input id="{NAME}-words" name="words" type="search" autocomplete="off"/></p>'
        f"{''.join(menus)}"
        f'<p><input id="{NAME}-weighty" name="weighty" type="checkbox"/> '
        f'<label for="{NAME}-weighty">only what the conclusions rest on</label></p>'
        f'<p role="status" aria-live="polite"></p></form>'
    )


def _menu(name: str, label: str, options: Mapping[str, str], first: str = "") -> str:
    every = f'<option value="">{first}</option>' if first else ""
    chosen = "".join(
        f'<option value="{html.escape(key, quote=True)}">{html.escape(visible(text))}</option>'
        for key, text in options.items()
    )
    return (
        f'<p><label for="{NAME}-{name}">{label}</label> '
        f'<select id="{NAME}-{name}" name="{name}">{every}{chosen}</select></p>'
    )


def _row(
    row: Mapping[str, Any],
    beside: Mapping[str, Mapping[str, Any]],
    chapters: Mapping[str, Chapter],
    *,
    own: bool,
) -> str:
    """Write the row of a statement: headline's verdict first, the others below it."""
    name = str(row["id"])
    verdicts: dict[str, Mapping[str, Any]] = {str(row["protocol"]): row, **beside}
    marks = {
        "section": name[0],
        "set": row["set"],
        **{f"verdict-{protocol}": str(other["verdict"]) for protocol, other in verdicts.items()},
    }
    given = "".join(f' data-{key}="{html.escape(v, quote=True)}"' for key, v in marks.items())
    weight = " data-weighty" if name in WEIGHTY else ""
    anchor = f' id="{name}" tabindex="-1"' if own else ""
    cells = (
        _statement(name, row, own=own),
        "".join(_verdict(protocol, other) for protocol, other in verdicts.items()),
        _found(row),
        _place(name, row, chapters) if own else html.escape(visible(row["set"])),
    )
    body = "".join(
        f'<td data-label="{label}">{cell}</td>' for label, cell in zip(COLUMNS, cells, strict=True)
    )
    return f"<tr{anchor}{given}{weight}>{body}</tr>"


def _statement(name: str, row: Mapping[str, Any], *, own: bool) -> str:
    claim = claims()[name]
    title = f'<a href="#{name}">{name}</a>' if own else name
    mark = ' <span class="weighty">conclusion</span>' if name in WEIGHTY else ""
    rest = {
        "Figure of the paper": claim.figure,
        "Measured": row["statistic"],
        "Asked for": row["expected"],
        "Reason": row["reason"],
    }
    lines = "".join(
        f"<dt>{key}</dt><dd>{html.escape(visible(str(text)))}</dd>" for key, text in rest.items()
    )
    return (
        f'<p class="claim">{title} <strong>{html.escape(claim.short)}</strong>{mark}</p>'
        f"<p>{html.escape(claim.statement)}.</p>"
        f"<details><summary>Rule and reason</summary><dl>{lines}</dl></details>"
    )


def _verdict(protocol: str, row: Mapping[str, Any]) -> str:
    verdict = str(row["verdict"])
    return (
        f'<p data-protocol="{protocol}"><span class="verdict verdict-{verdict}">'
        f"{VERDICT_NAMES[verdict]}</span> <small>by {html.escape(TITLES[protocol])}</small></p>"
    )


def _found(row: Mapping[str, Any]) -> str:
    nothing = nothing_text(row)
    more = f"<p><small>Met by networks that know nothing: {html.escape(nothing)}</small></p>"
    return f"<p>{html.escape(found_text(row, short=True))}</p>{more if nothing else ''}"


def _place(name: str, row: Mapping[str, Any], chapters: Mapping[str, Chapter]) -> str:
    place = find_place(str(row["produced_by"]), dict(chapters))
    where = f"{place.chapter[:2]}, {place.anchor.replace('_', ' ')}"
    return (
        f'<p><a href="{html.escape(place.link, quote=True)}">{html.escape(where)}</a></p>'
        f'<p><a href="{place.chapter}.html#claim-{name}">its box</a></p>'
    )
