"""The samples of a user's own data: their classes, organs, statuses and donors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.contents import Contents
from helpers.datasets.expression import OBS_COLUMNS, STATUSES
from helpers.datasets.missing import Names, names
from helpers.datasets.sample_sheet import candidates
from helpers.errors import BadInputError, UnknownNameError, listed

STUDY = "own"
"""What the column `study` says of every sample."""

STATUS_WORDS = {
    "normal": "normal", "healthy": "normal", "control": "normal", "adjacent": "normal",
    "cancer": "cancer", "tumour": "cancer", "tumor": "cancer", "malignant": "cancer",
}  # fmt: skip
"""What a status may be called, in any case of letters."""


@dataclass(frozen=True)
class Columns:
    """Columns of `obs` that describe samples; empty: the file has none."""

    tissue: str
    organ: str = ""
    status: str = ""
    donor: str = ""


@dataclass(frozen=True)
class Samples:
    """Samples that have a class.

    Attributes
    ----------
    table
        `OBS_COLUMNS`, by name of the sample.
    keep
        For each sample of the file whether it is in `table`.
    notes
        What a reader has to know of those that are not.
    class_column
        Where the classes come from.
    """

    table: pd.DataFrame
    keep: np.ndarray
    notes: list[str]
    class_column: str


def describe_samples(contents: Contents, columns: Columns) -> Samples:
    """Make the columns `OBS_COLUMNS` out of the user's.

    Samples without a class, and those that are not in the sheet of samples, are left out.

    Parameters
    ----------
    contents
        An open file.
    columns
        Which columns of its `obs` are which.

    Raises
    ------
    BadInputError
        If no class column is named or found, no sample has a class, there is one class only, an
        organ or a status is missing, or a status is unknown.
    UnknownNameError
        If there is no such column; the nearest is named.
    """
    path = contents.path
    chosen = columns.tissue or contents.class_column
    if not chosen:
        raise BadInputError(
            f"{path}: which column of {_table(contents)} holds the classes? Name it with "
            f"--class-column{_candidates(contents.obs)}."
        )
    listed = np.ones(len(contents.obs), dtype=bool) if contents.listed is None else contents.listed
    classes = _read(contents, chosen)
    has_class = np.array([bool(text) for text in classes.texts])
    keep = listed & has_class
    missing = int((listed & ~has_class).sum())
    words = names(_column(contents, chosen)[listed]).said()
    if not keep.any():
        raise BadInputError(
            f"{path}: {missing:,} of {int(listed.sum()):,} samples have no class in column "
            f"{chosen!r} of {_table(contents)} (in its place stands: {words}): name another column "
            "with --class-column, or write the classes in other words."
        )
    tissue = pd.Series(classes.texts, dtype=object)[keep]
    if tissue.nunique() < 2:
        none = f", and {missing:,} samples have none ({words})" if missing else ""
        raise BadInputError(
            f"{path}: column {chosen!r} of {_table(contents)} has one class only, "
            f"{tissue.iloc[0]!r}{none}, and a classifier needs two: name another column with "
            "--class-column."
        )
    organ = _required(contents, columns.organ, "organ", keep) if columns.organ else tissue
    table = pd.DataFrame(
        {
            "tissue": tissue.to_numpy(),
            "organ": np.asarray(organ, dtype=object),
            "study": STUDY,
            "status": _statuses(contents, columns.status, keep) if columns.status else "normal",
            # A missing donor stands for a person of its own, as the split has it.
            "donor": _donors(contents, columns.donor, keep),
        },
        index=pd.Index([str(name) for name in contents.obs.index[keep]], dtype=object),
    )
    _one_status_each(table, path)
    notes = []
    if missing:
        notes.append(
            f"{missing:,} of {int(listed.sum()):,} samples have no class in column `{chosen}` and "
            f"are left out (in its place stands: {words})."
        )
    notes += _donor_notes(table, columns.donor)
    return Samples(table[list(OBS_COLUMNS)], keep, notes, chosen)


def large_enough(tissue: pd.Series, least: int, path: Path) -> tuple[np.ndarray, list[str]]:
    """Tell which samples belong to classes that are large enough, and which classes are not.

    Raises
    ------
    BadInputError
        If fewer than two classes are left.
    """
    counts = tissue.value_counts().sort_index()
    small = counts[counts < least]
    if len(counts) - len(small) < 2:
        sizes = _listed({str(name): int(count) for name, count in counts.items()})
        raise BadInputError(
            f"{path} has fewer than two classes of at least {least} samples ({sizes}), and a "
            "classifier needs two: add samples, or lower min_class_size."
        )
    notes = [
        f"Class {name} is left out: {count} samples, fewer than {least}."
        for name, count in small.items()
    ]
    return (~tissue.isin(small.index)).to_numpy(), notes


def column_notes(columns: Columns) -> list[str]:
    """Say what is not known because no column is named."""
    notes = []
    if not columns.donor:
        notes.append(
            "Donors are not named: samples of one donor may be on both sides of the split, which "
            "flatters accuracy."
        )
    if not columns.status:
        notes.append("No status is named: all samples count as normal, and there are no tumours.")
    return notes


def _listed(sizes: Mapping[str, int]) -> str:
    """List classes and their sizes, cut between two of them."""
    return listed((f"{name} {count:,}" for name, count in sizes.items()), 12)


def _table(contents: Contents) -> str:
    return "obs" if contents.listed is None and contents.where != "the table" else "the samples"


def _column(contents: Contents, name: str) -> pd.Series:
    obs = contents.obs
    if name in obs:
        column = obs[name]
        # Two columns of one name are a table.
        return column.iloc[:, 0] if isinstance(column, pd.DataFrame) else column
    if name in contents.unreadable:
        raise BadInputError(f"{contents.path}: column {name!r} of obs {contents.unreadable[name]}.")
    raise UnknownNameError(
        f"column of {_table(contents)} in {contents.path}:", name, map(str, obs.columns)
    )


def _read(contents: Contents, name: str) -> Names:
    return names(_column(contents, name))


def _required(contents: Contents, name: str, what: str, keep: np.ndarray) -> np.ndarray:
    """Return the texts of samples that are kept; none may be missing."""
    found = names(_column(contents, name)[keep])
    if found.missing:
        raise BadInputError(
            f"{contents.path}: {found.missing:,} of {int(keep.sum()):,} samples have no {what} in "
            f"column {name!r} of {_table(contents)} (in its place stands: {found.said()}): fill "
            "them in, or delete these samples."
        )
    return np.array(found.texts, dtype=object)


def _donors(contents: Contents, name: str, keep: np.ndarray) -> np.ndarray:
    if not name:
        return np.full(int(keep.sum()), "", dtype=object)
    return np.array(names(_column(contents, name)[keep]).texts, dtype=object)


def _donor_notes(table: pd.DataFrame, name: str) -> list[str]:
    unknown = int((table["donor"] == "").sum())
    if not name or not unknown:
        return []
    return [
        f"{unknown:,} of {len(table):,} samples have no donor in column `{name}`: each counts as a "
        "person of its own."
    ]


def _statuses(contents: Contents, name: str, keep: np.ndarray) -> np.ndarray:
    words = pd.Series(_required(contents, name, "status", keep))
    found = words.str.casefold().map(STATUS_WORDS)
    if found.isna().any():
        raise BadInputError(
            f"{contents.path}: column {name!r} of {_table(contents)} says "
            f"{words[found.isna()].iloc[0]!r}, where a status is {' or '.join(STATUSES)}: rename "
            "it, or leave --status-column out."
        )
    return np.asarray(found, dtype=object)


def _one_status_each(table: pd.DataFrame, path: Path) -> None:
    mixed = table.groupby("tissue")["status"].nunique()
    if (mixed > 1).any():
        raise BadInputError(
            f"{path}: class {mixed.idxmax()!r} holds normal and cancer samples: give the class "
            "column different names for the two."
        )


def _candidates(obs: pd.DataFrame) -> str:
    usable = candidates(obs)
    return f" (it could be one of {listed(usable, 8)})" if usable else ""
