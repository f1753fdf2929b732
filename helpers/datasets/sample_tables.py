"""Reading tables that describe samples: GTEx's attributes and recount3's metadata.

They are tab-separated, hold many columns of which few are needed, text in quotation marks that mean
nothing, and now and then a letter that is not UTF-8.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.datasets.expression import check_labels
from helpers.datasets.matrix_text import AGAIN, read_text
from helpers.errors import BadInputError


def read_sample_table(path: Path, key: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a table of samples.

    Parameters
    ----------
    path
        The file, packed or not; UTF-8 or Latin-1, with or without a byte-order mark.
    key
        Column with the names of the samples.
    columns
        The other columns that are needed.

    Returns
    -------
    pandas.DataFrame
        `columns` as text, empty where nothing stands, by sample.

    Raises
    ------
    MissingInputError, BadInputError
        If the file is not there, lacks a column (the nearest is named), has a line with too many
        fields, or tells two things of one sample.
    """
    text = read_text(path)
    header = text.partition("\n")[0].split("\t")
    for name in (key, *columns):
        if name not in header:
            folded = {column.casefold(): column for column in header}
            close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.0)
            raise BadInputError(
                f"{path} has no column {name!r}; the nearest is {folded[close[0]]!r}: rename it if "
                f"it holds the same, or {AGAIN}."
            )
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep="\t",
            dtype=str,
            quoting=3,
            na_filter=False,
            index_col=False,
            usecols=[key, *columns],
        )
    except pd.errors.ParserError as error:
        raise BadInputError(f"{path} is not a table ({str(error).strip()}): {AGAIN}.") from None
    table = table.fillna("").drop_duplicates()
    check_labels(table[key].tolist(), "sample", path, place="row")
    return table.set_index(key)[list(columns)]
