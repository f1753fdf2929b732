"""The command `figure`: one figure of the book, as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from helpers.commands.options import (
    Data,
    Dataset,
    Profile,
    Workers,
    WorkspaceDir,
    cores,
    opened,
    takes_settings,
)
from helpers.commands.terminal import at_work
from helpers.errors import BadInputError


@takes_settings
def figure(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as 2d, s4_mlp or tau.")],
    tissue: Annotated[
        list[str] | None,
        typer.Option("--tissue", metavar="CLASS", help="Explain this class (may be repeated)."),
    ] = None,
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    workers: Workers = 0,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the files [_build/figures/…].")
    ] = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Make one figure of the book, and only what it needs: PNG, SVG, PDF and its numbers as CSV.

    Text in the SVG can be edited. Networks are MLPs alone, unless the figure is about CNNs or --set
    cnn_models=N asks for them.
    """
    from helpers.publish import run as running
    from helpers.publish.runs.one_figure import draw, find_recipe, write_figure
    from helpers.workspace import ownership
    from helpers.workspace.identity import readable
    from helpers.workspace.store import project_root
    from helpers.workspace.surroundings import allow_open_files

    allow_open_files()
    root = project_root()
    recipe = find_recipe(root, name)
    chosen = dict(values)
    if tissue and "tissues" in chosen:
        raise BadInputError("--tissue and --set tissues=… say the same: leave one out.")
    if tissue:
        chosen["tissues"] = ",".join(f'"{one}"' for one in tissue)
    if recipe.networks != "cnn":
        chosen.setdefault("cnn_models", "0")
    study = opened(profile, dataset, data, workspace, chosen)
    running.refuse_places(study, None)
    title = "-".join(filter(None, [Path(dataset).stem, profile, recipe.name, *(tissue or [])]))
    folder = (to or root / "_build" / "figures" / readable(title)).absolute()
    ownership.check(folder, "figures")
    with at_work() as bars:
        running.run(study, root, bars, steps=recipe.needs, workers=workers or cores(), say=bars.say)
    files = write_figure(draw(study, recipe), recipe, folder)
    print(f"Figure: {folder} ({', '.join(path.name for path in files)})")
