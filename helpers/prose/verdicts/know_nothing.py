"""Facts on networks that know nothing: what they meet, and how explanations follow a network."""

from __future__ import annotations

import pandas as pd

from helpers.claims.control import HIDDEN, OUTPUT, SHUFFLED, TRUE, UNTRAINED
from helpers.claims.judging import REPRODUCED, SIMILAR
from helpers.prose.verdicts.claims import control
from helpers.prose.writing.templates import Facts

STAYS = 0.5
"""Part of what two trained networks share: who shares as much with a random one hardly looks at the
network."""

ANOTHER = "another"
ONE = "one"


def have_learnt(table: pd.DataFrame) -> bool:
    """Tell whether the run's MLPs have learnt, by the table ``learnt``."""
    rows = table.loc[table["architecture"] == "mlp", "learnt"]
    return bool(rows.astype(bool).all())


def finding(table: pd.DataFrame, learnt: bool = True) -> Facts:
    """Return which statements carry evidence, and who of those that know nothing meets them.

    Parameters
    ----------
    table
        The table ``control``.
    learnt
        Whether the run's networks have learnt.

    Returns
    -------
    dict
        What `helpers.prose.verdicts.claims.control` gives, ``learnt``, and the statements that are
        met by ``untrained`` networks and by those with a random ``output`` layer, and a random
        ``hidden`` layer as well.
    """
    met = {
        kind: [str(name) for name in table.loc[table[kind] == REPRODUCED, "claim"]]
        for kind in (UNTRAINED, OUTPUT, HIDDEN)
    }
    return control(table) | met | {"learnt": learnt}


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


def cascade(table: pd.DataFrame, learnt: bool = True) -> Facts:
    """Return how much of a list stays as a network's layers are drawn anew.

    Parameters
    ----------
    table
        The table ``cascade``.
    learnt
        Whether the run's networks have learnt; random weights change nothing of others.

    Returns
    -------
    dict
        ``learnt``; ``rows``, an explainer each: its ``name``, and the overlap of a trained
        network's list with that of ``another`` trained network, and with its own after the
        ``output`` layer, and the ``hidden`` layer too, were drawn anew, and ``untrained``; names of
        those whose list shares with a random network at least `STAYS` of what it shares with
        another trained one (``stays``); names of those whose rank correlation over all genes is as
        high with a random network as with another trained one (``ranks``), and the median of both
        among these (``random_rank``, ``trained_rank``).
    """
    single = table[table["models"] == ONE]
    means, ranks = (
        single.groupby(["explainer", "kind"], sort=False)[column].mean().unstack("kind")
        for column in ("overlap", "spearman")
    )
    known = means.reindex(columns=[ANOTHER, OUTPUT, HIDDEN, UNTRAINED]).astype(float)
    stays = known[HIDDEN] >= STAYS * known[ANOTHER]
    ranks = ranks.reindex(columns=[ANOTHER, HIDDEN]).astype(float)
    as_high = ranks[HIDDEN] >= ranks[ANOTHER] - SIMILAR
    as_high &= ranks[HIDDEN] > SIMILAR
    return {
        "learnt": learnt,
        "rows": [
            {"name": str(name)} | {str(kind): float(value) for kind, value in row.items()}
            for name, row in known.iterrows()
        ],
        "stays": [str(name) for name in known.index[stays]],
        "ranks": [str(name) for name in ranks.index[as_high]],
        "random_rank": float(ranks.loc[as_high, HIDDEN].median()),
        "trained_rank": float(ranks.loc[as_high, ANOTHER].median()),
    }
