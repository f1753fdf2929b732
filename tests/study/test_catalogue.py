"""The real table of steps, on tiny files in RNAseqDB's format."""

from __future__ import annotations

import shutil
from pathlib import Path

import documented
import pandas as pd
import pytest
from tiny import open_tiny

from helpers.claims.rulebook import RULES
from helpers.config import Settings
from helpers.errors import BadInputError, UnknownNameError
from helpers.study import Study, open_study
from helpers.study.catalogue import STEPS

LIST = "architecture explainer aggregated model tissue"
CHANCE = (
    "hits size set_size expected fold fold_low fold_high p fdr expected_matched fold_matched "
    "p_matched fdr_matched"
)
COLUMNS = {
    "accuracy": "architecture model seed gene_order split accuracy balanced_accuracy",
    "linear_baseline": "method n classes accuracy balanced_accuracy macro_f1 chance majority",
    "learnt": "architecture models test_samples balanced_accuracy chance linear over_chance "
    "beside_linear learnt",
    "reproducibility": "architecture explainer optimisation design reference n tissue sample "
    "metric value",
    "top_genes": "architecture explainer aggregated tissue rank gene score",
    "consistency": "a b tissue overlap same_model",
    "expression": f"{LIST} spearman spearman_absolute genes {CHANCE}",
    "specificity": f"{LIST} set {CHANCE}",
    "housekeeping": f"{LIST} set {CHANCE}",
    "go": "architecture explainer aggregated tissue ontology term_id term overlap size expected "
    "fold p fdr genes reduced",
    "regulators": "architecture explainer aggregated tissue set source hits size expected fold "
    "fold_low fold_high p_enriched p_depleted fdr",
    "planted_genes": "tissue gene stratum effect bundle mean",
    "recovery": "labels architecture explainer mode optimisation tissue n draw auprc recall decoys",
    "right_or_alike": "architecture explainer tissue measure n value",
    "right_compared": "kind architecture explainer tissue auprc recall decoys",
    "baseline_recovery": "explainer tissue auprc recall decoys",
    "beside_baselines": "measure architecture explainer tissue value",
    "faithfulness_curves": "architecture kind explainer by change genes share probability",
    "faithfulness": "architecture explainer by change tissue sample area over_random over_matched",
    "faithfulness_metrics": "architecture model explainer tissue sample unexplained sensitivity",
    "retrained": "ranking genes repeat removed classes tissue samples recall probability",
    "sources": "architecture explainer smoothgrad tissue source component share",
    "networks_needed": "architecture explainer between within estimates_that_halve "
    "models_that_halve models estimates how fitted largest reached misfit",
    "averaged": "way explainer half tissue auprc recall decoys area",
    "averaged_agreement": "way explainer tissue overlap",
    "averaged_identity": "explainer half difference",
    "students": "half networks samples same_class correlation",
    "recommendation": "architecture explainer reproduces right faithful foretold sensitivity "
    "passes estimates enough models models_enough how good chosen",
    "cancer_pairs": "organ normal cancer n_normal n_cancer",
    "cancer_left_out": "organ tissue reason",
    "cancer_de": "normal cancer gene fold_change p fdr direction n_normal n_cancer",
    "cancer_top_genes": "architecture explainer aggregated tissue rank gene score",
    "cancer_shares": "architecture explainer aggregated tissue normal cancer hits size share "
    "chance fold fold_low fold_high p",
    "segregation": "architecture explainer aggregated normal cancer gene group fold_change "
    "direction",
    "cancer_candidates": "normal cancer gene rank_normal rank_cancer group fold_change fdr "
    "direction role",
    "marker_ranks": "explainer tissue gene rank genes",
    "batch_effects": "organ comparison a b n_a n_b genes differ share",
    "tumour_top_genes": "tissue sample rank gene score",
    "shared_cancer_genes": "gene cancer samples types role",
    "character": "measure quantile value n unit",
    "measures": "measure explainer quantile value n unit",
    "claims": "id figure statistic observed ci_low ci_high expected verdict reason produced_by "
    "dataset profile protocol n unit p_value met_by_nothing known_nothing",
    "protocols": "setting title text released strict this_run says",
    "explain_batches": "architecture tissue explained asked rows composition coupled",
}


