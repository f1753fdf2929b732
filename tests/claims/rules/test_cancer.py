"""Each rule on cancer gives each verdict on tables that are made to call for it."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from verdicts import check

from helpers.biology.cancer import SEGREGATION_COLUMNS, SHARE_COLUMNS
from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.judging import Verdict
from helpers.claims.ledger import claims
from helpers.claims.rulebook import PLAIN_RULES as RULES
from helpers.claims.rules.cancer import CANCER_RULES, mean_share_ii
from helpers.claims.rules.shared_cancer import SHARED_CANCER_RULES

OWN = CANCER_RULES | SHARED_CANCER_RULES
PAIRS = [("liver", "TCGA_LIHC"), ("lung", "TCGA_LUAD"), ("ovary", "TCGA_OV")]
MEMBERS = {
    "II": ("DeepLift", "DeepLiftShap", "InputXGradient", "IntegratedGradients"),
    "III": ("GuidedBackprop", "Saliency"),
}


def judge(name: str, **tables: pd.DataFrame) -> Verdict:
    # As in a run, a rule sees the columns that are declared for it and no others.
    seen = {key: tables[key].filter(items=TABLE_COLUMNS[key]) for key in RULES[name].tables}
    found = RULES[name].judge(seen)
    assert "nan" not in found.reason
    return check(found)


def test_all_statements_on_cancer_have_a_rule() -> None:
    assert set(OWN) == {f"K{number}" for number in range(1, 10)}
    assert set(OWN) <= set(claims()) & set(RULES)
    assert all(rule.fair and rule.statistic and rule.expected for rule in OWN.values())


def shares(values: dict[str, list[float]], chance: float = 0.3) -> pd.DataFrame:
    rows = [
        ("mlp", explainer, True, tissue, *pair, 100 * share, 100, share, chance, share / chance)
        for group, found in values.items()
        for explainer in MEMBERS[group]
        for pair, share in zip(PAIRS, found, strict=True)
        for tissue in pair[:1]
    ]
    table = pd.DataFrame(rows, columns=[*SHARE_COLUMNS[:11]])
    # A list of the cancer, which must not count.
    other = table.assign(tissue=table["cancer"], share=0.0, fold=0.0)
    return pd.concat([table, other]).assign(fold_low=0.5, fold_high=3.0, p=0.01)


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("K1", {"II": [0.5, 0.6, 0.7]}, "reproduced"),
        ("K1", {"II": [0.5, 0.6, 0.9]}, "partly"),
        ("K1", {"II": [0.5, 0.1, 0.9]}, "not_reproduced"),
        ("K2", {"II": [0.5, 0.6, 0.7]}, "reproduced"),
        ("K2", {"II": [0.35, 0.5, 0.55]}, "partly"),
        # Folds of 1.2, 1.2 and 3.6 are 2 in the mean, and none of them is about 2.
        ("K2", {"II": [0.36, 0.36, 1.08]}, "not_reproduced"),
        ("K3", {"III": [0.4, 0.45, 0.5]}, "reproduced"),
        ("K3", {"III": [0.4, 0.45, 0.7]}, "partly"),
        ("K3", {"III": [0.3, 0.3, 0.3]}, "not_reproduced"),
        ("K3", {"III": [0.1, 0.45, 0.7]}, "not_reproduced"),
    ],
)
def test_shares_that_differ(name: str, values: dict, verdict: str) -> None:
    assert judge(name, cancer_shares=shares(values)).verdict == verdict


@pytest.mark.parametrize(
    ("values", "observed"), [([0.5, 0.6, 0.7], 1.0), ([0.5, 0.3, 0.9], 1 / 3), ([0.1] * 3, 0.0)]
)
def test_the_number_that_is_judged_is_the_one_that_is_printed(
    values: list[float], observed: float
) -> None:
    """Not the mean of pairs, which lies in the range whatever each of them does."""
    found = judge("K1", cancer_shares=shares({"II": values}))
    assert found.observed == pytest.approx(observed)
    assert f"As stated in {round(3 * observed)} of 3 pairs" in found.reason
    assert f"mean of pairs, {sum(values) / 3:.2f}" in found.reason
    assert (found.n, found.unit) == (3, "pairs")
    # Networks that learnt shuffled labels are compared by the mean share.
    assert mean_share_ii({"cancer_shares": shares({"II": values})}) == pytest.approx(
        sum(values) / 3
    )


def test_pairs_in_which_no_gene_differs_have_no_fold() -> None:
    table = shares({"II": [0.5, 0.6, 0.7]})
    none = table["normal"] == "ovary"
    table = table.assign(
        chance=table["chance"].mask(none, 0.0), fold=table["fold"].mask(none), share=0.5
    )
    found = judge("K2", cancer_shares=table)
    assert (found.verdict, found.n) == ("reproduced", 2)
    odd = table.assign(fold=table["fold"].mask(table["normal"] == "lung"))
    assert judge("K2", cancer_shares=odd).verdict == "not_testable"


def directions(group: str, counts: dict[str, tuple[int, int]], pairs: int = 3) -> pd.DataFrame:
    """Genes of each pair by group: how many go down and how many up."""
    rows = [
        ("mlp", explainer, True, *pair, f"{where}{way}{i}", where, 1.0, way)
        for explainer in MEMBERS[group]
        for pair in PAIRS[:pairs]
        for where, numbers in counts.items()
        for way, number in zip(("down", "up"), numbers, strict=True)
        for i in range(number)
    ]
    return pd.DataFrame(rows, columns=SEGREGATION_COLUMNS)


APART = {"normal_only": (20, 2), "cancer_only": (1, 15), "both": (5, 5)}
MIXED = {"normal_only": (5, 5), "cancer_only": (5, 5)}
WRONG = {"normal_only": (2, 20), "cancer_only": (15, 1)}


def test_separation_of_group_ii() -> None:
    assert judge("K4", segregation=directions("II", APART)).verdict == "reproduced"
    one_odd = pd.concat([directions("II", WRONG, 1), directions("II", APART, 3).query(
        "cancer != 'TCGA_LIHC'")])  # fmt: skip
    odd = judge("K4", segregation=one_odd)
    assert (odd.verdict, odd.n, odd.unit) == ("partly", 3, "normal tissues")
    assert judge("K4", segregation=directions("II", WRONG)).verdict == "not_reproduced"
    single = judge("K4", segregation=directions("II", APART, 1))
    assert math.isnan(single.ci_low)
    assert "of one of the normal tissues there is no interval" in single.reason


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        (MIXED, "reproduced"),
        ({"normal_only": (7, 5), "cancer_only": (3, 5)}, "reproduced"),
        ({"normal_only": (7, 3), "cancer_only": (3, 7)}, "partly"),
        (APART, "not_reproduced"),
        ({"both": (5, 5)}, "not_testable"),
        ({"normal_only": (5, 5)}, "not_testable"),
    ],
)
def test_separation_of_group_iii(counts: dict, verdict: str) -> None:
    table = pd.concat([directions("II", APART), directions("III", counts)])
    assert judge("K6", segregation=table).verdict == verdict


LISTS = pd.DataFrame({"rank": [1, 100]})


@pytest.mark.parametrize(
    ("cancer", "normal", "verdict"),
    [
        ([5, 5, 90, 5], [9000, 101, 5000, 3000], "reproduced"),
        ([5, 5, 90, 5], [9, 9, 101, 9], "partly"),
        ([150, 200, 300, 180], [9000, 201, 5000, 3000], "partly"),
        ([150, 200, 300, 180], [9000, 20, 5000, 3000], "not_reproduced"),
    ],
)
def test_the_rank_of_the_marker(cancer: list[int], normal: list[int], verdict: str) -> None:
    rows = [
        (explainer, tissue, "GPC3", rank, 19000)
        for tissue, ranks in (("TCGA_LIHC", cancer), ("liver", normal))
        for explainer, rank in zip(MEMBERS["II"], ranks, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["explainer", "tissue", "gene", "rank", "genes"])
    assert judge("K5", marker_ranks=table, top_genes=LISTS).verdict == verdict
    normal_only = table[table["tissue"] == "liver"]
    found = judge("K5", marker_ranks=normal_only, top_genes=LISTS)
    assert found.verdict == "not_testable"
    assert "TCGA_LIHC" in found.reason


def shared(genes: dict[str, int], cancers: int = 33, roles: dict | None = None) -> pd.DataFrame:
    """Genes by the number of cancers that share them."""
    rows = [
        (gene, f"TCGA_{(start + i) % cancers:02d}", 2, types, (roles or {}).get(gene, "none"))
        for start, (gene, types) in enumerate(genes.items())
        for i in range(types)
    ]
    return pd.DataFrame(rows, columns=["gene", "cancer", "samples", "types", "role"])


def tumour_lists(types: int = 33) -> pd.DataFrame:
    names = [f"TCGA_{i:02d}" for i in range(types)]
    return pd.DataFrame([(name, f"{name}-{s}", "X") for name in names for s in range(3)],
                        columns=["tissue", "sample", "gene"])  # fmt: skip


@pytest.mark.parametrize(
    ("count", "verdict"), [(1200, "reproduced"), (700, "partly"), (100, "not_reproduced")]
)
def test_the_number_of_shared_genes(count: int, verdict: str) -> None:
    table = shared({f"G{i}": 1 + i % 3 for i in range(count)})
    tables = {"tumour_top_genes": tumour_lists(), "shared_cancer_genes": table}
    found = judge("K7", **tables)
    assert (found.verdict, found.observed) == (verdict, count)
    fewer = judge("K7", **tables | {"tumour_top_genes": tumour_lists(5)})
    assert fewer.verdict == "not_testable"


@pytest.mark.parametrize(
    ("one", "verdict"), [(80, "reproduced"), (52, "partly"), (30, "not_reproduced")]
)
def test_shared_genes_belong_to_one_cancer(one: int, verdict: str) -> None:
    table = shared({f"G{i}": 1 if i < one else 4 for i in range(100)})
    assert judge("K8", shared_cancer_genes=table).verdict == verdict


@pytest.mark.parametrize(
    ("genes", "verdict"),
    [
        ({"TP53": 5, "KRAS": 1, "SFRP2": 4}, "reproduced"),
        ({"TP53": 5, "KRAS": 1, "SFRP2": 1}, "partly"),
        ({"TP53": 5, "KRAS": 3}, "not_reproduced"),
        ({"TP53": 2, "KRAS": 1, "x": 3}, "not_reproduced"),
        ({"x": 5, "y": 1}, "not_testable"),
    ],
)
def test_known_cancer_genes(genes: dict[str, int], verdict: str) -> None:
    roles = {"TP53": "suppressor", "KRAS": "oncogene"}
    assert judge("K9", shared_cancer_genes=shared(genes, roles=roles)).verdict == verdict


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("suppressor", "; it is one of these known genes"),
        ("none", "; the list of cancer genes does not hold it"),
    ],
)
def test_the_role_of_the_example_is_told(role: str, said: str) -> None:
    roles = {"TP53": "suppressor", "KRAS": "oncogene", "SFRP2": role}
    table = shared({"TP53": 5, "KRAS": 1, "SFRP2": 4}, roles=roles)
    assert f"SFRP2 is shared by 4{said}" in judge("K9", shared_cancer_genes=table).reason


@pytest.mark.parametrize(("name", "members"), [("K4", 4), ("K6", 2)])
def test_it_is_said_that_a_gene_counts_once_for_each_explainer(name: str, members: int) -> None:
    table = pd.concat([directions("II", APART), directions("III", APART)])
    reason = judge(name, segregation=table).reason
    assert f"once for each of the {members} explainers" in reason


@pytest.mark.parametrize("name", OWN)
def test_without_pairs_or_tumours_nothing_can_be_judged(name: str) -> None:
    empty = {
        "cancer_shares": shares({"II": [0.5, 0.6, 0.7]}),
        "segregation": directions("II", APART),
        "marker_ranks": pd.DataFrame(columns=["explainer", "tissue", "gene", "rank", "genes"]),
        "tumour_top_genes": tumour_lists(),
        "shared_cancer_genes": shared({"x": 1}),
    }
    tables = {key: table.iloc[:0] for key, table in empty.items()}
    assert judge(name, **tables, top_genes=LISTS).verdict == "not_testable"
