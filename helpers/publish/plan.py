"""The plan of a run as a person reads it."""

from __future__ import annotations

from rich.table import Table

from helpers.planning.plan import Item, Plan
from helpers.planning.storage import PAGE_BYTES, RENDERED_BYTES
from helpers.prose.writing.wording import counted
from helpers.publish.amounts import memory_text, time_text

PAGE = 20
"""Seconds in which a notebook is executed."""

LONG = 7 * 86_400
"""Seconds from which a run is too long for one machine."""


def plan_table(plan: Plan, *, title: str) -> Table:
    """Return a table with a row for each kind of work, in order; small work is put together."""
    table = Table("work", "to make", "fresh", "networks", "estimates", "time", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    measured: dict[str, list[Item]] = {}
    others = []
    for item in plan.items:
        if item.networks or item.estimates or item.seconds >= 60:
            measured.setdefault(item.title, []).append(item)
        else:
            others.append(item)
    for name, items in measured.items():
        table.add_row(name, *_cells(items))
    if others:
        table.add_row("All else", *_cells(others))
    table.add_section()
    table.add_row("Together", *_cells(list(plan.items)))
    return table


def plan_lines(plan: Plan, *, workers: int, pages: int, book: bool = True) -> list[str]:
    """Say in a few sentences what the run takes.

    Parameters
    ----------
    plan
        The plan.
    workers
        Processes that share the work.
    pages
        Notebooks to execute.
    book
        Whether the book is rendered.
    """
    size = plan.size
    where = "on its GPU" if plan.device != "cpu" else f"with {counted(workers, 'process')}"
    total = plan.wall_seconds + pages * PAGE / max(1, min(workers, pages or 1))
    disk = plan.disk + pages * (PAGE_BYTES + (RENDERED_BYTES if book else 0))
    lines = [
        f"Data: {size.samples:,} samples × {size.genes:,} genes, {size.classes} classes, the "
        f"largest of {size.largest:,} ({size.source}).",
        f"Networks to train: {plan.networks:,}. Estimates: {plan.estimates:,}. Curves: "
        f"{plan.curves:,}. Pages: {pages}.",
        f"Memory: up to {memory_text(plan.memory)}. Disk: {memory_text(disk)}.",
        f"Time: about {time_text(total)} on this machine {where}, at most: networks are taken to "
        "train for all their epochs. Extrapolated from what it can do in a few seconds; expect it "
        "to be right within a factor of two.",
    ]
    if not plan.known:
        lines.append(
            "The data are not there, so nothing could be found fresh: all is counted as missing."
        )
    if total > LONG:
        lines.append(
            "That is work for a cluster or a GPU: see --scheduler, and the page 'How to run it'."
        )
    return [*lines, "Nothing was made."]


def _cells(items: list[Item]) -> list[str]:
    networks, estimates = sum(i.networks for i in items), sum(i.estimates for i in items)
    return [
        f"{sum(item.todo for item in items):,}",
        f"{sum(item.fresh for item in items):,}",
        f"{networks:,}" if networks else "",
        f"{estimates:,}" if estimates else "",
        time_text(sum(item.seconds / item.processes for item in items)),
    ]
