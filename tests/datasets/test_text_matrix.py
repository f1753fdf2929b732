"""Tables of text with a sheet of samples: what is found out, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from own_files import (
    GENES,
    NAMES,
    SAMPLES,
    Dress,
    Truth,
    tree,
    truth,
    with_entrez,
    write_h5ad,
    write_sheet,
    write_table,
    write_tenx,
)

from helpers.config import settings
from helpers.datasets import find_dataset
from helpers.datasets.own import load_own
from helpers.errors import BadInputError, HelpersError, MissingInputError, UnknownNameError

TAB = Dress(delimiter="\t")


def pair(folder: Path, dress: Dress = TAB, known: Truth | None = None) -> tuple[Path, Path]:
    """Write a matrix and its sheet."""
    known = known or truth()
    return (
        write_table(folder / "matrix.tsv", known, dress),
        write_sheet(folder / "sheet.csv", known),
    )


def notes(adata: anndata.AnnData) -> str:
    return "\n".join(adata.uns["notes"])


def edited(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def same(adata: anndata.AnnData, known: Truth | None = None) -> anndata.AnnData:
    known = known or truth()
    order = [list(adata.var_names).index(gene) for gene in known.genes]
    np.testing.assert_allclose(np.asarray(adata.X)[:, order], known.expected, atol=2e-4)
    assert adata.obs["tissue"].tolist() == list(known.classes)
    return adata


def test_samples_that_only_one_file_has_are_counted(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    edited(sheet, "S03,B cell\n", "")
    sheet.write_text(sheet.read_text() + "S77,B cell\nS78,T cell\n")
    adata = load_own(matrix, sample_sheet=sheet)
    assert list(adata.obs_names) == [name for name in SAMPLES if name != "S03"]
    assert "1 columns of matrix.tsv are not in the sheet and are left out (S03)." in notes(adata)
    assert "2 samples (S77, S78) of the sheet have no values and are left out." in notes(adata)
    assert "23 of its 25 lines are of samples in matrix.tsv" in notes(adata)


def test_missing_classes_in_the_sheet_are_counted(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    edited(edited(sheet, "S03,B cell", "S03,NA"), "S20,T cell", "S20,")
    adata = load_own(matrix, sample_sheet=sheet)
    assert adata.n_obs == 22
    assert "2 of 24 samples have no class in column `kind` and are left out" in notes(adata)


def test_the_class_column_is_found_out_or_asked_for(tmp_path: Path) -> None:
    known = truth().named(more={"batch": ["x", "y"] * 12, "age": [30, 40, 50] * 8})
    matrix, sheet = pair(tmp_path, known=known)
    assert load_own(matrix, sample_sheet=sheet).uns["provenance"]["columns"] == {"tissue": "kind"}
    edited(sheet, "kind", "what")
    with pytest.raises(BadInputError, match=r"Name it with --class-column \(it could be"):
        load_own(matrix, sample_sheet=sheet)
    same(load_own(matrix, sample_sheet=sheet, class_column="what"))
    edited(edited(sheet, "what", "tissue"), "batch", "group")
    with pytest.raises(BadInputError, match="which column of the samples holds the classes"):
        load_own(matrix, sample_sheet=sheet)
    with pytest.raises(UnknownNameError, match="did you mean 'tissue'"):
        load_own(matrix, sample_sheet=sheet, class_column="tisue")


def test_two_columns_need_no_names(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    lines = sheet.read_text().splitlines()[1:]
    sheet.write_text("\n".join(lines) + "\n")
    same(load_own(matrix, sample_sheet=sheet))


def test_the_column_of_names_is_found_or_named(tmp_path: Path) -> None:
    known = truth().named(more={"other": [f"X{k}" for k in range(24)]})
    matrix, sheet = pair(tmp_path, known=known)
    frame = pd.read_csv(sheet)[["other", "kind", "sample"]]
    frame.to_csv(sheet, index=False, sep=";")
    assert "column `sample`" in notes(same(load_own(matrix, sample_sheet=sheet)))
    same(load_own(matrix, sample_sheet=sheet, sample_column="sample"))
    with pytest.raises(BadInputError, match=r"No sample of .*such as 'X0'.* in column 'other'"):
        load_own(matrix, sample_sheet=sheet, sample_column="other")
    with pytest.raises(UnknownNameError, match="did you mean 'sample'"):
        load_own(matrix, sample_sheet=sheet, sample_column="sampel")


CHANGED: dict[str, Any] = {
    "R makes names": lambda name: f"X{name}.a".replace("-", "."),
    "bam": lambda name: f"/data/run/{name}-a.sorted.bam",
    "case": lambda name: f"{name}-A".upper(),
}


@pytest.mark.parametrize("change", CHANGED)
def test_names_fit_as_programs_change_them(change: str, tmp_path: Path) -> None:
    plain = truth().named(samples=tuple(f"7{name}" for name in SAMPLES))
    written = plain.named(samples=tuple(CHANGED[change](name) for name in plain.samples))
    matrix = write_table(tmp_path / "matrix.tsv", written, TAB)
    sheet = write_sheet(
        tmp_path / "sheet.csv", plain, names=[f"{name}-a" for name in plain.samples]
    )
    adata = same(load_own(matrix, sample_sheet=sheet))
    assert list(adata.obs_names) == list(written.samples)
    assert "fit only without regard to case and marks" in notes(adata)


def test_names_that_fit_two_samples_fit_none(tmp_path: Path) -> None:
    twins = tuple(f"s{k // 2}{'.' if k % 2 else '-'}x" for k in range(24))
    matrix = write_table(tmp_path / "matrix.tsv", truth().named(samples=twins), TAB)
    sheet = write_sheet(tmp_path / "sheet.csv", truth(), names=[f"S{k // 2}_x" for k in range(24)])
    with pytest.raises(BadInputError, match="No sample of"):
        load_own(matrix, sample_sheet=sheet)


def test_lines_that_are_no_genes_are_left_out(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    more = [
        "\t".join([name, *["100000"] * 24])
        for name in ("__no_feature", "__ambiguous", "N_unmapped")
    ]
    matrix.write_text(matrix.read_text() + "\n".join(more) + "\n")
    adata = same(load_own(matrix, sample_sheet=sheet))
    assert "3 lines are totals, no genes, and left out (__no_feature" in notes(adata)


@pytest.mark.parametrize("name", ["Total", "SUM", "total counts", "Library.Size", "grand_total"])
def test_totals_are_no_genes(name: str, tmp_path: Path) -> None:
    """As a gene, a total would be half of every sample."""
    known = truth()
    totals = known.values.sum(axis=1, keepdims=True)
    more = known.named(values=np.hstack([known.values, totals]), genes=(*known.genes, name))
    for by_gene in (True, False):
        path = write_table(tmp_path / "matrix.csv", more, Dress(by_gene=by_gene))
        adata = same(load_own(path, sample_sheet=write_sheet(tmp_path / "sheet.csv", known)))
        assert adata.n_vars == len(known.genes)
        assert name in notes(adata)


def test_numbers_behind_the_genes_are_no_genes(tmp_path: Path) -> None:
    known = truth()
    table = pd.DataFrame(known.values, columns=list(known.genes))
    table.insert(0, "tissue", known.classes)
    table["age"], table["RIN"] = 40.5, 7.0
    table.to_csv(tmp_path / "data.csv", index=False)
    adata = same(load_own(tmp_path / "data.csv"))
    assert "not taken for genes: `tissue`, `age`, `RIN`" in notes(adata)


def test_columns_that_describe_genes_are_no_samples(tmp_path: Path) -> None:
    """featureCounts' table: six columns before the samples, and paths as their names."""
    matrix, sheet = pair(tmp_path)
    lines = matrix.read_text().splitlines()
    ids = NAMES["versioned"](GENES)
    table = [
        "# Program:featureCounts",
        "Geneid\tChr\tStart\tEnd\tStrand\tLength\t"
        + "\t".join(f"/x/{name}.bam" for name in SAMPLES),
    ]
    for k, line in enumerate(lines[1:]):
        cells = line.split("\t")
        table.append("\t".join([ids[k], "chr1;chr1", f"{k}01", f"{k}99", "+", "99", *cells[1:]]))
    matrix.write_text("\n".join(table) + "\n")
    same(load_own(matrix, sample_sheet=sheet))


