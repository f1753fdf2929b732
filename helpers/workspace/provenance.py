"""What a run was: versions, revision, parameters, data, wall times, device."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from helpers.workspace.store import Workspace

FILE = "provenance.json"
"""Where it lies in a workspace."""


def collect(
    workspace: Workspace,
    *,
    settings: dict[str, Any],
    data: dict[str, Any],
    device: str,
    used: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Gather the provenance of all that lies in a workspace.

    Parameters
    ----------
    workspace
        The workspace.
    settings
        Every parameter of the run, its seed among them.
    data
        Name of the data set and SHA-256 of each of its files.
    device
        The device that torch computes on.
    used
        What the run made of parameters that follow the data: by name, what was asked for and what
        was used.
    """
    records = {name: found for name, found in workspace.records().items() if name != FILE}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "device": device,
        "packages": _packages(),
        "git_revision": code_revision(),
        "parameters": settings,
        "used": dict(used or {}),
        "seed": settings["seed"],
        "data": data,
        "artefacts": {name: record.sha256 for name, record in records.items()},
        "wall_seconds": {name: record.seconds for name, record in records.items()},
    }


def _packages() -> dict[str, str]:
    found = {dist.metadata["Name"]: dist.version for dist in importlib.metadata.distributions()}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def code_revision() -> str:
    """Return the revision of the code that runs, as `git_revision` says it."""
    return git_revision(Path(__file__).absolute().parents[2])


def today() -> str:
    """Return the day, in universal time, as 2022-07-03."""
    return datetime.datetime.now(tz=datetime.UTC).date().isoformat()


def kind_of_machine() -> str:
    """Return system and processor family, such as ``Linux x86_64``."""
    return f"{platform.system()} {platform.machine()}"


def git_revision(root: Path) -> str:
    """Return the revision of the repository that lies in a folder, or ``unknown``.

    Parameters
    ----------
    root
        Folder of the project. A repository further up is another one, such as that of a person
        who keeps a copy of this project in theirs; nor do variables count by which git is told
        to look elsewhere.

    Returns
    -------
    str
        With ``+changes`` if files differ from it.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return "unknown"
    # Tags would stand in place of the revision, which readers cut to its first letters.
    said = _git(root, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+changes")
    return said or "unknown"


def _git(folder: Path, *command: str) -> str | None:
    """Return what git says, or None where there is no git or no repository."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    # Looking must not write, such as into the index, nor start anything; the folder may belong to
    # another user, as in a container.
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    careful = ("-c", "core.fsmonitor=false", "-c", f"safe.directory={folder}")
    try:
        run = subprocess.run(
            ["git", "-C", str(folder), *careful, *command],
            capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=30, check=True,
            env=environment,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip("\n")
