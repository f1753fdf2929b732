"""Markdown of sentences: names are escaped, lines are joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

PARAGRAPH = "\x1e"
"""Stands where a paragraph begins."""

ITEM = "\x1d"
"""Stands where an item of a list begins."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_BLANKS = re.compile(r"[ \t\r\n\v\f\x1d-\x1f\x85\u2028\u2029]+")


def escaped(text: object) -> Markup:
    """Return a name as Markdown that shows it as it is, on one line; Markdown is left alone."""
    if isinstance(text, Markup):
        return text
    return Markup(_SPECIAL.sub(r"\\\1", _BLANKS.sub(" ", str(text))))


def unescaped(text: str) -> str:
    """Return Markdown of sentences as plain text, for where no Markdown is read."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", str(text).replace("**", ""))


def code(text: object) -> Markup:
    """Write a name as code."""
    name = _BLANKS.sub(" ", str(text))
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", name)), default=0))
    pad = " " if name.startswith("`") or name.endswith("`") else ""
    return Markup(f"{ticks}{pad}{name}{pad}{ticks}")


def one_list(words: Iterable[object]) -> Markup:
    """Join names as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    parts: Sequence[Markup] = [escaped(word) for word in words]
    if len(parts) < 2:
        return Markup("").join(parts)
    return Markup(f"{Markup(', ').join(parts[:-1])} and {parts[-1]}")


def paragraphs(text: str) -> str:
    """Join lines; `PARAGRAPH` begins a paragraph, and `ITEM` an item of a list."""
    found = (_paragraph(part) for part in text.split(PARAGRAPH))
    return "\n\n".join(part for part in found if part)


def _paragraph(text: str) -> str:
    items = (_BLANKS.sub(" ", item).strip() for item in text.split(ITEM))
    return "\n".join(item for item in items if item)
