"""Workspaces and bundles side by side: `python -m helpers claims --compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.claims.compare import FACTORS, RUN_COLUMNS, Difference, agreements, differences
from helpers.claims.ledger import claims
from helpers.errors import BadInputError, MissingInputError
from helpers.prose.writing.wording import counted
from helpers.publish.display import VERDICT_NAMES
from helpers.results.bundle import ABOUT, About, read_bundle
from helpers.study.verdicts.other_runs import read_stored
from helpers.workspace import ownership
from helpers.workspace.formats import read_json

FACTOR_NAMES = {
    "seed": "seed",
    "dataset": "data",
    "protocol": "protocol",
    "size": "size",
    "tissues": "tissues",
    "variant": "settings",
}
"""Factor → what readers call it."""


@dataclass(frozen=True)
class Compared:
    """What `compared` found.

    Attributes
    ----------
    table
        A row for each statement on which runs part: ``id``, ``statement``, a column for each run
        and protocol with its verdicts (over seeds: how many have which), ``goes with``.
    lines
        Sentences on the rest.
    """

    table: pd.DataFrame
    lines: list[str]


def compared(sources: list[str], root: Path) -> Compared:
    """Set runs side by side.

    Parameters
    ----------
    sources
        Folders of workspaces or bundles, or names of bundles that are kept with the book.
    root
        Folder of the project.

    Raises
    ------
    BadInputError
        If one is given twice, or there is only one with one seed and one protocol.
    MissingInputError
        If one is neither.
    """
    parts, lines = [], []
    for source in sources:
        rows, said = _rows(source, root)
        parts.append(rows)
        lines += said
    runs = pd.concat(parts, ignore_index=True)
    titles = [part["run"].iloc[0] for part in parts]
    if len(set(titles)) < len(titles):
        raise BadInputError(f"{', '.join(sources)}: the same run is named twice.")
    if not any(runs[factor].nunique() > 1 for factor in FACTORS) and len(parts) < 2:
        raise BadInputError(f"{sources[0]} is one run: name another one to compare it with.")
    found = differences(runs)
    columns = runs.drop_duplicates(["run", "protocol"])[["run", "protocol"]].to_records(index=False)
    table = pd.DataFrame(
        [
            [
                each.id,
                claims()[each.id].statement,
                *(_said(runs, each.id, run, protocol) for run, protocol in columns),
                goes_with(each),
            ]
            for each in found
        ],
        columns=["id", "statement", *(f"{run}, {name}" for run, name in columns), "goes with"],
    )
    lines.append(f"All say the same on {counted(len(agreements(runs)), 'statement')}.")
    lines += changes_by_factor(found, FACTORS)
    return Compared(table, lines)


def goes_with(each: Difference) -> str:
    """Name what a difference goes with."""
    return ", ".join(FACTOR_NAMES[name] for name in each.goes_with) or "several at once"


def changes_by_factor(found: Sequence[Difference], factors: Sequence[str]) -> list[str]:
    """Say, for each factor with which verdicts change, which do."""
    lines = []
    for factor in factors:
        names = [each.id for each in found if factor in each.goes_with]
        if names:
            lines.append(f"With the {FACTOR_NAMES[factor]} change {', '.join(names)}.")
    return lines


def _said(runs: pd.DataFrame, name: str, run: str, protocol: str) -> str:
    """Write the verdicts of a run on a statement, over its seeds."""
    chosen = (runs["id"] == name) & (runs["run"] == run) & (runs["protocol"] == protocol)
    counts = runs.loc[chosen, "verdict"].map(VERDICT_NAMES).value_counts()
    if len(counts) == 1:
        return str(counts.index[0])
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def _rows(source: str, root: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a workspace or a bundle; return its rows and what has to be said of it."""
    kept = root / ownership.RESULTS / source
    folder = kept if (kept / ABOUT).is_file() else Path(source)
    if (folder / ABOUT).is_file():
        bundle = read_bundle(folder)
        about = bundle.about
        rows = bundle.ledger.assign(run=folder.name, dataset=about.dataset, size=_size(about))
        said = [f"{folder.name} was judged by rules that have changed since."]
        return rows[list(RUN_COLUMNS)], said if bundle.outdated else []
    try:
        stored = read_stored(folder)
        chosen = read_json(folder / "provenance.json")["parameters"]
    except MissingInputError:
        raise MissingInputError(
            f"{source} is neither a bundle of results nor the workspace of a finished run: name "
            "the folder of one."
        ) from None
    size = _written(stored.profile, stored.models, chosen["cnn_models"])
    rows = stored.ledger.assign(run=folder.name, seed=chosen["seed"], size=size)
    said = [f"{folder.name}: {stored.left_out}."] if stored.left_out else []
    return rows[list(RUN_COLUMNS)], said


def _size(about: About) -> str:
    return _written(about.profile, about.models, about.cnn_models)


def _written(profile: str, models: int, cnn_models: int) -> str:
    return f"{profile}, {models} MLPs, {cnn_models} CNNs"
