"""Names as people give them: long, in any script, full of what others read as markup."""

from __future__ import annotations

import io
import itertools
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.figures import style

NAMES = (
    "CD4-positive, CD25-positive, alpha-beta regulatory T cell",
    "CD4-positive, CD26-positive, alpha-beta regulatory T cell",
    "$x^$",
    "A$$",
    r"\frac{$1}{\$2}$",
    "肝臓の細胞",
    "肝臓の細胞とそれから膵臓の島の細胞とそれから肺胞の上皮の細胞とそれから",
    "خلايا الكبد",
    "कोशिका",
    "🧬 👩‍🔬 cells",
    "e\u0301" * 40,
    "Mono|cyte* <b>x</b>",
    "T_cell_1 `x` [a](b)",
    "_hidden_",
    "__init__",
    "DN<3>",
    "a & b; &amp; &#36;",
    "<script>alert(1)</script>",
    "{{substituted}} {role}`text` ${js}",
    "tab\tand\nline\r\nfeed\x0c\x1b[31m",
    "line\u2028separator\x85next",
    "\u202eturned\u202c round",
    "# heading",
    "1. item",
    "- item --- more",
    "+++",
    ":::{note}",
    "https://example.org/a_b me@example.org",
    "0",
    "1e3",
    "True",
    "NA",
    "2024-01-31",
    "=1+1",
    "'quoted' \"twice\"",
    "x" * 500,
    "%",
    "^",
    "~~gone~~",
    "a/b",
    "..",
)
"""No two are the same."""


def of(count: int, start: int = 0) -> list[str]:
    """Return so many different names."""
    return list(itertools.islice(itertools.cycle(NAMES), start, start + count))


def renamed(tables: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Return the tables among some values, with other names in their cells, index and columns."""
    found = {key: value for key, value in tables.items() if isinstance(value, pd.DataFrame)}
    return {key: _renamed(table, names) for key, table in found.items()}


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    changed = table.rename(index=names, columns=names)
    for column in changed.select_dtypes("object"):
        changed[column] = [names.get(str(value), value) for value in changed[column]]
    return changed


def mapping(names: Iterable[str], start: int = 0) -> dict[str, str]:
    """Return another name for each of some names."""
    ours = list(dict.fromkeys(names))
    return dict(zip(ours, of(len(ours), start), strict=True))


def check(make: Callable[[], Figure]) -> None:
    """Check that a figure can be drawn without a warning, and that none of its text is read."""
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        figure, buffer = make(), io.BytesIO()
        with style.journal():
            figure.savefig(buffer, format="svg")
    plt.close(figure)
    said = [str(warning.message) for warning in met]
    # Not every script has a font everywhere, and seaborn is behind matplotlib.
    unexpected = [text for text in said if not text.startswith(("Glyph", "vert: bool"))]
    assert not unexpected, unexpected
    ET.fromstring(buffer.getvalue())
    # Matplotlib writes the powers of ten on an axis as mathematics.
    powers = [t for axis in figure.findobj(Axis) for t in axis.get_ticklabels(which="both")
              if "mathdefault" in t.get_text()]  # fmt: skip
    read = [t.get_text() for t in figure.findobj(Text) if is_math_text(t.get_text())]
    assert len(read) <= len(powers), read
