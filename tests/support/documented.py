"""What the pages on running say of tables and folders."""

from __future__ import annotations

import re
from pathlib import Path

TABLES = [Path("book") / f"{name}.md" for name in ("tables", "tables_genes", "tables_verdicts")]
FOLDERS = Path("book/results_folder.md")
_ROW = re.compile(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")


def tables() -> dict[str, set[str]]:
    """Return table → the columns that the pages name, those of tables it refers to included."""
    section = "\n".join(page.read_text() for page in TABLES)
    rows = dict(_ROW.findall(section))
    (chance,) = re.findall(r"^Columns of chance:(.*?)\n\n", section, re.MULTILINE | re.DOTALL)

    def columns(name: str) -> set[str]:
        found = set(_NAME.findall(rows[name]))
        for other in re.findall(r"(?:as|columns of) `(\w+)`", rows[name]):
            found |= columns(other)
        return found | (set(_NAME.findall(chance)) if "columns of chance" in rows[name] else set())

    return {name: columns(name) for name in rows}


def folders() -> set[str]:
    """Return the folders and files of a workspace that the pages name."""
    section = FOLDERS.read_text()
    return {path.split("/")[0] for path in re.findall(r"`([\w./*]+)`", section)}
