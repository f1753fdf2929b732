"""Steps that make a table: most do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from helpers.workflow.step import Context, Step
from helpers.workspace.formats import table_format


def stacked(tables: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put tables below each other; of none make an empty one.

    Parameters
    ----------
    tables
        Any number of tables.
    columns
        Those of the table where there is none to put below another.
    """
    found = list(tables)
    if not found:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(found, ignore_index=True)


def table_step(
    name: str,
    make: Callable[[Context], pd.DataFrame],
    title: str,
    *,
    text: Iterable[str] = (),
    **more: Any,
) -> Step:
    """Return the step that makes ``tables/<name>.csv``.

    Parameters
    ----------
    name
        Name of the table; other steps and notebooks ask for ``tables/<name>``.
    make, title, **more
        As `Step` takes them.
    text
        Columns of text besides those that hold text in every table
        (`helpers.workspace.formats.TEXT_COLUMNS`).
    """
    return Step(
        name=f"tables/{name}",
        path=f"tables/{name}.csv",
        form=table_format(*text),
        make=make,
        title=title,
        **more,
    )
