from __future__ import annotations

import gzip
from collections.abc import Callable, Container
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from helpers.datasets import matrix_text
from helpers.datasets.matrix_text import read_header, read_rows, read_text
from helpers.errors import BadInputError, HelpersError, MissingInputError

HEADER = "first\nid\tname\ts1\ts2\ts3\n"
BODY = "a\tA\t1\t2.5\t0\nb\tB\t0.031\t1e3\t7\nc\tC\t4\t5\t6\n"


def write(path: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(
    path: Path, wanted: Container[str] = ("a", "b", "c", "g0", "g1")
) -> tuple[list[str], np.ndarray]:
    header = read_header(path, ("id", "name"))
    rows = list(read_rows(path, header, 2, wanted))
    return [name for part in rows for name in part.names], np.concatenate([r.values for r in rows])


def sentence(error: pytest.ExceptionInfo[HelpersError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@pytest.mark.parametrize("name", ["x.txt", "x.txt.gz"])
@pytest.mark.parametrize("block", [1, 7, 50, 1 << 20])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.removesuffix("\n"),
        lambda text: ("\ufeff" + text).replace("\n", "\r\n").removesuffix("\r\n"),
    ],
    ids=["plain", "crlf", "bom", "no last line end", "all"],
)
def test_every_form_of_the_text_and_size_of_block_gives_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    block: int,
    change: Callable[[str], str],
) -> None:
    monkeypatch.setattr(matrix_text, "BLOCK_BYTES", block)
    path = write(tmp_path / name, change(HEADER + BODY))
    header = read_header(path, ("id", "name"))
    assert (header.preamble, header.samples, header.line) == (["first"], ["s1", "s2", "s3"], 2)
    names, values = read(path)
    assert names == ["a", "b", "c"]
    expected = [[1, 2.5, 0], [0.031, 1000, 7], [4, 5, 6]]
    np.testing.assert_array_equal(values, np.array(expected, np.float32))


def test_only_what_is_wanted_is_parsed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", HEADER + BODY.replace("1e3", "word"))
    names, values = read(path, {"a", "c"})
    assert names == ["a", "c"]
    assert values.shape == (2, 3)


@hypothesis.given(
    st.lists(st.floats(0, 1e30, allow_subnormal=False), min_size=6, max_size=6),
    st.sampled_from(["{!r}", "{:.4g}", "{:.6f}", "{:.0f}", "{:.3e}"]),
)
def test_numbers_are_those_of_python(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], form: str
) -> None:
    texts = [form.format(number) for number in numbers]
    rows = ["\t".join([f"g{i}", "G", *texts[3 * i : 3 * i + 3]]) for i in (0, 1)]
    path = write(tmp_path_factory.mktemp("n") / "x.txt", HEADER + "\n".join(rows))
    expected = np.array([np.float32(text) for text in texts]).reshape(2, 3)
    np.testing.assert_allclose(read(path)[1], expected, rtol=1.2e-7, atol=1e-37)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2.5", "word", "line 3: gene 'a', sample 's2': 'word' is not a number"),
        ("2.5", "1,5", "'1,5' is not a number"),
        ("2.5", "1_000", "'1_000' is not a number"),
        ("2.5", '"1"', "is not a number"),
        ("2.5", "-0.1", "sample 's2': -0.1 is negative"),
        ("2.5", "NaN", "the value is missing"),
        ("2.5", "NA", "the value is missing"),
        ("2.5", "", "the value is missing"),
        ("2.5", "inf", "inf is infinite"),
        ("2.5", "1e60", "1e60 is infinite"),
        ("\t7\n", "\t\n", "line 4: gene 'b', sample 's3': the value is missing"),
        ("\t2.5", "", "line 3, has 2 values for 3 samples"),
        ("\t2.5", "\t2\t5", "line 3, has 4 values for 3 samples"),
        ("b\tB\t0.031\t1e3\t7\n", "b\n", "line 4, has 0 values for 3 samples"),
        ("b\tB\t0.031\t1e3\t7\n", "\n", "line 4, is empty: delete it"),
        ("b\tB", "a\tB", "gene 'a' is there twice, at lines 3 and 4"),
    ],
)
def test_a_bad_value_or_line_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = write(tmp_path / "x.txt.gz", HEADER + BODY.replace(old, new, 1))
    with pytest.raises(BadInputError) as error:
        read(path)
    assert told in sentence(error)
    assert str(path) in str(error.value)


def test_a_file_that_cannot_be_unpacked_is_named(tmp_path: Path) -> None:
    whole = write(tmp_path / "x.txt.gz", HEADER + BODY * 500).read_bytes()
    cases = {
        "truncated": whole[:-30],
        "damaged": whole[:40] + bytes(9) + whole[49:],
        "empty": b"",
        "not a gzip file": (HEADER + BODY).encode(),
    }
    for told, data in cases.items():
        path = tmp_path / f"{told}.gz"
        path.write_bytes(data)
        with pytest.raises(BadInputError) as error:
            read_text(path)
        assert told in sentence(error)
    with pytest.raises(MissingInputError, match="There is no file"):
        read_header(tmp_path / "absent.gz", ("id",))


def test_a_file_without_its_columns_or_samples_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "some\nother\ttext\n")
    with pytest.raises(BadInputError) as error:
        read_header(path, ("id", "name"))
    assert "no line that starts with the columns id and name" in sentence(error)
    with pytest.raises(BadInputError, match="names no samples"):
        read_header(write(tmp_path / "y.txt", "id\tname\n"), ("id", "name"))


def test_text_is_utf8_or_latin1(tmp_path: Path) -> None:
    assert read_text(write(tmp_path / "u.txt", "é\r\n")).strip() == "é"
    assert read_text(write(tmp_path / "l.txt.gz", "é\n".encode("latin-1"))).strip() == "é"
