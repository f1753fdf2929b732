"""How a notebook shows a figure, a table and the verdicts on the paper's claims."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from helpers.claims.ledger import beside_headline, claims, headline
from helpers.claims.rulebook import RULES
from helpers.errors import BadInputError
from helpers.figures.naming import visible
from helpers.figures.style import journal
from helpers.prose.verdicts.answers import stated
from helpers.prose.writing.templates import Facts
from helpers.prose.writing.wording import measured
from helpers.protocols import TITLES
from helpers.publish.alone.links import link
from helpers.publish.messages import MISSING_GLYPH
from helpers.publish.searchable import MOST_ROWS, searchable_markup
from helpers.study import Study
from helpers.study.verdicts.one_judge import judge, judge_all
from helpers.workspace.formats import BYTES, SHOWN_TABLE, Format

FIGURE_TAG = "book_figure"
"""Output metadata under which a page names the figure that it shows."""

TABLE_TAG = "book_table"
"""The same for a table that can be downloaded."""

OF_A_PAGE = "made by a page"
"""Key of files that no step makes."""

FILES_TAG = "book_files"
"""The same for the files that it links: path in the workspace → SHA-256 of what it shows."""

SIMULATED = "simulated samples"
"""The badge on every figure of such samples; what it means a page says once, at its top."""

VERDICT_NAMES = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not_reproduced": "not reproduced",
    "not_testable": "not testable here",
    "not_run": "not run",
}


@dataclass(frozen=True)
class Shown:
    """A piece of a page: HTML, and the figure or table in it that is saved, with its files.

    `said` stands for it where no HTML can be shown.
    """

    markup: str
    figure: str = ""
    table: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    said: str = ""

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        names = {FIGURE_TAG: self.figure, TABLE_TAG: self.table, FILES_TAG: dict(self.files)}
        return {
            "text/html": self.markup,
            "text/plain": self.figure or self.table or self.said or "a piece of the page",
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
    made_by: str | Sequence[str] = (),
    networks: str = "",
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
    made_by
        The steps whose artefacts it shows, such as ``"tables/accuracy"``, the first the most.
    networks
        Architecture of the networks that it is about, if it is about one alone: where the study
        has none of these, a sentence says so in place of the figure.

    Raises
    ------
    BadInputError
        If caption or alt text is missing.
    """
    if not caption.strip() or not alt.strip():
        raise BadInputError(f"Figure {name!r} has no caption or alt text: give it both.")
    if networks and networks not in study.settings.architectures:
        plt.close(figure)
        return Shown(
            f'<p class="book-nothing" id="{file_name(name)}">There is no figure here: this run has '
            f"no {networks.upper()}s.</p>"
        )
    svg = drawing(figure)
    plt.close(figure)
    name = file_name(name)
    files = save_for_page(study, f"figures/{name}.svg", svg, BYTES)
    files |= save_for_page(study, f"figures/{name}.csv", data, SHOWN_TABLE)
    picture = base64.b64encode(svg).decode()
    note = simulated_note(study, simulated)
    markup = (
        f'<figure class="book-figure" id="{name}">{note}'
        f'<div class="scroll"><img alt="{html.escape(visible(alt))}" '
        f'src="data:image/svg+xml;base64,{picture}"/></div>'
        f"<figcaption>{caption} "
        f"{link(study, f'figures/{name}.csv', 'Data (CSV)')} · "
        f"{link(study, f'figures/{name}.svg', 'Figure (SVG)')}"
        f"{made_by_note(made_by)}</figcaption></figure>"
    )
    return Shown(markup, name, files=files)


def save_for_page(study: Study, file: str, value: Any, form: Format) -> dict[str, str]:
    """Save what a page links in the workspace; return the file with its SHA-256."""
    return {file: study.workspace.write(file, value, form, key=OF_A_PAGE)}


def file_name(name: str) -> str:
    """Return a name as it can stand in a path, in an address and as an anchor of a page."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:80]
    # What was replaced must not make two names the same.
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def drawing(figure: Figure) -> bytes:
    """Return a figure as SVG: letters are outlines, so that it looks the same everywhere.

    Where no font of this machine has a letter, all letters stay text, in the hope that the
    reader's has one. Other warnings pass.
    """
    svg, met = _as_svg(figure, "path")
    others = [warning for warning in met if not MISSING_GLYPH.search(str(warning.message))]
    for warning in others:
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return svg if len(others) == len(met) else _as_svg(figure, "none")[0]


def _as_svg(figure: Figure, letters: str) -> tuple[bytes, list[warnings.WarningMessage]]:
    buffer = io.BytesIO()
    as_asked = mpl.rc_context({"svg.fonttype": letters})
    with journal(), as_asked, warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue(), met


def simulated_note(study: Study, simulated: bool | None = None) -> str:
    """Say that samples are simulated; None: if the study's data set is."""
    told = study.dataset.simulated if simulated is None else simulated
    return f'<span class="simulated-note">{SIMULATED}</span> ' if told else ""


def made_by_note(made_by: str | Sequence[str]) -> str:
    """Name the steps that made what is shown, and the command that tells the rest."""
    names = [made_by] if isinstance(made_by, str) else list(made_by)
    if not names:
        return ""
    steps = ", ".join(f"<code>{html.escape(name)}</code>" for name in names)
    return (
        f'<span class="made-by">Made by the {"step" if len(names) == 1 else "steps"} {steps}. '
        "Its inputs, settings and code: <code>python -m helpers explain-artefact "
        f"{html.escape(names[0])}</code></span>"
    )


