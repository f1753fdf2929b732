from __future__ import annotations

from pathlib import Path

import pytest
import requests
from gseapy import parser

from helpers.annotations import GeneSets, enrichr, load_gene_sets
from helpers.annotations.matching import match
from helpers.errors import BadInputError, MissingInputError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "ontology", "terms"), [("go_mf", "MF", 1899), ("go_bp", "BP", 9006)]
)
def test_embedded_libraries(name: str, ontology: str, terms: int) -> None:
    library = load_gene_sets(name)
    assert (library.ontology, len(library)) == (ontology, terms)
    assert library.sets.keys() == library.terms.keys()
    assert all(5 <= len(genes) <= 500 for genes in library.sets.values())
    assert library.licence == "CC BY 4.0"


def test_known_members_and_the_closure_over_terms_below() -> None:
    mf = load_gene_sets("go_mf")
    assert mf.terms["GO:0008201"] == "heparin binding"
    assert "LPL" in mf.sets["GO:0008201"]
    # Every serotonin receptor is a neurotransmitter receptor, of which it is a kind.
    assert set(mf.sets["GO:0099589"]) <= set(mf.sets["GO:0030594"])


def test_the_embedded_libraries_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_gene_sets("go_mf").sets["x"] = ("A",)  # type: ignore[index]


def test_a_file_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "hallmarks.v7.gmt"
    path.write_text("HYPOXIA\t\tVEGFA\tCA9\nEMT\t\tVIM\n")
    library = load_gene_sets(path)
    assert isinstance(library, GeneSets)
    assert (library.name, library.ontology) == ("hallmarks.v7", "hallmarks.v7")
    assert library.sets == {"HYPOXIA": ("VEGFA", "CA9"), "EMT": ("VIM",)}
    assert load_gene_sets(str(path)).genes() == {"VEGFA", "CA9", "VIM"}


def test_unknown_names_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'go_mf'"):
        load_gene_sets("GO_MFs")
    with pytest.raises(MissingInputError, match=r"none\.gmt"):
        load_gene_sets(tmp_path / "none.gmt")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Enrichr with one library; counts how often it is asked."""
    asked = {"names": 0, "library": 0}

    def names(organism: str = "Human") -> list[str]:
        asked["names"] += 1
        return ["KEGG_2021_Human"]

    def library(name: str) -> dict[str, list[str]]:
        asked["library"] += 1
        return {"Apoptosis": ["CASP3", "BAX"], "Mismatch repair (GO:0006298)": ["MLH1"]}

    monkeypatch.setattr(parser, "get_library_name", names)
    monkeypatch.setattr(parser, "download_library", library)
    return asked


def test_a_library_of_enrichr_is_fetched_once(server: dict[str, int], tmp_path: Path) -> None:
    first = load_gene_sets("enrichr:KEGG_2021_Human", cache_folder=tmp_path)
    again = load_gene_sets("enrichr:KEGG_2021_Human", cache_folder=tmp_path)
    assert server == {"names": 1, "library": 1}
    assert first == again
    assert first.sets == {"Apoptosis": ("CASP3", "BAX"), "GO:0006298": ("MLH1",)}
    assert first.terms["GO:0006298"] == "Mismatch repair"
    assert [path.name for path in tmp_path.iterdir()] == ["KEGG_2021_Human.gmt"]


def test_a_library_that_enrichr_does_not_have(server: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'KEGG_2021_Human'"):
        load_gene_sets("enrichr:KEGG_2021", cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("function", ["get_library_name", "download_library"])
def test_offline(
    server: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, function: str
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(parser, function, fail)
    with pytest.raises(MissingInputError, match=r"'KEGG_2021_Human' cannot be fetched .*'go_mf'"):
        load_gene_sets("enrichr:KEGG_2021_Human", cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_of_the_server(
    server: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(name: str) -> None:
        raise Exception("Error fetching gene set library.")

    monkeypatch.setattr(parser, "download_library", refuse)
    with pytest.raises(MissingInputError, match="cannot be fetched"):
        enrichr.enrichr_library("KEGG_2021_Human", tmp_path)


def test_an_empty_library_is_not_kept(
    server: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(parser, "download_library", lambda name: {})
    with pytest.raises(BadInputError, match="holds no gene sets"):
        load_gene_sets("enrichr:KEGG_2021_Human", cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_genes_that_are_not_measured_are_told_apart() -> None:
    found = match("Mine", ["A", "B", "C"], ["B", "X"])
    assert (found.known, found.unknown, found.measured) == (("B",), ("A", "C"), 2)
