"""Steps on consistency, expression and gene classes, on small scores; and odd input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.errors import BadInputError, MissingInputError
from helpers.explain import make_scores
from helpers.explain.explainers import explainers
from helpers.study import open_study
from helpers.study.top_genes import consistency, expression_status, left_out, specificity
from helpers.study.top_genes import lists as top_genes

GENES = [f"G{i:03d}" for i in range(60)]
TISSUES = ("liver", "lung")
CLASSES = (*TISSUES, "TCGA_LIHC")
K = 10


class FakeContext(dict[str, Any]):
    """Artefacts and settings as steps see them; families are dictionaries by member."""

    def __init__(self, settings: dict[str, Any], **artefacts: Any) -> None:
        super().__init__(artefacts)
        self.settings = SimpleNamespace(**settings)

    def members(self, name: str) -> list[str]:
        return list(self[name])

    def member(self, name: str, member: str) -> Any:
        return self[name][member]

    def each(self, name: str) -> Iterator[tuple[str, Any]]:
        yield from self[name].items()


def scores(seed: int, replicates: int | None = None, models: int = 3) -> Any:
    """One sample of liver and two of lung; each tissue has ten genes of its own."""
    rng = np.random.default_rng(seed)
    shape = (models, *([replicates] if replicates else []), 3, len(GENES))
    values = rng.normal(0, 0.3, size=shape)
    values[..., 0, :10] += 3
    values[..., 1:, 10:20] += 3
    return make_scores(
        values, models=list(range(models)), replicates=replicates, genes=GENES,
        samples=["a", "b", "c"], tissues=["liver", "lung", "lung"],
    )  # fmt: skip


def expression() -> anndata.AnnData:
    """One sample of liver, three of the others; gene 59 is the same everywhere, 58 silent."""
    tissues = ["liver", *["lung"] * 3, *["TCGA_LIHC"] * 3]
    values = np.random.default_rng(1).uniform(1, 3, size=(len(tissues), len(GENES)))
    values[0, :10] += 6
    values[1:4, 10:20] += 6
    values[:, 59], values[:, 58] = 4, 0
    obs = pd.DataFrame({"tissue": tissues}, index=[f"s{i}" for i in range(len(tissues))])
    return anndata.AnnData(values.astype(np.float32), obs=obs, var=pd.DataFrame(index=GENES))


@pytest.fixture
def context() -> FakeContext:
    settings = {
        "top": K, "rank_by": "absolute", "model_scale": "raw", "inter_models": 2,
        "matched_draws": 50, "seed": 0, "groups": "paper", "housekeeping_list": "",
        "transcription_factor_file": "", "cofactor_file": "",
        "specific_tpm": 1.0, "specific_fold": 5.0, "specific_most": 7,
    }  # fmt: skip
    made = FakeContext(settings, **{"data/expression": expression()})
    for number, name in enumerate(("mlp", "cnn")):
        names = explainers(name)
        made[f"scores/optimised_{name}"] = {
            explainer: scores(10 * number + i) for i, explainer in enumerate(names)
        }
        made["scores/unoptimised_" + ("mlp" if name == "mlp" else "cnn_orders")] = {
            f"{explainer}-{reference}": scores(100 + i, replicates=2)
            for i, explainer in enumerate(names)
            for reference in (
                ("zero", "universal") if explainer[:4] in ("Deep", "Inte") else ("none",)
            )
        }
    made["tables/classes"] = pd.DataFrame(
        {
            "class": CLASSES,
            "status": ["normal", "normal", "cancer"],
            "organ": ["liver", "lung", "liver"],
        }
    )
    made["tables/explained"] = pd.DataFrame(
        {"sample": ["a", "b", "c"], "tissue": ["liver", "lung", "lung"]}
    )
    made["tables/top_lists"] = top_genes.make_top_lists(made)
    made["data/tissues"] = expression_status.make_tissues(made)
    made["tables/consistency"] = consistency.make_consistency(made)
    made["tables/groups"] = consistency.make_groups(made)
    made["tables/group_members"] = consistency.make_group_members(made)
    made["tables/tissue_groups"] = specificity.make_tissue_groups(made)
    made["tables/specific_sets"] = specificity.make_specific_sets(made)
    made["tables/housekeeping_genes"] = specificity.make_housekeeping_genes(made)
    return made


def test_lists_of_single_models_and_of_all(context: FakeContext) -> None:
    lists = context["tables/top_lists"]
    keys = ["architecture", "explainer", "aggregated", "model", "tissue"]
    assert (lists.groupby(keys).size() == K).all()
    found = lists.drop_duplicates(["aggregated", "model"])[["aggregated", "model"]]
    assert found.to_numpy().tolist() == [[False, "0"], [False, "1"], [True, "all"]]
    best = lists[(lists["tissue"] == "liver") & lists["aggregated"]]
    assert set(best["gene"]) == set(GENES[:10])
    # The table of top genes is the same for the first model and for all.
    first = lists[lists["model"].isin(["0", "all"])].drop(columns="model").reset_index(drop=True)
    pd.testing.assert_frame_equal(first, top_genes.make_top_genes(context))


def test_ties_at_the_end_of_a_list_go_to_the_gene_that_comes_first(context: FakeContext) -> None:
    tied = scores(0).copy(data=np.ones((3, 3, len(GENES))))
    context["scores/optimised_mlp"] = {"Saliency": tied}
    context["scores/optimised_cnn"] = {}
    first, again = (top_genes.make_top_lists(context) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert set(first["gene"]) == set(GENES[:K])


def test_fewer_genes_than_a_list_holds_are_refused(context: FakeContext) -> None:
    context.settings.top = 61
    with pytest.raises(BadInputError, match="top 61 genes cannot be taken from 60"):
        top_genes.make_top_lists(context)


def test_consistency_has_every_pair_once(context: FakeContext) -> None:
    table = context["tables/consistency"]
    assert table.columns.tolist() == ["a", "b", "tissue", "overlap", "same_model"]
    assert len(table) == 28 * 27 / 2 * 2
    assert table["overlap"].between(0, 1).all()
    single = table["a"].str.endswith("single") & table["b"].str.endswith("single")
    within = single & (table["a"].str[:3] == table["b"].str[:3])
    assert table.loc[within, "same_model"].between(0, 1).all()


def test_group_members_have_one_representative_each(context: FakeContext) -> None:
    members = context["tables/group_members"]
    assert members.groupby("group").size().to_dict() == {"I": 5, "II": 4, "III": 2}
    chosen = members[members["representative"]].set_index("group")["combination"].to_dict()
    assert chosen["II"] == "mlp:DeepLift:aggregated"
    assert consistency.make_group_choice(context)["chosen"].sum() == 1


def test_shared_genes_leave_other_references_out(context: FakeContext) -> None:
    for architecture in ("mlp", "cnn"):
        optimised = context[f"scores/optimised_{architecture}"]
        for i, explainer in enumerate(optimised):
            optimised[explainer] = scores(i, models=5)
    table = consistency.make_shared_genes(context)
    combinations = table[["architecture", "explainer"]].drop_duplicates()
    assert len(combinations) == 14
    assert len(table) == 14 * 3 * 3  # explainers, samples, shared by 1 to 3 models
    # The planted genes stand out in every model, so what models share is the aggregated list.
    assert table.loc[table["shared_by"] == 3, "overlap"].min() > 0.9


def test_shared_genes_are_not_held_against_an_average_of_the_same_models(
    context: FakeContext,
) -> None:
    """Three models lack two others; of five, the first three shall not weigh on the average."""
    assert consistency.make_shared_genes(context).empty
    apart = scores(0, models=5)
    apart[:3, ..., 20:30] = 9.0
    saliency = scores(0, replicates=2)
    saliency[..., 20:30] = 9.0
    context["scores/optimised_cnn"] = {}
    context["scores/unoptimised_cnn_orders"] = {}
    context["scores/optimised_mlp"] = {"Saliency": apart}
    context["scores/unoptimised_mlp"] = {"Saliency-none": saliency}
    # What the three share is in none of the other two.
    assert consistency.make_shared_genes(context)["overlap"].eq(0).all()


def test_tissues_are_averaged_even_from_one_sample(context: FakeContext) -> None:
    tissues = context["data/tissues"]
    assert tissues.obs_names.tolist() == list(CLASSES)
    alone = np.exp2(context["data/expression"].X[0].astype(float)) - 1
    np.testing.assert_allclose(tissues.to_df().loc["liver"], alone)
    np.testing.assert_allclose(tissues.to_df(layer="median").loc["liver"], alone)


def test_expression_has_every_list(context: FakeContext) -> None:
    table = expression_status.make_expression(context)
    assert len(table) == 14 * 3 * 2  # explainers, two single models and all, tissues
    assert table.columns.tolist()[:8] == [
        "architecture", "explainer", "aggregated", "model", "tissue", "spearman",
        "spearman_absolute", "genes",
    ]  # fmt: skip
    own = table[table["aggregated"]]
    # The planted genes are also the highest expressed.
    assert (own["hits"] >= K - 1).all()
    assert (own["spearman"] > 0.1).all()
    assert table[["p", "fdr", "p_matched", "fdr_matched"]].notna().all(axis=None)


def test_profiles_and_tau(context: FakeContext) -> None:
    table = expression_status.make_profiles(context)
    assert set(table["group"]) == {"I", "II", "III"}
    assert table["z"].notna().all()
    tau = expression_status.make_tau(context).set_index("gene")["tau"]
    assert tau["G059"] == pytest.approx(0, abs=1e-6)
    assert np.isnan(tau["G058"])
    assert expression_status.make_distinct_genes(context)["distinct"].max() <= 2 * K
    assert len(expression_status.make_tissue_overlap(context)) == 28


def test_own_specificity_is_high_for_planted_genes_and_of_listed_genes_alone(
    context: FakeContext,
) -> None:
    table = expression_status.make_own_specificity(context)
    listed = context["tables/top_lists"][["gene", "tissue"]].drop_duplicates()
    assert len(table) == len(listed)
    values = table.set_index(["tissue", "gene"])["specificity"]
    assert values["liver"].reindex(GENES[:10]).min() > 0.5
    # A gene of the other tissue is not specific to this one.
    others = values["liver"].reindex(GENES[10:20]).dropna()
    assert (others < values["liver"].reindex(GENES[:10]).min()).all()


def test_lists_without_a_model_are_those_of_the_others(context: FakeContext) -> None:
    lists = left_out.make_lists(context)
    optimised = context["scores/optimised_mlp"]["Saliency"]
    own = lists[(lists["architecture"] == "mlp") & (lists["explainer"] == "Saliency")]
    assert set(own["model"]) == {0, 1, 2}
    by_hand = optimised.isel(model=[0, 2]).mean("model").isel(sample=0)
    best = by_hand["gene"].values[np.argsort(-np.abs(by_hand.values))][:K]
    found = own[(own["model"] == 1) & (own["tissue"] == "liver")].sort_values("rank")
    assert found["gene"].tolist() == best.tolist()


def test_with_two_models_nothing_is_left_to_be_averaged(context: FakeContext) -> None:
    for architecture in ("mlp", "cnn"):
        context[f"scores/optimised_{architecture}"] = {"Saliency": scores(0, models=2)}
    context["tables/left_out_lists"] = left_out.make_lists(context)
    for make in (left_out.make_lists, left_out.make_counts, left_out.make_held_out):
        table = make(context)
        assert table.empty
        assert len(table.columns) > 3


def test_single_models_are_held_against_the_others(context: FakeContext) -> None:
    context["tables/left_out_lists"] = left_out.make_lists(context)
    table = left_out.make_held_out(context)
    # Two single models, 5 explainers of MLPs and 9 of CNNs by as many, two tissues.
    counts = {name: len(explainers(name)) for name in ("mlp", "cnn")}
    assert table.groupby("architecture").size().to_dict() == {
        name: 2 * count**2 * 2 for name, count in counts.items()
    }
    row = table[(table["architecture"] == "mlp") & (table["model"] == 0)].iloc[0]
    single, others = context["tables/top_lists"], context["tables/left_out_lists"]
    a = single[
        ~single["aggregated"]
        & (single["architecture"] == "mlp")
        & (single["model"] == "0")
        & (single["explainer"] == row["explainer"])
        & (single["tissue"] == row["tissue"])
    ]
    b = others[
        (others["architecture"] == "mlp")
        & (others["model"] == 0)
        & (others["explainer"] == row["other"])
        & (others["tissue"] == row["tissue"])
    ]
    assert row["overlap"] == pytest.approx(len(set(a["gene"]) & set(b["gene"])) / K)


def test_counts_without_a_model_count_the_planted_genes(context: FakeContext) -> None:
    # Of three classes none is five times above the mean of all.
    context.settings.specific_fold = 2.0
    context["tables/specific_sets"] = specificity.make_specific_sets(context)
    context["tables/left_out_lists"] = left_out.make_lists(context)
    table = left_out.make_counts(context)
    assert (table["size"] == K).all()
    enhanced = table[table["set"] == "enhanced"]
    assert (enhanced["hits"] >= K - 1).all()
    assert set(enhanced["model"]) == {0, 1, 2}


def test_without_its_own_tumours_a_tissue_has_more_specific_genes(context: FakeContext) -> None:
    expression = context["data/tissues"].to_df()
    expression.loc["TCGA_LIHC"] = expression.loc["liver"]
    context["data/tissues"] = anndata.AnnData(
        expression.to_numpy(),
        obs=pd.DataFrame(index=expression.index),
        var=pd.DataFrame(index=expression.columns),
    )
    table = specificity.make_specific_sets(context)
    counts = table[table["tissue"] == "liver"].groupby("set").size()
    # With a tumour that has the same genes, none is enriched in the liver alone.
    own = set(table[(table["set"] == "tissue_enriched") & (table["tissue"] == "liver")]["gene"])
    assert not own & set(GENES[:10])
    assert counts["tissue_specific_without_tumours"] >= 10


def test_specific_genes_are_found_against_chance(context: FakeContext) -> None:
    table = specificity.make_specificity(context)
    assert set(table["set"]) == {
        "tissue_enriched", "group_enriched", "tissue_enhanced", "tissue_specific", "enhanced",
    }  # fmt: skip
    union = table[(table["set"] == "tissue_specific") & table["aggregated"]]
    assert (union["fold"] > 3).all()
    assert (union["p"] < 1e-5).all()


def test_rules_without_genes_keep_their_rows(context: FakeContext) -> None:
    genes = context["tables/housekeeping_genes"]
    context["tables/housekeeping_genes"] = genes[genes["rule"] == "eisenberg"]
    table = specificity.make_housekeeping(context)
    none = table[table["set"] == "paper"]
    assert len(none) == len(table) / 2
    assert none["set_size"].eq(0).all()
    assert none["hits"].eq(0).all()
    assert none["p"].eq(1).all()
    rules = specificity.make_housekeeping_rules(context)
    assert rules["rule"].tolist() == ["paper", "eisenberg"]
    assert rules["published"].eq(0).all()


def test_a_published_list_is_one_more_set(context: FakeContext, tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("symbol\ttranscript\nG000\tx\nG059\ty\n")
    context.settings.housekeeping_list = str(path)
    table = specificity.make_housekeeping(context)
    published = table[table["set"] == "published"]
    assert published["set_size"].eq(2).all()
    assert specificity.make_housekeeping_rules(context)["published"].eq(2).all()


def test_a_file_that_a_setting_names_makes_its_steps_stale(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    keys = []
    for text in ("symbol\nG000\n", "symbol\nG001\n"):
        path.write_text(text)
        study = open_study("smoke", workspace=tmp_path / "ws", housekeeping_list=str(path))
        keys.append((study.key("tables/housekeeping"), study.key("tables/specificity")))
    assert keys[0][0] != keys[1][0]
    assert keys[0][1] == keys[1][1]
    with pytest.raises(MissingInputError, match=r"'housekeeping_list'.*no-such"):
        open_study("smoke", workspace=tmp_path / "ws", housekeeping_list="no-such")
