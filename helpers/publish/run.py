"""From nothing to a book: artefacts, then pages, then HTML, each only if not fresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpers.devices import device
from helpers.errors import HelpersError
from helpers.publish import PRELOADED, book
from helpers.publish.chapters import Chapter, find_chapters, page_state, said_by
from helpers.publish.crate.writing import FILES, write_crate
from helpers.publish.execute import execute
from helpers.publish.progress import WHOLE
from helpers.publish.rehearsal import names_of, try_names
from helpers.stability.overlap import list_length
from helpers.study import Study
from helpers.study.checks import check_data
from helpers.study.where import inputs_of, refuse_unusable
from helpers.teaching.soundness import refuse_unsound
from helpers.workflow.address import Address
from helpers.workflow.processes import InTurn, pool
from helpers.workflow.scheduling import Group, carry_out
from helpers.workflow.study import make_artefact
from helpers.workspace import provenance
from helpers.workspace.formats import JSON

Progress = Callable[[str, int, int], None]

FIRST = "tables/explained"
"""Made before anything long: it reads the data and finds out whether the tissues exist."""

LAST = ("tables/reproducibility", "tables/claims", "claims")
"""Made by every whole run, whether or not a chapter shows them."""


@dataclass(frozen=True)
class Made:
    """How much a run had to make, and what its pages said that is not known to be harmless."""

    artefacts: int
    pages: int
    said: tuple[str, ...] = ()


def run(
    study: Study,
    root: Path,
    progress: Progress,
    *,
    only: list[str] | None = None,
    steps: list[str] | None = None,
    distribute: bool = False,
    workers: int = 1,
    say: Callable[[str], None] = lambda sentence: None,
) -> Made:
    """Make every artefact and page of the chosen chapters that is missing or stale.

    Parameters
    ----------
    study
        The study.
    root
        Folder of the project.
    progress
        Called with a title, the number of pieces done and their total.
    only
        Names of chapters; None for all.
    steps
        In place of chapters: these steps are made with all that they need, and no page.
    distribute
        Send the members of families to joblib's current backend.
    workers
        Processes of this machine that make artefacts and execute notebooks.
    say
        Called with a sentence on what figures cannot show as it is.

    Raises
    ------
    BadInputError
        If the data cannot be used as the settings ask, a name cannot be drawn, or a chapter has a
        quiz without a right answer or an exercise without a solution.
    """
    if steps is None:
        refuse_unsound(chapter.path for chapter in find_chapters(root, only))
    wanted = wanted_steps(study, root, only) if steps is None else steps
    study.workspace.refuse_foreign(_places(study, root, wanted))
    artefacts = begin(study, progress)
    for sentence in try_names(names_of(study.get("data/expression"), study.get("tables/classes"))):
        say(sentence)
    if distribute:
        artefacts += sum(study.ensure(name, progress, distribute=True) for name in wanted)
    study.borrow(wanted)
    stale = pages_to_make(study, root, only) if steps is None else []
    outdated = study.outdated(wanted)
    # Processes would only take turns on one GPU: then artefacts are made here, and pages after.
    here = workers < 2 or device().type != "cpu"
    work = _artefacts(study, outdated, here)
    pages = [_page(study, chapter, root) for chapter in stale]
    progress = as_a_whole(progress, sum(len(group.calls) for group in (*work, *pages)))
    if here:
        carry_out(work, InTurn(), 1, progress)
        work = []
    if work or pages:
        with pool(workers, PRELOADED) as executor:
            carry_out([*work, *pages], executor, workers, progress)
    artefacts += sum(map(len, outdated.values()))
    if artefacts or stale or not study.workspace.path(provenance.FILE).exists():
        _write_provenance(study)
    crate = all(study.workspace.path(name).exists() for name in FILES)
    if steps is None and (artefacts or stale or not crate):
        write_crate(study, root)
    shown = find_chapters(root, only) if steps is None else []
    done = (study.workspace.path(chapter.page) for chapter in shown)
    return Made(artefacts, len(stale), tuple(line for page in done for line in said_by(page)))


def as_a_whole(progress: Progress, total: int) -> Progress:
    """Return what shows the progress of all work together, too: `WHOLE`.

    Parameters
    ----------
    progress
        Called with a title, the pieces done and their total.
    total
        Pieces of all titles together.
    """
    done: dict[str, int] = {}

    def both(title: str, finished: int, of: int) -> None:
        done[title] = finished
        progress(title, finished, of)
        progress(WHOLE, sum(done.values()), total)

    if total:
        progress(WHOLE, 0, total)
    return both


def refuse_places(study: Study, html: Path | None) -> None:
    """Refuse folders that a run may not write, before anything is made.

    Parameters
    ----------
    study
        The study, with its workspace.
    html
        Folder for the book; None if none is rendered.

    Raises
    ------
    WorkspaceError
        If one is somebody else's, holds an input, or is a part of the project.
    """
    inputs = inputs_of(study.dataset, study.data, study.settings)
    refuse_unusable(study.workspace.root, "workspace", inputs)
    if html is not None:
        book.refuse_html(study, html)


def begin(study: Study, progress: Progress) -> int:
    """Read the data and check what is asked of them; return how many artefacts that made.

    A run that fails here has made nothing: its workspace goes again, if it was new.

    Raises
    ------
    HelpersError
        If the data cannot be used as the settings ask.
    """
    try:
        made = study.ensure(FIRST, progress)
        check_data(study.settings, study.get("data/expression").var)
    except HelpersError:
        study.workspace.undo_claim()
        raise
    return made


def _places(study: Study, root: Path, wanted: list[str]) -> list[str]:
    """Return every file in the workspace that a run may write, as far as is known beforehand."""
    steps = dict.fromkeys(step for name in [FIRST, *wanted] for step in study.upstream(name))
    pages = [chapter.page for chapter in find_chapters(root)]
    files = (file for name in steps for file in study.files(name))
    return [*files, *pages, provenance.FILE, *FILES]


def wanted_steps(study: Study, root: Path, only: list[str] | None = None) -> list[str]:
    """Name the steps whose artefacts a run makes, with what they need.

    Parameters
    ----------
    study
        The study.
    root
        Folder of the project.
    only
        Names of chapters; None for all.
    """
    chapters = find_chapters(root, only)
    wanted = [name for chapter in chapters for name in chapter.needs(study.settings)]
    return list(dict.fromkeys(wanted if only else [*wanted, *LAST]))


def pages_to_make(study: Study, root: Path, only: list[str] | None = None) -> list[Chapter]:
    """Return the chapters whose pages are missing or stale."""
    chapters = find_chapters(root, only)
    return [chapter for chapter in chapters if page_state(study, chapter) != "fresh"]


def _artefacts(study: Study, outdated: dict[str, list[str | None]], here: bool) -> list[Group]:
    """Return the making of artefacts as work, for this process or for others."""

    def work(name: str, member: str | None) -> Callable[[], None]:
        if here:
            return partial(study.make, name, member)
        return partial(make_artefact, study.address(), name, member, study.key(name, member))

    return [
        Group(
            name,
            study.title(name),
            [work(name, member) for member in members],
            frozenset(study.reads(name)),
        )
        for name, members in outdated.items()
    ]


def _page(study: Study, chapter: Chapter, root: Path) -> Group:
    """Return the execution of a notebook as work that waits for all that it reads."""
    needed = (step for name in chapter.needs(study.settings) for step in study.upstream(name))
    return Group(
        chapter.page,
        "Executing notebooks",
        [partial(execute_page, study.address(), chapter, root)],
        frozenset(needed),
    )


def execute_page(address: Address, chapter: Chapter, root: Path) -> None:
    """Execute one notebook, perhaps from another process."""
    execute(Study.at(address), chapter, root)


def render(
    study: Study, root: Path, html: Path, progress: Progress, *, whole: bool = True
) -> book.Built:
    """Render the book into `html`.

    Parameters
    ----------
    study, root, html, progress
        As in `run` and `helpers.publish.book.build`.
    whole
        Whether the book must have a verdict on every statement of the paper.

    Raises
    ------
    LedgerError
        If it must and has not.
    """
    title = "Rendering the book"
    progress(title, 0, 100)
    built = book.build(
        study, root, html, lambda percent: progress(title, percent, 100), whole=whole
    )
    progress(title, 100, 100)
    return built


def _write_provenance(study: Study) -> None:
    genes = study.get("data/expression").n_vars
    found = provenance.collect(
        study.workspace,
        settings=study.settings.model_dump(mode="json"),
        data={"dataset": study.dataset.name, "files": study.data_fingerprint},
        device=str(device()),
        used={"top": {"asked": study.settings.top, "used": list_length(study.settings.top, genes)}},
    )
    study.workspace.write(provenance.FILE, found, JSON, key=provenance.FILE)
