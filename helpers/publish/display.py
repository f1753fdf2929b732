"""How a notebook shows a figure, a table and the verdicts on the paper's claims."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from helpers.claims.ledger import claims, evaluate
from helpers.claims.rulebook import RULES
from helpers.errors import BadInputError
from helpers.figures.style import journal
from helpers.prose.wording import measured
from helpers.publish.searchable import MOST_ROWS, searchable_markup
from helpers.study import Study
from helpers.study.verdicts.claims import of_run, tables_shown
from helpers.workspace import atomic
from helpers.workspace.formats import write_table

FIGURE_TAG = "book_figure"
"""Output metadata under which a page names the figure that it shows."""

TABLE_TAG = "book_table"
"""The same for a table that can be downloaded."""

SIMULATED = (
    "Simulated samples: drawn around published medians of real tissues, not measured on anyone."
)

VERDICT_NAMES = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not_reproduced": "not reproduced",
    "not_testable": "not testable here",
    "not_run": "not run",
}


@dataclass(frozen=True)
class Shown:
    """A piece of a page: HTML, and the name of the figure or table in it that is saved."""

    markup: str
    figure: str = ""
    table: str = ""

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, str]]:
        names = {FIGURE_TAG: self.figure, TABLE_TAG: self.table}
        return {
            "text/html": self.markup,
            "text/plain": self.figure or self.table or "a piece of the page",
        }, {tag: name for tag, name in names.items() if name}


def show_figure(
    study: Study,
    name: str,
    figure: Figure,
    data: pd.DataFrame,
    *,
    caption: str,
    alt: str,
    simulated: bool | None = None,
) -> Shown:
    """Save a figure with its data in the workspace and show it with caption and alt text.

    Parameters
    ----------
    study
        The study whose workspace keeps ``figures/<name>.svg`` and ``figures/<name>.csv``.
    name
        File name without ending; also the anchor of the figure on the page.
    figure
        The figure; it is closed.
    data
        What the figure shows, one observation a row.
    caption
        What a reader has to know to read it: what is drawn, units, sample sizes.
    alt
        What it shows, for a reader who cannot see it.
    simulated
        Whether to say that samples are simulated; None: as the study's data set is.

    Raises
    ------
    BadInputError
        If caption or alt text is missing.
    """
    if not caption.strip() or not alt.strip():
        raise BadInputError(f"Figure {name!r} has no caption or alt text: give it both.")
    buffer = io.BytesIO()
    with journal():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    with atomic.atomic_path(study.workspace.path(f"figures/{name}.svg")) as path:
        path.write_bytes(buffer.getvalue())
    with atomic.atomic_path(study.workspace.path(f"figures/{name}.csv")) as path:
        write_table(path, data)
    picture = base64.b64encode(buffer.getvalue()).decode()
    note = _simulated_note(study, simulated)
    markup = (
        f'<figure class="book-figure" id="{html.escape(name)}">'
        f'<div class="scroll"><img alt="{html.escape(alt)}" '
        f'src="data:image/svg+xml;base64,{picture}"/></div>'
        f"<figcaption>{caption} {note}"
        f'<a href="../downloads/figures/{name}.csv" download>Data (CSV)</a> · '
        f'<a href="../downloads/figures/{name}.svg" download>Figure (SVG)</a></figcaption></figure>'
    )
    return Shown(markup, name)


def _simulated_note(study: Study, simulated: bool | None) -> str:
    told = study.dataset.simulated if simulated is None else simulated
    return f'<span class="simulated-note">{SIMULATED}</span> ' if told else ""


def show_table(
    table: pd.DataFrame, caption: str, formats: dict[str, str] | None = None, *, name: str = ""
) -> Shown:
    """Show a table with a caption; wide ones scroll within the page.

    Parameters
    ----------
    table
        What to show; the index is left out.
    caption
        What it holds, with units and sample sizes.
    formats
        How to write the numbers of a column, such as ``{"accuracy": "{:.1%}"}``.
    name
        Anchor of the table on the page, where other pages link to it.
    """
    writers = {name: _writer(text) for name, text in (formats or {}).items()}
    body = table.rename_axis(columns=None).to_html(
        index=False, border=0, formatters=writers, escape=True, na_rep="–"
    )
    anchor = f' id="{html.escape(name, quote=True)}"' if name else ""
    return Shown(
        f'<figure class="book-table"{anchor}><figcaption>'
        f'{caption}</figcaption><div class="scroll">{body}</div></figure>'
    )


def _writer(text: str) -> Callable[[Any], str]:
    # A line may end after a hyphen, but not within a number.
    return lambda value: text.format(value).replace("-", "−")


def show_searchable(
    study: Study,
    name: str,
    table: pd.DataFrame,
    caption: str,
    formats: dict[str, str] | None = None,
    *,
    filters: Sequence[str] = (),
    links: Mapping[str, Sequence[str]] | None = None,
    simulated: bool | None = None,
) -> Shown:
    """Save a table in the workspace and show it with a field to search it.

    Parameters
    ----------
    study
        The study whose workspace keeps ``figures/<name>.csv``.
    name
        File name without ending; also the anchor of the table on the page.
    table
        One observation a row, the most important first: the page shows the first
        `helpers.publish.searchable.MOST_ROWS`, the file has all.
    caption
        What it holds, with units and sample sizes.
    formats
        How to write the numbers of a column, such as ``{"fdr": "{:.1e}"}``.
    filters
        Columns with few values, of which a reader can choose one.
    links
        Addresses that the cells of a column lead to; an empty one leads nowhere.
    simulated
        Whether to say that samples are simulated; None: as the study's data set is.
    """
    with atomic.atomic_path(study.workspace.path(f"figures/{name}.csv")) as path:
        write_table(path, table)
    note = _simulated_note(study, simulated)
    cut = (
        f"The page holds the first {MOST_ROWS} of {len(table):,} rows, the file all. "
        if len(table) > MOST_ROWS
        else ""
    )
    markup = (
        f'<figure class="book-table" id="{html.escape(name)}"><figcaption>{caption} {cut}{note}'
        f'<a href="../downloads/figures/{name}.csv" download>Data (CSV)</a></figcaption>'
        f"{searchable_markup(name, table, formats, filters, links)}</figure>"
    )
    return Shown(markup, table=name)


def show_claims(study: Study, *ids: str) -> Shown:
    """Show what the paper states, what this run found, and the verdict, for some claims.

    Parameters
    ----------
    study
        The study whose tables the rules read.
    *ids
        Statements of the ledger, such as ``"B3"``.
    """
    tables = {name: study.get(f"tables/{name}") for name in tables_shown(ids)}
    judged = evaluate(
        list(ids),
        tables,
        dataset=study.dataset.name,
        profile=study.profile,
        **of_run(study, ids),
    )
    rows = ({str(k): v for k, v in row.items()} for row in judged.to_dict("records"))
    return Shown("".join(_claim_box(row) for row in rows))


def _claim_box(row: dict[str, Any]) -> str:
    claim, rule = claims()[row["id"]], RULES.get(row["id"])
    lines = {
        "The paper": claim.statement + f" (figure {claim.figure}).",
        "Measured": row["statistic"],
        "Asked for": row["expected"] + (f". {rule.fair}" if rule else ""),
        "Found": f"{found_text(row)}. {row['reason']}",
    }
    items = "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in lines.items())
    return (
        f'<div class="claim-box verdict-{row["verdict"]}" id="claim-{row["id"]}">'
        '<p class="claim-title">'
        f'<span class="claim-id">{row["id"]}</span> '
        f'<span class="claim-verdict">{VERDICT_NAMES[row["verdict"]]}</span></p>'
        f"<dl>{items}</dl></div>"
    )


def found_text(row: Mapping[str, Any], *, short: bool = False) -> str:
    """Write what was found on a statement: the number, its interval, how many of what."""
    found, low, high = (
        measured(float(row[column]), str(row["statistic"]))
        for column in ("observed", "ci_low", "ci_high")
    )
    if row["ci_low"] == row["ci_low"]:
        words = "" if short else "95 % interval "
        found += f" ({words}{low} to {high})"
    return found + (f", n = {int(row['n']):,} {row['unit']}" if row["n"] else "")
