"""The readers on true files of GTEx and recount3, which are not part of the project."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gtex_tcga_study import ANNOTATION, ATTRIBUTES, MATRIX, pack

from helpers.datasets import load
from helpers.datasets.gct import read_gct, read_gct_header
from helpers.datasets.gene_annotation import protein_coding, read_annotation
from helpers.datasets.gene_sums import read_sums_header, read_tpm
from helpers.datasets.gtex_tcga import load_gtex_tcga
from helpers.datasets.sample_tables import read_sample_table
from helpers.errors import BadInputError

pytestmark = pytest.mark.real
TWO = "sra.gene_sums.DRP004088.G026.gz"


@pytest.fixture(scope="module")
def gtex(shared_data: Path) -> Path:
    return shared_data / "gtex"


@pytest.fixture(scope="module")
def recount3(shared_data: Path) -> Path:
    return shared_data / "recount3" / "human"


def plain(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", skiprows=2, index_col=0)


def gtf(path: Path, genes: dict[str, str]) -> None:
    """Write an annotation of genes that recount3's trimmed one lacks; lengths are invented."""
    lines = [
        f'chr1\tX\tgene\t1\t2\t1000\t+\t.\tgene_id "{gene}"; gene_type "protein_coding"; '
        f'gene_name "{symbol}";'
        for gene, symbol in genes.items()
    ]
    pack(path, "\n".join(lines) + "\n")


def test_a_gct_of_all_samples_whose_dimensions_are_wrong(gtex: Path, tmp_path: Path) -> None:
    """17,382 samples × 59 genes that claim to be 56,200; labels for 7,123 of the samples."""
    matrix = tmp_path / MATRIX
    matrix.symlink_to(gtex / "GTEx_v8_gene_reads.acmg_59.gct.gz")
    (tmp_path / ATTRIBUTES).symlink_to(gtex / "gtex_v8_acmg59_7123samples_labels.tsv")
    truth = plain(matrix)
    symbols = truth.pop("Description")
    gtf(tmp_path / ANNOTATION, symbols.to_dict())
    adata = load("gtex-tcga", data=tmp_path, min_class_size=10)
    labels = pd.read_csv(tmp_path / ATTRIBUTES, sep="\t", index_col=0)
    counts = labels["SMTSD"].value_counts()
    assert adata.n_obs == counts[counts >= 10].sum() == 7123 - 9 - 6 - 5 - 4
    assert adata.obs["tissue"].nunique() == 49
    assert list(adata.var_names) == sorted(symbols)
    expected = truth[adata.obs_names].set_axis(symbols).loc[adata.var_names].to_numpy().T
    np.testing.assert_allclose(adata.X, np.log2(expected + 1), rtol=1e-6)
    notes = " ".join(adata.uns["notes"])
    assert "its line of dimensions says 56,200 genes, and it holds 59." in notes
    assert "10,259 samples of GTEx have values and no tissue, and are left out." in notes
    liver = adata.obs[adata.obs["tissue"] == "GTEx_Liver"]
    assert set(liver["organ"]) == {"liver"}
    assert adata.obs["donor"].str.fullmatch("GTEX-[A-Z0-9]+|K-562").all()


def test_a_gct_without_versions_and_the_full_table_of_attributes(gtex: Path) -> None:
    matrix = gtex / "gtex_v6_yarn_bladder_counts.gct.gz"
    truth = plain(matrix).drop(columns="Description")
    found = read_gct(matrix, frozenset(truth.index), np.array([10, 0, 3]))
    assert found.genes == list(truth.index)
    assert found.notes == []
    np.testing.assert_array_equal(found.values, truth.iloc[:, [10, 0, 3]].to_numpy().T)
    table = read_sample_table(
        gtex / "gtex_v6_yarn_bladder_SampleAttributesDS.txt", "SAMPID", ["SMTSD", "SMPTHNTS"]
    )
    assert list(table.index) == read_gct_header(matrix).samples
    assert set(table["SMTSD"]) == {"Bladder"}


def test_metadata_that_is_latin1_and_lacks_the_column(gtex: Path) -> None:
    path = gtex / "TcgaTargetGTEX_phenotype.tsv.gz"
    table = read_sample_table(path, "sample", ["_primary_site"])
    assert "Sympathetic\u00caNervous System" in set(table["_primary_site"])
    with pytest.raises(BadInputError, match="has no column 'SAMPID'; the nearest is 'sample'"):
        read_sample_table(path, "SAMPID", ["SMTSD"])


