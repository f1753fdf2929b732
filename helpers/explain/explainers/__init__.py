"""The explainers by name: every module in this folder is one entry, and nothing else lists it.

A module defines ``EXPLAINER``, see `helpers.explain.entry.Explainer`. The page "How to add an
explainer" of the book has a worked example.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from helpers.errors import BadInputError
from helpers.explain.cnn.rules import CnnRule
from helpers.explain.entry import Explainer
from helpers.explain.mlp.gates import GateRule
from helpers.models import ARCHITECTURES

_RULES_OF_ENGINES = {"mlp": GateRule, "cnn": CnnRule}


def _entries() -> dict[str, Explainer]:
    """Import every module of this folder, and put their entries in order."""
    found: dict[str, Explainer] = {}
    for module in pkgutil.iter_modules(__path__):
        entry = entry_of(importlib.import_module(f"{__name__}.{module.name}"))
        if entry.name in found:
            raise BadInputError(
                f"Two entries of explainers have the name {entry.name!r}: {entry.source} and "
                f"{found[entry.name].source}. Rename one."
            )
        found[entry.name] = entry
    ordered = sorted(found.values(), key=lambda entry: (entry.place, entry.name))
    return {entry.name: entry for entry in ordered}


def entry_of(module: ModuleType) -> Explainer:
    """Return the entry of a module.

    Raises
    ------
    BadInputError
        With the file and the entry, if there is none, if it has no rule for an engine that it
        claims, or if it claims an engine or a network that there is not.
    """
    path = Path(module.__file__ or module.__name__)
    source = "/".join(path.parts[-4:])
    entry = getattr(module, "EXPLAINER", None)
    if not isinstance(entry, Explainer):
        raise BadInputError(f"{source} defines no EXPLAINER, an entry of type Explainer: add one.")
    start = f"{source}: the entry of {entry.name!r}"
    if not callable(entry.captum):
        raise BadInputError(
            f"{start} has no rule for engine 'captum', which explains where no other can: give it "
            "a function in its field 'captum'."
        )
    unknown = sorted(entry.architectures - set(ARCHITECTURES))
    if unknown or not entry.architectures:
        raise BadInputError(
            f"{start} must name networks that it can explain, of {', '.join(ARCHITECTURES)}, but "
            f"names {', '.join(map(repr, unknown)) or 'none'}."
        )
    for engine, kind in _RULES_OF_ENGINES.items():
        rule = getattr(entry, engine)
        if rule is not None and not isinstance(rule, kind):
            raise BadInputError(
                f"{start} has no rule for engine {engine!r}: its field {engine!r} must be a "
                f"{kind.__name__}, not {type(rule).__name__}."
            )
        if rule is not None and engine not in entry.architectures:
            raise BadInputError(
                f"{start} has a rule for engine {engine!r}, but does not say that it can explain "
                f"such networks: add {engine!r} to its architectures."
            )
    return replace(entry, source=source)


EXPLAINERS: dict[str, Explainer] = _entries()

NO_REFERENCE = "none"


def explainers(architecture: str) -> list[str]:
    """Name the explainers of an architecture."""
    return [name for name, entry in EXPLAINERS.items() if architecture in entry.architectures]


def conditions(architecture: str, kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every explainer of an architecture with every one of `kinds` that it can use."""
    for name in explainers(architecture):
        usable = kinds if EXPLAINERS[name].needs_reference else (NO_REFERENCE,)
        yield from ((name, kind) for kind in usable)
