from __future__ import annotations

import re
from pathlib import Path

import anndata
import gtex_tcga_study
import numpy as np
import pandas as pd
import pytest
from gtex_tcga_study import Study, edit, make_study, pack, unpack

from helpers.datasets import DATASETS, load, matrix_text
from helpers.datasets.gtex_tcga import fingerprint_gtex_tcga, load_gtex_tcga
from helpers.datasets.gtex_tcga_classes import PROJECT_ORGANS, gtex_class, gtex_organ
from helpers.datasets.store import open_store
from helpers.errors import BadInputError, HelpersError, MissingInputError


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path / "data")


def written(study: Study, min_class_size: int = 3) -> anndata.AnnData:
    path = study.folder.parent / "out.h5ad"
    load_gtex_tcga(study.folder, min_class_size=min_class_size).write(path)
    return open_store(path)


def failure(study: Study) -> str:
    """Return the one sentence in which reading ends; no file may be left but the data."""
    with pytest.raises(HelpersError) as error:
        load_gtex_tcga(study.folder, min_class_size=3).load()
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert error.value.exit_code == 2
    return text


def expected_genes(study: Study) -> pd.DataFrame:
    table = pd.DataFrame({"gene": study.genes, "symbol": study.symbols, "kind": study.kinds})
    table = table[table["kind"] == "protein_coding"].sort_values("symbol")
    return table


def test_gtex_is_what_its_file_says(study: Study) -> None:
    adata, genes = written(study), expected_genes(study)
    assert list(adata.var_names) == list(genes["symbol"])
    assert list(adata.var["ensembl_id"]) == [gene.partition(".")[0] for gene in genes["gene"]]
    part = adata[adata.obs["study"] == "GTEx"]
    assert list(part.obs_names) == study.samples
    np.testing.assert_array_equal(part.X, np.log2(study.tpm[genes.index].T + np.float32(1)))
    assert list(part.obs["tissue"].astype(str)) == [gtex_class(t) for t in study.tissues]
    assert set(part.obs["status"]) == {"normal"}
    assert part.obs["donor"].iloc[0] == "GTEX-0000"


@pytest.mark.parametrize("project", ["LIHC", "OV"])
def test_tcga_is_coverage_turned_into_tpm(study: Study, project: str) -> None:
    adata, genes = written(study), expected_genes(study)
    part = adata[adata.obs["tissue"] == f"TCGA_{project}"]
    primary = [k for k, kind in enumerate(study.types[project]) if kind == "Primary Tumor"]
    assert len(part) == len(primary)
    rate = study.coverage[project][:, primary] / study.lengths[:, None]
    tpm = 1e6 * rate / rate.sum(axis=0)
    np.testing.assert_allclose(part.X, np.log2(tpm[genes.index].T + 1), rtol=2e-6, atol=2e-6)
    assert set(part.obs["status"]) == {"cancer"}
    assert part.obs["donor"].iloc[0] == f"TCGA-{project[:2]}-0000"


def test_what_is_left_out_is_counted(study: Study) -> None:
    edit(study.attributes, "\tBrain\tBrain - Cortex", "\tBrain\t")
    notes = list(written(study, 5).uns["notes"])
    for told in (
        "40 genes are annotated; 32 of them code for proteins.",
        "1 samples of GTEx have values and no tissue, and are left out.",
        "1 rows of GTEx's attributes are of samples without values here.",
        "2 samples of TCGA have values and no metadata, and are left out.",
        "2 rows of TCGA's metadata are of samples without values here.",
        "2 samples of TCGA are no primary tumours and are left out (Solid Tissue Normal 2).",
        "Class GTEx_Brain_Cortex is left out: 2 samples, fewer than 5.",
    ):
        assert told in notes


def test_classes_organs_and_pairs(study: Study) -> None:
    obs = written(study).obs.astype(str)
    organs = dict(zip(obs["tissue"], obs["organ"], strict=True))
    assert organs["GTEx_Liver"] == organs["TCGA_LIHC"] == "liver"
    assert organs["GTEx_Ovary"] == organs["TCGA_OV"] == "ovary"
    assert organs["GTEx_Brain_Cortex"] == "brain"
    assert set(DATASETS["gtex-tcga"].explained_tissues) <= set(obs["tissue"])


