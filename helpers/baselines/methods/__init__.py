"""The baselines by name: every module in this folder is one entry, ``BASELINE``."""

from __future__ import annotations

import importlib
import pkgutil

from helpers.baselines.entry import Baseline
from helpers.errors import BadInputError


def _entries() -> dict[str, Baseline]:
    """Import every module of this folder, and put their entries in order."""
    found: dict[str, Baseline] = {}
    for module in pkgutil.iter_modules(__path__):
        entry = getattr(importlib.import_module(f"{__name__}.{module.name}"), "BASELINE", None)
        if not isinstance(entry, Baseline):
            raise BadInputError(
                f"helpers/baselines/methods/{module.name}.py defines no BASELINE, an entry of type "
                "Baseline: add one."
            )
        if entry.name in found:
            raise BadInputError(f"Two baselines have the name {entry.name!r}: rename one.")
        found[entry.name] = entry
    ordered = sorted(found.values(), key=lambda entry: (entry.place, entry.name))
    return {entry.name: entry for entry in ordered}


BASELINES: dict[str, Baseline] = _entries()
