from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.biology import (
    SPECIFIC_GROUPS,
    SpecificityRule,
    specific_counts,
    specific_genes,
    tau,
    tissue_specificity,
)
from helpers.biology.specificity import (
    enhanced_genes,
    own_tissue_specificity,
    specific_definitions,
)
from helpers.errors import BadInputError, UnknownNameError


def frame(*rows: list[float]) -> pd.DataFrame:
    names = [f"T{i}" for i in range(len(rows[0]))]
    return pd.DataFrame(rows, [f"G{i}" for i in range(len(rows))], names)


def groups(*rows: list[float], **rule: float) -> list[tuple[str, list[str]]]:
    """Group and tissues of each gene."""
    table = tissue_specificity(frame(*rows), SpecificityRule(**rule))
    each = table.groupby("gene", sort=False)
    assert (each["group"].nunique() == 1).all()
    return [(part["group"].iloc[0], part["tissue"].tolist()) for _, part in each]


def test_each_group() -> None:
    zeros = [0.0] * 7
    assert groups(
        [0.9] * 10,
        [10, 2, *[1.0] * 8],
        [0.5, 10, 8, 1.0, *[0.5] * 6],
        [3, 2.0, *[1.0] * 8],
        [20, 20, 20, 20, 20, 20, 20, 20, 0, 0],
        [30, 6.1, 6.1, *zeros],
        [1, 0.9, 0.9, 0.9, *[0.9] * 6],
    ) == [
        ("not_expressed", ["all"]),
        ("tissue_enriched", ["T0"]),
        ("group_enriched", ["T1", "T2"]),
        ("expressed_in_all", ["all"]),
        ("mixed", ["all"]),
        ("group_enriched", ["T0", "T1", "T2"]),
        ("mixed", ["all"]),
    ]


def test_enhanced_needs_expression_and_five_times_the_mean() -> None:
    # Eight candidates are too many for a group; the first is above five times the mean of 4.5.
    row = [30, *[7.0] * 7, *[0.5] * 12]
    assert groups(row) == [("tissue_enhanced", ["T0"])]
    assert groups(row, fold=8) == [("mixed", ["all"])]
    assert groups([x / 40 for x in row]) == [("not_expressed", ["all"])]


def test_thresholds_count_as_reached() -> None:
    assert groups([5, 1, 1.0])[0][0] == "tissue_enriched"
    assert groups([0.3, 0.1, 0.1], expressed=0.3, fold=3)[0][0] == "tissue_enriched"
    assert groups([1.0, 1, 1])[0][0] == "expressed_in_all"


def test_a_group_is_compared_with_the_next_tissue() -> None:
    assert groups([10, 9, 8, 0.1], most=3) == [("group_enriched", ["T0", "T1", "T2"])]
    assert groups([10, 9, 8, 0.1], most=2) == [("mixed", ["all"])]
    # All three tissues would be the group: there is no next one.
    assert groups([10, 9, 8]) == [("expressed_in_all", ["all"])]


def by_hand(values: list[float], names: list[str]) -> set[tuple[str, str]]:
    """The rule gene by gene, as TissueEnrich's loop goes."""
    order = sorted(range(len(values)), key=lambda i: -values[i])
    x = [values[i] for i in order]
    if x[0] < 1:
        return {("all", "not_expressed")}
    if x[0] >= 5 * x[1]:
        return {(names[order[0]], "tissue_enriched")}
    candidates = sum(v >= 1 and 5 * v >= x[0] for v in x)
    if 2 <= candidates <= 7:
        for i in range(2, candidates + 1):
            if i < len(x) and sum(x[:i]) >= 5 * i * x[i]:
                return {(names[order[j]], "group_enriched") for j in range(i)}
    if x[-1] >= 1:
        return {("all", "expressed_in_all")}
    total = sum(x)
    above = {
        (names[i], "tissue_enhanced")
        for i, v in enumerate(values)
        if v >= 1 and v * len(values) >= 5 * total
    }
    return above or {("all", "mixed")}


