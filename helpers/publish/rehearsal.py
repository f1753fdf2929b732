"""Names are tried before the long work: whether figures can show them, and in which letters."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence

import anndata
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from helpers.errors import BadInputError
from helpers.figures import naming
from helpers.figures.style import WIDTH, journal
from helpers.publish.messages import MISSING_GLYPH

_ROWS = 50
_MOST = 500
"""Names of a kind that are tried; of more, those that are not plain letters and digits."""


def names_of(adata: anndata.AnnData, classes: pd.DataFrame) -> dict[str, list[str]]:
    """Return the names that figures will show, by what they name.

    Parameters
    ----------
    adata
        The data set.
    classes
        ``classes.csv``.
    """
    return {
        "class": classes["class"].astype(str).tolist(),
        "organ": classes["organ"].dropna().astype(str).tolist(),
        "gene": [str(name) for name in adata.var_names],
    }


def try_names(names: Mapping[str, Iterable[str]]) -> list[str]:
    """Draw names as figures will, and say what a reader should know of the result.

    Parameters
    ----------
    names
        What is named → the names.

    Returns
    -------
    list of str
        A sentence for each kind of which no font of this machine has all letters.

    Raises
    ------
    BadInputError
        If a name cannot be drawn at all.
    """
    said: list[str] = []
    tried: set[str] = set()
    for kind, given in names.items():
        unique = [name for name in dict.fromkeys(given) if name not in tried]
        tried.update(unique)
        if len(unique) > _MOST:
            unique = [name for name in unique if not re.fullmatch(r"[\w.-]+", name, re.ASCII)]
        missing = {letter for part in _parts(unique[:_MOST]) for letter in _drawn(kind, part)}
        strange = [name for name in unique if missing.intersection(name)]
        if strange:
            said.append(
                f"No font on this machine has all letters of {len(strange)} {kind} names, such as "
                f"{strange[0]!r}: figures leave these letters to the reader's browser; install a "
                "font that has them, such as one of Noto's, and figures look the same everywhere."
            )
    return said


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _ROWS] for start in range(0, len(names), _ROWS)]


def _drawn(kind: str, names: Sequence[str]) -> set[str]:
    """Draw names below one another; return the letters that no font has."""
    try:
        return _missing_letters(names)
    except Exception as error:
        if len(names) == 1:
            raise BadInputError(
                f"Figures cannot show the {kind} name {names[0]!r} ({error}): rename it."
            ) from error
        half = len(names) // 2
        return _drawn(kind, names[:half]) | _drawn(kind, names[half:])


def _missing_letters(names: Sequence[str]) -> set[str]:
    with journal(), warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        figure = Figure(figsize=(WIDTH, 0.2 * len(names) + 1))
        axis = figure.add_subplot()
        axis.set_yticks(range(len(names)), naming.one_line(names, 34))
        axis.set_title(naming.title(names[0], 60))
        FigureCanvasSVG(figure).print_svg(io.BytesIO())
    found = (MISSING_GLYPH.search(str(warning.message)) for warning in met)
    return {chr(int(match[1])) for match in found if match}
