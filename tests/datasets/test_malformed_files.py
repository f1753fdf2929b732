"""Malformed inputs of stated kinds: each is refused in one sentence, with exit code 2.

`FILE_MINUTES=60 pytest tests/datasets/test_malformed_files.py` (or `make fuzz`) tries others for an
hour. What is merely odd, and may be read, is in `test_file_forms.py`; random damage in
`test_damaged_files.py`.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest
from gtex_tcga_study import make_study, pack, unpack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import UNITS, truth, with_entrez, write_h5ad, write_sheet, write_table

from helpers import config
from helpers.annotations.gmt import read_gmt
from helpers.annotations.markers import read_markers
from helpers.datasets.gtex_tcga import load_gtex_tcga
from helpers.datasets.own import load_own
from helpers.datasets.rnaseqdb import read_file
from helpers.datasets.sample_sheet import read_sheet
from helpers.errors import HelpersError
from helpers.teaching.quizzes import read_quiz

MINUTES = float(os.environ.get("FILE_MINUTES", "0"))
EXAMPLES, FEWER = 16, 3
"""Of each kind, and where reading takes several files: over 300 inputs in all."""

Mischief = Callable[[bytes, float, str], bytes]
WORDS = st.sampled_from(["twelve", "1.2.3", "--5", "0x1F", "1e", "n/d", "5 %", "+-2", "½", "1'000"])
PLACES = st.floats(0, 1, exclude_max=True)


def lines_of(raw: bytes) -> list[bytes]:
    return raw.rstrip(b"\n").split(b"\n")


def joined(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def row_of(lines: list[bytes], place: float, after: int = 1) -> int:
    return after + int(place * (len(lines) - after))


def no_text(raw: bytes, place: float, word: str) -> bytes:
    cut = int(place * len(raw))
    return raw[:cut] + b"\xff\xfe\xfa" + raw[cut:]


def no_table(raw: bytes, place: float, word: str) -> bytes:
    return (b"\x00\xff" + word.encode()) * (1 + int(place * 50))


def empty(raw: bytes, place: float, word: str) -> bytes:
    return b" \n"[: int(place * 3)]


def header_alone(raw: bytes, place: float, word: str) -> bytes:
    return joined(lines_of(raw)[:1])


def a_word(separator: bytes, after: int = 1, before: int = 2) -> Mischief:
    """Return what puts a word in place of a number."""

    def mischief(raw: bytes, place: float, word: str) -> bytes:
        lines = lines_of(raw)
        row = row_of(lines, place, after)
        cells = lines[row].split(separator)
        cells[before + int(place * 997) % (len(cells) - before)] = word.encode()
        lines[row] = separator.join(cells)
        return joined(lines)

    return mischief


def a_field_more(separator: bytes, after: int = 1) -> Mischief:
    def mischief(raw: bytes, place: float, word: str) -> bytes:
        lines = lines_of(raw)
        lines[row_of(lines, place, after)] += separator + b"1"
        return joined(lines)

    return mischief


def a_field_less(separator: bytes, after: int = 1) -> Mischief:
    def mischief(raw: bytes, place: float, word: str) -> bytes:
        lines = lines_of(raw)
        row = row_of(lines, place, after)
        lines[row] = lines[row].rpartition(separator)[0]
        return joined(lines)

    return mischief


def twice(separator: bytes, header: int = 0, before: int = 2) -> Mischief:
    """Return what names a sample twice."""

    def mischief(raw: bytes, place: float, word: str) -> bytes:
        lines = lines_of(raw)
        cells = lines[header].split(separator)
        at = before + int(place * (len(cells) - before - 1))
        cells[at + 1] = cells[at]
        lines[header] = separator.join(cells)
        return joined(lines)

    return mischief


def without(*names: str) -> Mischief:
    """Return what spoils the name of a column that is needed."""

    def mischief(raw: bytes, place: float, word: str) -> bytes:
        name = names[int(place * len(names))].encode()
        assert name in raw
        return raw.replace(name, b"x" + word.encode()[:1] + b"y", 1)

    return mischief


def kept(separator: bytes) -> dict[str, Mischief]:
    return {"a field more": a_field_more(separator), "a field less": a_field_less(separator)}


TABLES: dict[str, tuple[str, dict[str, Mischief]]] = {
    "RNAseqDB": ("lung-rsem-fpkm-gtex.txt.gz", {
        "no text": no_text, "empty": empty, "header alone": header_alone,
        "a word for a number": a_word(b"\t"), "a sample twice": twice(b"\t"), **kept(b"\t"),
        "no column": without("Hugo_Symbol", "Entrez_Gene_Id"),
    }),
    "GCT": ("matrix", {
        "no text": no_table, "empty": empty, "a word for a number": a_word(b"\t", 3),
        "a sample twice": twice(b"\t", 2), "a field more": a_field_more(b"\t", 3),
        "a field less": a_field_less(b"\t", 3), "no column": without("Name", "Description"),
    }),
    "GTEx attributes": ("attributes", {
        "no text": no_table, "empty": empty, "no column": without("SAMPID", "SMTSD"),
    }),
    "recount3 sums": ("sums", {
        "no text": no_table, "empty": empty, "a word for a number": a_word(b"\t", 3, 1),
        "a sample twice": twice(b"\t", 2, 1), "a field more": a_field_more(b"\t", 3),
        "a field less": a_field_less(b"\t", 3), "no column": without("gene_id"),
    }),
    "recount3 metadata": ("metadata", {
        "no text": no_table, "empty": empty,
        "no column": without("external_id", "tcga_barcode", "gdc_cases.samples.sample_type"),
    }),
    "CSV": ("matrix.csv", {
        "empty": empty, "header alone": header_alone,
        "a word for a number": a_word(b",", before=1), "a field more": a_field_more(b","),
        "a field less": a_field_less(b","),
    }),
    "sample sheet": ("sheet.csv", {
        "empty": empty, "header alone": header_alone, "a field more": a_field_more(b","),
    }),
    "GMT": ("sets.gmt", {"no text": no_text, "empty": empty}),
    "markers": ("markers.csv", {"no text": no_text, "empty": empty, "header alone": header_alone}),
    "YAML": ("a.quiz.yaml", {
        "no text": no_text, "empty": empty, "header alone": header_alone,
        "no column": without("question:", "answers:", "right:"),
    }),
}  # fmt: skip

QUIZ = "".join(
    f"- question: What is {n}?\n  answers:\n    - right: This {n}.\n      why: So it is {n}.\n"
    f"    - wrong: That {n}.\n      why: It is not {n}.\n"
    for n in range(3)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("malformed")
    known = truth(with_entrez())
    tpm = known.named(values=UNITS["tpm"](known.values))
    write_table(found / "matrix.csv", tpm)
    write_sheet(found / "sheet.csv", known)
    write_h5ad(found / "own.h5ad", known)
    header = "Hugo_Symbol\tEntrez_Gene_Id\t" + "\t".join(f"GTEX-{k}" for k in range(4))
    rows = [f"G{g}\t{g}\t" + "\t".join(f"{g + k}.5" for k in range(4)) for g in range(12)]
    pack(found / "lung-rsem-fpkm-gtex.txt.gz", "\n".join([header, *rows]) + "\n")
    (found / "sets.gmt").write_text("A\tabout\tALB\tTP53\nB\t\tLYZ\n")
    (found / "markers.csv").write_text("class,gene\nliver,ALB\nlung,SFTPC\n")
    (found / "a.quiz.yaml").write_text(QUIZ)
    return found


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    study = make_study(
        tmp_path_factory.mktemp("sources") / "data", genes=12, tissues={"Liver": 3, "Lung": 3},
        projects={"LIHC": 3},
    )  # fmt: skip
    return {
        "matrix": study.matrix, "attributes": study.attributes, "sums": study.sums("LIHC"),
        "metadata": study.metadata("LIHC"),
    }  # fmt: skip


def read(reader: str, path: Path) -> Any:
    own = {"class_column": "kind", "sample_sheet": path.with_name("sheet.csv")}
    readers: dict[str, Callable[[], Any]] = {
        "RNAseqDB": lambda: read_file(path),
        "CSV": lambda: load_own(path, **own),  # type: ignore[arg-type]
        "sample sheet": lambda: read_sheet(path).frame,
        "GMT": lambda: read_gmt(path),
        "markers": lambda: read_markers(path),
        "YAML": lambda: read_quiz(path),
    }
    if reader in readers:
        return readers[reader]()
    return load_gtex_tcga(path.parent, min_class_size=3).load()


def refused(call: Callable[[], Any], what: str) -> str:
    """Return the sentence in which a malformed input is refused."""
    with pytest.raises(HelpersError) as caught:
        call()
        pytest.fail(f"{what} was read")
    said = str(caught.value)
    assert caught.value.exit_code == 2, what
    assert "\n" not in said, (what, said)
    assert said.endswith("."), (what, said)
    return said


def tried(
    strategy: st.SearchStrategy[Any], check: Callable[[Any], None], examples: int = EXAMPLES
) -> None:
    """Check drawn inputs: a few in every run, others for as long as is asked for."""
    once = settings(
        max_examples=examples, suppress_health_check=list(HealthCheck), database=None,
        derandomize=not MINUTES,
    )(given(strategy)(check))  # fmt: skip
    end = time.monotonic() + 60 * MINUTES / KINDS
    once()
    while time.monotonic() < end:
        once()


CASES = [(reader, kind) for reader, (_, kinds) in TABLES.items() for kind in kinds]
KINDS = len(CASES) + 2
SEEN: set[tuple[str, str]] = set()
"""Reader and what it was given, each once."""


@pytest.mark.parametrize(("reader", "kind"), CASES)
def test_a_malformed_table_is_refused(
    folder: Path, sources: dict[str, Path], reader: str, kind: str
) -> None:
    name, kinds = TABLES[reader]
    path = sources.get(name, folder / name)
    whole = path.read_bytes()
    text = unpack(path).encode()
    read(reader, path)

    def check(drawn: tuple[float, str]) -> None:
        malformed = kinds[kind](text, *drawn)
        path.write_bytes(gzip.compress(malformed, 1) if path.suffix == ".gz" else malformed)
        try:
            said = refused(lambda: read(reader, path), f"{reader}, {kind}, {drawn}")
        finally:
            path.write_bytes(whole)
        assert path.name in said, said
        SEEN.add((reader, hashlib.sha256(malformed).hexdigest()))

    tried(st.tuples(PLACES, WORDS), check, FEWER if name in sources else EXAMPLES)


def without_a_part(file: h5py.File, place: float) -> None:
    parts = ("X", "obs", "var", "obs/kind", "obs/_index", "var/_index")
    del file[parts[int(place * len(parts))]]


def another_shape(file: h5py.File, place: float) -> None:
    values = file["X"][()]
    del file["X"]
    file["X"] = values[: int(place * len(values))]
    file["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def an_unknown_kind(file: h5py.File, place: float) -> None:
    parts = ("X", "obs", "var")
    file[parts[int(place * 3)]].attrs["encoding-type"] = "scroll"


def values_of_text(file: h5py.File, place: float) -> None:
    shape = file["X"].shape
    del file["X"]
    file["X"] = [[b"x"] * shape[1]] * shape[0]
    file["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


HEADERS = (without_a_part, another_shape, an_unknown_kind, values_of_text)


def test_a_malformed_anndata_is_refused(folder: Path, tmp_path: Path) -> None:
    whole, path = (folder / "own.h5ad").read_bytes(), tmp_path / "own.h5ad"

    def check(drawn: tuple[Any, float]) -> None:
        mischief, place = drawn
        path.write_bytes(whole)
        with h5py.File(path, "r+") as file:
            mischief(file, place)
        said = refused(lambda: load_own(path, class_column="kind"), f"h5ad, {mischief}, {place}")
        assert path.name in said, said
        SEEN.add(("h5ad", hashlib.sha256(path.read_bytes()).hexdigest()))

    tried(st.tuples(st.sampled_from(HEADERS), PLACES), check, 16)


NUMBERS = sorted(
    name for name, field in config.Settings.model_fields.items() if field.annotation in (int, float)
)
VALUES = st.one_of(
    WORDS, st.integers(max_value=-1), st.just(float("nan")), st.just(float("-inf")), st.none(),
    st.lists(st.integers(), min_size=2, max_size=3), st.just({}),
)  # fmt: skip


def test_a_malformed_setting_is_refused() -> None:
    def check(drawn: tuple[str, Any]) -> None:
        name, value = drawn
        refused(lambda: config.settings("smoke", **{name: value}), f"{name}={value!r}")
        SEEN.add(("settings", f"{name}={value!r}"))

    tried(st.tuples(st.sampled_from(NUMBERS), VALUES), check, 80)


def test_there_were_enough_of_them() -> None:
    if len({reader for reader, _ in SEEN}) < len(TABLES) + 2:
        pytest.skip("counted where the whole file is run")
    assert len(SEEN) >= 300
