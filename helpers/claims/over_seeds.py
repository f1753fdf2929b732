"""How often a statement holds: verdicts over runs that differ only in their seed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_RUN, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.errors import BadInputError

SEED_COLUMNS = ("seed", "protocol", "id", "verdict", "observed", "ci_low", "ci_high", "n", "unit")
"""The table ``claims_by_seed``: a row for each seed, protocol and statement."""

CAUTIOUS = (NOT_TESTABLE, NOT_REPRODUCED, PARTLY, REPRODUCED)
"""Where as many seeds say one thing as another, the first of these is the verdict."""

OVER_COLUMNS = (
    "protocol",
    "id",
    "verdict",
    "share",
    "fragile",
    "seeds",
    *CAUTIOUS,
    "lowest",
    "median",
    "highest",
)


def claims_by_seed(ledgers: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Put the ledgers of several seeds into one table.

    Parameters
    ----------
    ledgers
        By seed, columns as `helpers.claims.ledger.COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        Columns as `SEED_COLUMNS`.

    Raises
    ------
    BadInputError
        If the ledger of a seed has a gap: a statement that was not run.
    """
    parts = []
    for seed, ledger in ledgers.items():
        gaps = ledger.loc[ledger["verdict"] == NOT_RUN, "id"].unique()
        if len(gaps):
            raise BadInputError(
                f"The run with seed {seed} has no verdict on {', '.join(gaps)}: the same command "
                "again makes what is missing."
            )
        parts.append(ledger.assign(seed=seed)[list(SEED_COLUMNS)])
    return pd.concat(parts, ignore_index=True)


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each statement what most seeds say, and how far they agree.

    Parameters
    ----------
    table
        Columns as `SEED_COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        A row for each protocol and statement, in the order of `table`: the ``verdict`` of most
        seeds, where they are equal the more cautious one (`CAUTIOUS`); the ``share`` of seeds with
        it; whether it is ``fragile``, which is that not all seeds say the same; number of
        ``seeds``, and of those with each verdict; ``lowest``, ``median`` and ``highest`` observed
        value (NaN where no seed has one).
    """
    rows = []
    for (protocol, name), part in table.groupby(["protocol", "id"], sort=False):
        counts = {verdict: int((part["verdict"] == verdict).sum()) for verdict in CAUTIOUS}
        most = max(counts.values())
        verdict = next(name for name in CAUTIOUS if counts[name] == most)
        observed = part["observed"].dropna()
        rows.append(
            {
                "protocol": protocol,
                "id": name,
                "verdict": verdict,
                "share": most / len(part),
                "fragile": most < len(part),
                "seeds": len(part),
                **counts,
                "lowest": observed.min(),
                "median": observed.median() if len(observed) else float("nan"),
                "highest": observed.max(),
            }
        )
    return pd.DataFrame(rows, columns=list(OVER_COLUMNS))
