"""Steps that make a table: most do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from helpers.workflow.step import Context, Step
from helpers.workspace.formats import table_format


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
