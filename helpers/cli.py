"""The command line: `python -m helpers run | fetch | claims | status`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from helpers import config
from helpers.errors import BadInputError, HelpersError, MissingInputError, one_of
from helpers.prose.wording import counted
from helpers.publish.amounts import memory_text
from helpers.publish.surroundings import start_clean

if TYPE_CHECKING:
    import pandas as pd

    from helpers.datasets.download import Download
    from helpers.study import Study

app = typer.Typer(
    name="helpers",
    help="Run the study of explainable models on transcriptomic data and build its book.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Profile = Annotated[str, typer.Option(help="How large a run: " + ", ".join(config.PROFILES) + ".")]
Dataset = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE.h5ad",
        help="Data set: reference (simulated), rnaseqdb or gtex-tcga (real), or your own file.",
    ),
]
Data = Annotated[Path | None, typer.Option(help="Folder with the data set's files.")]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option("--workspace", help="Folder for all results [_build/workspace/DATASET-PROFILE]."),
]
ClassColumn = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Your file: column of obs with the class.")
]
Layer = Annotated[
    str | None, typer.Option(help="Your file: layer with the expression, or raw [X].")
]
Unit = Annotated[
    str | None,
    typer.Option(
        metavar="UNIT", help="Your file: counts, tpm, log1p, log2 or log10 [auto: found out]."
    ),
]
OrganColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs with the organ [the class]."),
]
StatusColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs, normal or cancer [all normal]."),
]
DonorColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs with the donor."),
]
GeneColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of var with symbols [found out]."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Replace one setting of the profile."),
]


@app.command()
def run(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CHAPTER", help="Only this chapter (may be repeated)."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler to send work to.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes to compute with; 0: as many as there are cores.")
    ] = 0,
    html: Annotated[
        Path | None, typer.Option(help="Folder for the rendered book [WORKSPACE/html].")
    ] = None,
    book: Annotated[bool, typer.Option(help="Render the book at the end.")] = True,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with code 1 if a page or the book warns.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would make, and what that takes.")
    ] = False,
    class_column: ClassColumn = None,
    layer: Layer = None,
    unit: Unit = None,
    organ_column: OrganColumn = None,
    status_column: StatusColumn = None,
    donor_column: DonorColumn = None,
    gene_column: GeneColumn = None,
    setting: Set = None,
) -> None:
    """Make everything that is missing or stale: models, scores, tables, pages, book."""
    from helpers.publish.processes import warm_up
    from helpers.publish.surroundings import allow_open_files

    allow_open_files()  # for processes, too
    warm_up()  # while this process imports the same
    from helpers.publish import run as running
    from helpers.publish.cluster import cluster
    from helpers.publish.progress import Bars
    from helpers.workspace.store import project_root

    root = project_root()
    own = _own(class_column, layer, unit, organ_column, status_column, donor_column, gene_column)
    study = _open(profile, dataset, data, workspace, setting, own, untouched=dry_run)
    if dry_run:
        _show_plan(study, root, only, workers or _cores())
        return
    said: list[str] = []
    with Bars(_console(stderr=True)) as bars, cluster(scheduler, bars.say):
        result = running.run(
            study,
            root,
            bars,
            only=only,
            distribute=scheduler is not None,
            workers=workers or _cores(),
            say=bars.say,
        )
        said += result.said
        if book:
            target = html or study.workspace.path("html")
            built = running.render(study, root, target, bars, whole=not only)
            said += built.warnings
            print(f"Book: {target / 'index.html'}")
            if built.left_out:
                print("Left out, because not made yet or stale: " + ", ".join(built.left_out))
    _tell(said)
    print(f"Made {result.artefacts} artefacts and {result.pages} pages in {study.workspace.root}")
    if strict and said:
        raise typer.Exit(1)


def _tell(said: list[str], most: int = 10) -> None:
    """Print what pages and the book warned of; nothing was thrown away for it."""
    for line in said[:most]:
        print(f"Warning: {line}", file=sys.stderr)
    if len(said) > most:
        print(f"Warning: and {len(said) - most} more like these.", file=sys.stderr)


def _show_plan(study: Study, root: Path, only: list[str] | None, workers: int) -> None:
    """Print what a run would make; nothing is written."""
    from helpers.publish.chapters import find_chapters
    from helpers.publish.planning import plan_lines, plan_table
    from helpers.publish.run import pages_to_make, wanted_steps
    from helpers.study.plan import make_plan

    wanted = wanted_steps(root, only)
    console = _console(stderr=True)
    with console.status("Measuring this machine …"):
        plan = make_plan(study, wanted, workers=workers)
    pages = len(pages_to_make(study, root, only)) if plan.known else len(find_chapters(root, only))
    _console().print(plan_table(plan, title=f"{study.dataset.name}, profile {study.profile}"))
    for line in plan_lines(plan, workers=workers, pages=pages):
        print(line)


@app.command()
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
    missing = download.missing(chosen, data)
    if missing:
        download.require_space(missing, data)
        _announce(missing, data)
        _confirm(yes)
    with Bars(_console(stderr=True), sizes=True) as bars:
        found = download.fetch(chosen, data, progress=bars)
    print(f"{counted(len(found), 'file')} in {data}; run with --dataset {dataset} --data {data}")


def _announce(missing: list[Download], folder: Path) -> None:
    """Say what will be downloaded, from where and how large it is."""
    table = Table("file", "size", "from", title=f"To download to {folder}")
    for each in missing:
        size = "unknown" if each.size is None else memory_text(each.size)
        kept = f" ({memory_text(each.arrived)} are here)" if each.arrived else ""
        table.add_row(each.file.name, size + kept, each.file.url.rsplit("/", 1)[0])
    _console().print(table)
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


@app.command()
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
    class_column: ClassColumn = None,
    layer: Layer = None,
    unit: Unit = None,
    organ_column: OrganColumn = None,
    status_column: StatusColumn = None,
    donor_column: DonorColumn = None,
    gene_column: GeneColumn = None,
    setting: Set = None,
    check: Annotated[
        bool, typer.Option("--check", help="Judge anew from the tables, and compare.")
    ] = False,
) -> None:
    """Print the ledger: each statement of the paper and what this run says of it."""
    own = _own(class_column, layer, unit, organ_column, status_column, donor_column, gene_column)
    from helpers.claims.ledger import not_run
    from helpers.datasets.own import SUFFIX
    from helpers.datasets.registry import DATASETS
    from helpers.publish import ledgers

    names = [*(dataset or []), *(others or [])] or ["reference"]
    for name in names:
        if not name.endswith(SUFFIX):
            one_of("data set", name, DATASETS)
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
        found[title] = _ledger_of(profile, name, data, folder, setting, own, check)
        missing = not_run(found[title])
        if missing:
            gaps.append(
                f"{len(missing)} statements are not run on {name}, because their tables are "
                f"missing or stale ({', '.join(missing)}): `python -m helpers run "
                f"--profile {profile} --dataset {name}` makes them"
            )
    if any(len(not_run(ledger)) < len(ledger) for ledger in found.values()):
        frame = ledgers.side_by_side(found)
        table = Table(*frame.columns)
        for row in frame.itertuples(index=False):
            table.add_row(*map(str, row))
        _console().print(table)
    if gaps:
        raise MissingInputError("; ".join(gaps) + ".")


def _ledger_of(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    setting: list[str] | None,
    own: dict[str, str],
    check: bool,
) -> pd.DataFrame:
    """Return the ledger of one data set; without its files, as its run left it."""
    from helpers.datasets.registry import DATASETS
    from helpers.publish import ledgers
    from helpers.study.other_runs import read_stored
    from helpers.workspace.store import default_workspace

    # A file of one's own is named on the command line, so it is there too.
    embedded = dataset not in DATASETS or not DATASETS[dataset].needs_data
    if embedded or data is not None:
        study = _open(profile, dataset, None if embedded else data, workspace, setting, own)
        ledger = ledgers.current_ledger(study)
        if check:
            ledgers.check_against_tables(study, ledger)
            print(f"{dataset}: {ledgers.control_outcome(study)}")
        return ledger
    stored = read_stored(workspace or default_workspace(dataset, profile))
    print(
        f"{dataset}: as the run at revision {stored.revision[:10]} left it"
        + (f" ({stored.left_out})" if stored.left_out else "")
        + "; with --data it is checked whether the data files are still the same."
    )
    return stored.ledger


@app.command()
def status(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    class_column: ClassColumn = None,
    layer: Layer = None,
    unit: Unit = None,
    organ_column: OrganColumn = None,
    status_column: StatusColumn = None,
    donor_column: DonorColumn = None,
    gene_column: GeneColumn = None,
    setting: Set = None,
) -> None:
    """Tell what is fresh, stale or missing, without making anything."""
    from helpers.publish.chapters import find_chapters, page_state
    from helpers.study.graph import STEPS
    from helpers.workspace.store import project_root

    own = _own(class_column, layer, unit, organ_column, status_column, donor_column, gene_column)
    study = _open(profile, dataset, data, workspace, setting, own)
    table = Table("artefact", "fresh", "stale", "missing", title=str(study.workspace.root))
    for name in STEPS:
        _add_states(table, name, list(study.states(name).values()))
    for chapter in find_chapters(project_root()):
        _add_states(table, chapter.page, [page_state(study, chapter)])
    _console().print(table)


def _add_states(table: Table, name: str, states: list[str]) -> None:
    counts = [str(states.count(state) or "") for state in ("fresh", "stale", "missing")]
    table.add_row(name, *counts)


def _open(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    setting: list[str] | None,
    own: dict[str, str],
    *,
    untouched: bool = False,
) -> Study:
    from helpers.study import open_study

    values = {**own, **_overrides(setting or [])}
    return open_study(profile, dataset, data, workspace, untouched=untouched, **values)


def _own(*values: str | None) -> dict[str, str]:
    """Return the settings that describe a user's own file, those that were given."""
    from helpers.datasets.registry import OWN_SETTINGS

    return {
        name: value for name, value in zip(OWN_SETTINGS, values, strict=True) if value is not None
    }


def _overrides(pairs: list[str]) -> dict[str, Any]:
    for pair in pairs:
        if "=" not in pair:
            raise BadInputError(f"--set {pair!r} has no value: write --set NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in pairs)


def _cores() -> int:
    import joblib

    return int(joblib.cpu_count())


def _console(**more: Any) -> Console:
    """Return what prints names as they are: brackets and colons in them are no commands."""
    return Console(markup=False, emoji=False, **more)


def _any_terminal() -> None:
    """Let text be printed on terminals that know few letters: the others become marks.

    Raises
    ------
    BadInputError
        If an argument is no text, as names of files may be that another system made.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    for argument in sys.argv:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise BadInputError(
                f"The argument {argument!r} is not UTF-8: rename the file or folder."
            ) from None


def main() -> None:
    """Run the command line; a fault of the user's input ends in one sentence and code 2."""
    start_clean()
    try:
        _any_terminal()
        app()
    except HelpersError as error:
        _console(stderr=True, soft_wrap=True).print(f"Error: {error}", style="bold")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