def test_names_of_classes() -> None:
    cells = "Cells - EBV-transformed lymphocytes"
    assert gtex_class(cells) == "GTEx_Cells_EBV_transformed_lymphocytes"
    assert gtex_organ(cells) == "lymphocytes"
    brain = "Brain - Anterior cingulate cortex (BA24)"
    assert gtex_class(brain) == "GTEx_Brain_Anterior_cingulate_cortex_BA24"
    assert gtex_organ("Esophagus - Mucosa") == PROJECT_ORGANS["ESCA"]
    assert gtex_organ("Kidney - Medulla") == PROJECT_ORGANS["KIRC"]
    assert len(PROJECT_ORGANS) == 33


def test_every_catalogued_project_has_an_organ_and_two_files() -> None:
    entry = DATASETS["gtex-tcga"]
    projects = [m[1] for f in entry.fetch_files if (m := re.match(r"tcga\.gene_sums\.(\w+)", f))]
    assert sorted(projects) == sorted(PROJECT_ORGANS)
    assert set(entry.fetch_files) == set(entry.file_urls)
    assert len(entry.fetch_files) == 3 + 2 * 33
    for name, url in entry.file_urls.items():
        assert url.startswith("https://")
        assert url.endswith("/" + name)


@pytest.mark.parametrize("project", ["LIHC", "OV"])
def test_any_part_will_do(tmp_path: Path, project: str) -> None:
    some = make_study(tmp_path / "some", projects={project: 6})
    assert f"TCGA_{project}" in set(written(some).obs["tissue"])
    gtex = make_study(tmp_path / "gtex", projects={})
    assert set(written(gtex).obs["study"]) == {"GTEx"}
    tcga = make_study(tmp_path / "tcga", tissues={})
    assert set(written(tcga).obs["tissue"]) == {"TCGA_LIHC", "TCGA_OV"}


def test_files_may_lie_as_recount3_lays_them_out(study: Study) -> None:
    flat = fingerprint_gtex_tcga(study.folder)
    deep = study.folder / "human" / "data_sources" / "tcga" / "gene_sums" / "HC" / "LIHC"
    deep.mkdir(parents=True)
    study.sums("LIHC").rename(deep / study.sums("LIHC").name)
    assert fingerprint_gtex_tcga(study.folder) == flat
    assert len(flat) == 7


