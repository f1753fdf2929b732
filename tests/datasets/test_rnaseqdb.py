from __future__ import annotations

import gzip
import hashlib
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.expression import combined_hash, donor_of
from helpers.datasets.rnaseqdb import fingerprint_rnaseqdb, load_rnaseqdb, read_file
from helpers.errors import BadInputError, HelpersError, MissingInputError

TINY = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"
KIDNEY = "kidney-rsem-fpkm-gtex.txt.gz"
LIVER = "lihc-rsem-fpkm-tcga.txt.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in TINY.glob("*.gz"):
        shutil.copy(path, tmp_path)
    return tmp_path


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", index_col=0).drop(columns="Entrez_Gene_Id")


def rewrite(path: Path, old: str, new: str) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new, 1).encode()))


def cells(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def write(path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(gzip.compress(("\n".join("\t".join(r) for r in rows) + "\n").encode()))


def sentence(error: pytest.ExceptionInfo[HelpersError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_classes_come_from_file_names(folder: Path) -> None:
    adata = load_rnaseqdb(folder)
    counts = adata.obs.groupby(["tissue", "organ", "study", "status"]).size().to_dict()
    assert counts == {
        ("TCGA_KICH", "kidney", "TCGA", "cancer"): 11,
        ("kidney", "kidney", "GTEx", "normal"): 12,
        ("kidney", "kidney", "TCGA", "normal"): 6,
        ("liver", "liver", "TCGA", "normal"): 12,
    }
    assert "Class salivary_gland is left out: 4 samples, fewer than 10." in adata.uns["notes"]
    assert not adata.uns["simulated"]


def test_values_are_log2_tpm_over_the_common_genes(folder: Path) -> None:
    adata = load_rnaseqdb(folder, min_class_size=1)
    tables = [table(path) for path in folder.glob("*.gz")]
    common = sorted(set.intersection(*(set(t.index) for t in tables)))
    fpkm = pd.concat([t.loc[common] for t in tables], axis=1).T.loc[adata.obs_names]
    expected = np.log2(fpkm.div(fpkm.sum(axis=1), axis=0) * 1e6 + 1)
    assert list(adata.var_names) == common
    assert len(common) == 17
    np.testing.assert_allclose(adata.X, expected, rtol=1e-5)
    assert adata.X.dtype == np.float32
    assert adata.uns["notes"][0].startswith("17 genes are in all 6 files; 3 that")


def test_donors_come_from_barcodes(folder: Path) -> None:
    obs = load_rnaseqdb(folder).obs
    assert obs.loc["GTEX-K103-1226-SM-4AD03", "donor"] == "GTEX-K103"
    # the tumour and the adjacent normal of one patient share the donor
    pair = obs[obs["donor"] == "TCGA-KN-A002"]
    assert set(pair["status"]) == {"normal", "cancer"}
    assert donor_of("anything-else") == "anything-else"


def test_any_subset_and_any_order_of_genes(folder: Path) -> None:
    whole = load_rnaseqdb(folder, min_class_size=1)
    for name in ("salivary", "chol"):
        next(folder.glob(f"{name}*")).unlink()
    rows = cells(folder / KIDNEY)
    write(folder / KIDNEY, [rows[0], *reversed(rows[1:])])
    part = load_rnaseqdb(folder, min_class_size=1)
    assert set(part.obs["tissue"]) == {"TCGA_KICH", "kidney", "liver"}
    genes = [gene for gene in part.var_names if gene in whole.var_names]
    assert set(part.var_names) - set(genes) == {"ZNF12"}
    # the proportions of genes do not depend on the subset
    ratio = (2 ** part[:, genes].X - 1) / (2 ** whole[part.obs_names, genes].X - 1)
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(len(genes), 1), rtol=1e-3)


def test_hashes_are_those_of_the_files(folder: Path) -> None:
    adata = load_rnaseqdb(folder)
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.gz")}
    assert adata.uns["provenance"]["files"] == hashes == fingerprint_rnaseqdb(folder)
    assert adata.uns["sha256"] == combined_hash(dict(reversed(hashes.items())))
    rewrite(folder / KIDNEY, "\t1", "\t2")
    assert load_rnaseqdb(folder).uns["sha256"] != adata.uns["sha256"]


def test_unknown_names_of_the_pattern_become_organs(folder: Path) -> None:
    (folder / "salivary-rsem-fpkm-gtex.txt.gz").rename(folder / "heart-rsem-fpkm-gtex.txt.gz")
    (folder / "kich-rsem-fpkm-tcga-t.txt.gz").rename(folder / "abc-rsem-fpkm-tcga-t.txt.gz")
    (folder / "mine.txt.gz").touch()
    adata = load_rnaseqdb(folder, min_class_size=1)
    assert {"heart", "TCGA_ABC"} <= set(adata.obs["tissue"])
    notes = " ".join(adata.uns["notes"])
    assert "RNAseqDB has no 'heart'" in notes
    assert "Not read, as their names are not RNAseqDB's: mine.txt.gz." in notes


def test_windows_line_ends_and_byte_order_mark_are_harmless(folder: Path) -> None:
    before = load_rnaseqdb(folder)
    path = folder / KIDNEY
    text = gzip.decompress(path.read_bytes()).replace(b"\n", b"\r\n")
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text + b"\r\n"))
    np.testing.assert_array_equal(load_rnaseqdb(folder).X, before.X)


def test_missing_folder_file_for_folder_and_no_files(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError) as error:
        load_rnaseqdb(tmp_path / "none")
    assert str(tmp_path / "none") in sentence(error)
    with pytest.raises(BadInputError, match="is a file: name the folder"):
        load_rnaseqdb(TINY / KIDNEY)
    with pytest.raises(MissingInputError, match="holds no file named like") as error:
        load_rnaseqdb(tmp_path)
    assert "fetch them" in sentence(error)
    (tmp_path / KIDNEY.removesuffix(".gz")).touch()
    with pytest.raises(MissingInputError, match=r"compress its .txt files with gzip"):
        load_rnaseqdb(tmp_path)
    with pytest.raises(MissingInputError, match=r"There is no file .*none.gz"):
        read_file(tmp_path / "none.gz")


def test_every_truncation_is_found(tmp_path: Path) -> None:
    raw = (TINY / LIVER).read_bytes()
    path = tmp_path / LIVER
    for length in [0, 1, 2, 5, 9, 10, 11, len(raw) // 2, len(raw) - 8, len(raw) - 1]:
        path.write_bytes(raw[:length])
        with pytest.raises(BadInputError, match=r"is empty|is truncated") as error:
            read_file(path)
        assert str(path) in sentence(error)


def test_other_formats_and_damage_are_found(tmp_path: Path) -> None:
    path = tmp_path / LIVER
    raw = bytearray((TINY / LIVER).read_bytes())
    path.write_bytes(gzip.decompress(bytes(raw)))
    with pytest.raises(BadInputError, match="is not a gzip file"):
        read_file(path)
    raw[-5] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(BadInputError, match="is damaged"):
        read_file(path)
    path.write_bytes(gzip.compress(b"\n"))
    with pytest.raises(BadInputError, match="holds no text once unpacked"):
        read_file(path)
    path.write_bytes(gzip.compress(b"Hugo_Symbol\tEntrez_Gene_Id\ta\nALB\t1\t\xff\n"))
    with pytest.raises(BadInputError, match="line 2, is not UTF-8 text"):
        read_file(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Hugo_Symbl\tEntrez_Gene_Id\ta", "has no 'Hugo_Symbol' as column 1; the nearest is 'Hugo"),
        ("Entrez_Gene_Id\tHugo_Symbol\ta", "move it there from column 2"),
        ("Hugo_Symbol\tx\ty", "has no 'Entrez_Gene_Id' as column 2; add it"),
        ("Hugo_Symbol,Entrez_Gene_Id,a", "separate the columns with tabs"),
        ("Hugo_Symbol\tEntrez_Gene_Id", "has no samples"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta", "has no genes, only a header"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta\nALB\t1\t2\t3", "line 2, has 4 tab-separated fields"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta\nALB\t1\t2\n\nTG\t1\t2", "line 3, has 1 tab-separated"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta\n\t1\t2", "the gene at line 2 has no name"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta\ta\nALB\t1\t2\t3", "'a' is there twice, at columns 3 and"),
        ("Hugo_Symbol\tEntrez_Gene_Id\ta\nTG\t1\t2\nTG\t1\t2", "'TG' is there twice, at lines 2 a"),
    ],
)
def test_malformed_tables(tmp_path: Path, header: str, message: str) -> None:
    path = tmp_path / LIVER
    path.write_bytes(gzip.compress(header.encode() + b"\n"))
    with pytest.raises(BadInputError) as error:
        read_file(path)
    assert message in sentence(error)
    assert str(path) in sentence(error)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("abc", "'abc' is not a number"),
        ("", "is missing"),
        ("NaN", "is missing"),
        ("-1", "is negative"),
        ("inf", "is infinite"),
        ("1e99", "is infinite"),
    ],
)
@pytest.mark.parametrize("column", [3, -1])
def test_bad_values_are_named(folder: Path, value: str, fault: str, column: int) -> None:
    rows = cells(folder / KIDNEY)
    # the last line and column are where a stripped line end would hide a missing value
    rows[-1][column] = value
    write(folder / KIDNEY, rows)
    with pytest.raises(BadInputError) as error:
        load_rnaseqdb(folder)
    assert fault in sentence(error)
    assert f"{KIDNEY}: gene {rows[-1][0]!r}, sample {rows[0][column]!r}" in sentence(error)