EMPTY_HERE = ("go", "cancer_left_out", "batch_effects", "marker_ranks")
"""No gene set, no marker and no second study knows the genes and samples of the tiny files."""


@pytest.fixture(scope="module")
def study(tiny_study: Study) -> Study:
    return tiny_study


def test_every_step_declares_what_exists() -> None:
    for position, step in enumerate(STEPS.values()):
        assert set(step.inputs) <= set(list(STEPS)[:position]), step.name
        assert set(step.settings) <= set(Settings.model_fields), step.name
        assert ("{member}" in step.path) == (step.members is not None), step.name


def test_paths_are_unique() -> None:
    assert len({step.path for step in STEPS.values()}) == len(STEPS)


def test_every_table_and_folder_is_on_the_page_on_running() -> None:
    made = {name.removeprefix("tables/") for name in STEPS if name.startswith("tables/")}
    assert made == set(documented.tables())
    assert {step.path.split("/")[0] for step in STEPS.values()} <= documented.folders()


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_the_contract_are_on_the_page_on_running(name: str) -> None:
    assert set(COLUMNS[name].split()) <= documented.tables()[name]


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_columns_of_the_contract(study: Study, name: str) -> None:
    table = study.get(f"tables/{name}")
    assert table.columns.tolist() == COLUMNS[name].split()
    assert len(table) or name in EMPTY_HERE


def test_every_condition_is_in_the_table_of_figure_1(study: Study) -> None:
    table = study.get("tables/unoptimised")
    keys = ["architecture", "explainer", "reference", "design", "metric", "sample"]
    pairs = table.groupby(keys).size()
    # smoke: 2 replicates of 2 models; one pair of replicates a model, one of models a replicate
    assert (pairs == 2).all()
    mlp, cnn = (3 + 3 * 4) * 2, 8 * 3  # explainers and references times designs
    assert len(pairs) == (mlp + cnn) * 2 * 4
    assert table["value"].dropna().between(-1, 1).all()
    assert table.loc[table["architecture"] == "mlp", "value"].notna().all()
    assert set(table["metric"]) == {"spearman", "top15"}


def test_the_table_of_reproducibility_holds_every_optimisation(study: Study) -> None:
    table = study.get("tables/reproducibility")
    optimisations = ["none", "smoothgrad", "repeats", "references", "references_and_repeats"]
    assert set(table["optimisation"]) == {*optimisations, "aggregated"}
    explainers = table.groupby(["optimisation", "architecture"])["explainer"].nunique()
    for name in ("none", "smoothgrad", "repeats", "aggregated"):
        assert explainers[name].to_dict() == {"mlp": 6, "cnn": 8}
    assert explainers["references"].to_dict() == {"mlp": 3, "cnn": 3}
    kinds = table[table["optimisation"] == "references"].groupby("architecture")["reference"]
    assert set(kinds.nunique()) == {4}


def test_optimised_explanations_can_follow_the_curves_of_this_run(
    tiny_data: Path, tmp_path: Path, study: Study
) -> None:
    # A copy: other tests read the artefacts that are made anew here.
    place = shutil.copytree(study.workspace.root, tmp_path / "ws")
    ours = open_tiny(tiny_data, place, optimum="ours")
    assert "tables/optimum" in ours.upstream("scores/optimised_mlp")
    assert "tables/optimum" not in study.upstream("scores/optimised_mlp")
    optimum = ours.get("tables/optimum").set_index(["architecture", "explainer"])
    scores = ours.member("scores/optimised_mlp", "DeepLift")
    row = optimum.loc[("mlp", "DeepLift")]
    assert scores.attrs["n"] == (row["references"] if row["references"] > 1 else row["repeats"])
    assert scores.attrs["reference"] == row["reference"]


def test_models_learn_the_tiny_classes(study: Study) -> None:
    table = study.get("tables/accuracy").query("split == 'test'")
    medians = table.groupby("architecture")["accuracy"].median()
    assert medians["mlp"] > 0.7
    assert medians["cnn"] > 0.4  # of four classes, after a few epochs


def test_models_of_one_order_and_of_different_orders_are_told_apart(study: Study) -> None:
    table = study.get("tables/accuracy").drop_duplicates(["architecture", "model", "gene_order"])
    orders = table.groupby("architecture")["gene_order"].apply(sorted)
    assert orders["mlp"] == ["none"] * 3
    assert orders["cnn"] == ["given", "given", "random-0", "random-1"]


