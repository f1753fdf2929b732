"""The command `matrix`: many runs from one file, and a page that compares them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers.commands.options import Scheduler, Workers, cores
from helpers.commands.terminal import at_work, console, get_ready

if TYPE_CHECKING:
    import pandas as pd

    from helpers.publish.runs.matrix_file import Matrix


def matrix(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.yaml", help="Says which data sets, tissues and seeds."),
    ],
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the page [_build/matrix/NAME-OF-FILE]."),
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the runs, and which are finished.")
    ] = False,
) -> None:
    """Run every data set with all tissues and seeds of a file, and compare them on one page.

    Each run has a workspace of its own; what several have in common is made once. A command that is
    stopped goes on where it was, and a run that is finished is not made again.
    """
    from helpers.publish.runs import matrix as crossing
    from helpers.publish.runs.matrix_file import read_matrix
    from helpers.workspace.store import project_root

    asked = read_matrix(file)
    if dry_run:
        _show_plan(asked)
        return
    get_ready()
    root = project_root()
    target = (to or crossing.default_target(asked, root)).absolute()
    with at_work(scheduler) as bars:
        found = crossing.cross(
            asked,
            root,
            target,
            bars,
            workers=workers or cores(),
            distribute=scheduler is not None,
            say=bars.say,
        )
    _show(found.cells)
    runs = len(found.cells)
    print(
        f"{runs} runs, of which {found.finished} were finished before; made {found.artefacts} "
        "artefacts."
    )
    print(f"Page: {found.folder / crossing.PAGE}")


def _show_plan(asked: Matrix) -> None:
    """List the cells: where each has its workspace, and what is missing of it."""
    from helpers.errors import HelpersError
    from helpers.publish.runs.matrix import missing, open_cell

    table = Table("run", "workspace", "to make", title=f"{asked.path}, profile {asked.profile}")
    for cell in asked.cells:
        place = ""
        try:
            study = open_cell(cell, untouched=True)
            place = study.workspace.root.name
            todo = str(missing(study) or "finished")
        except HelpersError as error:
            todo = str(error)
        table.add_row(cell.name, place, todo)
    console().print(table)
    print("Nothing was made.")


def _show(cells: pd.DataFrame) -> None:
    """Print accuracy and verdicts of every run."""
    table = Table("run", "accuracy", "reproduced", "partly", "not reproduced", "not testable")
    for row in cells.to_dict("records"):
        counts = (row[name] for name in ("reproduced", "partly", "not_reproduced", "not_testable"))
        table.add_row(row["cell"], f"{row['accuracy']:.1%}", *map(str, counts))
    console().print(table)
