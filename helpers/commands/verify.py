"""The command `verify`: a research object, made anew and compared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from helpers.commands.options import Data, Workers, cores, takes_settings
from helpers.commands.terminal import at_work


@takes_settings
def verify(
    crate: Annotated[
        Path, typer.Argument(metavar="CRATE", help="A workspace, or a crate.zip of a book.")
    ],
    dataset: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where the crate is of a file of your own.")
    ] = None,
    data: Data = None,
    workspace: Annotated[
        Path | None,
        typer.Option(help="Folder for the new run, to go on when stopped [a temporary one]."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CHAPTER", help="Only this chapter (may be repeated)."),
    ] = None,
    workers: Workers = 0,
    *,
    values: Mapping[str, str],
) -> None:
    """Make a run anew from its research object, and compare tables and figures byte for byte.

    A crate that was changed is refused. Ends with code 1 if anything differs.
    """
    from helpers.publish.crate.reading import read_crate
    from helpers.publish.crate.reproduction import changes, run_again
    from helpers.publish.run import refuse_places
    from helpers.study import open_study
    from helpers.workspace.store import project_root
    from helpers.workspace.surroundings import allow_open_files

    allow_open_files()
    found = read_crate(crate)
    print(f"{crate} is whole: {len(found.results)} files.")
    for line in changes(found):
        print(line)
    with TemporaryDirectory(prefix="verify-") as scratch:
        study = open_study(
            found.profile,
            dataset or found.dataset,
            data,
            workspace or Path(scratch) / "run",
            overrides={**found.settings, **values},
        )
        refuse_places(study, None)
        with at_work() as bars:
            compared = run_again(
                found, study, project_root(), bars, only=only, workers=workers or cores()
            )
    for file in compared.other:
        print(f"Differs: {file}")
    for file in compared.not_made:
        print(f"Not made again: {file}")
    print(f"{len(compared.same)} files are the same, {len(compared.other)} differ.")
    if compared.other or compared.not_made:
        raise typer.Exit(1)
