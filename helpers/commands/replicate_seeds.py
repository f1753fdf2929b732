"""The command `replicate`: the ledger over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers.commands.options import (
    Data,
    Dataset,
    Profile,
    Scheduler,
    Workers,
    cores,
    takes_settings,
)
from helpers.commands.terminal import at_work, console, get_ready
from helpers.errors import BadInputError

if TYPE_CHECKING:
    from helpers.publish.runs.seeds import Replicated
    from helpers.study import Study


@takes_settings
def replicate(
    seeds: Annotated[str, typer.Option(metavar="SEEDS", help="Such as 0-4 or 0,2,5.")] = "0-4",
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Bundle of results [_build/results/DATASET-PROFILE]."),
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = 0,
    *,
    values: Mapping[str, str],
) -> None:
    """Judge the paper's statements with several seeds, to see how often each holds.

    Every seed has a workspace of its own; what does not depend on the seed is made once. A run that
    is stopped goes on with the same command. Without CNNs (--set cnn_models=0) it is much faster.
    """
    from helpers.publish.runs import seeds as replicating

    numbers = replicating.parse_seeds(seeds)
    if "seed" in values:
        raise BadInputError("--set seed=… and --seeds say the same: leave the first one out.")
    get_ready()
    from helpers.study import open_study
    from helpers.workspace.store import project_root

    root = project_root()

    def of_seed(seed: int) -> Study:
        return open_study(profile, dataset, data, overrides={**values, "seed": seed})

    target = to or replicating.default_target(of_seed(numbers[0]), root)
    with at_work(scheduler) as bars:
        found = replicating.replicate(
            of_seed,
            numbers,
            root,
            target,
            bars,
            workers=workers or cores(),
            distribute=scheduler is not None,
            say=bars.say,
        )
    _show(found)


def _show(found: Replicated) -> None:
    """Print what changes with the seed, and where the bundle is."""
    from helpers.claims.over_seeds import over_seeds
    from helpers.prose.writing.wording import counted
    from helpers.publish.display import VERDICT_NAMES

    summary = over_seeds(found.by_seed)
    first = summary[summary["protocol"] == summary["protocol"].iloc[0]]
    fragile = first[first["fragile"]]
    table = Table("id", "verdict of most", "share", "observed", title="Fragile statements")
    for row in fragile.to_dict("records"):
        observed = f"{row['lowest']:.3g} to {row['highest']:.3g}"
        table.add_row(row["id"], VERDICT_NAMES[row["verdict"]], f"{row['share']:.0%}", observed)
    if len(fragile):
        console().print(table)
    seeds = counted(int(first["seeds"].max()), "seed")
    print(f"{len(fragile)} of {len(first)} verdicts change with the seed ({seeds}).")
    print(f"Made {found.artefacts} artefacts. Bundle: {found.folder}")
