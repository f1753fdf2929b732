from __future__ import annotations

from pathlib import Path

import pytest

from helpers.annotations import (
    cancer_gene_files,
    cancer_gene_roles,
    cofactor_files,
    gene_set_files,
    regulator_lists,
    transcription_factor_files,
)


def test_embedded_names_stand_for_files_that_are_there() -> None:
    files = [
        *gene_set_files(["go_mf", "go_bp"]), *transcription_factor_files(""), *cofactor_files(""),
        *cancer_gene_files(""),
    ]  # fmt: skip
    assert len(set(files)) == 5
    assert all(isinstance(file, Path) and file.is_file() for file in files)


def test_own_files_stand_for_themselves_and_libraries_of_enrichr_for_their_name() -> None:
    assert gene_set_files(["x.gmt", "enrichr:KEGG"]) == [Path("x.gmt"), "enrichr:KEGG"]
    assert transcription_factor_files("tf.tsv")[1:] == [Path("tf.tsv")]
    assert cancer_gene_files("roles.tsv") == [Path("roles.tsv")]


def test_regulators_of_a_file_stand_beside_those_of_go(tmp_path: Path) -> None:
    path = tmp_path / "tf.tsv"
    path.write_text("Symbol\tFamily\nTP53\tp53\n")
    lists = regulator_lists(str(path), "")
    names = [(entry.name, entry.source) for entry in lists]
    assert names == [
        ("transcription_factors", "go"), ("cofactors", "go"),
        ("transcription_factors", "animaltfdb"),
    ]  # fmt: skip
    assert lists[2].genes == {"TP53"}


@pytest.mark.real
def test_roles_come_from_bailey_or_from_oncokb(shared_data: Path) -> None:
    assert "Bailey" in cancer_gene_roles("").attrs["source"]
    path = shared_data / "annotations" / "oncokb" / "cancerGeneList.excerpt.tsv"
    assert "OncoKB" in cancer_gene_roles(str(path)).attrs["source"]
