"""The explainers that a choice reaches: apart from the choices, which decide how models train."""

from __future__ import annotations

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.study.designs.choices import EVERY, WITH_REFERENCE, Choice, Member


def explained(entry: Choice | Member) -> tuple[str, ...]:
    """Name the explainers of MLPs whose scores depend on a choice, or change under an option."""
    found: list[str] = []
    for word in entry.explains:
        if word == EVERY:
            found += explainers("mlp")
        elif word == WITH_REFERENCE:
            found += [name for name in explainers("mlp") if EXPLAINERS[name].needs_reference]
        else:
            found.append(word)
    return tuple(dict.fromkeys(found))


def explainer_names(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the explainers of MLPs: members of a family of one artefact each."""
    return explainers("mlp")
