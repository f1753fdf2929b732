"""Facts on networks that know nothing: what they meet, and how explanations follow a network."""

from __future__ import annotations

import pandas as pd

from helpers.claims.control import HIDDEN, OUTPUT, SHUFFLED, TRUE, UNTRAINED
from helpers.claims.judging import REPRODUCED
from helpers.prose.verdicts.claims import control
from helpers.prose.writing.templates import Facts

STAYS = 0.5
"""A list of which at least half stays, though the network knows nothing, hardly looks at it."""

ANOTHER = "another"
ONE = "one"


def finding(table: pd.DataFrame) -> Facts:
    """Return which statements carry evidence, and who of those that know nothing meets them.

    Parameters
    ----------
    table
        The table ``control``.

    Returns
    -------
    dict
        What `helpers.prose.verdicts.claims.control` gives, and the statements that are reproduced
        by ``untrained`` networks and by those with a random ``output`` layer, and ``hidden`` layer
        as well.
    """
    met = {
        kind: [str(name) for name in table.loc[table[kind] == REPRODUCED, "claim"]]
        for kind in (UNTRAINED, OUTPUT, HIDDEN)
    }
    return control(table) | met


def networks(table: pd.DataFrame, classes: int) -> Facts:
    """Return how accurate the networks of the control are, and when their training was best.

    Parameters
    ----------
    table
        The table ``control_networks``.
    classes
        Number of classes.

    Returns
    -------
    dict
        Median accuracy on ``true`` and on ``shuffled`` labels, ``untrained``, and ``chance``;
        how many networks learnt shuffled labels (``count``); the median and last epoch of the
        lowest validation loss (``best``, ``last``) and the most epochs trained (``epochs``).
    """
    own = {kind: table[table["kind"] == kind] for kind in (TRUE, SHUFFLED, UNTRAINED)}
    shuffled = own[SHUFFLED]
    some = len(shuffled) > 0
    return {
        "count": len(shuffled),
        "true": float(own[TRUE]["accuracy"].median()),
        "shuffled": float(shuffled["accuracy"].median()) if some else float("nan"),
        "untrained": float(own[UNTRAINED]["accuracy"].median()),
        "chance": 1 / max(1, classes),
        "best": int(shuffled["best_epoch"].median()) if some else 0,
        "last": int(shuffled["best_epoch"].max()) if some else 0,
        "epochs": int(shuffled["epochs"].max()) if some else 0,
    }


def cascade(table: pd.DataFrame) -> Facts:
    """Return how much of a list stays as a network's layers are drawn anew.

    Parameters
    ----------
    table
        The table ``cascade``.

    Returns
    -------
    dict
        ``rows``, an explainer each: its ``name``, and the overlap of a trained network's list with
        that of ``another`` trained network (unknown if there is none), and with its own after the
        ``output`` layer, and the ``hidden`` layer too, were drawn anew, and ``untrained``; names of
        those of whose list half ``stays`` in the end, and of those that ``move``.
    """
    single = table[table["models"] == ONE]
    means = single.groupby(["explainer", "kind"], sort=False)["overlap"].mean().unstack("kind")
    known = means.reindex(columns=[ANOTHER, OUTPUT, HIDDEN, UNTRAINED]).astype(float)
    stays = known[HIDDEN] >= STAYS
    return {
        "rows": [
            {"name": str(name)} | {str(kind): float(value) for kind, value in row.items()}
            for name, row in known.iterrows()
        ],
        "stays": [str(name) for name in known.index[stays]],
        "move": [str(name) for name in known.index[~stays]],
    }
