"""The commands for a class: `student-notebooks`, `slides` and `chapter-times`."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from helpers.commands.options import Data, Dataset, Profile, WorkspaceDir, opened, takes_settings
from helpers.commands.terminal import console
from helpers.errors import MissingInputError

Folder = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="Folder to write to: new, empty, or of this command."),
]


def student_notebooks(
    folder: Folder,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CHAPTER", help="Only this chapter (may be repeated)."),
    ] = None,
) -> None:
    """Write the chapters for a class: for students without solutions, for instructors with them.

    DIR/student has a place for each answer and a cell that checks it, DIR/instructor the solutions.
    """
    from helpers.publish.chapters import find_chapters
    from helpers.teaching.lessons import write_lessons
    from helpers.workspace.store import project_root

    chapters = find_chapters(project_root(), only)
    written = write_lessons([chapter.path for chapter in chapters], folder)
    print(f"{len(written)} chapters with {sum(written.values())} exercises in {folder}")


@takes_settings
def slides(
    folder: Folder,
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Write the slides of the 90-minute route, with the figures of a run; none is made for it."""
    from helpers.publish.chapters import find_chapters, page_state
    from helpers.teaching.slides import chapters_of, read_deck, write_slides
    from helpers.workspace.store import project_root

    deck = read_deck()
    study = opened(profile, dataset, data, workspace, values, untouched=True)
    pages = {}
    for chapter in find_chapters(project_root(), chapters_of(deck)):
        if page_state(study, chapter) != "fresh":
            raise MissingInputError(
                f"The page of chapter {chapter.name} is missing or stale in "
                f"{study.workspace.root}: make it with `run`, with the same profile and data set."
            )
        pages[chapter.name] = study.workspace.path(chapter.page)
    shown = f"{study.dataset.title}, profile {study.profile}"
    number = write_slides(deck, pages, folder, shown)
    print(f"{number} slides: {folder / 'index.html'}")


@takes_settings
def chapter_times(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    *,
    values: Mapping[str, str],
) -> None:
    """Tell how many seconds a finished run took over each chapter, as it noted itself.

    Page: executing the notebook. Before: making all that it needs, if nothing were there, in one
    process. Alone: the part of that which no other chapter needs.
    """
    from helpers.publish.chapters import find_chapters
    from helpers.teaching import times
    from helpers.workspace.store import project_root

    study = opened(profile, dataset, data, workspace, values, untouched=True)
    pages, needed = {}, {}
    for chapter in find_chapters(project_root()):
        steps = (step for name in chapter.needs(study.settings) for step in study.upstream(name))
        pages[chapter.name] = chapter.page
        needed[chapter.name] = [file for step in dict.fromkeys(steps) for file in study.files(step)]
    seconds = {name: record.seconds for name, record in study.workspace.records().items()}
    shown = Table("chapter", title=f"Seconds, {study.workspace.root}")
    for column in ("page", "before", "alone"):
        shown.add_column(column, justify="right")
    table = times.chapter_times(pages, needed, seconds).set_index("chapter")
    for name, numbers in zip(table.index, table.to_numpy(float), strict=True):
        shown.add_row(str(name), *("not made" if isnan(n) else f"{n:,.1f}" for n in numbers))
    console().print(shown)