@pytest.mark.parametrize("block", [300, 1 << 24])
def test_the_size_of_blocks_changes_nothing(
    study: Study, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(matrix_text, "BLOCK_BYTES", block)
    monkeypatch.setattr("helpers.datasets.gtex_tcga.BLOCK", block % 7 + 1)
    np.testing.assert_array_equal(
        written(study).X, load("gtex-tcga", data=study.folder, min_class_size=3).X
    )


def test_one_gene_for_each_symbol_and_none_of_the_copies_on_y(study: Study) -> None:
    chosen, copy = study.genes[0], study.genes[1]
    text = unpack(study.annotation)
    text = text.replace(f'gene_name "{study.symbols[1]}"', f'gene_name "{study.symbols[0]}"')
    text = text.replace(f'gene_id "{study.genes[2]}"', f'gene_id "{chosen}_PAR_Y"')
    pack(study.annotation, text)
    for path in (study.matrix, study.sums("LIHC"), study.sums("OV")):
        edit(path, study.genes[2], f"{chosen}_PAR_Y")
    var = written(study).var
    assert len(var) == len(expected_genes(study)) - 2
    assert var.loc[study.symbols[0], "ensembl_id"] == chosen.partition(".")[0]
    assert copy.partition(".")[0] not in set(var["ensembl_id"])
    pack(study.annotation, text.replace("chr1", "GL000194.1", 3))  # the first two genes among them
    assert len(written(study).var) == len(var)


def test_bom_crlf_and_latin1_make_no_difference(study: Study) -> None:
    before = written(study)
    for path in (study.matrix, study.sums("LIHC"), study.attributes, study.metadata("OV")):
        pack(path, ("\ufeff" + unpack(path)).replace("\n", "\r\n"))
    text = unpack(study.metadata("LIHC")).replace("rail_id", "raïl_id")
    pack(study.metadata("LIHC"), text.encode("latin-1"))
    after = written(study)
    np.testing.assert_array_equal(after.X, before.X)
    assert list(after.obs_names) == list(before.obs_names)


def test_a_wrong_number_of_genes_is_noted_and_of_samples_refused(study: Study) -> None:
    edit(study.matrix, "40\t27", "56200\t27")
    notes = list(written(study).uns["notes"])
    told = f"{gtex_tcga_study.MATRIX}: its line of dimensions says 56,200 genes, and it holds 40."
    assert told in notes
    edit(study.matrix, "56200\t27", "56200\t26")
    assert "line 2 says 26 samples, line 3 names 27" in failure(study)


def test_bad_files_end_in_a_sentence(study: Study) -> None:
    gene, sample = study.genes[0], study.samples[1]
    line = next(line for line in unpack(study.matrix).splitlines() if line.startswith(gene))
    cells = line.split("\t")
    cases = [
        (study.matrix, "#1.2", "#1.3", "does not start with '#1.2'"),
        (study.matrix, "40\t27", "forty", "line 2, must hold the numbers of genes and samples"),
        (study.matrix, line, line + "\t1", "line 4, has 28 values for 27 samples"),
        (study.matrix, line, "\t".join([*cells[:3], "x", *cells[4:]]), f"{sample!r}: 'x' is not"),
        (study.matrix, line, "\t".join([*cells[:3], "-1", *cells[4:]]), "-1 is negative"),
        (study.matrix, line, "\t".join([*cells[:3], "NaN", *cells[4:]]), "value is missing"),
        (study.matrix, line, f"{line}\n{line}", "is there twice, at lines 4 and 5"),
        (study.matrix, study.samples[2], sample, f"sample {sample!r} is there twice"),
        (study.attributes, "SMTSD", "Smtsd", "has no column 'SMTSD'; the nearest is 'Smtsd'"),
        (study.metadata("OV"), "external_id", "externel_id", "the nearest is 'externel_id'"),
        (study.metadata("OV"), "sample_type", "sampletype", "'gdc_cases.samples.sampletype'"),
        (study.sums("OV"), "gene_id", "gene", "no line that starts with the columns gene_id"),
        (study.sums("OV"), gene, "ENSG99999999999.1", "lacks 1 protein-coding genes"),
        (study.sums("OV"), f"\n{study.genes[1]}", f"\n{gene}", "is there twice, at lines 4 and 5"),
        (study.annotation, f"\t{study.lengths[0]}\t", "\t.\t", "must be a number of base pairs"),
        (study.annotation, "HAVANA\tgene", "HAVANA", "has 8 fields, and a GTF has 9"),
    ]
    for path, old, new, told in cases:
        whole = path.read_bytes()
        edit(path, old, new)
        assert told in failure(study), told
        path.write_bytes(whole)


def test_truncated_and_unmatched_files_end_in_a_sentence(study: Study) -> None:
    whole = study.matrix.read_bytes()
    study.matrix.write_bytes(whole[:-40])
    assert "is truncated" in failure(study)
    study.matrix.write_bytes(whole)
    text = unpack(study.attributes)
    pack(study.attributes, text.replace("GTEX-", "OTHER-"))
    assert f"None of the 27 samples of {study.matrix} has a tissue" in failure(study)
    pack(study.attributes, text)
    text = unpack(study.metadata("OV"))
    pack(study.metadata("OV"), text.replace("ov-", "xx-"))
    assert "None of the 8 samples" in failure(study)


def test_what_a_folder_lacks_is_said(study: Study, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, told in (
        (tmp_path / "absent", "There is no folder"),
        (tmp_path / "empty", "holds neither GTEx's gene_tpm.gct.gz nor"),
    ):
        with pytest.raises(MissingInputError, match=told):
            load_gtex_tcga(folder)
    with pytest.raises(BadInputError, match="is a file"):
        load_gtex_tcga(study.matrix)
    for path, told in (
        (study.attributes, "without GTEx's SampleAttributesDS.txt"),
        (study.metadata("OV"), "without tcga.tcga.OV.MD.gz"),
        (study.annotation, "without human.gene_sums.G026.gtf.gz"),
    ):
        whole = path.read_bytes()
        path.unlink()
        assert told in failure(study)
        path.write_bytes(whole)
    (study.folder / "more").mkdir()
    for path, told in ((study.matrix, "is in both"), (study.sums("OV"), "are both project OV")):
        twin = study.folder / "more" / path.name
        twin.write_bytes(path.read_bytes())
        assert told in failure(study)
        twin.unlink()


def test_a_sample_without_expression_is_named(study: Study) -> None:
    header, *lines = unpack(study.sums("OV")).split("\ngene_id")
    rows = ("gene_id" + lines[0]).splitlines()
    zero = [rows[0], *("\t".join([(c := r.split("\t"))[0], "0", *c[2:]]) for r in rows[1:])]
    pack(study.sums("OV"), header + "\n" + "\n".join(zero) + "\n")
    assert "sample 'ov-0000-4e5f' is zero in all genes" in failure(study)
