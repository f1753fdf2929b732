"""A matrix of runs: every cell made once, in a workspace of its own, and all compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import headline
from helpers.claims.over_seeds import SEED_COLUMNS
from helpers.errors import BadInputError, HelpersError
from helpers.publish import run as running
from helpers.publish.runs.matrix_file import Cell, Matrix
from helpers.publish.runs.matrix_page import CELL_COLUMNS, SHOWN, page
from helpers.results import measures
from helpers.study import Study, open_study
from helpers.study.where import inputs_of
from helpers.workspace import fingerprints, ownership, provenance, publication
from helpers.workspace.atomic import scratch_folder
from helpers.workspace.identity import readable

LEDGER, MEASURES = "tables/claims", "tables/measures"

STEPS = (LEDGER, "claims", MEASURES)
"""What every cell makes, with all that it needs; no pages."""

MADE_BY = "python -m helpers matrix"

PAGE, CELLS_FILE, VERDICTS_FILE = "index.html", "cells.csv", "verdicts.csv"

T = TypeVar("T")

Make = Callable[[Study], int]
"""Makes what is missing of a cell; returns how many artefacts that were."""


@dataclass(frozen=True)
class Crossed:
    """What became of a matrix.

    Attributes
    ----------
    folder
        Where the page is.
    cells
        A row for each cell, columns as `helpers.publish.runs.matrix_page.CELL_COLUMNS`.
    artefacts
        How many had to be made.
    finished
        How many cells were finished before.
    """

    folder: Path
    cells: pd.DataFrame
    artefacts: int
    finished: int


def open_cell(cell: Cell, *, untouched: bool = False) -> Study:
    """Open the study of a cell; every setting sets its workspace apart."""
    return open_study(
        cell.profile,
        cell.source,
        cell.data,
        untouched=untouched,
        apart=True,
        overrides=cell.overrides,
    )


def missing(study: Study) -> int:
    """Count the artefacts that a cell would have to make; none if it is finished."""
    return sum(map(len, study.outdated(STEPS).values()))


def default_target(matrix: Matrix, root: Path) -> Path:
    """Return where the page goes if nothing is said: ``_build/matrix/<name of the file>``."""
    return root / "_build" / "matrix" / (readable(matrix.path.stem) or "matrix")


def cross(
    matrix: Matrix,
    root: Path,
    target: Path,
    progress: running.Progress,
    *,
    workers: int = 1,
    distribute: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
    make: Make | None = None,
    opened: Callable[[Cell], Study] = open_cell,
) -> Crossed:
    """Make what is missing of every cell, and the page that compares all of them.

    The data of all unfinished cells are looked at before the first of them is made, so that a
    wrong tissue in the last one is told at once.

    Parameters
    ----------
    matrix
        The cells.
    root
        Folder of the project.
    target
        Folder for the page; new, empty, or made by this function before.
    progress, workers, distribute, say
        As in `helpers.publish.run.run`.
    make
        Makes a cell; None: the scheduler of every run.
    opened
        Opens the study of a cell.

    Raises
    ------
    WorkspaceError
        If the page cannot be written where it should; nothing has been made then.
    HelpersError
        If a cell cannot be made; the sentence names it.
    """
    inputs = [matrix.path]
    studies = {cell.name: _told(cell, matrix, opened) for cell in matrix.cells}
    for study in studies.values():
        inputs += inputs_of(study.dataset, study.data, study.settings)
    ownership.keep_apart(target, "matrix", inputs=inputs, project=root)
    ownership.check(target, "matrix")
    publication.refuse_changed(target, "matrix")
    todo = [c for c in matrix.cells if _told(c, matrix, lambda cell: missing(studies[cell.name]))]
    for cell in todo:
        _told(cell, matrix, lambda c: running.begin(opened(c), progress))

    def usual(study: Study) -> int:
        made = running.run(
            study, root, progress, steps=list(STEPS), workers=workers, distribute=distribute,
            say=say,
        )  # fmt: skip
        return made.artefacts

    artefacts = 0
    for number, cell in enumerate(todo, 1):
        # Opened anew each time, so that no two cells have their data in memory.
        study = opened(cell)
        say(f"{cell.name} ({number} of {len(todo)}), in {study.workspace.root}")
        artefacts += _told(cell, matrix, partial(_made, make or usual, study))
    verdicts, cells = gathered(matrix.cells, (opened(cell) for cell in matrix.cells))
    _write(target, matrix, verdicts, cells)
    return Crossed(target, cells, artefacts, len(matrix.cells) - len(todo))


def _made(make: Make, study: Study, cell: Cell) -> int:
    return make(study)


def gathered(cells: Sequence[Cell], studies: Iterable[Study]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Collect the verdicts of finished cells, and what they are like.

    Returns
    -------
    verdicts, cells : pandas.DataFrame
        Columns as `helpers.claims.over_seeds.SEED_COLUMNS` with those that name the cell before
        them; and as `helpers.publish.runs.matrix_page.CELL_COLUMNS`.
    """
    parts, rows = [], []
    for cell, study in zip(cells, studies, strict=True):
        named = {
            "cell": cell.name, "dataset": cell.dataset, "tissues": cell.tissues,
            "variant": cell.variant, "seed": cell.seed,
        }  # fmt: skip
        ledger = study.get(LEDGER)
        part = ledger.assign(**named)
        parts.append(part[[*named, *(name for name in SEED_COLUMNS if name not in named)]])
        found = medians(study.get(MEASURES))
        counts = headline(ledger)["verdict"].value_counts()
        rows.append(
            {
                **named,
                "simulated": study.dataset.simulated,
                **{column: found.get(name, float("nan")) for column, name in SHOWN.items()},
                **{name: int(counts.get(name, 0)) for name in VERDICTS},
                "workspace": study.workspace.root.name,
            }
        )
    return pd.concat(parts, ignore_index=True), pd.DataFrame(rows)[list(CELL_COLUMNS)]


def medians(table: pd.DataFrame) -> dict[str, float]:
    """Return the median of every measure over all explainers, by name."""
    own = table[(table["quantile"] == 0.5) & (table["explainer"] == measures.ALL)]
    values = own.groupby("measure")["value"].first()
    return {str(name): float(value) for name, value in values.items()}


def _told(cell: Cell, matrix: Matrix, work: Callable[[Cell], T]) -> T:
    """Let what fails say which cell of which file it is."""
    try:
        return work(cell)
    except HelpersError as error:
        told = BadInputError(f"{matrix.path}, {cell.name}: {error}")
        told.exit_code = error.exit_code
        raise told from error


def _write(target: Path, matrix: Matrix, verdicts: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Write page and tables; the order in which cells were made leaves no trace."""
    revision = provenance.code_revision()
    with scratch_folder(target.parent, target.name) as made:
        for name, table in ((CELLS_FILE, cells), (VERDICTS_FILE, verdicts)):
            table.to_csv(made / name, index=False, float_format="%.6g", lineterminator="\n")
        text = page(matrix.path.name, matrix.profile, verdicts, cells, revision)
        (made / PAGE).write_text(text, encoding="utf-8")
        key = fingerprints.of_value(
            {name: fingerprints.of_file(made / name) for name in (PAGE, CELLS_FILE, VERDICTS_FILE)}
        )
        publication.publish(made, target, key=key, made_by=MADE_BY, kind="matrix")
