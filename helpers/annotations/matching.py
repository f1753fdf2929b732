"""How far an annotation and the measured genes speak of the same genes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 8


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

    def note(self) -> str:
        """Say in one or two sentences how many genes match and which do not."""
        total = len(self.known) + len(self.unknown)
        text = (
            f"{self.title}: {len(self.known):,} of its {total:,} genes are among the "
            f"{self.measured:,} measured."
        )
        if not self.known:
            examples = ", ".join(self.unknown[:3])
            return (
                f"{text} The data name genes in another way: give them symbols such as {examples}."
            )
        if self.unknown:
            named = ", ".join(self.unknown[:_SHOWN])
            more = len(self.unknown) - _SHOWN
            rest = f" and {more:,} more" if more > 0 else ""
            return f"{text} Not measured, and left out: {named}{rest}."
        return text


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
