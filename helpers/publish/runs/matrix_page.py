"""The page of a matrix: one HTML file that needs no network."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib.resources import files

import pandas as pd

from helpers.claims.compare import agreements, differences
from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import claims, protocols_of
from helpers.claims.over_seeds import over_seeds
from helpers.prose.writing.wording import counted
from helpers.publish.display import VERDICT_NAMES
from helpers.publish.runs.side_by_side import changes_by_factor, goes_with
from helpers.results import measures

FACTORS = ("dataset", "tissues", "variant", "seed", "protocol")
"""In what cells differ; a verdict may go with each."""

SHOWN = {
    "accuracy": measures.ACCURACY,
    "linear_accuracy": measures.LINEAR,
    "one_network_twice": measures.INTRA_OVERLAP,
    "two_networks": measures.INTER_OVERLAP,
    "two_halves": measures.HALVES_OVERLAP,
}
"""Columns of the table of cells → the measure whose median they are."""

CELL_COLUMNS = (
    "cell", "dataset", "tissues", "variant", "seed", "simulated", *SHOWN, *VERDICTS, "workspace",
)  # fmt: skip

MARKS = {
    "reproduced": "✓", "partly": "~", "not_reproduced": "✗", "not_testable": "–", "not_run": "?",
}  # fmt: skip
"""Verdict → what stands in the grid, so that it can be read without colours."""


def page(
    source: str, profile: str, verdicts: pd.DataFrame, cells: pd.DataFrame, revision: str
) -> str:
    """Return the page that compares the cells of a matrix.

    Parameters
    ----------
    source
        Name of the file that asks for them.
    profile
        Their profile.
    verdicts, cells
        As `helpers.publish.runs.matrix.gathered` returns them.
    revision
        Of the code.

    Returns
    -------
    str
        A whole HTML file; the same cells give the same bytes.
    """
    first = protocols_of(verdicts)[0]
    own = verdicts[verdicts["protocol"] == first]
    style = files("helpers.publish.runs").joinpath("matrix.css").read_text("utf-8")
    title = f"{counted(len(cells), 'run')} side by side"
    parts = [
        f"<h1>{title}</h1>",
        _opening(source, profile, verdicts, own, cells),
        "<h2>The runs</h2>",
        _cells(cells),
        "<h2>Every statement, run by run</h2>",
        f"<p>Verdicts by the protocol <code>{html.escape(first)}</code>. The number before a "
        "statement is that of the ledger.</p>",
        _legend(),
        _grid(own, cells["cell"].tolist()),
        "<h2>Where verdicts part</h2>",
        _parted(own),
        f"<footer><p>Made by <code>python -m helpers matrix {html.escape(source)}</code> at "
        f"revision {html.escape(revision[:10])}. Beside this page lie <code>cells.csv</code> and "
        "<code>verdicts.csv</code>, with every protocol, interval and number.</p></footer>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{title}</title><style>\n{style}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _opening(
    source: str, profile: str, verdicts: pd.DataFrame, own: pd.DataFrame, cells: pd.DataFrame
) -> str:
    same, total = len(agreements(own)), own["id"].nunique()
    lines = [
        f"<p>Every run that <code>{html.escape(source)}</code> asks for, with the profile "
        f"<code>{html.escape(profile)}</code>. All say the same on {same} of "
        f"{counted(total, 'statement')}.</p>"
    ]
    simulated = sorted(set(cells.loc[cells["simulated"].astype(bool), "dataset"]))
    if simulated:
        lines.append(
            f'<p class="simulated-note">Samples of {html.escape(", ".join(simulated))} are '
            "simulated.</p>"
        )
    found = differences(verdicts, FACTORS)
    return "".join([*lines, *(f"<p>{line}</p>" for line in changes_by_factor(found, FACTORS))])


def _cells(cells: pd.DataFrame) -> str:
    """Show what each run is like: accuracy, agreement, verdicts counted."""
    columns = ["run", *(measures.MEASURES[name].title for name in SHOWN.values())]
    columns += [VERDICT_NAMES[name] for name in VERDICTS]
    rows = [
        [
            _cell(row["cell"]),
            *(_number(row[column], "{:.3f}") for column in SHOWN),
            *(_number(row[name], "{:.0f}") for name in VERDICTS),
        ]
        for row in cells.to_dict("records")
    ]
    note = (
        "<p>Medians: of accuracy over networks, of agreement over samples and explainers. Top "
        "genes are lists of the length that the settings say.</p>"
    )
    return note + _table(columns, rows)


def _legend() -> str:
    marks = "".join(
        f'<span class="{name}">{MARKS[name]} {VERDICT_NAMES[name]}</span>' for name in VERDICTS
    )
    return f'<p class="legend">{marks}</p>'


def _grid(own: pd.DataFrame, names: Sequence[str]) -> str:
    by = own.set_index(["id", "cell"])
    rows = []
    for statement in dict.fromkeys(own["id"]):
        row = [_cell(f"{statement} {claims()[statement].statement}")]
        for name in names:
            found = by.loc[(statement, name)]
            verdict = str(found["verdict"])
            value = "" if pd.isna(found["observed"]) else f": {found['observed']:.3g}"
            said = html.escape(f"{VERDICT_NAMES[verdict]}{value}", quote=True)
            row.append(
                f'<td class="verdict {verdict}" title="{said}"><span aria-label="{said}">'
                f"{MARKS[verdict]}</span></td>"
            )
        rows.append(row)
    return _table(["statement", *names], rows)


def _parted(own: pd.DataFrame) -> str:
    """List the statements on which runs do not agree, by the headline's protocol."""
    factors = tuple(name for name in FACTORS if name != "protocol")
    found = differences(own, factors)
    if not found:
        return "<p>Nowhere.</p>"
    summary = {row["id"]: row for row in over_seeds(own).to_dict("records")}
    rows = []
    for each in found:
        row = summary[each.id]
        said = ", ".join(f"{count} {VERDICT_NAMES[name]}" for name, count in each.verdicts.items())
        spread = "" if pd.isna(row["lowest"]) else f"{row['lowest']:.3g} to {row['highest']:.3g}"
        statement = f"{each.id} {claims()[each.id].statement}"
        texts = (statement, VERDICT_NAMES[row["verdict"]], said, spread, goes_with(each))
        rows.append([_cell(text) for text in texts])
    columns = ["statement", "verdict of most", "runs", "observed", "goes with"]
    return (
        "<p>A verdict goes with something if it changes while all else stays the same.</p>"
        + _table(columns, rows)
    )


def _cell(text: str) -> str:
    return f"<td>{html.escape(str(text))}</td>"


def _number(value: float, form: str) -> str:
    return f'<td class="number">{"–" if pd.isna(value) else form.format(value)}</td>'


def _table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n'
        "</tbody></table></div>"
    )
