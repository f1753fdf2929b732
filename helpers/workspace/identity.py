"""Default workspaces: a folder for each data set, profile and choice of classes.

The plain run of a data set of the package has the plain name, ``reference-quick``. A run on a file,
or on other tissues, has a name with a hash of what sets it apart, so that no two of them share a
folder. What they have in common they take over from each other (`lenders`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import WorkspaceError
from helpers.workspace import fingerprints, ownership
from helpers.workspace.store import Workspace, project_root

_LONGEST = 40
_DIGITS = (8, 16, 64)


@dataclass(frozen=True)
class Identity:
    """What sets the default workspace of one run apart from that of another.

    Attributes
    ----------
    name
        The data set's name, or that of a file.
    profile
        The profile.
    content
        Fingerprint of the data files; empty where they come with the package, or are not known.
    file
        Whether it is a file of the user's: its content is part of the workspace's name.
    choice
        Settings that decide what is explained, those that differ from the profile's.
    words
        What of these is worth reading in a folder's name, such as the tissues.
    """

    name: str
    profile: str
    content: str = ""
    file: bool = False
    choice: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Fingerprint of all of it."""
        return fingerprints.of_value([self.name, self.profile, self.content, self.choice])

    def details(self) -> dict[str, Any]:
        """Return what the marker of a workspace says of it."""
        return {
            "dataset": self.name,
            "profile": self.profile,
            "choice": self.choice,
            "identity": self.digest,
        }


def home() -> Path:
    """Return the folder of all default workspaces, ``_build/workspace`` of the project."""
    return project_root() / "_build" / "workspace"


def default_workspace(identity: Identity) -> Path:
    """Return the folder in which a run has its workspace if none is named.

    It is the one whose marker has this identity; if there is none, the first name that is free.
    """
    title = Path(identity.name).stem if identity.file else identity.name
    plain = "-".join([readable(title) or "data", identity.profile])
    named = "-".join([plain, *filter(None, [readable(" ".join(identity.words))])])
    names = [] if identity.file or identity.choice else [plain]
    names += [f"{named}-{identity.digest[:digits]}" for digits in _DIGITS]
    folders = [home() / name for name in names]
    markers = [ownership.read_marker(folder) for folder in folders]
    for folder, marker in zip(folders, markers, strict=True):
        if marker is not None and marker.details.get("identity") == identity.digest:
            return folder
    for folder, marker in zip(folders, markers, strict=True):
        if marker is None:
            return folder
    raise WorkspaceError(f"Every name for this run is taken in {home()}: use --workspace.")


def stored_workspace(identity: Identity) -> Path:
    """Return the default workspace that a run left, where its data are not at hand.

    Raises
    ------
    WorkspaceError
        If several runs, on different data, may be meant.
    """
    found = [
        folder
        for folder, details in marked(home())
        if all(details.get(name) == value for name, value in identity.details().items()
               if name != "identity")
    ]  # fmt: skip
    if len(found) > 1:
        raise WorkspaceError(
            f"Several runs of {identity.name} are there ({', '.join(f.name for f in found)}): name "
            "one with --workspace, or the data with --data."
        )
    return found[0] if found else default_workspace(identity)


def marked(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the workspaces in a folder, with what their markers say of their content."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        # One of a later version is none of ours.
        with suppress(WorkspaceError):
            marker = ownership.read_marker(path)
            if marker is not None and marker.kind == "workspace":
                found.append((path, marker.details))
    return found


def lenders(root: Path) -> list[Workspace]:
    """Return the other default workspaces, from which one in `root` may take over artefacts.

    An artefact's key covers all that it is made from, so that any with the same key will do. A
    workspace elsewhere stands for itself: it has no lenders.
    """
    try:
        place = home()
    except WorkspaceError:
        return []
    if root.parent != place:
        return []
    return [Workspace(path, untouched=True) for path, _ in marked(place) if path != root]


def readable(text: str) -> str:
    """Return a piece of a folder's name; any letters, but nothing that a shell would read."""
    words = re.sub(r"[^\w.]+", "-", text)
    return words[:_LONGEST].strip("-.")
