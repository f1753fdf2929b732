"""Links to files of the workspace: beside a notebook executed alone, and in the book.

A cell does not know where the notebook that it is in will lie. Papermill writes it where it is told
to, which is nearly always the folder that it was started in: links are seen from there. A page of
the book lies beside a folder of downloads instead, and is rewritten when a run keeps it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

from helpers.study import Study

ALONE = "alone"
"""Tag of cells that are for those who execute a notebook alone: a page of the book has none."""

DOWNLOADS = "downloads"
"""Folder of the book beside its chapters, with the files that they link."""

_FILE = re.compile(r'<a href="[^"]*" data-file="([^"]*)"')


def from_here(path: Path) -> str:
    """Return the address of a file or folder as seen from the working directory."""
    try:
        return quote(Path(os.path.relpath(path)).as_posix())
    except ValueError:
        # On another drive.
        return path.absolute().as_uri()


def link(study: Study, file: str, text: str) -> str:
    """Return a link to a file of the workspace, which works beside an executed notebook.

    Parameters
    ----------
    study
        The study.
    file
        Path in its workspace.
    text
        What is clicked on.
    """
    address = from_here(study.workspace.path(file))
    return f'<a href="{address}" data-file="{file}" download>{text}</a>'


def for_the_book(markup: str) -> str:
    """Let the links of a page lead to the downloads of the book."""
    return _FILE.sub(rf'<a href="../{DOWNLOADS}/\1"', markup)
