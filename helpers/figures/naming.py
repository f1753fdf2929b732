"""Names as they are shown: tissues, organs, samples and genes may be called anything.

A name may be long, in any script, and hold what matplotlib reads as mathematics. Figures show it
shortened or in several lines; tables and downloads have it whole.
"""

from __future__ import annotations

import collections
import functools
import unicodedata
from collections.abc import Iterable

ELLIPSIS = "…"

_SIGNS = {"\t": "⇥", "\n": "↵", "\r": "↵", "\x0b": "↵", "\x85": "↵", "\u2028": "↵", "\u2029": "↵"}
"""What ends a line, or jumps in one, would tear a label apart."""

_UNKNOWN = "\ufffd"

# Marks that change the direction of all text after them.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_JOINER = "\u200d"
_BREAKS = frozenset(" -,;/_|+")

_SHARES = (0.55, 0.8, 0.3, 1.0, 0.0)
"""Parts of a shortened label that its beginning may take, in the order in which they are tried."""


def visible(name: object) -> str:
    """Return a name with a sign in place of each character that cannot be drawn or printed."""
    return "".join(_sign(letter) for letter in str(name) if letter not in _DIRECTIONS)


def _sign(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    # Neither SVG nor HTML can hold these.
    unfit = unicodedata.category(letter) in {"Cc", "Cs"} or ord(letter) & 0xFFFE == 0xFFFE
    return _UNKNOWN if unfit else letter


def class_name(tissue: object) -> str:
    """Return a class's name as it is shown: ``thyroid_gland`` of ours as ``thyroid gland``.

    Names of other data sets are shown as they are written.
    """
    name = visible(tissue)
    return name.replace("_", " ") if name in _ours() else name


@functools.cache
def _ours() -> frozenset[str]:
    # Names of data sets take long to import, and are needed only where a class is named.
    from helpers.datasets.reference import reference_classes

    names = map(str, reference_classes().index)
    return frozenset(name for name in names if not name.startswith("TCGA_"))


def drawn(text: object) -> str:
    """Return a text for matplotlib, which must not read mathematics between its dollar signs."""
    return visible(text).replace("$", r"\$")


def columns(text: str) -> int:
    """Return how wide a text is, in letters: those of Chinese, Japanese and Korean count twice."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1


def one_line(names: Iterable[object], most: int) -> list[str]:
    """Return labels of at most `most` letters for names that stand in one figure.

    Long names lose their middle. No two names get the same label.
    """
    return [drawn(label) for label in _distinct(names, most)]


def label(name: object, most: int) -> str:
    """Return the label of a name that stands alone; see `one_line`."""
    return one_line([name], most)[0]


def legend(names: Iterable[object], most: int) -> list[str]:
    """Return labels for a legend; see `one_line`."""
    # Matplotlib leaves those out that begin with an underscore: a hair space comes before it.
    return [f"\u200a{text}" if text.startswith("_") else text for text in one_line(names, most)]


def wrapped(names: Iterable[object], width: int, lines: int = 2) -> list[str]:
    """Return labels of at most `lines` lines of `width` letters for names in one figure."""
    names = list(names)
    # Words leave gaps at the ends of lines, so that less may fit than the lines could hold.
    for most in range(width * lines, width, -1):
        broken = [_lines(text, width, lines) for text in _distinct(names, most)]
        if all(columns(line) <= width for text in broken for line in text):
            break
    else:
        broken = [[text] for text in _distinct(names, width)]
    return ["\n".join(map(drawn, text)) for text in broken]


def title(name: object, width: int, lines: int = 2) -> str:
    """Return the label of a name that stands alone, in several lines; see `wrapped`."""
    return wrapped([name], width, lines)[0]


def _distinct(names: Iterable[object], most: int) -> list[str]:
    """Shorten names; those that would look the same lose another part, or get a number."""
    raw = [str(name) for name in names]
    shown = {name: class_name(name) for name in raw}
    labels = {name: _shortened(text, most, _SHARES[0]) for name, text in shown.items()}
    for share in _SHARES[1:]:
        labels |= {name: _shortened(shown[name], most, share) for name in _alike(labels)}
    for number, name in enumerate(_alike(labels), start=1):
        mark = f" #{number}"
        labels[name] = _shortened(shown[name], max(most - len(mark), 2), 1.0) + mark
    return [labels[name] for name in raw]


def _alike(labels: dict[str, str]) -> list[str]:
    """Return the names whose label is that of another name too."""
    counts = collections.Counter(labels.values())
    return [name for name, label in labels.items() if counts[label] > 1]


def _shortened(name: str, most: int, share: float) -> str:
    """Cut a part of a name out that is too long; its beginning takes `share` of what is left."""
    if columns(name) <= most:
        return name
    parts = _clusters(name)
    head = _fitting(parts, round((most - 1) * share))
    tail = _fitting(parts[::-1], most - 1 - columns("".join(head)))[::-1]
    return f"{''.join(head).rstrip()}{ELLIPSIS}{''.join(tail).lstrip()}"


def _fitting(parts: list[str], most: int) -> list[str]:
    """Return as many of the first parts as are not wider than `most` together."""
    taken, width = 0, 0
    for part in parts:
        width += columns(part)
        if width > most:
            break
        taken += 1
    return parts[:taken]


def _clusters(text: str) -> list[str]:
    """Return what readers see as letters: an accent or a joined part stays with its letter."""
    parts: list[str] = []
    for letter in text:
        joined = bool(parts) and parts[-1].endswith(_JOINER)
        if parts and (joined or unicodedata.category(letter) in {"Mn", "Me", "Mc", "Cf"}):
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def _lines(text: str, width: int, most: int) -> list[str]:
    """Break a text, after a space or a mark where there is one near; the last line holds all."""
    lines: list[str] = []
    rest = _clusters(text)
    while rest and len(lines) < most - 1 and columns("".join(rest)) > width:
        taken = len(_fitting(rest, width)) or 1
        marks = [place for place in range(taken // 2, taken) if rest[place] in _BREAKS]
        taken = marks[-1] + 1 if marks else taken
        lines.append("".join(rest[:taken]).strip())
        rest = rest[taken:]
    return [*lines, "".join(rest).strip()]
