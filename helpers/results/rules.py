"""Which rules a bundle was judged by."""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
from importlib import resources

from helpers.workspace import fingerprints

_ROOM = "helpers.claims"


@functools.cache
def hash_of_rules() -> str:
    """Return the fingerprint of all that turns tables into verdicts, and of the statements.

    Comments, docstrings and layout do not count; nor does code that only makes the tables, which
    a bundle's revision tells.
    """
    room = importlib.import_module(_ROOM)
    modules = [_ROOM, *(m.name for m in pkgutil.walk_packages(room.__path__, f"{_ROOM}."))]
    statements = (resources.files(_ROOM) / "ledger.yaml").read_bytes()
    parts = [
        fingerprints.of_modules(name for name in modules if not name.endswith(_NO_RULES)),
        hashlib.sha256(statements).hexdigest(),
    ]
    return fingerprints.of_value(parts)


_NO_RULES = (".changes", ".compare", ".over_seeds")
"""Modules of that room that tell of verdicts, or set them side by side, and give none."""
