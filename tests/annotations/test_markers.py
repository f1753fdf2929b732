from __future__ import annotations

from pathlib import Path

import pytest

from helpers.annotations.markers import read_markers
from helpers.errors import BadInputError, MissingInputError, UnknownNameError


def written(folder: Path, text: str) -> Path:
    path = folder / "markers.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "class,gene\nliver,ALB\nkidney,UMOD\n",
        "\ufeffGene\tTissue\nALB\tliver\nUMOD\tkidney\nALB\tliver\n",
        '"cell type";"Symbol";"source"\n"liver";"ALB";"x"\n"kidney";"UMOD";"y"\n',
    ],
)
def test_tables_of_many_forms(tmp_path: Path, text: str) -> None:
    table = read_markers(written(tmp_path, text))
    assert sorted(map(tuple, table.to_numpy())) == [("kidney", "UMOD"), ("liver", "ALB")]


def test_a_list_counts_for_every_class(tmp_path: Path) -> None:
    path = written(tmp_path, "gene\nALB\nUMOD\n")
    table = read_markers(path, ["liver", "kidney"], ["ALB", "UMOD", "TP53"])
    assert len(table) == 4
    assert set(table["class"]) == {"liver", "kidney"}


def test_other_classes_and_unmeasured_genes_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "class,gene\nliver,ALB\nliver,NONE1\nmoon,UMOD\n")
    table = read_markers(path, ["liver"], ["ALB", "UMOD"])
    assert table.to_dict("records") == [{"class": "liver", "gene": "ALB"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b\nliver,ALB\n", "line 1: columns for class and gene"),
        ("class,gene\nliver,ALB\nkidney\n", "line 3: there are 1 fields"),
        ("class,gene\nliver,\n", "names no gene"),
        ("class,gene\nliver,NONE1\n", "none of its genes is among those measured"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        read_markers(written(tmp_path, text), ["liver"], ["ALB"])


def test_wrong_classes_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'liver'"):
        read_markers(written(tmp_path, "class,gene\nLivr,ALB\n"), ["liver", "kidney"])
    with pytest.raises(MissingInputError, match="no file"):
        read_markers(tmp_path / "gone.csv")
    (tmp_path / "m.xlsx").write_bytes(b"PK\xff\xfe\x00")
    with pytest.raises(BadInputError, match="no text"):
        read_markers(tmp_path / "m.xlsx")
