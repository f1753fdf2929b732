"""What a run was: versions, revision, parameters, data, wall times, device."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

from helpers.workspace.store import Workspace

FILE = "provenance.json"
"""Where it lies in a workspace."""


def collect(
    workspace: Workspace, *, settings: dict[str, Any], data: dict[str, Any], device: str
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
    """
    records = {name: found for name, found in workspace.records().items() if name != FILE}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "device": device,
        "packages": _packages(),
        "git_revision": _git_revision(Path(__file__).parent),
        "parameters": settings,
        "seed": settings["seed"],
        "data": data,
        "artefacts": {name: record.sha256 for name, record in records.items()},
        "wall_seconds": {name: record.seconds for name, record in records.items()},
    }


def _packages() -> dict[str, str]:
    found = {dist.metadata["Name"]: dist.version for dist in importlib.metadata.distributions()}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _git_revision(folder: Path) -> str:
    """Return the revision with `+changes` if files differ from it, or `unknown`."""
    try:
        run = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty=+changes"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return run.stdout.strip()
