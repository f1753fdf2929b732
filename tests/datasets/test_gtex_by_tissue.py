"""GTEx's files of single tissues, and what lies in folders beside the files that count."""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from gtex_tcga_study import Study, edit, make_study, pack, unpack

from helpers.datasets import matrix_text
from helpers.datasets.gtex_tcga import fingerprint_gtex_tcga, load_gtex_tcga
from helpers.datasets.matrix_text import read_text
from helpers.errors import BadInputError


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path / "data", projects={})


def by_tissue(study: Study, *, numbered: bool = True) -> list[Path]:
    """Write GTEx's one file as one for each tissue, as its portal has them too."""
    version, dimensions, header, *lines = unpack(study.matrix).splitlines()
    columns = defaultdict(list)
    for place, tissue in enumerate(study.tissues):
        columns[tissue].append(place + 2)
    paths = []
    for tissue, places in columns.items():
        name = f"gene_tpm_2017-06-05_v8_{tissue.split()[0].lower()}.gct.gz"
        made = [version, f"{dimensions.split()[0]}\t{len(places)}"]
        for number, line in enumerate([header, *lines]):
            cells = line.split("\t")
            before = ["id" if number == 0 else str(number - 1)] if numbered else []
            made.append("\t".join([*before, *cells[:2], *(cells[place] for place in places)]))
        pack(study.folder / name, "\n".join(made) + "\n")
        paths.append(study.folder / name)
    study.matrix.unlink()
    return paths


@pytest.mark.parametrize("numbered", [True, False], ids=["id", "no id"])
def test_files_of_tissues_are_read_as_one(study: Study, numbered: bool) -> None:
    one = load_gtex_tcga(study.folder, min_class_size=3).load()
    paths = by_tissue(study, numbered=numbered)
    several = load_gtex_tcga(study.folder, min_class_size=3).load()
    np.testing.assert_array_equal(several[one.obs_names].X, one.X)
    assert list(several.var_names) == list(one.var_names)
    assert (several.obs["tissue"][one.obs_names] == one.obs["tissue"]).all()
    hashes = fingerprint_gtex_tcga(study.folder)
    assert {path.name for path in paths} <= set(hashes)
    for path in paths[2:]:
        path.unlink()
    fewer = load_gtex_tcga(study.folder, min_class_size=3).load()
    assert set(fewer.obs["tissue"]) == {"GTEx_Liver", "GTEx_Lung"}


def test_genes_are_those_that_all_files_have(study: Study) -> None:
    one = load_gtex_tcga(study.folder, min_class_size=3).load()
    paths = by_tissue(study)
    gene = next(g for g, kind in zip(study.genes, study.kinds, strict=True) if kind[0] == "p")
    text = unpack(paths[0])
    line = next(line for line in text.splitlines() if f"\t{gene}\t" in line)
    pack(paths[0], text.replace(line + "\n", ""))
    fewer = load_gtex_tcga(study.folder, min_class_size=3).load()
    assert set(one.var["ensembl_id"]) - set(fewer.var["ensembl_id"]) == {gene.partition(".")[0]}
    assert "1 of these are not in GTEx's files and are left out." in list(fewer.uns["notes"])


def test_a_sample_in_two_files_is_named(study: Study) -> None:
    whole = study.matrix.read_bytes()
    by_tissue(study)
    study.matrix.write_bytes(whole)
    with pytest.raises(BadInputError, match=r"Sample 'GTEX-.*' is in both .*GTEx_Ana"):
        load_gtex_tcga(study.folder, min_class_size=3)


def test_files_of_one_name_in_two_folders_both_count(study: Study) -> None:
    paths = by_tissue(study)
    for path in paths[:2]:
        folder = study.folder / path.name.split("_")[-1].split(".")[0]
        folder.mkdir()
        path.rename(folder / "gene_tpm.gct.gz")
    hashes = fingerprint_gtex_tcga(study.folder)
    assert {"liver/gene_tpm.gct.gz", "lung/gene_tpm.gct.gz"} <= set(hashes)
    assert load_gtex_tcga(study.folder, min_class_size=3).load().n_obs == len(study.samples)


def test_what_a_mac_leaves_beside_files_does_not_count(study: Study) -> None:
    before = fingerprint_gtex_tcga(study.folder)
    (study.folder / "__MACOSX").mkdir()
    for path in (study.matrix, study.attributes, study.annotation):
        (study.folder / f"._{path.name}").write_bytes(b"\x00\x05\x16\x07Mac OS X")
        (study.folder / "__MACOSX" / path.name).write_bytes(b"\x00")
    assert fingerprint_gtex_tcga(study.folder) == before
    load_gtex_tcga(study.folder, min_class_size=3).load()


def test_a_word_for_nothing_is_no_tissue(study: Study) -> None:
    edit(study.attributes, "\tLung\tLung", "\tLung\tNA")
    notes = list(load_gtex_tcga(study.folder, min_class_size=3).load().uns["notes"])
    assert "1 samples of GTEx have values and no tissue, and are left out." in notes


PADDING = (1, 511, 512, 10_240)


@pytest.mark.parametrize("zeros", PADDING)
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_zero_bytes_behind_a_gzip_stream_are_no_damage(
    zeros: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix_text, "READ_BYTES", block)
    path = tmp_path / "x.txt.gz"
    first, second = gzip.compress(b"a\tb\n"), gzip.compress(b"c\td\n")
    for content in (first + bytes(zeros), first + bytes(zeros) + second + bytes(zeros)):
        path.write_bytes(content)
        assert read_text(path).startswith("a\tb")
    assert read_text(path) == "a\tb\nc\td"
    path.write_bytes(first + bytes(zeros) + b"more")
    with pytest.raises(BadInputError, match="is damaged"):
        read_text(path)
    path.write_bytes((first + bytes(zeros) + second)[:-9])
    with pytest.raises(BadInputError, match="is truncated"):
        read_text(path)