def test_top_genes_find_the_genes_of_a_class(study: Study) -> None:
    """Files and their own genes as in `tiny_data`: thyroid's are 30 to 39."""
    top = study.get("tables/top_genes").query(
        "explainer == 'InputXGradient' and aggregated and tissue == 'thyroid' and rank <= 10"
    )
    own = {f"GENE{number:03d}" for number in range(30, 40)}
    assert len(own & set(top["gene"])) >= 4


def test_top_genes_are_ranked_by_absolute_score(study: Study) -> None:
    keys = ["architecture", "explainer", "aggregated", "tissue"]
    for _, part in study.get("tables/top_genes").groupby(keys):
        assert part["rank"].tolist() == list(range(1, 16))
        assert part["score"].abs().is_monotonic_decreasing


def test_every_sample_is_predicted_once(study: Study) -> None:
    samples = sorted(study.get("tables/split")["sample"])
    for _, part in study.get("tables/predictions").groupby("architecture"):
        assert sorted(part["sample"]) == samples


def test_the_tumour_is_compared_with_the_tissue_of_its_organ(study: Study) -> None:
    """Files and their own genes as in `tiny_data`: kidney's are 20 to 29, the tumour's 40 to 49."""
    pairs = study.get("tables/cancer_pairs")
    assert pairs[["normal", "cancer"]].to_numpy().tolist() == [["kidney", "TCGA_KICH"]]
    de = study.get("tables/cancer_de").set_index("gene")["direction"]
    assert (de[[f"GENE{n:03d}" for n in range(20, 30)]] == "down").mean() > 0.8
    assert (de[[f"GENE{n:03d}" for n in range(40, 50)]] == "up").mean() > 0.8
    lists = study.get("tables/cancer_top_genes")
    assert set(lists["tissue"]) == {"TCGA_KICH"}
    assert lists["explainer"].nunique() == 6
    top = lists[(lists["explainer"] == "InputXGradient") & (lists["rank"] <= 10)]["gene"]
    assert len({f"GENE{n:03d}" for n in range(40, 50)} & set(top)) >= 4


def test_every_tumour_class_gives_lists_of_single_samples(study: Study) -> None:
    lists = study.get("tables/tumour_top_genes")
    assert (
        lists.groupby(["tissue", "sample"])["rank"].apply(list).tolist() == [list(range(1, 16))] * 2
    )


def test_without_tumours_the_tables_of_cancer_are_empty(tiny_data: Path, tmp_path: Path) -> None:
    for file in tiny_data.iterdir():
        if "tcga-t" not in file.name:
            (tmp_path / file.name).symlink_to(file)
    opened = open_study(
        "smoke", "rnaseqdb", tmp_path, tmp_path / "ws", max_epochs=1, batch_size=16, top=15,
        cnn_max_epochs=1, cnn_batch_size=8,
    )  # fmt: skip
    for name in ("cancer_pairs", "cancer_de", "segregation", "shared_cancer_genes"):
        table = opened.get(f"tables/{name}")
        assert table.empty
        assert table.columns.tolist() == COLUMNS[name].split()


def test_the_ledger_carries_every_statement(study: Study) -> None:
    ledger = study.get("tables/claims")
    assert len(ledger) == 3 * 68
    assert len(study.get("claims")) == 3 * 68
    judged = ledger[ledger["verdict"] != "not_run"]
    assert set(judged["id"]) == set(RULES)


def test_an_unknown_tissue_is_refused_before_any_training(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'liver'"):
        open_study("smoke", "rnaseqdb", tiny_data, tmp_path, tissues="livr")
    assert not list(tmp_path.iterdir())


def test_too_many_samples_to_explain_are_refused(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="'liver' has 12 samples, 13 are to be explained"):
        open_study("smoke", "rnaseqdb", tiny_data, tmp_path, explained_samples=13)


def test_explained_samples_are_unseen_ones_first(study: Study) -> None:
    explained: pd.DataFrame = study.get("tables/explained")
    assert set(explained["split"]) == {"test"}
    assert explained["tissue"].tolist() == ["liver", "lung", "kidney", "thyroid"]
