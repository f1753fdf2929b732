from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.annotations import GeneList
from helpers.biology.hypergeometric import departure
from helpers.biology.regulators import REGULATOR_COLUMNS, regulators
from helpers.errors import BadInputError

MEASURED = [f"G{i}" for i in range(1000)]
FACTORS = GeneList(
    "transcription_factors", "go", "x", "x", frozenset([*MEASURED[:80], "elsewhere"])
)
COFACTORS = GeneList("cofactors", "go", "x", "x", frozenset(MEASURED[500:540]))


def top(lists: dict[str, list[str]]) -> pd.DataFrame:
    rows = [("mlp", "DeepLift", True, tissue, gene) for tissue, of in lists.items() for gene in of]
    return pd.DataFrame(rows, columns=["architecture", "explainer", "aggregated", "tissue", "gene"])


TOP = top({"ovary": [*MEASURED[:20], *MEASURED[200:280]], "liver": MEASURED[100:200]})


@given(
    st.integers(1, 60).flatmap(
        lambda total: st.tuples(
            st.just(total), st.integers(0, total), st.integers(1, total), st.integers(0, total)
        )
    )
)
def test_tails_are_those_of_fishers_exact_test(counts: tuple[int, int, int, int]) -> None:
    total, inside, size, hits = counts
    hits = min(max(hits, size + inside - total), size, inside)
    found = departure(hits, size, inside, total)
    table = [[hits, size - hits], [inside - hits, total - inside - size + hits]]
    for p, alternative in ((found.p_enriched, "greater"), (found.p_depleted, "less")):
        assert p == pytest.approx(stats.fisher_exact(table, alternative).pvalue, abs=1e-9)
    assert found.p_enriched + found.p_depleted > 1 - 1e-9
    if inside:
        assert found.fold_low <= found.fold <= found.fold_high
        assert found.fold == pytest.approx(hits / found.expected)
    else:
        assert np.isnan(found.fold)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draws = stats.hypergeom.rvs(1000, 150, 100, size=2000, random_state=0)
    intervals = {hits: departure(hits, 100, 150, 1000) for hits in set(draws.tolist())}
    covered = [intervals[hits].fold_low <= 1 <= intervals[hits].fold_high for hits in draws]
    assert np.mean(covered) >= 0.95


def test_regulators_are_counted_against_chance() -> None:
    table = regulators(TOP, [FACTORS, COFACTORS], MEASURED)
    assert list(table.columns) == REGULATOR_COLUMNS
    rows = table.set_index(["set", "tissue"])
    ovary = rows.loc[("transcription_factors", "ovary")]
    assert (ovary["hits"], ovary["size"]) == (20, 100)
    # The factor that is not measured does not count: 80 of 1,000 genes, 8 of 100 by chance.
    assert ovary["expected"] == pytest.approx(8)
    assert ovary["fold"] == pytest.approx(2.5)
    assert ovary["p_enriched"] == pytest.approx(stats.hypergeom.sf(19, 1000, 80, 100))
    liver = rows.loc[("transcription_factors", "liver")]
    assert (liver["fold"], liver["fold_low"]) == (0, 0)
    assert 0 < liver["fold_high"] < 1
    assert liver["p_depleted"] < 0.001
    assert liver["p_enriched"] == 1


def test_the_false_discovery_rate_is_over_the_lists_of_one_set() -> None:
    both = regulators(TOP, [FACTORS, COFACTORS], MEASURED)
    alone = regulators(TOP, [FACTORS], MEASURED)
    pd.testing.assert_frame_equal(
        both[both["set"] == "transcription_factors"].reset_index(drop=True), alone
    )
    p = np.minimum(1, 2 * alone[["p_enriched", "p_depleted"]].min(axis=1))
    np.testing.assert_allclose(alone["fdr"], stats.false_discovery_control(p))


def test_faults_are_named() -> None:
    with pytest.raises(BadInputError, match="top genes of lung by DeepLift hold X, not among"):
        regulators(top({"lung": ["G1", "X"]}), [FACTORS], MEASURED)
    with pytest.raises(BadInputError, match="same name and source"):
        regulators(TOP, [FACTORS, FACTORS], MEASURED)
    assert list(regulators(TOP.iloc[:0], [FACTORS], MEASURED).columns) == REGULATOR_COLUMNS