def show_table(
    table: pd.DataFrame,
    caption: str,
    formats: dict[str, str] | None = None,
    *,
    name: str = "",
    index: bool = False,
    made_by: str | Sequence[str] = (),
) -> Shown:
    """Show a table with a caption; wide ones scroll within the page.

    Parameters
    ----------
    table
        What to show.
    caption
        What it holds, with units and sample sizes.
    formats
        How to write the numbers of a column, such as ``{"accuracy": "{:.1%}"}``.
    name
        Anchor of the table on the page, where other pages link to it.
    index
        Whether to show the index too, as the first columns. One of the others may have the same
        name, such as a tissue that is called *rank*.
    made_by
        The steps whose artefacts it shows; none if it shows settings.
    """
    wanted = formats or {}
    writers: list[Any] = [_writer(wanted[c]) if c in wanted else None for c in table.columns]
    flat = table.rename_axis(columns=None)
    if index:
        writers = [*[None] * table.index.nlevels, *writers]
        flat = flat.reset_index(allow_duplicates=True)
    flat = flat.set_axis([visible(name) for name in flat.columns], axis="columns")
    flat = flat.map(lambda value: visible(value) if isinstance(value, str) else value)
    # Pandas would cut long names.
    with pd.option_context("display.max_colwidth", None):
        body = flat.to_html(index=False, border=0, formatters=writers, escape=True, na_rep="–")
    if flat.empty:
        body = "<p>There is nothing to list in this run.</p>"
    anchor = f' id="{html.escape(name, quote=True)}"' if name else ""
    return Shown(
        f'<figure class="book-table"{anchor}><figcaption>'
        f"{caption} {made_by_note(made_by)}</figcaption>"
        f'<div class="scroll">{body}</div></figure>'
    )


def _writer(text: str) -> Callable[[Any], str]:
    # A line may end after a hyphen, but not within a number.
    return lambda value: "–" if pd.isna(value) else text.format(value).replace("-", "−")


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
    made_by: str | Sequence[str] = (),
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
    made_by
        The steps whose artefacts it shows, the first the most.
    """
    name = file_name(name)
    files = save_for_page(study, f"figures/{name}.csv", table, SHOWN_TABLE)
    note = simulated_note(study, simulated)
    cut = (
        f"The page holds the first {MOST_ROWS} of {len(table):,} rows, the file all. "
        if len(table) > MOST_ROWS
        else ""
    )
    markup = (
        f'<figure class="book-table" id="{name}">{note}<figcaption>{caption} {cut}'
        f"{link(study, f'figures/{name}.csv', 'Data (CSV)')}"
        f"{made_by_note(made_by)}</figcaption>"
        f"{searchable_markup(name, table, formats, filters, links)}</figure>"
    )
    return Shown(markup, table=name, files=files)


def show_claims(study: Study, *ids: str) -> Shown:
    """Show what the paper states, what this run found, and the verdict, for some claims.

    The verdict of the run's own protocol is the headline; those under the others stand below.

    Parameters
    ----------
    study
        The study whose tables the rules read.
    *ids
        Statements of the ledger, such as ``"B3"``.
    """
    judged = judge_all(study, ids)
    beside = beside_headline(judged)
    rows = ({str(k): v for k, v in row.items()} for row in headline(judged).to_dict("records"))
    return Shown("".join(_claim_box(row, beside.get(row["id"], {})) for row in rows))


def stated_by(study: Study, *ids: str) -> Facts:
    """Return what this run says of some statements, by its own protocol, as facts of sentences.

    Parameters
    ----------
    study
        The study whose tables the rules read.
    *ids
        Statements of the ledger, such as ``"B3"``.

    Returns
    -------
    dict
        See `helpers.prose.verdicts.answers.stated`.
    """
    return stated(judge(study, ids))


def _claim_box(row: dict[str, Any], beside: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the box of a statement: the headline's verdict, and those under other protocols."""
    claim, rule = claims()[row["id"]], RULES.get(row["id"])
    first = {
        "The paper": f"{claim.statement} (figure {claim.figure}).",
        "Found": f"{found_text(row)} ({row['statistic']})",
    }
    lines = {
        "Asked for": row["expected"] + (f". {rule.fair}" if rule else ""),
        "Why": row["reason"],
    }
    nothing = nothing_text(row)
    if nothing:
        lines["Met by networks that know nothing"] = nothing
    for protocol, other in beside.items():
        found = f"{found_text(other)}. " if other["observed"] == other["observed"] else ""
        lines[f"By {TITLES[protocol]}"] = (
            f"{VERDICT_NAMES[other['verdict']]}: {found}{other['reason']}"
        )
    others = ", ".join(
        f"by {TITLES[protocol]} {VERDICT_NAMES[other['verdict']]}"
        for protocol, other in beside.items()
        if other["verdict"] != row["verdict"]
    )
    return (
        f'<div class="claim-box verdict-{row["verdict"]}" id="claim-{row["id"]}">'
        '<p class="claim-title">'
        f'<span class="claim-id">{row["id"]}</span> '
        f'<span class="claim-verdict">{VERDICT_NAMES[row["verdict"]]}</span>'
        f"{f' <span>({others})</span>' if others else ''}</p>"
        f"{_terms(first)}"
        f"<details><summary>What was asked for, and why this verdict</summary>{_terms(lines)}"
        "</details></div>"
    )


def _terms(lines: Mapping[str, str]) -> str:
    items = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in lines.items())
    return f"<dl>{items}</dl>"


def nothing_text(row: Mapping[str, Any]) -> str:
    """Write which networks that know nothing meet a statement, and the permutation p-value."""
    words = row["known_nothing"]
    if not isinstance(words, str) or not words:
        return ""
    p = float(row["p_value"])
    return f"{words}; p = {p:.3f}" if p == p else words


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
