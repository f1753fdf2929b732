"""What the page on running says of tables and folders."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path("book/how_to_run.md")
_ROW = re.compile(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")


def tables() -> dict[str, set[str]]:
    """Return table → the columns that the page names, those of tables it refers to included."""
    text = PAGE.read_text()
    section = text[text.index("(table-columns)=") :]
    rows = dict(_ROW.findall(section))
    (chance,) = re.findall(r"^Columns of chance:(.*?)\n\n", section, re.MULTILINE | re.DOTALL)

    def columns(name: str) -> set[str]:
        found = set(_NAME.findall(rows[name]))
        for other in re.findall(r"(?:as|columns of) `(\w+)`", rows[name]):
            found |= columns(other)
        return found | (set(_NAME.findall(chance)) if "columns of chance" in rows[name] else set())

    return {name: columns(name) for name in rows}


def folders() -> set[str]:
    """Return the folders and files of a workspace that the page names."""
    text = PAGE.read_text()
    section = text[text.index("## Where results are") : text.index("(table-columns)=")]
    return {path.split("/")[0] for path in re.findall(r"`([\w./*]+)`", section)}