def test_a_sample_in_two_files_is_named(folder: Path) -> None:
    rewrite(folder / LIVER, "TCGA-DD-A000-11A-11R-A41I-07", "TCGA-KN-A001-01A-11R-A41I-07")
    with pytest.raises(BadInputError, match=r"'TCGA-KN-A001-01A.*' is in both .*kich.* and lihc"):
        load_rnaseqdb(folder)


def test_the_file_without_a_common_gene_is_named(folder: Path) -> None:
    rows = cells(folder / KIDNEY)
    for row in rows[1:]:
        row[0] = f"ENSG{row[0]}"
    write(folder / KIDNEY, rows)
    with pytest.raises(
        BadInputError, match=rf"no gene in common: .*{KIDNEY} shares the fewest \(0"
    ):
        load_rnaseqdb(folder)


def test_a_silent_sample_is_named_with_its_file(folder: Path) -> None:
    rows = cells(folder / KIDNEY)
    for row in rows[1:]:
        row[4] = "0"
    write(folder / KIDNEY, rows)
    with pytest.raises(BadInputError, match=rf"{KIDNEY}: sample 'GTEX-K102.*' is zero in all 17"):
        load_rnaseqdb(folder)


def test_too_few_classes_are_refused_with_their_sizes(folder: Path) -> None:
    with pytest.raises(BadInputError, match=r"holds 1 class of at least 18 .*salivary_gland 4"):
        load_rnaseqdb(folder, min_class_size=18)
    with pytest.raises(BadInputError, match="holds 0 classes"):
        load_rnaseqdb(folder, min_class_size=100)


