"""The embedded files are what their script derives, and what was published."""

from __future__ import annotations

import gzip
import importlib
import importlib.metadata
import lzma
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "helpers" / "annotations" / "data"
UNPACKED = Path(os.environ.get("UNPACKED_ANNOTATIONS", "/usr/lib/R/site-library"))
"""Folder with the unpacked Bioconductor packages; default: where Debian installs them."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return importlib.import_module("derive_annotations")


def embedded(name: str) -> bytes:
    content = (DATA / name).read_bytes()
    return lzma.decompress(content) if name.endswith(".xz") else content


def test_all_files_are_small_and_described(script: ModuleType) -> None:
    names = {*script.GMT, *script.LISTS, script.CANCER_GENES, "README.md"}
    assert {path.name for path in DATA.iterdir()} == names
    assert sum((DATA / name).stat().st_size for name in names) < 1_000_000
    described = (DATA / "README.md").read_text("utf-8")
    assert all(name in described for name in names - {"README.md"})
    assert "by/4.0" in described


@pytest.mark.real
def test_files_of_go_equal_the_published_ones(shared_data: Path) -> None:
    folder = shared_data / "annotations" / "go"
    published = sorted(path for path in folder.iterdir() if path.name.startswith(("go_", "GO0")))
    assert len(published) == 4
    for path in published:
        if path.suffix == ".gz":
            assert embedded(path.stem + ".xz") == gzip.decompress(path.read_bytes())
        else:
            assert embedded(path.name) == path.read_bytes()


@pytest.mark.real
def test_files_of_go_derive_again(script: ModuleType) -> None:
    try:
        derived = script.derive_go(UNPACKED)
    except FileNotFoundError as error:
        pytest.skip(f"{error} Unpack Debian's packages there, or name UNPACKED_ANNOTATIONS.")
    assert {name: embedded(name) for name in derived} == derived


def test_cancer_genes_derive_again_from_the_pinned_package(script: ModuleType) -> None:
    try:
        source = script.driver_genes_file()
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        pytest.skip(f"pirlygenes 3.26.2 is not installed: {error}")
    assert script.cancer_genes(source) == embedded(script.CANCER_GENES)


GENES = {1: "CCC", 2: "BBB", 3: "AAA", 4: "DDD"}
ANNOTATIONS = [
    (1, "GO:0000002", "IDA"),
    (2, "GO:0000003", "IEA"),
    (2, "GO:0000003", "IDA"),
    (3, "GO:0000001", "ND"),
    (4, "GO:0000001", "TAS"),
    (4, "GO:0000009", "TAS"),
]
TERMS = {10: "GO:0000001", 20: "GO:0000002", 30: "GO:0000003"}
# The table of offspring is closed: 1 is above 2 and 3, 2 above 3.
OFFSPRING = [(10, 20), (10, 30), (20, 30)]


@pytest.fixture
def databases(tmp_path: Path) -> Path:
    """Databases with the tables of Bioconductor 3.16, four genes and three terms."""
    with closing(sqlite3.connect(tmp_path / "org.Hs.eg.sqlite")) as org, org:
        org.execute(
            "CREATE TABLE gene_info (_id INTEGER NOT NULL UNIQUE, "
            "gene_name VARCHAR(255) NOT NULL, symbol VARCHAR(80) NOT NULL)"
        )
        org.executemany("INSERT INTO gene_info VALUES (?, 'name', ?)", GENES.items())
        for ontology in ("mf", "bp"):
            org.execute(
                f"CREATE TABLE go_{ontology} (_id INTEGER NOT NULL, go_id CHAR(10) NOT NULL, "
                "evidence CHAR(3) NOT NULL)"
            )
        org.executemany("INSERT INTO go_mf VALUES (?, ?, ?)", ANNOTATIONS)
    with closing(sqlite3.connect(tmp_path / "GO.sqlite")) as go, go:
        go.execute(
            "CREATE TABLE go_term (_id INTEGER PRIMARY KEY, go_id CHAR(10) NOT NULL UNIQUE, "
            "term VARCHAR(255) NOT NULL, ontology VARCHAR(9) NOT NULL, definition TEXT NULL)"
        )
        rows = [(key, term, f"term {key}", "MF") for key, term in TERMS.items()]
        go.executemany("INSERT INTO go_term VALUES (?, ?, ?, ?, NULL)", rows)
        for ontology in ("mf", "bp"):
            go.execute(
                f"CREATE TABLE go_{ontology}_offspring (_id INTEGER NOT NULL, "
                "_offspring_id INTEGER NOT NULL)"
            )
        go.executemany("INSERT INTO go_mf_offspring VALUES (?, ?)", OFFSPRING)
    return tmp_path


def test_terms_have_the_genes_of_the_terms_below_them(
    script: ModuleType, databases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = script.gene_sets(databases / "org.Hs.eg.sqlite", databases / "GO.sqlite", "mf")
    # AAA has no data (ND); GO:0000009 is a term that GO.db does not know.
    assert sets == {
        "GO:0000001": ("term 10", ["BBB", "CCC", "DDD"]),
        "GO:0000002": ("term 20", ["BBB", "CCC"]),
        "GO:0000003": ("term 30", ["BBB"]),
    }
    monkeypatch.setattr(script, "SMALLEST", 2)
    monkeypatch.setattr(script, "LARGEST", 2)
    assert script.gmt(sets) == b"term 20 (GO:0000002)\tGO:0000002\tBBB\tCCC\n"


def test_missing_databases_are_named(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no org\.Hs\.eg\.sqlite below"):
        script.derive_go(tmp_path)


def test_firm_roles_count_before_possible_ones(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "drivers.csv"
    path.write_text(
        "Symbol,Cancer,Function\n"
        "A,LIHC,oncogene\nA,PANCAN,possible tsg\nB,LIHC,possible tsg\nB,LUAD,possible oncogene\n"
        "C,UVM,\nD,UVM,tsg\nD,LUAD,oncogene\n"
    )
    assert script.cancer_genes(path).decode().splitlines() == [
        "gene,role,certain,cancers",
        "A,oncogene,True,LIHC;PANCAN",
        "B,both,False,LIHC;LUAD",
        "C,unclear,False,UVM",
        "D,both,True,LUAD;UVM",
    ]