# Whole numbers and quarters: sums are exact, so both ways see the same thresholds.
QUARTERS = hnp.arrays(
    float,
    st.tuples(st.just(5), st.integers(2, 12)),
    elements=st.integers(0, 200).map(lambda i: i / 4),
)


@given(QUARTERS)
def test_vectorised_is_gene_by_gene(values: np.ndarray) -> None:
    table = frame(*values.tolist())
    found = tissue_specificity(table)
    for gene, row in table.iterrows():
        rows = found[found["gene"] == gene]
        expected = by_hand(row.tolist(), table.columns.tolist())
        assert set(zip(rows["tissue"], rows["group"], strict=True)) == expected


@given(QUARTERS)
def test_order_of_tissues_and_genes_changes_nothing(values: np.ndarray) -> None:
    table = frame(*values.tolist())
    # Equal values at the edge of a group are told apart by the order of tissues.
    table += np.arange(table.size).reshape(table.shape) / 1e4
    turned = tissue_specificity(table.iloc[::-1, ::-1])
    keys = ["gene", "tissue", "group"]
    pd.testing.assert_frame_equal(
        tissue_specificity(table).sort_values(keys, ignore_index=True),
        turned.sort_values(keys, ignore_index=True),
    )


@pytest.mark.real
def test_published_groups_are_found(shared_data: Path) -> None:
    folder = shared_data / "annotations" / "tissueenrich"
    if not folder.is_dir():
        pytest.skip(f"TissueEnrich's tables are not at {folder}")
    means = pd.read_csv(folder / "tissueenrich_hpa_mean_expression.tsv.gz", sep="\t", index_col=0)
    published = pd.read_csv(folder / "tissueenrich_hpa_tissue_specific_genes.tsv.gz", sep="\t")
    found = tissue_specificity(means.drop(columns="symbol"))
    published["group"] = published["group"].str.lower().str.replace("-", "_")
    published["tissue"] = published["tissue"].replace("All", "all")
    keys = ["gene", "tissue", "group"]
    both = found.merge(published[keys], how="outer", indicator=True)
    differ = both[both["_merge"] != "both"]
    assert len(means) == found["gene"].nunique() == published["gene"].nunique() == 19_613
    # COL4A6 in endometrium is exactly at the threshold: see `tissue_specificity`.
    assert differ[keys].to_numpy().tolist() == [
        ["ENSG00000197565", "Endometrium", "tissue_enhanced"]
    ]


def test_tau_is_yanais() -> None:
    table = frame([8.0, 8, 8], [7, 0, 0], [7, 1, 0], [0, 0, 0])
    found = tau(table)
    # log2(TPM + 1): 3, 1, 0 → (0 + 2/3 + 1) / 2.
    assert found.tolist()[:3] == pytest.approx([0, 1, 5 / 6])
    assert np.isnan(found.iloc[3])
    assert found.index.equals(table.index)


@given(QUARTERS)
def test_tau_is_between_0_and_1(values: np.ndarray) -> None:
    found = tau(frame(*values.tolist())).dropna()
    assert found.between(0, 1).all()


def test_sets_of_specific_genes_and_their_union() -> None:
    table = tissue_specificity(frame([10, 1, 1.0], [10, 10, 0.5], [2, 2, 2.0]))
    sets = specific_genes(table)
    assert sets.to_numpy().tolist() == [
        ["tissue_enriched", "T0", "G0"], ["group_enriched", "T0", "G1"],
        ["group_enriched", "T1", "G1"], ["tissue_specific", "T0", "G0"],
        ["tissue_specific", "T0", "G1"], ["tissue_specific", "T1", "G1"],
    ]  # fmt: skip
    only = specific_genes(table, ["tissue_enriched"])
    assert only["set"].tolist() == ["tissue_enriched", "tissue_specific"]
    counts = specific_counts(table)
    assert counts.columns.tolist() == ["tissue", "group", "genes"]
    assert len(counts) == 2 * len(SPECIFIC_GROUPS)
    wide = counts.pivot(index="group", columns="tissue", values="genes")
    assert wide.loc["group_enriched"].tolist() == [1, 1]
    assert wide.loc["tissue_enriched"].tolist() == [1, 0]
    assert wide.loc["tissue_enhanced"].tolist() == [0, 0]
    with pytest.raises(UnknownNameError, match="group of tissue-specific genes 'mixed'"):
        specific_genes(table, ["mixed"])


