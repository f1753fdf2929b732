from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.annotations.gmt import GmtSet, format_gmt, parse_gmt, read_gmt
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


symbols = st.text(alphabet="ABCDEFGHIJ0123456789-", min_size=1, max_size=6)


@given(st.dictionaries(symbols, st.lists(symbols, min_size=1, unique=True), min_size=1))
def test_written_sets_are_read_again(sets: dict[str, list[str]]) -> None:
    assert {entry.id: list(entry.genes) for entry in parse_gmt(format_gmt(sets), "x")} == sets


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\t\tX\nb\t\t\t\n", r"x\.gmt, line 2: set 'b' has no genes"),
        ("a\tX\n", r"line 1: set 'a' has no genes; they start in the third"),
        ("a\t\tX\n\nb\t\tY\na\t\tZ\n", r"set 'a' is there twice, in lines 1 and 4"),
        ("x (GO:0000001)\t\tX\ny (GO:0000001)\t\tY\n", "set 'GO:0000001' is there twice"),
        ("a,X,Y\n", "line 1, has no tab"),
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
