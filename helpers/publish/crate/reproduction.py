"""Make a run anew from its research object, and compare what comes out, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.devices import device
from helpers.errors import BadInputError
from helpers.publish import run as running
from helpers.publish.chapters import find_chapters
from helpers.publish.crate.contents import contents_of
from helpers.publish.crate.reading import Crate
from helpers.study import Study
from helpers.workspace import fingerprints, provenance

Runner = Callable[..., Any]


@dataclass(frozen=True)
class Compared:
    """What came of making a run anew.

    Attributes
    ----------
    same, other
        Files with the bytes of the crate, and files with others.
    not_made
        Files of the crate that the new run did not make.
    """

    same: tuple[str, ...]
    other: tuple[str, ...]
    not_made: tuple[str, ...]


def run_again(
    crate: Crate,
    study: Study,
    root: Path,
    progress: running.Progress,
    *,
    only: list[str] | None = None,
    workers: int = 1,
    runner: Runner = running.run,
) -> Compared:
    """Make what a crate holds once more, and compare.

    Parameters
    ----------
    crate
        The crate.
    study
        A study with the crate's settings and a workspace of its own.
    root, progress, workers
        As in `helpers.publish.run.run`.
    only
        Chapters; None for those of the crate.
    runner
        What makes a run.

    Raises
    ------
    BadInputError
        If the data are others than the crate's, or the crate has none of the chapters.
    """
    _refuse_other_data(crate, study)
    names = [chapter.name for chapter in find_chapters(root, only)]
    wanted = [name for name in crate.chapters if name in names]
    if not wanted:
        raise BadInputError(
            "The crate has no such chapter; it has: " + ", ".join(crate.chapters or ["none"]) + "."
        )
    whole = len(wanted) == len(find_chapters(root))
    runner(study, root, progress, only=None if whole else wanted, workers=workers)
    return compare(crate, contents_of(study, root, str(device())).results, study, part=bool(only))


def compare(crate: Crate, made: Any, study: Study, *, part: bool = False) -> Compared:
    """Compare the files of a crate with those that were made anew.

    Parameters
    ----------
    crate
        The crate.
    made
        Results of the new run by path.
    study
        The study of the new run; its files are read, whatever its records say.
    part
        Whether only a part was made: files beyond it are not missed.
    """
    again = {file: fingerprints.of_file(study.workspace.path(file)) for file in made}
    common = [file for file in sorted(crate.results) if file in again]
    return Compared(
        same=tuple(file for file in common if again[file] == crate.results[file]),
        other=tuple(file for file in common if again[file] != crate.results[file]),
        not_made=() if part else tuple(f for f in sorted(crate.results) if f not in again),
    )


def changes(crate: Crate) -> list[str]:
    """Say in what the code and the packages at hand differ from those of a crate."""
    revision = provenance.code_revision()
    said = []
    if revision != crate.revision:
        said.append(f"The crate is of revision {crate.revision}, and this code is {revision}.")
    here = fingerprints.library_versions()
    other = [f"{n} {v} (here {here.get(n, 'none')})" for n, v in crate.packages.items()
             if here.get(n) != v]  # fmt: skip
    if other:
        said.append("The crate was made with other packages: " + ", ".join(other) + ".")
    return said


def _refuse_other_data(crate: Crate, study: Study) -> None:
    here = study.data_fingerprint
    other = sorted(name for name in {*here, *crate.data} if here.get(name) != crate.data.get(name))
    if other:
        raise BadInputError(
            f"The data are not those of the crate ({', '.join(other[:3])}): name the same files "
            "with --dataset or --data."
        )
