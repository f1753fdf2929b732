"""Where a run writes: its default workspace, and what must never lie in what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from helpers import config
from helpers.annotations.enrichr import PREFIX
from helpers.annotations.gmt import is_gmt
from helpers.datasets.registry import OWN_SETTINGS, Dataset
from helpers.errors import HelpersError
from helpers.results.bundle import PUBLISHED
from helpers.study.checks import FILES
from helpers.study.verdicts.other_runs import BESIDE, SETTINGS
from helpers.workspace import fingerprints, ownership
from helpers.workspace.identity import Identity
from helpers.workspace.ownership import Kind
from helpers.workspace.store import project_root


def identity_of(
    dataset: Dataset,
    settings: config.Settings,
    profile: str,
    files: Mapping[str, str] | None = None,
    apart: Iterable[str] = (),
) -> Identity:
    """Return what sets the default workspace of a run apart from others'.

    Parameters
    ----------
    dataset, settings, profile
        The run's.
    files
        SHA-256 of the data files, where they are known.
    apart
        Further settings that set it apart, if they differ from the profile's: those of one run of
        many.
    """
    usual = config.settings(profile)
    choice = {
        name: getattr(settings, name)
        for name in (*OWN_SETTINGS, "min_class_size")
        if name in dataset.settings and getattr(settings, name) != getattr(usual, name)
    }
    tissues = settings.tissues or dataset.explained_tissues[: settings.own_tissues]
    if tissues != dataset.explained_tissues[: usual.own_tissues]:
        choice["tissues"] = list(tissues)
    words = choice.get("tissues", [])
    if settings.seed != usual.seed:
        choice["seed"] = settings.seed
        words = [*words, f"seed {settings.seed}"]
    asked, plain = settings.model_dump(mode="json"), usual.model_dump(mode="json")
    known = {*dataset.settings, "min_class_size", "tissues", "own_tissues", "seed"}
    if more := {n: asked[n] for n in sorted(set(apart) - known) if asked[n] != plain[n]}:
        choice[SETTINGS] = more
    return Identity(
        name=dataset.name,
        profile=profile,
        content=fingerprints.of_value(files) if files else "",
        file=dataset.file is not None,
        choice=choice,
        words=tuple(words),
    )


def data_files(dataset: Dataset, data: Path | None) -> dict[str, str]:
    """Return the SHA-256 of each data file outside the package; none where they are not there."""
    if dataset.file is None and (data is None or not dataset.needs_data):
        return {}
    try:
        return dict(dataset.fingerprint(data))
    except HelpersError:
        # Whoever reads them will say what is wrong with them.
        return {}


def inputs_of(dataset: Dataset, data: Path | None, settings: config.Settings) -> list[Path]:
    """Return the files and folders of the user's that a run reads."""
    named = [str(value) for name in FILES if (value := getattr(settings, name))]
    named += [
        name for name in settings.gene_set_libraries if is_gmt(name) and not name.startswith(PREFIX)
    ]
    named += [name for name in settings.compare_workspaces if name != BESIDE]
    named += [name for name in settings.bundles if name != PUBLISHED]
    given = [path for path in (dataset.file, data) if path is not None]
    return [*given, *map(Path, named)]


def refuse_unusable(folder: Path, kind: Kind, inputs: list[Path]) -> None:
    """Refuse a folder that a run may not write; nothing is changed.

    Raises
    ------
    WorkspaceError
        If it is somebody else's, holds an input, or is a part of the project.
    """
    ownership.keep_apart(folder, kind, inputs=inputs, project=project_root())
    ownership.check(folder, kind)