def test_symbols_beside_ids_are_found(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    lines = matrix.read_text().splitlines()
    ids = NAMES["versioned"](GENES)
    ids[3] = "ENSG00000999999.1"  # not in the embedded table
    rows = [f"{ids[k]}\t{line}" for k, line in enumerate(lines[1:])]
    matrix.write_text("\n".join(["gene_id\tgene_name" + lines[0][4:], *rows]) + "\n")
    adata = same(load_own(matrix, sample_sheet=sheet))
    assert adata.var["ensembl_id"].iloc[0] == ids[0].split(".")[0]
    assert "column `gene_name`" in notes(adata)


def test_genes_that_are_there_twice_are_added_up(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    edited(matrix, f"\n{GENES[5]}\t", f"\n{GENES[4]}\t")
    adata = load_own(matrix, sample_sheet=sheet)
    assert adata.n_vars == len(GENES) - 1
    assert "1 genes share the symbol of another and are added to it." in notes(adata)


def test_dates_of_a_spreadsheet_are_said(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    edited(edited(matrix, f"\n{GENES[5]}\t", "\n1-Mar\t"), f"\n{GENES[6]}\t", "\n2-Sep\t")
    said = notes(load_own(matrix, sample_sheet=sheet))
    assert "2 names are dates that a spreadsheet has made of symbols (1-Mar, 2-Sep)" in said


def test_words_for_nothing_are_no_gene(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    for gene, word in zip(GENES[5:9], ("NA", "nan", "", "---"), strict=True):
        edited(matrix, f"\n{gene}\t", f"\n{word}\t")
    adata = load_own(matrix, sample_sheet=sheet)
    assert adata.n_vars == len(GENES) - 4
    assert not {"NA", "nan", "", "---"} & set(adata.var_names)
    # A line whose name is empty is no line of a gene; the others are counted.
    assert "3 genes without a symbol are left out" in notes(adata)


def test_classes_within_the_table(tmp_path: Path) -> None:
    known = truth()
    table = pd.DataFrame(known.values, columns=list(known.genes))
    table.insert(0, "age", 40.5)
    table.insert(0, "tissue", known.classes)
    table.insert(0, "id", known.samples)
    table["sex"] = ["f", "m"] * 12
    path = tmp_path / "data.csv"
    table.to_csv(path, index=False)
    for options in ({}, {"class_column": "tissue"}):
        adata = same(load_own(path, **options))
        assert list(adata.obs_names) == list(SAMPLES)
        assert "not taken for genes: `id`, `tissue`, `age`, `sex`" in notes(adata)
    assert same(load_own(path, donor_column="id")).obs["donor"].tolist() == list(SAMPLES)
    with pytest.raises(BadInputError, match=r"has no column 'organ' \(it begins with 'id'"):
        load_own(path, class_column="organ")
    table.rename(columns={"tissue": "what"}).to_csv(path, index=False)
    with pytest.raises(BadInputError, match=r"--class-column \(its columns what, sex could be"):
        load_own(path)


def test_a_sheet_beside_an_anndata(tmp_path: Path) -> None:
    path = write_h5ad(tmp_path / "own.h5ad", truth().named(more={"batch": ["a", "b"] * 12}))
    known = truth().named(classes=("x",) * 12 + ("y",) * 12)
    sheet = write_sheet(tmp_path / "sheet.csv", known)
    adata = same(load_own(path, sample_sheet=sheet, donor_column="batch"), known)
    assert set(adata.obs["donor"]) == {"a", "b"}
    lines = sheet.read_text().splitlines()
    sheet.write_text("\n".join([lines[0], *lines[3:]]) + "\n")
    adata = load_own(path, sample_sheet=sheet)
    assert adata.n_obs == 22
    assert "2 samples (S00, S01) with values are not in the sheet" in notes(adata)


FAULTS: dict[str, tuple[str, str, str, str]] = {
    "text among values": ("matrix", "\t1234", "\tmany", "column 'S00': 'many' is not a number"),
    "a missing value": ("matrix", "\t1234", "\tNA", r"sample 'S00': the value is missing"),
    "an empty value": ("matrix", "\t1234", "\t", r"sample 'S00': the value is missing"),
    "an infinite value": ("matrix", "\t1234", "\t-inf", r"infinite \(the logarithm of zero\?\)"),
    "a negative value": ("matrix", "\t1234", "\t-7", "-7 is negative, which expression cannot be"),
    "too many fields": (
        "matrix",
        "\t1234",
        "\t12\t34",
        "line 2, has 26 fields where the",
    ),
    "a sample twice": ("matrix", "\tS03", "\tS02", "sample 'S02' is there twice, at columns"),
    "two classes": ("sheet", "S03,B cell", "S03,B cell\nS03,T cell", "says two things of sample"),
    "a column twice": ("sheet", "sample,kind", "kind,kind", "column 'kind' is there twice"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_one_sentence_and_change_nothing(fault: str, tmp_path: Path) -> None:
    which, old, new, said = FAULTS[fault]
    matrix, sheet = pair(tmp_path)
    edited({"matrix": matrix, "sheet": sheet}[which], old, new)
    before = tree(tmp_path)
    with pytest.raises(HelpersError, match=said) as found:
        load_own(matrix, sample_sheet=sheet)
    assert found.value.exit_code == 2
    assert "\n" not in str(found.value)
    assert tree(tmp_path) == before


def test_files_that_are_not_there_or_no_tables(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    with pytest.raises(MissingInputError, match=r"no sheet of samples .*none\.csv: correct --sam"):
        load_own(matrix, sample_sheet=tmp_path / "none.csv")
    with pytest.raises(MissingInputError, match="correct the name after --dataset"):
        load_own(tmp_path / "none.tsv", sample_sheet=sheet)
    with pytest.raises(BadInputError, match="is no sheet of samples"):
        load_own(matrix, sample_sheet=tmp_path)
    with pytest.raises(BadInputError, match="give --samples"):
        load_own(matrix)
    with pytest.raises(BadInputError, match="has one matrix and no layers"):
        load_own(matrix, sample_sheet=sheet, layer="raw")
    (tmp_path / "odd.csv").write_text("a\nb,c\nd,e,f\n")
    with pytest.raises(BadInputError, match="lines have different numbers of fields"):
        load_own(tmp_path / "odd.csv", sample_sheet=sheet)
    (tmp_path / "one.csv").write_text("a,b,c\n")
    with pytest.raises(BadInputError, match="has 1 lines"):
        load_own(tmp_path / "one.csv", sample_sheet=sheet)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("1,234", "2,100"), "may be a decimal or a number above a thousand"),
        (("1,5", "2.25"), "marks decimals in two ways"),
    ],
)
def test_marks_that_cannot_be_told_are_asked_about(
    cells: tuple[str, str], said: str, tmp_path: Path
) -> None:
    matrix, sheet = pair(tmp_path)
    edited(edited(matrix, "\t1234", f"\t{cells[0]}"), "\t0\t", f"\t{cells[1]}\t")
    with pytest.raises(BadInputError, match=said):
        load_own(matrix, sample_sheet=sheet)


@pytest.mark.parametrize(("mark", "point"), [(",", "."), (".", ",")])
def test_marks_of_thousands(mark: str, point: str, tmp_path: Path) -> None:
    known = truth()
    values = known.values.copy()
    values[0, 0] = 1234567.5
    matrix, sheet = pair(tmp_path, known=known.named(values=values))
    edited(matrix, "\t1234567.5", f"\t1{mark}234{mark}567{point}5")
    same(load_own(matrix, sample_sheet=sheet, unit="tpm"), known.named(values=values))


def test_decimal_commas_far_down_are_seen(tmp_path: Path) -> None:
    known = truth(GENES * 2)
    values = known.values.copy()
    values[3, 100] = 0.25
    written = write_table(tmp_path / "m.tsv", known.named(values=values), TAB)
    edited(written, "0.25", "0,25")
    adata = load_own(written, sample_sheet=write_sheet(tmp_path / "s.csv", known), unit="tpm")
    summed = values[:, :60] + values[:, 60:]
    same(adata, truth().named(values=summed))


def test_folders_of_10x_say_what_is_wrong(tmp_path: Path) -> None:
    known = truth(with_entrez())
    folder = write_tenx(tmp_path / "filtered", known)
    sheet = write_sheet(tmp_path / "sheet.csv", known)
    with pytest.raises(BadInputError, match=r"give --samples SHEET\.csv, a table with a col"):
        load_own(folder, class_column="kind")
    with pytest.raises(BadInputError, match=r"holds no matrix\.mtx, but folders in it do \(filter"):
        load_own(tmp_path, sample_sheet=sheet)
    barcodes = (folder / "barcodes.tsv").read_text()
    (folder / "barcodes.tsv").write_text(barcodes[:-5])
    (folder / "barcodes.tsv").write_text("".join(barcodes.splitlines(keepends=True)[:-1]))
    with pytest.raises(BadInputError, match="60 features and 23 barcodes are named"):
        load_own(folder, sample_sheet=sheet)
    (folder / "barcodes.tsv").write_text(barcodes)
    matrix = (folder / "matrix.mtx").read_text()
    (folder / "matrix.mtx").write_text(matrix[:-20])
    with pytest.raises(BadInputError, match=r"is truncated: it says"):
        load_own(folder, sample_sheet=sheet)
    (folder / "matrix.mtx").unlink()
    with pytest.raises(BadInputError, match=r"is a folder without matrix\.mtx"):
        load_own(folder, sample_sheet=sheet)
    (folder / "matrix.mtx").write_text(matrix)
    (folder / "features.tsv").unlink()
    with pytest.raises(MissingInputError, match=r"has no features\.tsv"):
        load_own(folder, sample_sheet=sheet)


def test_antibodies_are_no_genes(tmp_path: Path) -> None:
    known = truth(with_entrez())
    folder = write_tenx(tmp_path / "filtered", known, suffix="")
    features = (folder / "features.tsv").read_text().splitlines()
    features[7:9] = [f.replace("Gene Expression", "Antibody Capture") for f in features[7:9]]
    (folder / "features.tsv").write_text("\n".join(features) + "\n")
    adata = load_own(folder, sample_sheet=write_sheet(tmp_path / "sheet.csv", known))
    assert list(adata.var_names) == [g for k, g in enumerate(known.genes) if k not in {7, 8}]
    assert "2 features are no genes and are left out (Antibody Capture)." in notes(adata)


def test_a_table_is_a_data_set(tmp_path: Path) -> None:
    matrix, sheet = pair(tmp_path)
    chosen = settings("smoke", sample_sheet=str(sheet))
    found = find_dataset(str(matrix), chosen)
    assert found.explained_tissues == ("T cell", "B cell")
    assert set(found.fingerprint(None)) == {"matrix.tsv", "sheet.csv"}
    assert found.title == "your own file matrix.tsv, described by sheet.csv, classes from `kind`"
    before = found.fingerprint(None)
    values = {name: getattr(chosen, name) for name in found.settings}
    assert "sample_sheet" not in values  # what the sheet says counts, not where it lies
    same(found.load(None, **values))
    edited(sheet, "S03,B cell", "S03,T cell")
    assert found.fingerprint(None)["matrix.tsv"] == before["matrix.tsv"]
    assert found.fingerprint(None)["sheet.csv"] != before["sheet.csv"]
    with pytest.raises(BadInputError, match="'sample_sheet' describes a file of your own"):
        find_dataset("reference", chosen)
