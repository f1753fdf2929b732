"""What a research object says of a run: how it was made, from what, and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.publish.chapters import Chapter, find_chapters, page_state, parameters, saved_by
from helpers.study import Study
from helpers.study.checks import FILES
from helpers.workflow.dependencies import in_order
from helpers.workspace import fingerprints, provenance

LEDGER = "claims.json"
"""The verdicts, beside the tables."""

_NEIGHBOURS = "compare_workspaces"
"""What depends on this setting depends on the runs that lie beside, and cannot be made again."""

_APART = (_NEIGHBOURS, "bundles")
"""Settings that say what is shown beside the run, and take no part in it."""


@dataclass(frozen=True)
class Result:
    """A file that came out of a run.

    Attributes
    ----------
    sha256, size
        Of its bytes.
    made_by
        The step that made it, or the chapter that drew it.
    title
        What it is, in a few words.
    """

    sha256: str
    size: int
    made_by: str
    title: str


@dataclass(frozen=True)
class Notebook:
    """A chapter that was executed.

    Attributes
    ----------
    sha256
        Of the committed notebook.
    reads
        The steps whose artefacts it asks for.
    drew
        Files that it saved.
    """

    sha256: str
    reads: tuple[str, ...]
    drew: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """What was run, and by which code.

    Attributes
    ----------
    dataset, profile
        The data set and the profile.
    settings
        Settings that differ from the profile's, by name. Of files of the user's only the name.
    data
        SHA-256 of each file of data, by name.
    revision
        Of the code.
    packages
        Versions of the computing libraries.
    """

    dataset: str
    profile: str
    settings: dict[str, Any]
    data: dict[str, str]
    revision: str
    packages: dict[str, str]


@dataclass(frozen=True)
class Contents(Origin):
    """All that a research object says.

    Attributes
    ----------
    title, simulated
        What the data set is called, and whether its samples are simulated.
    device
        What was computed on.
    steps
        The steps that were followed, by name: inputs, settings, module, file.
    notebooks
        Chapters, by name.
    results
        By path in the workspace.
    """

    title: str
    simulated: bool
    device: str
    steps: dict[str, dict[str, Any]]
    notebooks: dict[str, Notebook]
    results: dict[str, Result]

    @property
    def chapters(self) -> list[str]:
        """Names of the chapters."""
        return list(self.notebooks)


def contents_of(study: Study, root: Path, device: str) -> Contents:
    """Gather what is fresh in the workspace of a study; what others put there is left out.

    Parameters
    ----------
    study
        The study.
    root
        Folder of the project.
    device
        What was computed on.
    """
    there = [c for c in find_chapters(root) if study.workspace.path(c.page).is_file()]
    chapters = [c for c in there if page_state(study, c) == "fresh"]
    drawn = {chapter.name: saved_by(study.workspace.path(chapter.page)) for chapter in chapters}
    results = _made(study)
    followed = list(dict.fromkeys(result.made_by for result in results.values()))
    for name, files in drawn.items():
        for file, sha256 in files.items():
            if file not in results:
                results[file] = Result(sha256, _size(study, file), name, f"Drawn by {name}")
    return Contents(
        dataset=_named(study.dataset.argument),
        title=study.dataset.title,
        simulated=study.dataset.simulated,
        profile=study.profile,
        settings=changed_settings(study),
        data=dict(study.data_fingerprint),
        revision=provenance.code_revision(),
        packages=fingerprints.library_versions(),
        device=device,
        steps={name: _described(study, name) for name in in_order(_reads(study, followed))},
        notebooks={c.name: _notebook(c, study, drawn[c.name]) for c in chapters},
        results=dict(sorted(results.items())),
    )


def changed_settings(study: Study) -> dict[str, Any]:
    """Return the settings that differ from the profile's; folders of this machine are left out."""
    asked = parameters(study)
    changed = {n: value for n, value in asked["overrides"].items() if n not in _APART}
    if study.settings.tissues:
        changed["tissues"] = list(study.settings.tissues)
    for name in FILES:
        if changed.get(name):
            changed[name] = Path(changed[name]).name
    if "gene_set_libraries" in changed:
        changed["gene_set_libraries"] = [_named(text) for text in changed["gene_set_libraries"]]
    return changed


def _named(text: str) -> str:
    """Return a name as it is, and of a path its last part: folders are nobody's business."""
    return Path(text).name if Path(text).is_absolute() else text


def _made(study: Study) -> dict[str, Result]:
    """Return the tables and the ledger that are fresh, those of other protocols too."""
    names = dict.fromkeys([*study.steps, *study.upstream("claims")])
    apart = _reading_neighbours(study, names)
    found = {}
    for name in names:
        file = study.file(name) if study.step(name).members is None else ""
        if not (file == LEDGER or "tables/" in file) or name in apart:
            continue
        record = study.workspace.record(file)
        if record is not None and study.workspace.state(file, study.key(name)) == "fresh":
            found[file] = Result(record.sha256, record.size, name, study.title(name))
    return found


def _reading_neighbours(study: Study, names: Iterable[str]) -> set[str]:
    """Return the steps that depend on runs beside this one, by themselves or by what they read."""
    reads = _reads(study, names)
    found: set[str] = set()
    for name in in_order(reads):
        if _NEIGHBOURS in study.step(name).named_files or found & set(reads[name]):
            found.add(name)
    return found


def _size(study: Study, file: str) -> int:
    return study.workspace.path(file).stat().st_size


def _reads(study: Study, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what steps read, and all that they need, by name."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = study.reads(name)
            waiting.extend(found[name])
    return found


def _described(study: Study, name: str) -> dict[str, Any]:
    step, owner = study.step(name), study.owner(name)
    return {
        "title": study.title(name),
        "module": step.module,
        "inputs": list(study.reads(name)),
        "settings": sorted(step.settings),
        "protocol": owner.protocol,
        "file": study.file(name) if step.members is None else step.path,
    }


def _notebook(chapter: Chapter, study: Study, drew: Mapping[str, str]) -> Notebook:
    reads = tuple(chapter.needs(study.settings))
    return Notebook(fingerprints.of_file(chapter.path), reads, tuple(sorted(drew)))
