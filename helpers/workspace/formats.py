"""How each kind of artefact is written to and read from a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Format:
    """A way to write an object to a path and to read it back."""

    write: Callable[[Path, Any], None]
    read: Callable[[Path], Any]


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a tidy table as CSV; floats keep every digit, so that it reads back the same."""
    table.to_csv(path, index=False, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a tidy table; only an empty field counts as missing (NA is also a gene's alias)."""
    return pd.read_csv(
        path, keep_default_na=False, na_values=[""], float_precision="round_trip", low_memory=False
    )


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


TABLE = Format(write_table, read_table)
JSON = Format(write_json, read_json)
BYTES = Format(write_bytes, Path.read_bytes)
