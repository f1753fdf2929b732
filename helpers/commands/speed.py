"""The command `speed`: the exact engine beside other ways to the same scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from helpers.commands.terminal import at_work, console


def speed(
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the outcome [_build/results/speed]."),
    ] = None,
) -> None:
    """Measure the exact engine beside Captum, torch.func and shap, on one thread.

    All of them compute the same scores. The outcome, with machine, packages and revision, is what
    the page on speed shows: --to book/results/speed writes it there. Takes some minutes.
    """
    from helpers.planning.speed.contest import contest, pairs
    from helpers.planning.speed.kept import FILE, Stored, conditions
    from helpers.planning.speed.methods import METHODS
    from helpers.planning.speed.tasks import Sizes
    from helpers.publish.runs.speed_page import write_speed
    from helpers.workspace import ownership, publication
    from helpers.workspace.store import project_root

    root = project_root()
    folder = (to or root / "_build" / "results" / "speed").absolute()
    ownership.keep_apart(folder, "results", project=root)
    ownership.check(folder, "results")
    publication.refuse_changed(folder, "results")
    at, sizes, total = conditions(), Sizes(), len(list(pairs()))
    done: list[str] = []
    with at_work() as bars:

        def tell(what: str) -> None:
            bars("Measuring", len(done), total)
            done.append(what)

        table = contest(sizes, tell)
        bars("Measuring", total, total)
    write_speed(Stored(at, sizes, table), folder)
    shown = Table("explainer", "method", "seconds", "times as long", "memory (MB)", "difference")
    for row in table.to_dict("records"):
        shown.add_row(
            row["task"],
            METHODS[row["method"]].title,
            f"{row['seconds']:.3g}",
            f"{row['ratio']:.3g}",
            f"{row['megabytes']:.0f}",
            f"{row['difference']:.0e}",
        )
    console().print(shown)
    if at.busy:
        print(f"The machine is busy (load {at.load:g}): measure again when it is quiet.")
    print(f"Outcome: {folder / FILE}")
