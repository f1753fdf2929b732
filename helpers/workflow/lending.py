"""What workspaces beside one have that it needs: the same artefact is not made twice."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from helpers.workspace.identity import lenders
from helpers.workspace.store import State, Workspace


class Neighbourhood:
    """A workspace and those beside it, from which it takes over what is the same.

    Parameters
    ----------
    workspace
        The workspace that borrows.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @functools.cached_property
    def _lenders(self) -> list[Workspace]:
        return lenders(self._workspace.root)

    def lender(self, file: str, key: str) -> Workspace | None:
        """Return a workspace beside this one that has an artefact, fresh; None if none has."""
        return next((each for each in self._lenders if each.state(file, key) == "fresh"), None)

    def state(self, file: str, key: str) -> State:
        """Return the state of an artefact: fresh too where it can be taken over."""
        found = self._workspace.state(file, key)
        return found if found == "fresh" or self.lender(file, key) is None else "fresh"

    def borrow(self, files: Mapping[str, str]) -> None:
        """Take over what the others have of some files, each with its key, and this one has not.

        What a workspace holds does not depend then on whether the others stay.
        """
        for file, key in files.items() if self._lenders else ():
            if self._workspace.state(file, key) != "fresh":
                lender = self.lender(file, key)
                if lender is not None:
                    self._workspace.borrow(file, lender)

    def place(self, file: str, key: str) -> Path | None:
        """Return where an artefact can be read, taken over first if need be; None: nowhere."""
        if self._workspace.state(file, key) != "fresh":
            lender = self.lender(file, key)
            if lender is None:
                return None
            if self._workspace.untouched:
                return lender.path(file)
            self._workspace.borrow(file, lender)
        return self._workspace.path(file)
