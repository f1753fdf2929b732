"""The command line: `python -m helpers run | fetch | claims | status | explain-artefact`."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from helpers.commands.claims import claims
from helpers.commands.fetch import fetch
from helpers.commands.figure import figure
from helpers.commands.matrix import matrix
from helpers.commands.options import (
    Data,
    Dataset,
    Profile,
    Scheduler,
    Workers,
    WorkspaceDir,
    cores,
    opened,
    takes_settings,
)
from helpers.commands.predict import predict
from helpers.commands.rank_genes import rank
from helpers.commands.replicate_seeds import replicate
from helpers.commands.speed import speed
from helpers.commands.teaching import chapter_times, slides, student_notebooks
from helpers.commands.terminal import at_work, console, get_ready
from helpers.commands.verify import verify
from helpers.errors import BadInputError, HelpersError
from helpers.workspace.surroundings import start_clean

if TYPE_CHECKING:
    from helpers.study import Study

app = typer.Typer(
    name="helpers",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"helpers {metadata.version('helpers')}")
        raise typer.Exit


@app.callback()
def everywhere(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Run the study of explainable models on transcriptomic data and build its book."""


@app.command()
@takes_settings
def run(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CHAPTER", help="Only this chapter (may be repeated)."),
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = 0,
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
    *,
    values: Mapping[str, str],
) -> None:
    """Make everything that is missing or stale: models, scores, tables, pages, book."""
    get_ready()
    from helpers.publish import run as running
    from helpers.publish.verdicts import cautions_of
    from helpers.workspace.store import project_root

    root = project_root()
    study = opened(profile, dataset, data, workspace, values, untouched=dry_run)
    target = html or study.workspace.path("html")
    running.refuse_places(study, target if book else None)
    kept = study.workspace.kept()
    if dry_run:
        _show_plan(study, root, only, workers or cores(), book)
        return
    said: list[str] = []
    with at_work(scheduler) as bars:
        result = running.run(
            study,
            root,
            bars,
            only=only,
            distribute=scheduler is not None,
            workers=workers or cores(),
            say=bars.say,
        )
        said += result.said
        if book:
            built = running.render(study, root, target, bars, whole=not only)
            said += built.warnings
            if built.left_out:
                print("Left out, because not made yet or stale: " + ", ".join(built.left_out))
    _tell(said)
    sys.stdout.writelines(cautions_of(study))
    print(f"Made {result.artefacts} artefacts and {result.pages} pages in {study.workspace.root}")
    moved = [name for name in study.workspace.kept() if name not in kept]
    if moved:
        print("Changed by hand, so kept there before they were made anew: " + ", ".join(moved))
    page = f"Book: {target / 'index.html'}; " if book else ""
    print(f"{page}tables, figures and claims.json: {study.workspace.root}")
    if strict and said:
        raise typer.Exit(1)


def _tell(said: list[str], most: int = 10) -> None:
    """Print what pages and the book warned of; nothing was thrown away for it."""
    for line in said[:most]:
        print(f"Warning: {line}", file=sys.stderr)
    if len(said) > most:
        print(f"Warning: and {len(said) - most} more like these.", file=sys.stderr)


def _show_plan(study: Study, root: Path, only: list[str] | None, workers: int, book: bool) -> None:
    """Print what a run would make; nothing is written."""
    from helpers.planning.plan import make_plan
    from helpers.publish.chapters import find_chapters
    from helpers.publish.plan import plan_lines, plan_table
    from helpers.publish.run import pages_to_make, wanted_steps

    wanted = wanted_steps(study, root, only)
    shown = console(stderr=True)
    with shown.status("Measuring this machine …"):
        plan = make_plan(study, wanted, workers=workers)
    pages = len(pages_to_make(study, root, only)) if plan.known else len(find_chapters(root, only))
    console().print(plan_table(plan, title=f"{study.dataset.name}, profile {study.profile}"))
    for line in plan_lines(plan, workers=workers, pages=pages, book=book):
        print(line)


app.command()(fetch)
app.command()(replicate)
app.command()(matrix)
app.command()(rank)
app.command()(figure)
app.command()(speed)
app.command()(predict)
app.command()(claims)
app.command()(verify)
app.command("student-notebooks")(student_notebooks)
app.command()(slides)
app.command("chapter-times")(chapter_times)


@app.command()
@takes_settings
def status(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Tell what is fresh, stale or missing, without making anything."""
    from helpers.publish.chapters import find_chapters, page_state
    from helpers.study.catalogue import STEPS
    from helpers.workflow.study import SEPARATOR
    from helpers.workspace.store import project_root

    study = opened(profile, dataset, data, workspace, values, untouched=True)
    table = Table("artefact", "fresh", "stale", "missing", title=str(study.workspace.root))
    others = [name for name in study.upstream("claims") if SEPARATOR in name]
    for name in [*STEPS, *others]:
        _add_states(table, name, list(study.states(name).values()))
    for chapter in find_chapters(project_root()):
        _add_states(table, chapter.page, [page_state(study, chapter)])
    console().print(table)


@app.command()
def clean(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="Workspaces or rendered books [all in _build]."),
    ] = None,
) -> None:
    """Remove what the other commands have made; files of anybody else stay."""
    from helpers.workspace.cleaning import in_build, remove_made, remove_roof
    from helpers.workspace.store import project_root

    root = project_root()
    ours = folders or in_build(root)
    for folder in ours:
        left = remove_made(folder)
        print(f"Removed {folder}" + (f", but for {', '.join(left[:5])}" if left else ""))
        if len(left) > 5:
            print(f"and {len(left) - 5} more files that were not made by the book.")
    for folder in [] if folders else remove_roof(root):
        if folder not in ours:
            print(f"{folder} was left: the book did not make it, or an earlier version did.")


@app.command("explain-artefact")
@takes_settings
def explain_artefact(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Such as tables/accuracy or figures/recall.")
    ],
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Tell how an artefact is made: its inputs, settings, module and line; nothing is made."""
    from helpers.publish.chapters import find_chapters
    from helpers.publish.origins import origin_lines, origin_of
    from helpers.study.catalogue import STEPS
    from helpers.workspace.store import project_root

    study = opened(profile, dataset, data, workspace, values, untouched=True)
    table = Table("", str(study.workspace.root), show_lines=True)
    for label, text in origin_lines(origin_of(study, name, STEPS, find_chapters(project_root()))):
        table.add_row(label, Text(text))
    console().print(table)


def _add_states(table: Table, name: str, states: list[str]) -> None:
    counts = [str(states.count(state) or "") for state in ("fresh", "stale", "missing")]
    table.add_row(name, *counts)


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
        console(stderr=True, soft_wrap=True).print(f"Error: {error}", style="bold")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _stopped()
    except SystemExit as ended:
        # Typer makes this of the same.
        if ended.code == STOPPED:
            _stopped()
        raise


STOPPED = 130
"""Exit code of a command that was stopped by the keyboard, as shells have it."""


def _stopped() -> NoReturn:
    print("Stopped; the same command goes on.", file=sys.stderr)
    sys.exit(STOPPED)
