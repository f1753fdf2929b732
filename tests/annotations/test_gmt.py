from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.annotations import load_gene_sets
from helpers.annotations.gmt import GmtSet, format_gmt, is_gmt, parse_gmt, read_gmt, stem
from helpers.datasets.missing import is_missing
from helpers.errors import BadInputError, MissingInputError

TEXT = "insulin binding (GO:0043559)\tGO:0043559\tINSR\tIDE\nmine\tabout it\tA\tB,1.0\tA\t\n"
SETS = [
    GmtSet("GO:0043559", "insulin binding", ("INSR", "IDE")),
    GmtSet("mine", "mine", ("A", "B")),
]


@pytest.mark.parametrize(
    ("name", "pack"),
    [("x.gmt", bytes), ("x.gmt.gz", gzip.compress), ("x.gmt.xz", lzma.compress)],
)
def test_plain_and_packed_files_are_read(tmp_path: Path, name: str, pack) -> None:
    (tmp_path / name).write_bytes(pack(TEXT.encode()))
    assert read_gmt(tmp_path / name) == SETS


def test_windows_line_ends_byte_order_mark_and_empty_lines() -> None:
    assert parse_gmt("\n" + TEXT.replace("\n", "\r\n") + "\n\n", "x") == SETS


symbols = st.text(alphabet="ABCDEFGHIJ0123456789-", min_size=1, max_size=6).filter(
    lambda text: not is_missing(text)
)


@given(st.dictionaries(symbols, st.lists(symbols, min_size=1, unique=True), min_size=1))
def test_written_sets_are_read_again(sets: dict[str, list[str]]) -> None:
    assert {entry.id: list(entry.genes) for entry in parse_gmt(format_gmt(sets), "x")} == sets


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("mine.gmt", "mine"), ("MINE.GMT", "MINE"), ("mine.Gmt.GZ", "mine"),
        ("mine.gmt.txt", "mine"), ("mine.txt", "mine"), ("h.all.v7.symbols.gmt.txt.gz",
        "h.all.v7.symbols"), ("mine.gmt.xz", "mine"), ("mine.tsv", "mine"),
    ],
)  # fmt: skip
def test_names_of_files_of_sets(name: str, called: str, tmp_path: Path) -> None:
    assert is_gmt(name)
    assert stem(Path(name)) == called
    pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(Path(name).suffix.lower(), bytes)
    (tmp_path / name).write_bytes(pack(TEXT.encode()))
    assert load_gene_sets(tmp_path / name).name == called
    assert not is_gmt("go_mf")
    assert not is_gmt("sets.csv")


@pytest.mark.parametrize(
    "text",
    [
        '"A"\t"about"\t"ALB"\t"TP53"\n',
        'A\t"says ""this"""\tALB\tTP53\r\n',
        "A\tone\u2028two\tALB\tTP53\n",
        "A\tone\x0ctwo\x0b\x1c\x85\tALB\tTP53\n",
        "A\t\tALB\tTP53\t\t\t\t\n",
        "A\t\tALB\tTP53\tNA\tnan\t-\n",
        "\ufeffA\t\tALB\tTP53\n",
        "A\t\tALB,1.0\tTP53,0.5\r",
        '\n\nA\t5" end\tALB\tTP53\n\n',
    ],
)
def test_what_excel_and_others_do_to_a_line_does_not_matter(text: str, tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "x.gmt").write_bytes(text.encode(encoding))
        assert [entry.genes for entry in read_gmt(tmp_path / "x.gmt")] == [("ALB", "TP53")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\t\tX\nb\t\t\t\n", r"x\.gmt, line 2: set 'b' has no genes"),
        ("a\tX\n", r"line 1: set 'a' has no genes; they start in the third"),
        ("a\t\tX\n\nb\t\tY\na\t\tZ\n", r"set 'a' is there twice, in lines 1 and 4"),
        ("x (GO:0000001)\t\tX\ny (GO:0000001)\t\tY\n", "set 'GO:0000001' is there twice"),
        ("a X Y\n", r"line 1, has no tab.*between them\."),
        ("a,b,X,Y\n", "line 1, has no tab.*it has commas or semicolons, so save it with tabs"),
        ("\t\tX\n", "line 1: the set has no name"),
        ("\n \n", "holds no gene sets"),
    ],
)
def test_faults_are_named(text: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        parse_gmt(text, "x.gmt")


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"no file of gene sets at .*none\.gmt"):
        read_gmt(tmp_path / "none.gmt")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_gmt(tmp_path)
    for name, content, message in (
        ("cut.gmt.gz", gzip.compress(TEXT.encode())[:-9], "is damaged"),
        ("cut.gmt.xz", lzma.compress(TEXT.encode())[:-9], "is damaged"),
        ("latin.gmt", "a\t\tX\nb\t\té\n".encode("latin-1"), "line 2, is not UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInputError, match=message):
            read_gmt(tmp_path / name)
