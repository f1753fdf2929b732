"""Errors that a user can mend: one clear sentence each, shown without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# Sentences, no numbers.
DECIDES_NO_NUMBER = True


class HelpersError(Exception):
    """A fault in what the user gave us; the message says what, where and how to mend it."""

    exit_code = 2


class BadInputError(HelpersError):
    """A file or a value that does not hold what it should."""


class MissingInputError(HelpersError):
    """A file, folder or package that is not there."""


class WorkspaceError(HelpersError):
    """The workspace cannot be written, or is full."""


class UnknownNameError(HelpersError):
    """A name that is in none of our tables.

    Parameters
    ----------
    kind
        What the name should have been, such as ``"profile"``.
    name
        What the user wrote.
    valid
        Every name that would have worked.
    """

    def __init__(self, kind: str, name: str, valid: Iterable[str]) -> None:
        names = sorted(valid)
        self._parts = (kind, name, names)
        folded = {candidate.casefold(): candidate for candidate in names}
        close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.0)
        hint = f"did you mean {folded[close[0]]!r}? " if close else ""
        shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
        super().__init__(f"There is no {kind} {name!r}: {hint}Valid names: {shown}.")

    def __reduce__(self) -> tuple[type, tuple[str, str, list[str]]]:
        """Let another process raise the same error."""
        return type(self), self._parts


def one_of(kind: str, name: str, valid: Iterable[str]) -> str:
    """Return `name` if it is one of `valid`, else raise `UnknownNameError`."""
    names = list(valid)
    if name not in names:
        raise UnknownNameError(kind, name, names)
    return name
