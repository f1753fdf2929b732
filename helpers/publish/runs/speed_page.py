"""What the page on speed says: sentences and tables from a stored benchmark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.planning.speed.kept import FILE, Stored, as_text, read_stored
from helpers.planning.speed.methods import EXACT, METHODS
from helpers.planning.speed.tasks import TASKS
from helpers.publish.amounts import memory_text
from helpers.workspace import fingerprints, publication
from helpers.workspace.atomic import scratch_folder

SAID = "said.md"
"""Beside the numbers: what the page includes."""

MADE_BY = "python -m helpers speed"


def write_speed(stored: Stored, folder: Path) -> None:
    """Keep a benchmark: its numbers, and what a page says of them.

    Raises
    ------
    WorkspaceError
        If the folder is somebody else's; nothing is changed then.
    """
    with scratch_folder(folder.parent, folder.name) as made:
        text = as_text(stored)
        (made / FILE).write_text(text, encoding="utf-8")
        # From the numbers as they are kept, which are rounded.
        text_of_page = said(read_stored(made / FILE))
        (made / SAID).write_text(text_of_page, encoding="utf-8")
        key = fingerprints.of_value(text)
        publication.publish(made, folder, key=key, made_by=MADE_BY, kind="results")


def said(stored: Stored) -> str:
    """Return MyST: where it was measured, a table for each task, and what is missing."""
    parts = [_where(stored), *(_task(stored, name) for name in TASKS), _missing(stored)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _where(stored: Stored) -> str:
    at, sizes = stored.conditions, stored.sizes
    packages = ", ".join(f"{name} {version}" for name, version in at.packages.items())
    lines = (
        f"Measured on {at.date} at revision `{at.revision[:10]}` by one thread of {at.processor} "
        f"({at.machine}, {at.cores} cores): {packages}. {sizes.models} networks of {sizes.genes:,} "
        f"genes, {sizes.hidden} hidden units and {sizes.classes} classes explain {sizes.samples} "
        f"samples by the mean of {sizes.estimates} estimates each; paths have {sizes.steps} steps."
    )
    if at.busy:
        lines += (
            "\n\n```{note}\n"
            f"The machine was busy with other work (load {at.load:g}). Times are those that the "
            "process itself computed, but caches and memory were shared: another run on a quiet "
            "machine is needed before these ratios are relied on.\n```"
        )
    return lines


def _task(stored: Stored, name: str) -> str:
    own = stored.table[stored.table["task"] == name]
    rows = [
        "| | seconds | times as long | memory | largest difference |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in own.to_dict("records"):
        ratio = "1" if row["method"] == EXACT else f"{row['ratio']:.3g}"
        memory = "–" if pd.isna(row["megabytes"]) else memory_text(max(row["megabytes"], 0) * 1e6)
        difference = "" if row["method"] == EXACT else f"{row['difference']:.0e}"
        rows.append(
            f"| {METHODS[row['method']].title} | {row['seconds']:.3g} | {ratio} | {memory} | "
            f"{difference} |"
        )
    unable = [
        f"{method.title} is not in it: {method.why_not}."
        for method in METHODS.values()
        if name not in method.able
    ]
    return "\n".join([f"### {name}: mean over {TASKS[name].says}", "", *rows, "", *unable]).strip()


def _missing(stored: Stored) -> str:
    """Say which package was not there."""
    there = set(stored.table["method"])
    lacking = [method for name, method in METHODS.items() if name not in there]
    return " ".join(
        f"{method.title} was not installed (`pip install {method.package}`), so it has no rows."
        for method in lacking
    )
