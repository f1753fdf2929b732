from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from said import said, table_rows

from helpers.claims.control import CONTROL_COLUMNS
from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import CHAPTERS, COLUMNS, claims, counted, named
from helpers.config import settings
from helpers.prose import summary
from helpers.prose.evidence import reasons
from helpers.prose.evidence.reasons import EVIDENCE, TABLES
from helpers.prose.verdicts import claims as prose
from helpers.prose.writing.templates import Facts
from helpers.study.designs.choices import ALL_CHOICES

NOTHING: Facts = {
    "statements": 0, "testable": 0, "verdicts": [], "best": None, "worst": None,
    "runs": [], "compared": [], "departs": [],
    **prose.control(pd.DataFrame(columns=CONTROL_COLUMNS)),
}  # fmt: skip


def explanation(row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> str:
    """Return the paragraph on one statement that is not reproduced."""
    facts = reasons.explanation(row, tables)
    return said("15_claims", "not_reproduced", statements=[facts])


def summed_up(block: str, *given: Any) -> str:
    """Return what the summary says on what a function of the room found."""
    return said("16_summary", block, getattr(summary, block)(*given))


def glance(facts: Facts) -> str:
    """Return what the ledger's page says at a glance, with these facts and nothing else."""
    return said("15_claims", "at_a_glance", NOTHING | facts)


def ledger(verdicts: dict[str, str]) -> pd.DataFrame:
    rows = [
        dict.fromkeys(COLUMNS, "x")
        | {
            "id": name, "verdict": verdict, "observed": 0.25, "ci_low": 0.2, "ci_high": 0.3,
            "n": 7, "unit": "samples", "dataset": "reference", "profile": "quick",
            "protocol": "text",
        }
        for name, verdict in verdicts.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def empty_tables() -> dict[str, pd.DataFrame]:
    columns = [
        "metric", "mode", "explainer", "value", "architecture", "reference", "design", "tissue",
        "optimisation", "gain", "plateau", "before", "after", "change", "n_after", "a", "b",
        "overlap", "same_model", "hits", "size", "aggregated", "spearman", "set", "normal",
        "cancer", "chance",
    ]  # fmt: skip
    return {name: pd.DataFrame(columns=columns) for name in TABLES}


@pytest.mark.parametrize("name", claims())
def test_every_statement_that_fails_gets_a_paragraph_with_its_numbers(name: str) -> None:
    row = {str(k): v for k, v in ledger({name: "not_reproduced"}).iloc[0].items()}
    paragraph = explanation(row, empty_tables())
    assert paragraph.startswith(f"{name}. ")
    assert "Found: 0.250 (95 % interval 0.200 to 0.300), n = 7 samples." in paragraph
    assert paragraph.endswith("Why, we do not know: no other table of this run speaks on it.")
    assert "nan" not in paragraph


def test_only_what_is_not_reproduced_is_explained() -> None:
    table = ledger({"B1": "not_reproduced", "B2": "partly", "K9": "not_reproduced"})
    found = reasons.explanations(table, empty_tables())
    assert [row["id"] for row in found["statements"]] == ["B1", "K9"]
    assert said("15_claims", "not_reproduced", found).count("Measured was") == 2
    assert said("15_claims", "not_reproduced", statements=[]) == "There is none."
    assert set(EVIDENCE) <= set(claims())


def test_evidence_comes_from_the_tables() -> None:
    modes = pd.DataFrame(
        [
            {"metric": "spearman", "explainer": explainer, "mode": mode, "value": value}
            for explainer, values in (
                ("GuidedGradCam++", (0.8, 0.2, 1.0)),
                ("Saliency", (0.7, 0.6, 1.0)),
            )
            for mode, value in zip(("dropout", "training", "eval"), values, strict=True)
        ]
    )
    tables = empty_tables() | {"modes": modes}
    row = {str(k): v for k, v in ledger({"B4": "not_reproduced"}).iloc[0].items()}
    paragraph = explanation(row, tables)
    assert "correlate by 1.00 and the best of the others' by 0.60" in paragraph
    assert "with all in training mode by 0.20" in paragraph
    row["id"] = "B1"
    text = explanation(row, tables)
    assert "0.75 with dropout on" in text
    assert "we do not know" not in text


def test_what_the_numbers_do_not_support_is_not_said() -> None:
    rows = [
        {"metric": "spearman", "architecture": "mlp", "reference": "none", "design": design,
         "value": value}
        for design, value in (("intra_model", 0.3), ("inter_model", 0.5))
    ]  # fmt: skip
    row = {str(k): v for k, v in ledger({"B7": "not_reproduced"}).iloc[0].items()}
    tables = empty_tables() | {"unoptimised": pd.DataFrame(rows)}
    text = explanation(row, tables)
    assert "0.30 within and 0.50 between models" in text
    assert "all weights do" not in text
    rows[0]["value"] = 0.7
    text = explanation(row, tables | {"unoptimised": pd.DataFrame(rows)})
    assert "Within a model nothing but dropout differs, between models all weights do." in text
    effects = pd.DataFrame(
        {"metric": "spearman", "architecture": "mlp", "explainer": "Saliency",
         "optimisation": ["smoothgrad", "repeats"], "before": 0.3, "after": [0.5, 0.2],
         "change": [0.2, -0.1]}
    )  # fmt: skip
    row["id"] = "O1"
    text = explanation(row, empty_tables() | {"effects": effects})
    assert "dropout masks: the median change" in text


def shares(group: str, pairs: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Pairs of an organ with its cancer: share of the top genes, and of all genes."""
    member = {"II": "DeepLift", "III": "Saliency"}[group]
    rows = [
        ("mlp", member, True, organ, organ, f"TCGA_{organ[:2].upper()}", share, chance)
        for organ, (share, chance) in pairs.items()
    ]
    columns = ["architecture", "explainer", "aggregated", "tissue", "normal", "cancer", "share",
               "chance"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(fold=table["share"] / table["chance"])


def test_pairs_are_named_on_their_side_of_the_range() -> None:
    pairs = {"liver": (0.37, 0.25), "lung": (0.81, 0.25), "ovary": (0.6, 0.3)}
    tables = empty_tables() | {"cancer_shares": shares("II", pairs)}
    row = {str(k): v for k, v in ledger({"K1": "not_reproduced"}).iloc[0].items()}
    text = explanation(row, tables)
    assert (
        "Of 3 pairs, against the 40 to 80\u202f% that the paper has, below lies liver with TCGA_LI "
        "(37\u202f%) and above lies lung with TCGA_LU (81\u202f%)." in text
    )
    assert "25\u202f% to 30\u202f% of all genes differ" in text
    assert "twofold" not in text
    assert "fold over chance" not in text


def test_chance_is_a_ceiling_only_where_most_genes_differ() -> None:
    pairs = {"liver": (0.5, 0.2), "pancreas": (0.6, 0.67)}
    tables = empty_tables() | {"cancer_shares": shares("III", pairs)}
    row = {str(k): v for k, v in ledger({"K3": "not_reproduced"}).iloc[0].items()}
    text = explanation(row, tables)
    assert "Of 2 pairs all lie within the 30 to 60" in text
    assert (
        "By fold over chance, asked for 1.125 to 1.875, below lies pancreas with TCGA_PA (0.90) "
        "and above lies liver with TCGA_LI (2.50)." in text
    )
    assert "no list can exceed it twofold: pancreas with TCGA_PA (67\u202f%)." in text
    row["id"] = "K2"
    assert "that the paper has" not in explanation(row, tables)


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (0.003, "stays at 0.02 (largest gain 0.003), so there is no number of estimates"),
        (0.2, "rises from 0.02 with one estimate to 0.22, and the largest gain is 0.20"),
    ],
)
def test_a_curve_that_does_not_rise_is_not_said_to_rise(gain: float, said: str) -> None:
    saturation = pd.DataFrame(
        {"architecture": "cnn", "optimisation": "references", "metric": "spearman",
         "reference": "zero", "explainer": ["DeepLift"], "plateau": 0.02 + gain, "gain": gain}
    )  # fmt: skip
    row = {str(k): v for k, v in ledger({"O11": "not_reproduced"}).iloc[0].items()}
    text = explanation(row, empty_tables() | {"saturation": saturation})
    assert said in text


def test_the_overview_counts_what_can_be_tested() -> None:
    table = ledger(
        {"T1": "not_testable", "T2": "reproduced", "B1": "not_reproduced", "B2": "partly"}
    )
    text = said("15_claims", "overview", prose.overview(counted([table])))
    assert "4 statements, 3 can be tested" in text
    assert "1 is reproduced, 1 is partly reproduced and 1 is not reproduced" in text
    assert f"in {CHAPTERS['T']} (100" in text


def test_other_runs_are_named_with_revision_and_data_set() -> None:
    assert "No other run" in glance(prose.other_runs(pd.DataFrame()))
    runs = pd.DataFrame(
        {
            "folder": ["a", "b"], "dataset": "rnaseqdb", "profile": "quick",
            "revision": "0123456789abcdef", "models": 20, "left_out": [None, "it was changed"],
        }
    )  # fmt: skip
    text = glance(prose.other_runs(runs))
    assert "Another run: `a` (data set rnaseqdb" in text
    assert "revision 0123456789," in text
    assert "Left out: `b`" in text
    assert "because it was changed." in text


def test_runs_are_compared_where_both_can_test() -> None:
    own = ledger({"T1": "not_testable", "T2": "reproduced", "B1": "partly", "B2": "reproduced"})
    other = ledger({"T1": "reproduced", "T2": "reproduced", "B1": "partly", "B2": "not_reproduced"})
    text = glance(prose.agreement(own, other.assign(folder="real")))
    assert "can both test 3 statements and agree on 2; opposite are the verdicts on " in text
    assert "CNN replicates: top genes differ (B2)." in text


def test_statements_without_evidence_are_named_at_a_glance() -> None:
    rows = [
        [
            name,
            "larger",
            6,
            0.9,
            0.2,
            0.1,
            0.3,
            20,
            0,
            extreme,
            (1 + extreme) / 21,
            met,
            *["no"] * 3,
        ]
        for name, extreme, met in (("E4", 12, 15), ("E10", 0, 0))
    ]
    text = glance(prose.control(pd.DataFrame(rows, columns=CONTROL_COLUMNS)))
    assert "shuffled labels do as well on 1, which carries no evidence on what" in text
    (e4, e10) = named(["E4", "E10"])
    assert [row[1] for row in table_rows(text)[1:]] == [e4, e10, e4]


def test_rankings_are_doubted_where_networks_hardly_agree() -> None:
    compared = pd.DataFrame(
        {"metric": "spearman", "architecture": ["cnn", "cnn", "mlp"], "explainer": "DeepLift",
         "reference": ["zero", "normal", "zero"], "value": [0.02, 0.034, 0.2]}
    )  # fmt: skip
    text = said("15_claims", "little_agreement", prose.little_agreement(compared))
    assert text.startswith("- Where nothing agrees")
    assert "different CNNs correlate by 0.03 at best" in text
    assert "MLPs" not in text
    assert prose.little_agreement(compared.assign(value=0.3)) == {"architectures": []}


def test_the_summary_counts_and_names() -> None:
    table = ledger(dict(zip(claims(), [*VERDICTS] * 17, strict=True)))
    results = summary.results(table)
    assert results["statements"].sum() == 68
    assert results.loc[0, "which not"] == "accuracy of MLPs (T3)"
    changed = summary.changed(settings("quick"))
    row = changed.set_index("setting").loc["models"]
    assert (row["profile paper"], row["here"]) == ("60", "20")
    assert row["meaning"].startswith("MLPs in the ensemble")
    assert summary.changed(settings("paper")).empty
    assert not summary.changed(settings("quick"))["meaning"].str.contains("`").any()


def sections(verdicts: dict[str, str]) -> pd.DataFrame:
    """A ledger in which all statements of a section have the same verdict."""
    return ledger({name: verdicts.get(name[0], "partly") for name in claims()})


def test_all_sections_at_the_maximum_are_named() -> None:
    accuracy = pd.DataFrame({"split": "test", "architecture": "mlp", "accuracy": [0.9]})
    best = dict.fromkeys("TBECGK", "not_reproduced")
    text = summed_up("easy", sections({**best, "T": "not_testable", "K": "reproduced"}), accuracy)
    assert (
        "in the sections *Optimisation* (of 17) and *Cancer* (of 9): 100\u202f%; Data and "
        "accuracy, with fewer than 5, is left aside." in text
    )
    text = summed_up("easy", sections(best), accuracy)
    assert "in the section *Optimisation* (of 17): 100\u202f%." in text
    nothing = sections(dict.fromkeys("TBOECGK", "not_testable"))
    assert summed_up("easy", nothing, accuracy).endswith("classes rightly.")


def test_what_is_not_reproduced_is_counted_where_most_of_it_is() -> None:
    modes = pd.DataFrame(columns=["metric", "mode", "value"])
    text = summed_up("hard", sections({"E": "not_reproduced", "C": "not_reproduced"}), modes)
    assert text.endswith(
        "Of the 20 statements not reproduced, 14 are in *Expression of top genes*, which has 14, "
        "more than in any other section."
    )
    assert f"In {len(ALL_CHOICES)} choices" in text
    one_each = ledger({"E1": "not_reproduced", "C1": "not_reproduced", "T1": "partly"})
    assert summed_up("hard", one_each, modes).endswith(
        "Of the 2 statements not reproduced, 1 each are in *Consistency and groups* and "
        "*Expression of top genes*, more than in any other section."
    )
    assert summed_up("hard", sections({}), modes).endswith(
        'good practice part (the <a href="13_choices.html">audit</a> lists them).'
    )


def test_samples_are_counted_by_architecture() -> None:
    accuracy = pd.DataFrame({"split": "test", "architecture": ["mlp", "cnn"], "accuracy": 0.9})
    explained = pd.DataFrame({"tissue": ["a"] * 5 + ["b"]})
    text = summed_up("method", accuracy, explained, 2)
    assert "6 samples of 2 tissues explained by six explainers on MLPs, 3 of them by eight" in text
    assert "MLPs, all of them by eight on CNNs" in summed_up("method", accuracy, explained, 5)
