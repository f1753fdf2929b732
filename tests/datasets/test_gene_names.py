"""What names of genes are, where they are found, and which are refused."""

from __future__ import annotations

import importlib
import lzma
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from own_files import NAMES, with_entrez

from helpers.datasets.gene_names import ENTREZ_TABLE, annotation, entrez_symbols, understand
from helpers.datasets.organisms import damaged_by_excel, looks_like
from helpers.datasets.symbols import name_genes
from helpers.errors import BadInputError, UnknownNameError

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = Path(os.environ.get("UNPACKED_ANNOTATIONS", "/usr/lib/R/site-library"))
GENES = list(with_entrez())
HERE = Path("own.h5ad")


@pytest.mark.parametrize("naming", NAMES)
def test_all_ways_of_naming_give_the_symbols(naming: str) -> None:
    found = understand(NAMES[naming](GENES))
    assert found.symbols == GENES
    assert found.known == found.named == len(GENES)
    if naming in {"ensembl", "versioned", "joined"}:
        assert found.ensembl_ids == NAMES["ensembl"](GENES)


@pytest.mark.parametrize(
    ("texts", "symbols"),
    [
        (["TP53|7157", "?|100130426", "A1BG|1"], ["TP53", "", "A1BG"]),
        (["ENST1.1|ENSG00000163631.2|-|-|ALB-201|ALB|2|"], ["ALB"]),
        (["ALB", "", "mine"], ["ALB", "", "mine"]),
        (["TP53", "ALB", "ENSG00000090382.7"], ["TP53", "ALB", "LYZ"]),
        (["HLA.A", "HLA.DRA", "AC012345.1"], ["HLA-A", "HLA-DRA", "AC012345.1"]),
        (["hg19_ALB", "hg19_TP53", "mm10_Alb"], ["ALB", "TP53", "mm10_Alb"]),
        (["7157", "213", "0", "0"], ["TP53", "ALB", "", ""]),
    ],
)
def test_joined_and_mixed_names(texts: list[str], symbols: list[str]) -> None:
    assert understand(texts).symbols == symbols


@pytest.mark.parametrize(
    "texts",
    [
        [str(k) for k in range(130)],
        [str(k) for k in range(1, 60)],
        ["100", "200", "200", "100"] * 10,
        [str(10**7 + 1013 * k) for k in range(50)],
    ],
    ids=["from 0", "from 1", "repeated", "unknown"],
)
def test_numbers_of_lines_and_counts_are_no_entrez_ids(texts: list[str]) -> None:
    assert understand(texts).kind == "symbols"