def test_recount3s_annotation(recount3: Path) -> None:
    path = recount3 / "annotations" / "gene_sums" / ANNOTATION
    table = read_annotation(path)
    assert len(table) == 2000
    assert table.loc["ENSG00000277400", ["symbol", "length"]].tolist() == ["AC145212.2", 2179]
    coding = protein_coding(table)
    assert (table["kind"] == "protein_coding").sum() == 961
    assert coding["symbol"].is_unique
    assert coding["symbol"].is_monotonic_increasing
    # Copies of HLA-A lie on several scaffolds; the lowest identifier stays.
    copies = table[(table["symbol"] == "HLA-A") & (table["kind"] == "protein_coding")]
    assert len(copies) > 1
    assert coding.index[coding["symbol"] == "HLA-A"] == copies.index.min()


def genes_of(path: Path) -> pd.DataFrame:
    with gzip.open(path) as file:
        return pd.read_csv(file, sep="\t", comment="#", index_col=0)


def whole_annotation(recount3: Path, path: Path) -> None:
    """Write recount3's annotation, and invented lengths of the 18,000 genes that it was cut by."""
    text = gzip.decompress((recount3 / "annotations" / "gene_sums" / ANNOTATION).read_bytes())
    known = {line.split('"')[1] for line in text.decode().splitlines() if line[0] != "#"}
    more = [
        f'chr1\tX\tgene\t1\t2\t{500 + k % 3000}\t+\t.\tgene_id "{gene}"; '
        f'gene_type "protein_coding"; gene_name "G{k}";'
        for k, gene in enumerate(genes_of(sums(recount3, TWO)).index)
        if gene not in known
    ]
    pack(path, text.decode() + "\n".join(more) + "\n")


def sums(recount3: Path, name: str) -> Path:
    return next((recount3 / "data_sources" / "sra" / "gene_sums").rglob(name))


def test_recount3s_coverage_becomes_tpm(recount3: Path, tmp_path: Path) -> None:
    path = sums(recount3, TWO)
    whole_annotation(recount3, tmp_path / ANNOTATION)
    annotation = read_annotation(tmp_path / ANNOTATION)
    assert len(annotation) == 20_000
    lengths = annotation["length"].to_dict()
    columns = {gene: k for k, gene in enumerate(protein_coding(annotation).index)}
    tpm = read_tpm(path, lengths, columns, np.array([1, 0]))
    truth = genes_of(path)
    truth.index = [gene.partition(".")[0] for gene in truth.index]
    rate = truth.div(annotation["length"].reindex(truth.index), axis=0)
    expected = (1e6 * rate / rate.sum()).loc[list(columns)].iloc[:, ::-1]
    np.testing.assert_allclose(tpm, expected.to_numpy().T, rtol=1e-5)
    assert read_sums_header(path).samples == ["DRR057223", "DRR057224"]


def test_genes_without_any_coverage_are_said(recount3: Path) -> None:
    """The 2,000 genes of the trimmed annotation lie on scaffolds, which no read covers here."""
    annotation = read_annotation(recount3 / "annotations" / "gene_sums" / ANNOTATION)
    lengths = annotation["length"].to_dict()
    with pytest.raises(BadInputError, match="sample 'DRR057223' is zero in all genes"):
        read_tpm(sums(recount3, TWO), lengths, {}, np.array([0, 1]))


def test_projects_of_true_coverage_end_to_end(recount3: Path, tmp_path: Path) -> None:
    """Two studies of the Sequence Read Archive stand for two projects of TCGA."""
    whole_annotation(recount3, tmp_path / ANNOTATION)
    for project, name in (("LIHC", TWO), ("OV", "sra.gene_sums.SRP014565.G026.gz")):
        path = tmp_path / f"tcga.gene_sums.{project}.G026.gz"
        path.symlink_to(sums(recount3, name))
        lines = ["external_id\ttcga_barcode\tgdc_cases.samples.sample_type"]
        lines += [
            f"{sample}\tTCGA-{project[:2]}-000{k}-01A-11R-A29S-07\tPrimary Tumor"
            for k, sample in enumerate(read_sums_header(path).samples)
        ]
        pack(tmp_path / f"tcga.tcga.{project}.MD.gz", "\n".join(lines) + "\n")
    adata = load_gtex_tcga(tmp_path, min_class_size=1).load()
    assert adata.shape == (3, len(set(adata.var_names)))
    assert dict(adata.obs["tissue"].value_counts()) == {"TCGA_LIHC": 2, "TCGA_OV": 1}
    tpm = 2.0 ** adata.X.astype(float) - 1
    assert (tpm.sum(axis=1) > 9e5).all()
    assert (tpm.sum(axis=1) < 1.00001e6).all()
