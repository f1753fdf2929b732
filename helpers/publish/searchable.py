"""A table that readers search and sort on the page, without a network."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.figures.naming import visible

MOST_ROWS = 500
"""Rows on the page at most; the download has all."""

_SCRIPT = """
(() => {
  const box = document.getElementById(%s);
  const input = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  const body = box.querySelector("tbody");
  const rows = Array.from(body.rows);
  const selects = Array.from(box.querySelectorAll("select"));
  const texts = rows.map(row => row.textContent.toLowerCase());
  const show = () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every(word => texts[i].includes(word))
        || !selects.every(select => !select.value
          || row.cells[select.dataset.column].dataset.value === select.value);
      if (!row.hidden) shown += 1;
    });
    status.textContent = shown + " of " + rows.length + " rows shown";
  };
  input.addEventListener("input", show);
  selects.forEach(select => select.addEventListener("change", show));
  box.querySelectorAll("th button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const down = head.getAttribute("aria-sort") === "ascending";
      box.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => row.cells[column].dataset.value;
      const order = (a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const numbers = !isNaN(x) && !isNaN(y);
        const found = numbers ? x - y : x.localeCompare(y);
        return down ? -found : found;
      };
      rows.slice().sort(order).forEach(row => body.appendChild(row));
    });
  });
  box.querySelector(".search").hidden = false;
  show();
})();
"""


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
        f"<script>{_SCRIPT % repr(f'{name}-search')}</script>"
    )


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
