"""Errors that a user can mend: one clear sentence each, shown without a traceback."""

from __future__ import annotations

import difflib
import os
import textwrap
from collections.abc import Iterable
from pathlib import Path

# Sentences, no numbers.
DECIDES_NO_NUMBER = True

_LETTERS = 25
"""How long an item of a list may be, on average."""
_PATH = 100
"""How much of a path that is too long is shown."""


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
        super().__init__(f"There is no {kind} {name!r}: {hint}Valid names: {listed(names, 12)}.")

    def __reduce__(self) -> tuple[type, tuple[str, str, list[str]]]:
        """Let another process raise the same error."""
        return type(self), self._parts


def check_path(path: str | os.PathLike[str]) -> None:
    """Refuse what no file or folder can be called, before anybody looks for it.

    Raises
    ------
    BadInputError
        If it is too long, holds a zero byte, or links go round in a circle.
    """
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        text = str(path)
        shown = repr(text if len(text) <= _PATH else f"{text[:_PATH]}…")
        raise BadInputError(
            f"{shown} cannot be the path of anything ({why}): correct it."
        ) from None


def listed(items: Iterable[object], most: int) -> str:
    """List items in a message, cut between two of them if they are many.

    Parameters
    ----------
    items
        What to list, as text.
    most
        How many are shown, and about how many times 25 letters.

    Returns
    -------
    str
        Such as ``a, b, … (7 in all)``.
    """
    texts = [str(item) for item in items]
    shown = texts[:most]
    while len(shown) > 1 and len(", ".join(shown)) > most * _LETTERS:
        shown.pop()
    more = f", … ({len(texts)} in all)" if len(shown) < len(texts) else ""
    return ", ".join(shown) + more


def shortened(text: str, most: int = 120) -> str:
    """Return what another program said, cut between two words if it is long."""
    return textwrap.shorten(text, most, placeholder=" …") if len(text) > most else text


def one_of(kind: str, name: str, valid: Iterable[str]) -> str:
    """Return `name` if it is one of `valid`, else raise `UnknownNameError`."""
    names = list(valid)
    if name not in names:
        raise UnknownNameError(kind, name, names)
    return name