def test_bad_input() -> None:
    with pytest.raises(BadInputError, match="A tissue is called 'all'"):
        tissue_specificity(frame([1.0, 2]).rename(columns={"T0": "all"}))
    with pytest.raises(BadInputError, match="gene 'G0' in 'T1' is -2"):
        tissue_specificity(frame([1.0, -2]))
    with pytest.raises(BadInputError, match="at least 2 tissues"):
        tau(frame([1.0]))


def made(**levels: list[float]) -> pd.DataFrame:
    """TPM of genes in liver, its tumour, lung and twelve other tissues with 1 TPM each."""
    names = ["liver", "TCGA_LIHC", "lung", *(f"t{i}" for i in range(12))]
    rows = {gene: [*values, *[1.0] * 12] for gene, values in levels.items()}
    return pd.DataFrame(rows, index=names).T


SHARED_WITH_TUMOURS = made(
    alone=[900, 1, 1], with_tumour=[900, 800, 1], some=[30, 1, 25], lung=[1, 1, 90], low=[1, 1, 1]
)


def test_a_gene_that_the_tumour_shares_is_enhanced_whatever_its_group() -> None:
    """TissueEnrich's groups exclude each other: the strongest genes are not tissue-enhanced."""
    found = specific_definitions(SHARED_WITH_TUMOURS, {"liver": ["TCGA_LIHC"], "lung": []})
    sets = found.groupby(["set", "tissue"])["gene"].agg(set).to_dict()
    assert sets["tissue_enriched", "liver"] == {"alone"}
    assert sets["group_enriched", "liver"] == {"with_tumour", "some"}
    assert ("tissue_enhanced", "liver") not in sets
    assert sets["enhanced", "liver"] == {"alone", "with_tumour", "some"}
    assert sets["tissue_specific", "liver"] == {"alone", "with_tumour", "some"}
    # Without its tumour the second gene is liver's alone.
    assert sets["enhanced_without_tumours", "liver"] == {"alone", "with_tumour", "some"}
    apart = tissue_specificity(SHARED_WITH_TUMOURS.drop(columns="TCGA_LIHC")).set_index("gene")[
        "group"
    ]
    assert apart["with_tumour"] == "tissue_enriched"
    assert sets["tissue_specific_without_tumours", "lung"] == sets["tissue_specific", "lung"]
    assert "t0" not in set(found["tissue"])


def test_enhanced_is_five_times_the_mean_and_expressed() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        rng.gamma(0.2, 20, (300, 8)), index=[f"g{i}" for i in range(300)], columns=list("abcdefgh")
    )
    found = enhanced_genes(table)
    wide = table.ge(1) & table.ge(5 * table.mean(axis=1), axis=0)
    pairs = wide.stack()
    assert set(zip(found["gene"], found["tissue"], strict=True)) == set(pairs[pairs].index)
    groups = tissue_specificity(table)
    narrow = groups[groups["group"] == "tissue_enhanced"]
    assert set(zip(narrow["gene"], narrow["tissue"], strict=True)) <= set(
        zip(found["gene"], found["tissue"], strict=True)
    )


def test_specificity_to_a_tissue_is_a_cosine() -> None:
    table = pd.DataFrame(
        {"a": [3.0, 7, 0, 0], "b": [0.0, 7, 1, 0], "c": [0.0, 7, 0, 0]},
        index=["own", "even", "other", "none"],
    )
    found = own_tissue_specificity(table)
    assert found.loc["own"].tolist() == [1, 0, 0]
    assert found.loc["even"].tolist() == pytest.approx([3**-0.5] * 3)
    assert found.loc["other", "a"] == 0
    assert (found.loc["none"] == 0).all()
    # tau is as high for a gene of another tissue.
    assert tau(table)["own"] == tau(table)["other"] == 1
    known = (found.drop(index="none") ** 2).sum(axis=1)
    assert known.tolist() == pytest.approx([1] * 3)
