"""Messages of libraries: which are known to be harmless, so that a page need not be refused."""

from __future__ import annotations

import re

MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
"""No font of this machine has a letter: it stays text, which the reader's browser draws."""

HARMLESS: tuple[tuple[re.Pattern[str], str], ...] = (
    (MISSING_GLYPH, "a letter that no font here has"),
    (
        re.compile(r"constrained_layout not applied|[Tt]ight layout not applied"),
        "labels so long that parts of a figure may overlap",
    ),
    (re.compile(r"findfont: "), "a font that is not installed, in place of which another is taken"),
    (
        re.compile(r"Matplotlib (created a temporary cache directory|is (re)?building the font)"),
        "no folder where matplotlib may keep its list of fonts",
    ),
    (re.compile(r"mkdir -p failed for path"), "the same"),
    (
        re.compile(
            r"(Bad (key|val(ue)?)|Missing colon|Duplicate key|Cannot decode configuration file)\b"
            r".*\bmatplotlibrc|^You probably need to get an updated matplotlibrc"
            r"|^https://github\.com/matplotlib/|^or from the matplotlib source distribution"
        ),
        "a matplotlibrc that matplotlib cannot read; it does not count here",
    ),
    (
        re.compile(r"\b(Matplotlib|Pandas\d*)?(Pending)?DeprecationWarning: |\bFutureWarning: "),
        "what a later version of a library will do otherwise; versions are pinned",
    ),
    (
        re.compile(r"\b(Performance|Resource|Import|Tqdm)Warning: "),
        "nothing that changes a number",
    ),
    (
        re.compile(r"^\d\.\d\ds - |kernel over TCP without encryption"),
        "how the kernel was started",
    ),
)
"""Pattern of a message → what it says. Warnings on numbers (RuntimeWarning) are not among them."""


def unknown_messages(text: str) -> list[str]:
    """Return what was written to standard error without what is known to be harmless.

    Parameters
    ----------
    text
        Messages; lines that are indented, such as the line of code that a warning shows, belong
        to the message above them.

    Returns
    -------
    list of str
        The first line of each message.
    """
    first = [line for line in text.splitlines() if line.strip() and not line[0].isspace()]
    return [line for line in first if not any(known.search(line) for known, _ in HARMLESS)]
