"""How each kind of artefact is written to and read from a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pandas.api.types import is_numeric_dtype


@dataclass(frozen=True)
class Format:
    """A way to write an object to a path and to read it back."""

    write: Callable[[Path, Any], None]
    read: Callable[[Path], Any]


TEXT_COLUMNS = frozenset({
    # Names of the user's
    "cancer", "class", "donor", "gene", "kept", "listed_in", "member", "named", "normal", "organ",
    "predicted", "sample", "status", "study", "tied", "tissue", "truth",
    # Names and sentences of ours
    "a", "against", "architecture", "b", "by", "choice", "claim", "combination",
    "combine", "company", "comparison", "dataset", "default_verdict", "design", "direction",
    "explainer", "factor", "figure", "folder", "gene_order", "group", "id", "kind", "labels",
    "left_out", "metric", "mode", "norm", "ontology", "optimisation", "option", "paper_group",
    "produced_by", "profile", "protocol", "ranking", "reason", "reference",
    "revision", "role", "rule", "says", "set", "setting", "source", "split", "state", "statistic",
    "term", "term_id", "title", "unit", "variant", "verdict", "what",
})  # fmt: skip
"""Columns that hold text in every table, whatever it looks like: a tissue may be called ``10``,
``1e3``, ``True`` or ``NA``. Tables in which further columns are text say so (`table_format`)."""

FLAG_COLUMNS = frozenset({
    "aggregated", "best", "chosen", "holds", "is_default", "learnt", "reduced",
    "representative", "saturated", "smoothgrad", "together",
})  # fmt: skip
"""Columns that are true or false in every table."""


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a tidy table as CSV; floats keep every digit, so that it reads back the same."""
    # Python's writer leaves a carriage return bare, which readers take for the end of the row.
    bare = any(
        "\r" in str(value)
        for name in table
        if not is_numeric_dtype(table[name])
        for value in table[name].unique()
    )
    quoting: Literal[0, 2] = 2 if bare else 0  # of the module csv: QUOTE_NONNUMERIC, QUOTE_MINIMAL
    table.to_csv(path, index=False, lineterminator="\n", quoting=quoting)


def read_table(path: Path, text: Iterable[str] = ()) -> pd.DataFrame:
    """Read a tidy table; only an empty field counts as missing (NA is also a gene's alias).

    Parameters
    ----------
    path
        The file.
    text
        Columns that hold text, beside `TEXT_COLUMNS`.

    Returns
    -------
    DataFrame
        Text as it was written. Of a table without rows: flags and numbers as such.
    """
    texts = TEXT_COLUMNS.union(text)
    table = pd.read_csv(
        path, keep_default_na=False, na_values=[""], float_precision="round_trip",
        low_memory=False, dtype=dict.fromkeys(texts, str),
    )  # fmt: skip
    if len(table):
        return table
    kinds = {name: bool if name in FLAG_COLUMNS else float for name in table if name not in texts}
    return table.astype(kinds)


def table_format(*text: str) -> Format:
    """Return the format of a table with columns of text that are not in `TEXT_COLUMNS`.

    Writing a table with a column of text that neither names fails: it might be read as numbers.
    """
    return Format(partial(_write_declared, text=text), partial(read_table, text=text))


def _write_declared(path: Path, table: pd.DataFrame, text: tuple[str, ...] = ()) -> None:
    undeclared = [
        str(name)
        for name in table
        if name not in TEXT_COLUMNS.union(text)
        and not is_numeric_dtype(table[name])
        and any(isinstance(value, str) for value in table[name].unique())
    ]
    if undeclared:
        raise TypeError(
            f"columns {', '.join(undeclared)} hold text: add them to TEXT_COLUMNS in "
            f"{__name__}, or to the `text` of the table's step"
        )
    write_table(path, table)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, readable by eye."""
    path.write_text(
        json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read_json(path: Path) -> Any:
    """Read JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes as they are."""
    path.write_bytes(content)


TABLE = table_format()
SHOWN_TABLE = Format(write_table, read_table)
"""A table that a page shows and links, with columns of any kind: no step reads it."""
JSON = Format(write_json, read_json)
BYTES = Format(write_bytes, Path.read_bytes)
