"""Facts on simulated and real samples: what differs, and where verdicts part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, PARTLY, REPRODUCED
from helpers.claims.ledger import claims, headline
from helpers.prose.writing.templates import Facts
from helpers.results import measures
from helpers.results.measures import ALL, MEASURES

RUN = "this run"
"""Name of the run that made the page, among the sources of measures."""


@dataclass(frozen=True)
class Basis:
    """What a statement rests on.

    Attributes
    ----------
    measure
        The measure, of `MEASURES`.
    moves
        1 if the observed value goes up with the measure, -1 if it goes down, 0 if that is not
        known.
    """

    measure: str
    moves: int = 0


RESTS_ON = {
    # The statement is about the measure itself.
    "T3": Basis(measures.ACCURACY, 1),
    "B3": Basis(measures.INTRA_RANK, 1),
    "O13": Basis(measures.HALVES_RANK, 1),
    "O16": Basis(measures.HALVES_OVERLAP, 1),
    "E10": Basis(measures.SPECIFIC, 1),
    "E11": Basis(measures.SPECIFIC, 1),
    # Estimates that agree already need fewer of them.
    "O2": Basis(measures.INTRA_RANK, -1),
    "O6": Basis(measures.INTRA_RANK, -1),
    "O12": Basis(measures.INTRA_RANK, -1),
    "O4": Basis(measures.INTRA_RANK),
    "O1": Basis(measures.INTER_RANK),
    "O14": Basis(measures.INTER_RANK),
    # The observed value is agreement within models minus agreement between them.
    "B7": Basis(measures.INTER_RANK, -1),
    # A single network's list is nearer to the average where networks are alike.
    "C4": Basis(measures.INTER_OVERLAP, 1),
    # Whether specific genes are highly expressed depends on the tissue.
    "E4": Basis(measures.SPECIFIC),
    # Genes of one tissue are no housekeeping genes, and their terms are of that tissue.
    "E14": Basis(measures.SPECIFIC, -1),
    "G2": Basis(measures.SPECIFIC, 1),
    "G5": Basis(measures.SPECIFIC, -1),
    # The observed value is a share of pairs within limits: it may fall either way.
    "K1": Basis(measures.WITHIN),
    "K2": Basis(measures.WITHIN),
    "K3": Basis(measures.WITHIN),
    # With more kinds of cancer more genes are shared by several.
    "K7": Basis(measures.CANCERS, 1),
    "K8": Basis(measures.CANCERS, -1),
    "K9": Basis(measures.CANCERS, 1),
}
"""Statement → the measure that it rests on most. Written from what each statement measures, but by
somebody who had seen where verdicts of the first two runs part: a reason that follows from it is a
guess to be tested. A statement that is not here rests on none of the measures."""


def beside(
    own: pd.DataFrame, kept: pd.DataFrame, bundles: pd.DataFrame, simulated: bool
) -> pd.DataFrame:
    """Put the measures of this run beside those of published runs of the other kind.

    Parameters
    ----------
    own
        The table ``measures``.
    kept, bundles
        The tables ``bundle_measures`` and ``bundles``.
    simulated
        Whether this run's samples are simulated.

    Returns
    -------
    pandas.DataFrame
        Columns as `helpers.results.measures.COLUMNS`, ``source`` (`RUN`, or the bundle) and
        ``simulated``.
    """
    parts = [own.assign(source=RUN, simulated=simulated)]
    for name in others(bundles, simulated):
        rows = kept[kept["bundle"] == name]
        if len(rows):
            parts.append(rows.assign(source=name, simulated=not simulated))
    columns = [*measures.COLUMNS, "source", "simulated"]
    return pd.concat(parts, ignore_index=True)[columns]


def correlated(sides: pd.DataFrame) -> Facts:
    """Return the median correlation of two random genes, here and in the first run of the others.

    Parameters
    ----------
    sides
        What `beside` gives.

    Returns
    -------
    dict
        ``own`` and ``other``; the same by kind of samples: ``real`` and ``made``. None where it is
        not known.
    """
    medians = [
        float(levels[0.5])
        if len(levels := _levels(sides, str(source), measures.CORRELATION))
        else None
        for source in dict.fromkeys(sides["source"])
    ]
    own, other = [*medians, None, None][:2]
    here = bool(sides.loc[sides["source"] == RUN, "simulated"].all())
    real, made = (other, own) if here else (own, other)
    return {"own": own, "other": other, "real": real, "made": made}


def others(bundles: pd.DataFrame, simulated: bool) -> list[str]:
    """Name the bundles of the other kind of samples."""
    other = bundles["simulated"].astype(bool) != simulated
    return [str(name) for name in bundles.loc[other, "bundle"]]


def compared(sides: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each measure: its median in each source, with 5 to 95 % of values.

    Parameters
    ----------
    sides
        What `beside` gives.
    """
    rows = []
    for name, measure in MEASURES.items():
        row: dict[str, str] = {"measure": measure.title}
        for source in dict.fromkeys(sides["source"]):
            row[str(source)] = _written(_levels(sides, str(source), name), measure.whole)
        rows.append(row)
    return pd.DataFrame(rows)


