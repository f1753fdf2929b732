"""Steps: cancers and the normal tissue that they are compared with (Figure 5A)."""

from __future__ import annotations

import pandas as pd

from helpers.biology.batch_effects import laboratory_effect
from helpers.biology.differential import cancer_differential
from helpers.biology.pairs import LEFT_OUT_COLUMNS, cancer_pairs, pairs_left_out
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step

NOT_ITS_OWN = "the data have only a nearest normal tissue, not its own"
NOT_EXPLAINED = "its normal tissue is not among those explained"


def make_pairs(context: Context) -> pd.DataFrame:
    """Pair the explained tissues with the cancers of their organ."""
    pairs = cancer_pairs(context["data/expression"].obs)
    return pairs[_comparable(context, pairs)].reset_index(drop=True)


def make_left_out(context: Context) -> pd.DataFrame:
    """Name the cancers that are not compared with a normal tissue, and why."""
    obs = context["data/expression"].obs
    pairs = cancer_pairs(obs)
    apart = pairs[~_comparable(context, pairs)].rename(columns={"cancer": "tissue"})
    nearest = apart["tissue"].isin(context.dataset.nearest_organ)
    apart["reason"] = nearest.map({True: NOT_ITS_OWN, False: NOT_EXPLAINED})
    tables = [pairs_left_out(obs), apart[LEFT_OUT_COLUMNS]]
    table = pd.concat([part.astype(object) for part in tables]).drop_duplicates()
    return table.sort_values(["reason", "tissue"], ignore_index=True)


def _comparable(context: Context, pairs: pd.DataFrame) -> pd.Series:
    explained = set(context["tables/explained"]["tissue"])
    return pairs["normal"].isin(explained) & ~pairs["cancer"].isin(context.dataset.nearest_organ)


def make_de(context: Context) -> pd.DataFrame:
    """Test every gene between normal tissue and cancer."""
    return cancer_differential(context["data/expression"], context["tables/cancer_pairs"])


def make_batch_effects(context: Context) -> pd.DataFrame:
    """Count genes that differ between studies of one normal tissue, beside those in cancer."""
    return laboratory_effect(context["data/expression"])


STEPS = (
    table_step(
        "cancer_pairs",
        make_pairs,
        "Pairing tissues and cancers",
        inputs=("data/expression", "tables/explained"),
    ),
    table_step(
        "cancer_left_out",
        make_left_out,
        "Pairing tissues and cancers",
        inputs=("data/expression", "tables/explained"),
    ),
    table_step(
        "cancer_de",
        make_de,
        "Comparing cancer with normal tissue",
        inputs=("data/expression", "tables/cancer_pairs"),
    ),
    table_step(
        "batch_effects",
        make_batch_effects,
        "Comparing studies",
        inputs=("data/expression",),
    ),
)