def table(index: list[str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=index)


def test_the_place_of_names_is_found() -> None:
    rows = [str(k) for k in range(len(GENES))]
    ids = NAMES["versioned"](GENES)
    for var, where in (
        (table(GENES), "names of the genes"),
        (table(ids), "names of the genes"),
        (table(rows, anything=GENES), "column `anything`"),
        (table(rows, gene_ids=ids), "column `gene_ids`"),
        (table(rows, entrez_id=[int(n) for n in NAMES["entrez"](GENES)]), "column `entrez_id`"),
        (table(ids, feature_name=GENES), "column `feature_name`"),
        (table(ids, other=GENES, feature_name=GENES), "column `feature_name`"),
        (table(ids, **{"Gene Symbol": GENES}), "column `Gene Symbol`"),
        (table(GENES, gene_ids=ids), "names of the genes"),
        (table(rows, symbol=pd.Categorical(GENES)), "column `symbol`"),
    ):
        found = name_genes(var, HERE)
        assert found.symbols == GENES
        assert where in found.notes[0], var.columns
        assert list(found.column_to_gene) == list(range(len(GENES)))


def test_counts_of_cells_are_not_taken_for_names() -> None:
    mouse = [gene.capitalize() for gene in GENES]
    numbers = [int(number) for number in NAMES["entrez"](GENES)]
    with pytest.raises(BadInputError, match="mouse or rat"):
        name_genes(table(mouse, n_cells=numbers, highly_variable=[True] * len(GENES)), HERE)


def test_ids_in_another_column_are_kept() -> None:
    ids = NAMES["versioned"](GENES)
    found = name_genes(table(ids, feature_name=GENES), HERE)
    assert found.ensembl_ids == [gene.split(".")[0] for gene in ids]


def test_the_users_word_comes_first() -> None:
    other = [*GENES[1:], GENES[0]]
    for column in (other, NAMES["versioned"](other), NAMES["entrez"](other)):
        var = table(GENES, mine=column)
        assert name_genes(var, HERE, "mine").symbols == other
    with pytest.raises(UnknownNameError, match="did you mean 'mine'"):
        name_genes(table(GENES, mine=GENES), HERE, "min")


def test_names_that_are_missing_make_no_gene() -> None:
    words = ["nan", "NA", "None", "", None, np.nan, "-", "<NA>"]
    found = name_genes(table(NAMES["ensembl"](GENES), gene_name=[*words, *GENES[8:]]), HERE)
    assert found.symbols == GENES[8:]
    assert list(found.column_to_gene[:8]) == [-1] * 8
    assert (
        "8 genes without a symbol are left out (in place of a name stood: empty 3"
        in (found.notes[1])
    )


OTHER: dict[str, tuple[list[str], str]] = {
    "mouse symbols": ([gene.capitalize() for gene in GENES], "mouse or rat"),
    "mouse ids": ([f"ENSMUSG{k:011d}" for k in range(60)], "those of mouse"),
    "mouse ids with versions": ([f"ENSMUSG{k:011d}.{k}" for k in range(60)], "those of mouse"),
    "rat": ([f"ENSRNOG{k:011d}" for k in range(60)], "those of rat"),
    "zebrafish ids": ([f"ENSDARG{k:011d}" for k in range(60)], "those of zebrafish"),
    "zebrafish symbols": ([gene.lower() for gene in GENES], "zebrafish or another animal"),
    "macaque": ([f"ENSMMUG{k:011d}" for k in range(60)], "rhesus macaque"),
    "an animal unknown here": ([f"ENSQQQG{k:011d}" for k in range(60)], "begin ENSQQQG"),
    "fly": ([f"FBgn{k:07d}" for k in range(60)], "fruit fly"),
    "worm": ([f"WBGene{k:08d}" for k in range(60)], "C. elegans"),
    "yeast": ([f"YAL{k:03d}W" for k in range(60)], "baker's yeast"),
    "cress": ([f"AT1G{k:05d}" for k in range(60)], "thale cress"),
    "transcripts": ([f"ENST{k:011d}.1" for k in range(60)], "transcripts, not genes"),
    "probes": ([f"{k}_at" for k in range(60)], "probes of an Affymetrix array"),
    "Illumina": ([f"ILMN_{k}" for k in range(60)], "probes of an Illumina array"),
    "lines": ([str(k) for k in range(60)], "numbers of lines"),
    "two genomes": ([f"mm10___{g.capitalize()}" for g in GENES], "begin with its genome"),
    "nothing known": ([f"Xq{k}" for k in range(60)], "none of its 60 genes is a known human gene"),
    "few known": ([*GENES[:5], *(f"LOC{k}" for k in range(60))], "only 5 of its 65 genes are kn"),
    "half of them of mouse": (
        [*GENES[:20], *(gene.capitalize() for gene in GENES[20:])], "mouse or rat"
    ),
    "no names": ([""] * 5, "none of its 5 genes has a name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER)
def test_other_organisms_and_names_are_refused_in_numbers(kind: str) -> None:
    index, said = OTHER[kind]
    with pytest.raises(BadInputError) as found:
        name_genes(table(index), HERE)
    assert said in str(found.value)
    assert "\n" not in str(found.value)
    assert "--gene-column" in str(found.value)


@pytest.mark.parametrize(
    "index",
    [
        [*GENES[:20], *(f"LINC{k:05d}" for k in range(40))],
        [*GENES[:20], *(f"ENSG{99_000_000_000 + k}" for k in range(60))],
        [*GENES[:30], *(f"Gene{k}" for k in range(29))],
        GENES[:3],
    ],
    ids=["with others", "with ids", "with own names", "few"],
)
def test_human_genes_among_others_are_taken(index: list[str]) -> None:
    known = sum(gene in GENES for gene in index)
    assert (
        f"of which {known:,} are in the embedded annotation"
        in name_genes(table(index), HERE).notes[0]
    )


def test_dates_are_recognised() -> None:
    names = ["1-Mar", "MAR-02", "2-Sep", "1-Dec", "ALB", "1-Foo", "SEPT1"]
    assert damaged_by_excel(names) == names[:4]
    assert looks_like([]) == ""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return importlib.import_module("derive_entrez_genes")


def test_the_table_of_entrez_ids_derives_again(script: ModuleType) -> None:
    try:
        derived = script.derive(UNPACKED)
    except FileNotFoundError as error:
        pytest.skip(f"{error} Unpack Debian's package there, or name UNPACKED_ANNOTATIONS.")
    packed = (ROOT / "helpers" / "datasets" / "data" / ENTREZ_TABLE).read_bytes()
    assert lzma.decompress(packed) == derived


def test_the_table_of_entrez_ids_is_small_described_and_of_our_symbols() -> None:
    data = ROOT / "helpers" / "datasets" / "data"
    assert (data / ENTREZ_TABLE).stat().st_size < 100_000
    assert ENTREZ_TABLE in (data / "PROVENANCE.md").read_text("utf-8")
    symbols = entrez_symbols()
    assert symbols["7157"] == "TP53"
    assert len(set(symbols.values()) & set(annotation().index)) > 18_000


def test_symbols_of_the_annotation_go_before_those_of_ncbi(
    script: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "org.Hs.eg.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns, rows in (
            ("genes", "_id, gene_id", [(1, "10"), (2, "20"), (3, "30"), (4, "5"), (5, "50")]),
            (
                "gene_info", "_id, symbol",
                [(1, "KEPT"), (2, "NEW"), (3, "CODES"), (4, "RNA"), (5, "MANY")],
            ),
            ("genetype", "_id, gene_type", [(3, "protein-coding"), (4, "ncRNA")]),
            ("ensembl", "_id, ensembl_id", [(2, "E2"), (5, "E2"), (5, "E1")]),
        ):  # fmt: skip
            database.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    known = {"KEPT": "E1", "OLD": "E2"}
    assert script.entrez_genes(path, known) == [(10, "KEPT"), (20, "OLD"), (30, "CODES")]
    assert script.table([(10, "KEPT")]) == b"entrez_id,symbol\n10,KEPT\n"
    with pytest.raises(FileNotFoundError, match=r"no org\.Hs\.eg\.sqlite below"):
        script.derive(tmp_path / "none")