def _levels(sides: pd.DataFrame, source: str, measure: str) -> pd.Series:
    """Return the values of a measure by quantile, over all explainers."""
    rows = sides[
        (sides["source"] == source) & (sides["measure"] == measure) & (sides["explainer"] == ALL)
    ]
    return rows.set_index("quantile")["value"]


def _written(levels: pd.Series, whole: bool) -> str:
    if levels.empty:
        return "unknown"
    middle = f"{levels[0.5]:.0f}" if whole else f"{levels[0.5]:.3f}"
    if len(levels) == 1:
        return middle
    return f"{middle} ({levels.iloc[0]:.3f} to {levels.iloc[-1]:.3f})".replace("-", "−")


def finding(
    ledger: pd.DataFrame, over: pd.DataFrame, bundles: pd.DataFrame, sides: pd.DataFrame
) -> Facts:
    """Return where the verdicts of this run and of published runs of the other kind part.

    Parameters
    ----------
    ledger
        The table ``claims``.
    over, bundles
        The tables ``bundle_claims`` and ``bundles``.
    sides
        What `beside` gives.

    Returns
    -------
    dict
        ``simulated``; ``others``, a published run each: ``name``, ``dataset``, ``measured``
        (whether its measures are published), the number of statements ``tested`` in both and with
        the ``same`` verdict, those that are tested in one alone (``alone``), and the statements
        that ``part``, opposite ones first: see `_parted`.
    """
    simulated = bool(sides.loc[sides["source"] == RUN, "simulated"].all())
    own = headline(ledger).set_index("id")
    rows = []
    for name in others(bundles, simulated):
        about = bundles.set_index("bundle").loc[name]
        part = over[over["bundle"] == name]
        there = part[part["protocol"] == part["protocol"].iloc[0]].set_index("id")
        ids = [key for key in claims() if key in own.index and key in there.index]
        here_tested, there_tested = (
            {key for key in ids if table["verdict"][key] in (REPRODUCED, PARTLY, NOT_REPRODUCED)}
            for table in (own, there)
        )
        both = [key for key in ids if key in here_tested & there_tested]
        differ = [key for key in both if own["verdict"][key] != there["verdict"][key]]
        found = [
            _parted(key, own.loc[key].to_dict(), there.loc[key].to_dict(), sides, name)
            for key in differ
        ]
        rows.append(
            {
                "name": name,
                "dataset": str(about["dataset"]),
                "measured": bool((sides["source"] == name).any()),
                "tested": len(both),
                "same": len(both) - len(differ),
                "alone": [key for key in ids if key in here_tested ^ there_tested],
                "part": sorted(found, key=lambda row: not row["opposite"]),
            }
        )
    return {"simulated": simulated, "others": rows}


def _parted(
    name: str, here: dict[Any, Any], there: dict[Any, Any], sides: pd.DataFrame, source: str
) -> Facts:
    """Return the verdicts on a statement, and whether what it rests on can explain them.

    It can if it differs clearly (the median of each lies outside the middle half of the other),
    in the direction in which the observed value differs.
    """
    basis = RESTS_ON.get(name)
    own, other = (
        _levels(sides, each, basis.measure) if basis else pd.Series(dtype=float)
        for each in (RUN, source)
    )
    known = len(own) > 0 and len(other) > 0
    observed = float(here["observed"]), float(there["median"])
    return {
        "id": name,
        "statistic": str(here["statistic"]),
        "here": str(here["verdict"]),
        "there": str(there["verdict"]),
        "observed": None if pd.isna(observed[0]) else observed[0],
        "observed_there": None if pd.isna(observed[1]) else observed[1],
        "opposite": {here["verdict"], there["verdict"]} == {REPRODUCED, NOT_REPRODUCED},
        "fragile": bool(there["fragile"]),
        "measure": MEASURES[basis.measure].phrase if basis else "",
        "whole": MEASURES[basis.measure].whole if basis else False,
        "known": known,
        "level": float(own[0.5]) if known else None,
        "level_there": float(other[0.5]) if known else None,
        "explained": bool(
            basis
            and known
            and clearly_apart(own, other)
            and basis.moves * (own[0.5] - other[0.5]) * (observed[0] - observed[1]) > 0
        ),
    }


def clearly_apart(a: pd.Series, b: pd.Series) -> bool:
    """Tell whether the median of each lies outside the middle half of the other.

    Parameters
    ----------
    a, b
        Values by quantile; of a single value the middle half is that value.
    """
    return all(
        not low <= other[0.5] <= high
        for own, other in ((a, b), (b, a))
        for low, high in [(own.get(0.25, own[0.5]), own.get(0.75, own[0.5]))]
    )
