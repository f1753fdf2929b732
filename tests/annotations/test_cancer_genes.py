from __future__ import annotations

from pathlib import Path

import pytest

from helpers.annotations import CANCER_GENE_COLUMNS, cancer_genes
from helpers.errors import BadInputError, MissingInputError, UnknownNameError

HEADER = "Hugo Symbol\tEntrez Gene ID\tIs Oncogene\tIs Tumor Suppressor Gene\tGene Aliases\n"


def test_those_that_come_with_the_package() -> None:
    table = cancer_genes()
    assert list(table.columns) == CANCER_GENE_COLUMNS
    assert len(table) == 299
    assert table["gene"].is_unique
    roles = table.set_index("gene")["role"]
    assert roles[["KRAS", "EGFR", "PIK3CA"]].eq("oncogene").all()
    assert roles[["TP53", "APC", "RB1"]].eq("suppressor").all()
    assert roles["ABL1"] == "unclear"
    assert table["certain"].dtype == bool
    assert not table.loc[table["role"] == "unclear", "certain"].any()
    assert "LIHC" in table.set_index("gene").at["CTNNB1", "cancers"].split(";")


def test_a_change_of_the_table_changes_no_other() -> None:
    cancer_genes()["role"] = "changed"
    assert set(cancer_genes()["role"]) == {"oncogene", "suppressor", "both", "unclear"}


@pytest.mark.real
def test_those_of_oncokb(shared_data: Path) -> None:
    table = cancer_genes(shared_data / "annotations/oncokb/cancerGeneList.excerpt.tsv")
    roles = table.set_index("gene")["role"]
    assert len(table) == 30
    assert roles["AKT1"] == "oncogene"
    assert roles["APC"] == "suppressor"
    assert "OncoKB" in table.attrs["source"]


def test_every_combination_of_oncokb(tmp_path: Path) -> None:
    path = tmp_path / "genes.tsv"
    lines = ["A\t1\tYes\tNo\tx", "B\t2\tNo\tYes\t", "C\t3\tYes\tYes", "D\t4\tNo\tNo\t"]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    table = cancer_genes(path)
    assert table["role"].tolist() == ["oncogene", "suppressor", "both", "unclear"]
    assert table["certain"].tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hugo Symbol\tGene Type\nA\tONCOGENE\n", r"genes\.tsv has no column 'Is Oncogene', which"),
        (HEADER + "A\t1\tyes\tNo\t\n", r"line 2, column 'Is Oncogene': 'yes' is neither"),
        (HEADER + "A\t1\tYes\tNo\t\nA\t1\tNo\tNo\t\n", "gene 'A' is there twice"),
        (HEADER, "holds no genes"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "genes.tsv"
    path.write_text(text)
    with pytest.raises(BadInputError, match=message):
        cancer_genes(path)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"gone\.tsv"):
        cancer_genes(tmp_path / "gone.tsv")
    with pytest.raises(UnknownNameError, match="did you mean 'bailey2018'"):
        cancer_genes("bailey")
