"""Opening the study: from names and settings to a `Study` with all its steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers import config
from helpers.datasets.registry import find_dataset
from helpers.errors import BadInputError, check_path
from helpers.study.catalogue import catalogue
from helpers.study.checks import check_genes, check_samples, check_settings, with_full_paths
from helpers.study.verdicts.other_runs import BESIDE, beside
from helpers.study.where import data_files, identity_of, inputs_of, refuse_unusable
from helpers.workflow.study import Study
from helpers.workspace.identity import default_workspace, home
from helpers.workspace.store import Workspace

# Settings, data and steps enter fingerprints themselves.
DECIDES_NO_NUMBER = True


def open_study(
    profile: str = "quick",
    dataset: str = "reference",
    data: str | Path | None = None,
    workspace: str | Path | None = None,
    *,
    untouched: bool = False,
    apart: bool = False,
    overrides: Mapping[str, Any] | None = None,
    **more: Any,
) -> Study:
    """Open the study of a data set under a profile; nothing is computed yet.

    Parameters
    ----------
    profile
        ``smoke``, ``quick`` or ``paper``.
    dataset
        A name from `helpers.datasets.DATASETS`, or the path of an ``.h5ad``.
    data
        Folder with the data set's files; empty for a data set that comes with the package.
    workspace
        Folder for artefacts; empty for ``_build/workspace/<dataset>-<profile>``, where the data
        set is a file or other tissues are explained with a hash of both behind it. It is made when
        the first artefact is written.
    untouched
        Only look at the workspace: it is not made, and nothing in it is changed.
    apart
        Whether every single setting sets the default workspace apart, as in one run of many that
        differ in theirs. Else only data set, tissues, classes and seed do.
    overrides
        Single settings that differ from the profile's, by name.
    **more
        The same as keywords; an empty one gives way to `overrides`.

    Raises
    ------
    UnknownNameError
        If a name is not in our tables (the nearest one is offered).
    BadInputError, MissingInputError, WorkspaceError
        If a value, the data or the workspace cannot be used.
    """
    # Papermill passes what looks like a number as one.
    profile, dataset, data, workspace = map(config.as_name, (profile, dataset, data, workspace))
    for path in filter(None, (dataset, data, workspace)):
        check_path(path)
    given = _together(overrides, more)
    settings = with_full_paths(config.settings(profile, **given))
    found = find_dataset(dataset, settings)
    if found.list_length and "top" not in given:
        settings = settings.model_copy(update={"top": found.list_length})
    files, place = Path(data).absolute() if data else None, Path(workspace or ".").absolute()
    known = {} if workspace else data_files(found, files)
    identity = identity_of(found, settings, profile, known, given if apart else ())
    if not workspace:
        place = default_workspace(identity)
    settings = _with_neighbours(settings, place, profile)
    check_settings(settings)
    check_samples(settings, found, files)
    check_genes(settings, found, files)
    if not untouched:
        refuse_unusable(place, "workspace", inputs_of(found, files, settings))
    folder = Workspace(place, untouched=untouched, details=identity.details())
    study = Study(profile, dataset, settings, files, folder, catalogue)
    if known:
        study.data_fingerprint = known
    return study


def _together(overrides: Any, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return single settings, however they are given."""
    if overrides is not None and not isinstance(overrides, Mapping):
        raise BadInputError(
            f"Parameter 'overrides' must hold settings by name, but it is {overrides!r}: give "
            "papermill -y '{overrides: {models: 5}}', or in Python {\"models\": 5}."
        )
    given = {str(name): value for name, value in (overrides or {}).items()}
    twice = [name for name, value in more.items() if name in given and value not in ("", ())]
    if twice:
        raise BadInputError(
            f"Parameter {twice[0]!r} is given twice, by itself and in 'overrides': leave one out."
        )
    return {**more, **given}


def _with_neighbours(settings: config.Settings, root: Path, profile: str) -> config.Settings:
    """Put the workspaces beside this one in the place of the word that stands for them."""
    named = settings.compare_workspaces
    if BESIDE not in named:
        return settings
    found = beside(root, profile, home())
    others = (*(name for name in named if name != BESIDE), *found)
    return settings.model_copy(update={"compare_workspaces": others}) if others else settings