@pytest.mark.real
def test_real_files_load_in_seconds(shared_data: Path) -> None:
    started = time.process_time()
    adata = load_rnaseqdb(shared_data / "rnaseqdb")
    assert time.process_time() - started < 15
    counts = adata.obs["tissue"].value_counts().to_dict()
    assert counts == {
        "TCGA_CHOL": 31,
        "TCGA_KICH": 60,
        "TCGA_UCS": 47,
        "bladder": 28,
        "head_and_neck": 42,
        "kidney": 57,
        "liver": 57,
        "lung": 110,
        "salivary_gland": 55,
        "thyroid": 53,
        "uterus": 105,
    }
    assert adata.n_vars == 18_283
    np.testing.assert_allclose((2 ** adata.X.astype(float) - 1).sum(axis=1), 1e6, rtol=1e-4)
    medians = adata.to_df().groupby(adata.obs["tissue"].to_numpy()).median()
    for gene, tissue in {
        "ALB": "liver",
        "SFTPC": "lung",
        "UMOD": "kidney",
        "TG": "thyroid",
    }.items():
        assert medians[gene].idxmax() == tissue


@pytest.mark.real
def test_adjacent_normals_of_cholangiocarcinoma_are_liver(shared_data: Path) -> None:
    adata = load_rnaseqdb(shared_data / "rnaseqdb")
    liver = adata[adata.obs["tissue"] == "liver"].to_df()
    chol = read_file(shared_data / "rnaseqdb" / "chol-rsem-fpkm-tcga.txt.gz").samples
    similarity = liver.T.corr().loc[chol, liver.index.difference(chol)]
    assert len(chol) == 9
    assert similarity.median(axis=1).min() > 0.9
