"""Markdown of sentences: names are escaped, lines are joined."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from helpers.figures.naming import visible

PARAGRAPH = "\x1e"
"""Stands where a paragraph begins."""

ITEM = "\x1d"
"""Stands where an item of a list begins, or a row of a table."""

_BLANKS = re.compile(r"[ \t\r\n\v\f\x1d-\x1f\x85\u2028\u2029]+")


_MARKUP = re.compile(
    r"""
    [\\`*\[\]{}<>&$|~^@]  # emphasis, code, links, roles, tags, mathematics, cells of tables
    | (?<![^\W_])_ | _(?![^\W_])  # an underscore within a word means nothing
    | (?<=/)/  # the start of an address
    | \A[-+=%:(\#!]+ | (?<=\A\d)[.)] | (?<=\A\d\d)[.)]  # only where a line begins
    | ^\s | \s$ | (?<=\s)\s  # spaces that would be lost
    """,
    re.VERBOSE,
)

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_APART = ("\u2068", "\u2069")
"""Between these, the direction of a text says nothing on what stands around it."""


def as_written(text: object) -> str:
    """Write a name, or a text with one in it, so that pages show it as it is written.

    Characters that Markdown or HTML would read are replaced by references, which both know: it
    can stand in a sentence, in a caption, and in the cell of a table.
    """
    shown = _MARKUP.sub(lambda found: "".join(map(_reference, found[0])), visible(text))
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in shown):
        return shown.join(_APART)
    return shown


def _reference(letter: str) -> str:
    return "&#160;" if letter == " " else f"&#{ord(letter)};"


def escaped(text: object) -> Markup:
    """Return a name as Markdown that shows it as it is, on one line; Markdown is left alone."""
    if isinstance(text, Markup):
        return text
    return Markup(as_written(_BLANKS.sub(" ", str(text))))


def unescaped(text: str) -> str:
    """Return Markdown of sentences as plain text, for where no Markdown is read."""
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", str(text).replace("**", ""))
    return html.unescape(plain)


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


def without_tables(text: str) -> str:
    """Return Markdown without its tables, for where one would be read as a sentence."""
    lines = (line for line in text.split("\n") if not line.startswith("|"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def paragraphs(text: str) -> str:
    """Join lines; `PARAGRAPH` begins a paragraph, and `ITEM` an item of a list or a row."""
    found = (_paragraph(part) for part in text.split(PARAGRAPH))
    return "\n\n".join(part for part in found if part)


def _paragraph(text: str) -> str:
    items = (_BLANKS.sub(" ", item).strip() for item in text.split(ITEM))
    return "\n".join(item for item in items if item)
