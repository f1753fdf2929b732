"""Rules on shared top genes: each verdict on overlaps that were made to give it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from verdicts import check

from helpers.claims.judging import Verdict
from helpers.claims.rulebook import RULES
from helpers.explain import EXPLAINERS
from helpers.stability import PAPER_MEMBERS, split_name

TISSUES = ("liver", "lung", "ovary")
NAMES = [
    f"{architecture}:{explainer}:{how}"
    for architecture in ("cnn", "mlp")
    for explainer, entry in EXPLAINERS.items()
    if architecture in entry.architectures
    for how in ("single", "aggregated")
]
EXPRESSION = pd.DataFrame({"size": [100], "genes": [20000]})


def kind(a: str, b: str) -> str:
    """Name the relation of a pair: architectures, aggregation, and whether explainers agree."""
    (first, e1, h1), (second, e2, h2) = split_name(a), split_name(b)
    if first != second:
        return "mixed"
    how = {(False, False): "single", (True, True): "both"}.get((h1, h2), "with_and_without")
    same = "_same" if how == "with_and_without" and e1 == e2 else ""
    return f"{first}_{how}{same}"


def consistency(default: float = 0.3, within: float = 0.0, **levels: float) -> pd.DataFrame:
    """Overlaps by kind of pair; two explainers of one single model share more by `within`."""
    rng = np.random.default_rng(0)
    rows = [
        (a, b, tissue, levels.get(kind(a, b), default) + rng.uniform(0, 0.005))
        for a, b in combinations(NAMES, 2)
        for tissue in TISSUES
    ]
    table = pd.DataFrame(rows, columns=["a", "b", "tissue", "overlap"])
    one = [
        kind(a, b) in ("cnn_single", "mlp_single") for a, b in zip(table.a, table.b, strict=True)
    ]
    return table.assign(
        same_model=table["overlap"].where(~np.array(one), table["overlap"] + within)
    )


def judge(name: str, **tables: pd.DataFrame) -> Verdict:
    return check(RULES[name].judge(tables))


@pytest.mark.parametrize(
    ("cnn", "mlp", "verdict"),
    [(0.5, 0.6, "reproduced"), (0.1, 0.6, "partly"), (0.1, 0.2, "not_reproduced")],
)
def test_aggregation_raises_overlap(cnn: float, mlp: float, verdict: str) -> None:
    table = consistency(cnn_single=0.3, mlp_single=0.4, cnn_both=cnn, mlp_both=mlp)
    found = judge("C1", consistency=table)
    assert found.verdict == verdict
    assert found.observed == pytest.approx(min(cnn - 0.3, mlp - 0.4), abs=0.01)


def test_explainers_are_compared_within_one_model() -> None:
    """Over all pairs of models lists share less: that is not what aggregation adds."""
    table = consistency(within=0.3, cnn_single=0.1, mlp_single=0.2, cnn_both=0.3, mlp_both=0.4)
    found = judge("C1", consistency=table)
    assert found.verdict == "not_reproduced"
    assert "CNN: 40% within one single model (10% over all pairs), 30% with" in found.reason


def held_out(overlap: float) -> pd.DataFrame:
    """Single CNNs with averages that they are no part of; MLPs must not count."""
    names = [name for name, entry in EXPLAINERS.items() if "cnn" in entry.architectures]
    rows = [
        (architecture, a, b, model, tissue, overlap if architecture == "cnn" else 0.9)
        for architecture in ("cnn", "mlp")
        for a, b in combinations(names, 2)
        for model in range(3)
        for tissue in TISSUES
    ]
    columns = ["architecture", "explainer", "other", "model", "tissue", "overlap"]
    return pd.DataFrame(rows, columns=columns)


def test_a_single_cnn_needs_others_to_be_compared_with() -> None:
    found = judge("C3", held_out=held_out(0.5).query("architecture == 'mlp'"),
                  expression=EXPRESSION)  # fmt: skip
    assert found.verdict == "not_testable"
    assert "too few CNNs" in found.reason


@pytest.mark.parametrize(
    ("overlap", "verdict"), [(0.02, "reproduced"), (0.08, "partly"), (0.2, "not_reproduced")]
)
def test_nothing_is_shared(overlap: float, verdict: str) -> None:
    mixed = judge("C2", consistency=consistency(mixed=overlap), expression=EXPRESSION)
    own = judge("C3", held_out=held_out(overlap), expression=EXPRESSION)
    assert (mixed.verdict, own.verdict) == (verdict, verdict)
    few_genes = EXPRESSION.assign(genes=500)
    assert judge("C2", consistency=consistency(mixed=0.22), expression=few_genes).verdict == (
        "reproduced"
    )


def test_lists_with_and_without_aggregation() -> None:
    high = consistency(mlp_with_and_without_same=0.7)
    assert judge("C4", consistency=high).verdict == "reproduced"
    low = {f"mlp:{name}:single" for name in ("Saliency", "DeepLift")}
    some = high.assign(overlap=high["overlap"].where(~high["a"].isin(low), 0.2))
    assert judge("C4", consistency=some).verdict == "partly"
    assert judge("C4", consistency=consistency(0.3)).verdict == "not_reproduced"


def shared(mlp: float, cnn: float) -> pd.DataFrame:
    rows = [
        (architecture, explainer, tissue, f"{tissue}{i}", times, 50.0, 0.3 + (times > 1) * gain)
        for architecture, gain in (("mlp", mlp), ("cnn", cnn))
        for explainer in ("Saliency", "DeepLift")
        for tissue in TISSUES
        for i in range(2)
        for times in (1, 2, 3)
    ]
    columns = ["architecture", "explainer", "tissue", "sample", "shared_by", "genes", "overlap"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("mlp", "cnn", "verdict"),
    [(0.2, 0.0, "reproduced"), (0.2, 0.2, "partly"), (0.01, 0.2, "not_reproduced")],
)
def test_shared_genes(mlp: float, cnn: float, verdict: str) -> None:
    found = judge("C5", shared_genes=shared(mlp, cnn))
    assert found.verdict == verdict
    assert found.observed == pytest.approx(mlp)


def test_models_that_share_nothing_gain_nothing_by_sharing() -> None:
    table = shared(0.2, 0.2)
    nothing = (table["architecture"] == "cnn") & (table["shared_by"] > 1)
    table["overlap"] = table["overlap"].where(~nothing)
    # Without a shared gene there is no share of them; a missing share of some is a fault.
    assert judge("C5", shared_genes=table).verdict == "not_testable"
    table["genes"] = table["genes"].where(~nothing, 0.0)
    assert judge("C5", shared_genes=table).verdict == "reproduced"
    alone = judge("C5", shared_genes=table[table["architecture"] == "mlp"])
    assert alone.verdict == "not_testable"


def grouped(labels: dict[str, str]) -> pd.DataFrame:
    table = consistency(0.05)
    first, second = (table[side].map(lambda name: labels.get(name, "rest")) for side in "ab")
    return table.assign(overlap=table["overlap"].where(first != second, 0.8))


def test_groups_are_recovered() -> None:
    groups = PAPER_MEMBERS
    assert judge("C6", consistency=grouped(PAPER_MEMBERS)).verdict == "reproduced"
    away = {name: "II" if name == "mlp:Saliency:aggregated" else g for name, g in groups.items()}
    partly = judge("C6", consistency=grouped(away))
    assert partly.verdict == "partly"
    assert "theirs: mlp:Saliency:aggregated" in partly.reason
    assert "where one tissue is left out" in partly.reason
    two = {name: "I" if group == "I" else "II" for name, group in groups.items()}
    alone = judge("C6", consistency=grouped(two))
    assert alone.verdict == "not_reproduced"
    assert "Index 0.70, and 0.70 for who knows CNN from MLP" in alone.reason
    mixed = {name: str(i % 3) for i, name in enumerate(PAPER_MEMBERS)}
    assert judge("C6", consistency=grouped(mixed)).verdict == "not_reproduced"
    few = grouped(PAPER_MEMBERS)
    few = few[~few["a"].isin(PAPER_MEMBERS) & ~few["b"].isin(PAPER_MEMBERS)]
    assert judge("C6", consistency=few).verdict == "not_testable"


@pytest.mark.parametrize("group", ["I", "II", "III"])
def test_three_groups_take_members_of_all_three(group: str) -> None:
    table = grouped(PAPER_MEMBERS)
    own = [name for name, found in PAPER_MEMBERS.items() if found == group]
    found = judge("C6", consistency=table[~table["a"].isin(own) & ~table["b"].isin(own)])
    assert found.verdict == "not_testable"
    assert f"No member of the paper's group {group} was explained" in found.reason
