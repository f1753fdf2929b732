"""Files that come with the package, in ``data/`` beside this module."""

from __future__ import annotations

from importlib import resources

from helpers.errors import BadInputError


def read_embedded(name: str) -> bytes:
    """Return the bytes of such a file.

    Raises
    ------
    BadInputError
        If it is missing.
    """
    path = resources.files("helpers.datasets").joinpath("data", name)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInputError(f"{path} is missing: install the package again.") from None
