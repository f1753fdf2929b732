"""A table that readers search and sort on the page, without a network."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

import pandas as pd

from helpers.figures.naming import visible

MOST_ROWS = 500
"""Rows on the page at most; the download has all."""


def searchable_markup(
    name: str,
    table: pd.DataFrame,
    formats: dict[str, str] | None = None,
    filters: Sequence[str] = (),
    links: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Write a table as HTML with a field to search it and headers that sort it.

    Without a script the table is whole and the field hidden. Search and sort work with the
    keyboard, and say to a screen reader how many rows are left.

    Parameters
    ----------
    name
        Identifier on the page.
    table
        What to show; the first `MOST_ROWS` rows.
    formats
        How to write the numbers of a column, such as ``{"fdr": "{:.1e}"}``.
    filters
        Columns with few values: each gets a menu from which one value is chosen.
    links
        Addresses that the cells of a column lead to, one a row; an empty one leads nowhere.
    """
    anchor, writers = html.escape(f"{name}-search", quote=True), formats or {}
    heads = "".join(
        f'<th scope="col"><button type="button">{html.escape(str(column))}</button></th>'
        for column in table.columns
    )
    columns = [
        _column(table[column].head(MOST_ROWS), writers.get(str(column), "{}"), addresses)
        for column in table.columns
        for addresses in [(links or {}).get(str(column), ())]
    ]
    menus = "".join(_menu(anchor, table, column) for column in filters)
    rows = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True))
    return (
        f'<div class="searchable" id="{anchor}"><p class="search" hidden>'
        f'<label for="{anchor}-field">Search</label> '
        f'<input id="{anchor}-field" type="search" autocomplete="off"/> '
        f'{menus}<span role="status" aria-live="polite"></span></p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(name)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></div>"
        f"<script>{_script(f'{name}-search')}</script>"
    )


def _script(anchor: str) -> str:
    """Return the call of the function in ``searchable.js``, for the table at an anchor."""
    function = files("helpers.publish").joinpath("searchable.js").read_text("utf-8").strip()
    # Nothing in a name may end the script.
    argument = json.dumps(anchor).replace("<", "\\u003c")
    return f"\n{function}({argument});\n"


def _menu(anchor: str, table: pd.DataFrame, column: str) -> str:
    """Write the menu of a column's values, in the order in which they occur."""
    place, label = table.columns.get_loc(column), html.escape(column)
    values = table[column].head(MOST_ROWS).dropna().astype(str)
    options = "".join(
        f'<option value="{html.escape(value, quote=True)}">{html.escape(value)}</option>'
        for value in dict.fromkeys(values)
    )
    return (
        f'<label for="{anchor}-{place}">{label}</label> <select id="{anchor}-{place}" '
        f'data-column="{place}"><option value="">all</option>{options}</select> '
    )


def _column(values: pd.Series, form: str, addresses: Sequence[str]) -> list[str]:
    cells = [_cell(value, form) for value in values]
    if not addresses:
        return cells
    return [
        re.sub(r">(.*)</td>$", rf'><a href="{html.escape(to, quote=True)}">\1</a></td>', cell)
        if to else cell
        for cell, to in zip(cells, addresses[:MOST_ROWS], strict=True)
    ]  # fmt: skip


def _cell(value: object, form: str) -> str:
    kind = "" if isinstance(value, str) else ' class="number"'
    if pd.isna(value):  # type: ignore[call-overload]
        return f'<td data-value=""{kind}>–</td>'
    raw = html.escape(str(value), quote=True)
    return f'<td data-value="{raw}"{kind}>{html.escape(visible(form.format(value)))}</td>'
