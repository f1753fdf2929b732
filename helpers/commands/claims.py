"""The command `claims`: the ledger of one run, or several side by side."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers import config
from helpers.commands.options import Data, Profile, opened, takes_settings
from helpers.commands.terminal import console
from helpers.errors import BadInputError, MissingInputError

if TYPE_CHECKING:
    import pandas as pd


@takes_settings
def claims(
    others: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help="More data sets, to be set side by side."),
    ] = None,
    profile: Profile = "quick",
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Data set; several are set side by side: --dataset A B [reference]."),
    ] = None,
    data: Data = None,
    workspace: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of results, one for each data set in their order."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Judge anew from the tables, and compare.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the ledger as JSON: one list for each data set.")
    ] = False,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A B …",
            help="Workspaces or bundles of results: where do their verdicts part, and why?",
        ),
    ] = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Print the ledger: each statement of the paper and what this run says of it."""
    if compare:
        _compare([*compare, *(others or [])])
        return
    from helpers.claims.ledger import not_run
    from helpers.datasets.registry import check_name
    from helpers.publish import verdicts

    names = [*(dataset or []), *(others or [])] or ["reference"]
    for name in names:
        check_name(name)
    folders = list(workspace or [])
    if folders and len(folders) != len(names):
        raise BadInputError(
            f"--workspace is given {len(folders)} times for {len(names)} data sets: give it once "
            "for each, or not at all."
        )
    found, gaps = {}, []
    for number, name in enumerate(names):
        folder = folders[number] if folders else None
        title = name if names.count(name) == 1 else f"{name} {number + 1}"
        # What is said beside a ledger must not be taken for a part of the JSON.
        with contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout):
            found[title] = _ledger_of(profile, name, data, folder, values, check)
        missing = not_run(found[title])
        if missing:
            gaps.append(
                f"{len(missing)} statements are not run on {name}, because their tables are "
                f"missing or stale ({', '.join(missing)}): `python -m helpers run "
                f"--profile {profile} --dataset {name}` makes them"
            )
    judged = {
        title: ledger for title, ledger in found.items() if len(not_run(ledger)) < len(ledger)
    }
    if as_json:
        texts = (f"{json.dumps(k)}: {v.to_json(orient='records')}" for k, v in found.items())
        print("{" + ",\n".join(texts) + "}")
    elif judged:
        frame = verdicts.side_by_side(found)
        table = Table(*frame.columns)
        for row in frame.itertuples(index=False):
            table.add_row(*map(str, row))
        console().print(table)
        for title, ledger in judged.items():
            for line in verdicts.totals(ledger):
                print(f"{title}, {line}")
    if gaps:
        raise MissingInputError("; ".join(gaps) + ".")


def _ledger_of(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    values: Mapping[str, str],
    check: bool,
) -> pd.DataFrame:
    """Return the ledger of one data set; without its files, as its run left it."""
    from helpers.datasets.registry import DATASETS
    from helpers.publish import verdicts
    from helpers.study.verdicts.other_runs import read_stored
    from helpers.study.where import identity_of
    from helpers.workspace.identity import stored_workspace

    # A file of one's own is named on the command line, so it is there too.
    embedded = dataset not in DATASETS or not DATASETS[dataset].needs_data
    if embedded or data is not None:
        study = opened(
            profile,
            dataset,
            None if embedded else data,
            workspace,
            values,
            untouched=True,
        )
        ledger = verdicts.current_ledger(study)
        if check:
            verdicts.check_against_tables(study, ledger)
            print(f"{dataset}: {verdicts.control_outcome(study)}")
        sys.stdout.writelines(f"{dataset}: {line}" for line in verdicts.cautions_of(study))
        return ledger
    settings = config.settings(profile, **values)
    identity = identity_of(DATASETS[dataset], settings, profile)
    stored = read_stored(workspace or stored_workspace(identity))
    print(
        f"{dataset}: as the run at revision {stored.revision[:10]} left it"
        + (f" ({stored.left_out})" if stored.left_out else "")
        + "; with --data it is checked whether the data files are still the same."
    )
    return stored.ledger


def _compare(sources: list[str]) -> None:
    """Print on what runs agree, where they part, and what the difference goes with."""
    from helpers.publish.runs.side_by_side import compared
    from helpers.workspace.store import project_root

    found = compared(sources, project_root())
    table = Table(*found.table.columns, title="Where verdicts part")
    for row in found.table.itertuples(index=False):
        table.add_row(*map(str, row))
    if len(found.table):
        console().print(table)
    for line in found.lines:
        print(line)
