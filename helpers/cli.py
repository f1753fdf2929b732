"""The command line: `python -m helpers run | fetch | claims | status`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from helpers import config
from helpers.errors import BadInputError, HelpersError, MissingInputError

if TYPE_CHECKING:
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
        help="Data set: reference (simulated), rnaseqdb (real), or a file of your own.",
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
    from helpers.publish import run as running
    from helpers.publish.progress import Bars
    from helpers.workspace.store import project_root

    root = project_root()
    own = _own(class_column, layer, unit, organ_column, status_column, donor_column, gene_column)
    study = _open(profile, dataset, data, workspace, setting, own)
    with Bars(Console(stderr=True)) as bars, _cluster(scheduler):
        result = running.run(
            study,
            root,
            bars,
            only=only,
            distribute=scheduler is not None,
            workers=workers or _cores(),
            page_workers=workers or _cores(),
        )
        if book:
            target = html or study.workspace.path("html")
            left_out = running.render(study, root, target, bars)
            print(f"Book: {target / 'index.html'}")
            if left_out:
                print("Left out, because not made yet or stale: " + ", ".join(left_out))
    print(f"Made {result.artefacts} artefacts and {result.pages} pages in {study.workspace.root}")


@app.command()
def fetch(
    dataset: Annotated[str, typer.Argument(help="Data set to download.")],
    data: Annotated[Path, typer.Option(help="Folder to download to.")] = Path("data"),
) -> None:
    """Download the files of a data set and check each by its hash."""
    from helpers import datasets
    from helpers.publish.progress import Bars

    with Bars(Console(stderr=True)) as bars:
        files = datasets.fetch(dataset, data, progress=bars)
    if files:
        print(f"{len(files)} files in {data}; run with --dataset {dataset} --data {data}")
    else:
        print(f"The data set {dataset} comes with the package: there is nothing to download.")


@app.command()
def claims(
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
    """Print the ledger: each statement of the paper and what this run says of it."""
    own = _own(class_column, layer, unit, organ_column, status_column, donor_column, gene_column)
    study = _open(profile, dataset, data, workspace, setting, own)
    if any(state != "fresh" for state in study.states("tables/claims").values()):
        raise MissingInputError(
            f"The ledger in {study.workspace.root} is missing or stale: "
            f"`python -m helpers run --profile {profile} --dataset {dataset}`, with the same "
            "further options, makes it."
        )
    table = Table("id", "figure", "statement", "expected", "observed", "verdict")
    for row in study.get("tables/claims").itertuples():
        observed = "" if row.observed != row.observed else f"{row.observed:.3g}"
        table.add_row(row.id, row.figure, row.statistic, row.expected, observed, row.verdict)
    Console().print(table)


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
    Console().print(table)


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
) -> Study:
    from helpers.study import open_study

    return open_study(profile, dataset, data, workspace, **{**own, **_overrides(setting or [])})


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


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """Send joblib's work to a Dask cluster for the time of the context."""
    if address is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise MissingInputError(
            "--scheduler needs Dask: in the project's folder, `pip install -e '.[dask]'`."
        ) from None
    import joblib

    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise BadInputError(
            f"No Dask scheduler answers at {address} ({error}): check the address, or leave "
            "--scheduler out to run on this machine."
        ) from None
    with client, joblib.parallel_config(backend="dask"):
        yield


def main() -> None:
    """Run the command line; a fault of the user's input ends in one sentence and code 2."""
    try:
        app()
    except HelpersError as error:
        Console(stderr=True, soft_wrap=True).print(f"Error: {error}", style="bold", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
