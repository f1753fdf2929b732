from __future__ import annotations

import pandas as pd
import pytest

from helpers.biology.markers import CANDIDATE_COLUMNS, cancer_candidates
from helpers.errors import BadInputError

DE = pd.DataFrame(
    {
        "normal": "liver", "cancer": "TCGA_LIHC", "gene": ["ALB", "GPC3", "TP53", "X"],
        "fold_change": [-2.0, 5.0, 0.1, 0.0], "p": 0.1, "fdr": [1e-9, 1e-12, 0.5, 1.0],
        "direction": ["down", "up", "none", "none"], "n_normal": 9, "n_cancer": 9,
    }
)  # fmt: skip
LISTS = pd.DataFrame(
    [("liver", 1, "ALB"), ("liver", 2, "TP53"), ("TCGA_LIHC", 1, "GPC3"), ("TCGA_LIHC", 2, "TP53")],
    columns=["tissue", "rank", "gene"],
).assign(architecture="mlp", explainer="DeepLift", aggregated=True)
ROLES = pd.DataFrame({"gene": ["TP53"], "role": ["suppressor"]})


def test_both_ranks_and_the_change_stand_beside_each_other() -> None:
    table = cancer_candidates(LISTS, DE, ROLES)
    assert table.columns.tolist() == CANDIDATE_COLUMNS
    rows = table.set_index("gene")
    assert list(rows.index) == ["ALB", "GPC3", "TP53"]
    assert rows["rank_normal"].dropna().to_dict() == {"ALB": 1, "TP53": 2}
    assert rows["rank_cancer"].dropna().to_dict() == {"GPC3": 1, "TP53": 2}
    assert rows["group"].to_dict() == {"ALB": "normal_only", "GPC3": "cancer_only", "TP53": "both"}
    assert rows.loc["GPC3", ["fold_change", "fdr", "direction"]].tolist() == [5.0, 1e-12, "up"]
    assert rows["role"].tolist() == ["none", "none", "suppressor"]


def test_without_pairs_the_table_is_empty() -> None:
    table = cancer_candidates(LISTS, DE.iloc[:0])
    assert table.empty
    assert table.columns.tolist() == CANDIDATE_COLUMNS


def test_lists_without_ranks_are_refused() -> None:
    with pytest.raises(BadInputError, match="no column 'rank'"):
        cancer_candidates(LISTS.drop(columns="rank"), DE)
