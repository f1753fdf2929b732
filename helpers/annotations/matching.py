"""How far an annotation and the measured genes speak of the same genes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """Genes of an annotation, told apart by whether they are measured.

    Attributes
    ----------
    title
        What the annotation is called in text.
    known, unknown
        Its symbols among the measured genes, and those that are not, sorted.
    measured
        Number of measured genes.
    """

    title: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    measured: int


def match(title: str, genes: Iterable[str], measured: Iterable[str]) -> Match:
    """Tell an annotation's genes apart by whether they are measured.

    Parameters
    ----------
    title
        What the annotation is called in text.
    genes
        Symbols of the annotation.
    measured
        Symbols of the data.
    """
    given, present = set(genes), set(measured)
    return Match(
        title, tuple(sorted(given & present)), tuple(sorted(given - present)), len(present)
    )
