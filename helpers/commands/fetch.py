"""The command `fetch`: download a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers.commands.terminal import console
from helpers.errors import BadInputError
from helpers.prose.writing.wording import counted
from helpers.publish.amounts import memory_text

if TYPE_CHECKING:
    from helpers.datasets.download import Download


def fetch(
    dataset: Annotated[str, typer.Argument(help="Data set to download.")],
    data: Annotated[Path, typer.Option(help="Folder to download to.")] = Path("data"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before it starts.")] = False,
    files: Annotated[
        list[str] | None,
        typer.Option("--file", metavar="NAME", help="Only this file (may be repeated)."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every file that the catalogue lists.")
    ] = False,
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Folder on a mirror.")
    ] = None,
) -> None:
    """Download the files of a data set and check each by its hash."""
    from helpers.datasets import download
    from helpers.publish.progress import Bars

    chosen = download.wanted(dataset, files=files, everything=everything, base_url=source)
    if not chosen:
        print(f"The data set {dataset} comes with the package: there is nothing to download.")
        return
    download.refuse_unusable(data, dataset)
    missing = download.missing(chosen, data)
    if missing:
        download.require_space(missing, data)
        _announce(missing, data)
        _confirm(yes)
    with Bars(console(stderr=True), sizes=True) as bars:
        found = download.fetch(chosen, data, dataset, progress=bars)
    print(f"{counted(len(found), 'file')} in {data}; run with --dataset {dataset} --data {data}")


def _announce(missing: list[Download], folder: Path) -> None:
    """Say what will be downloaded, from where and how large it is."""
    table = Table("file", "size", "from", title=f"To download to {folder}")
    for each in missing:
        size = "unknown" if each.size is None else memory_text(each.size)
        kept = f" ({memory_text(each.arrived)} are here)" if each.arrived else ""
        table.add_row(each.file.name, size + kept, each.file.url.rsplit("/", 1)[0])
    console().print(table)
    known = sum(each.size or 0 for each in missing)
    unknown = sum(each.size is None for each in missing)
    more = f" and {unknown} of unknown size" if unknown else ""
    print(f"{counted(len(missing), 'file')}, {memory_text(known)}{more}.")


def _confirm(yes: bool) -> None:
    """Ask whether to start, unless that was said already."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInputError(
            "Nobody can be asked whether to start the download, since there is no terminal: add "
            "--yes."
        )
    if not typer.confirm("Start?", default=True):
        raise typer.Exit(1)
