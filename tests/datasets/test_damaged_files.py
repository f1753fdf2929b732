"""Whatever happens to a file, it is read or refused in one sentence, and nothing is changed.

`FILE_MINUTES=60 pytest tests/datasets/test_damaged_files.py` damages files for an hour, in other
ways each time.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import (
    UNITS,
    Dress,
    tree,
    truth,
    with_entrez,
    write_h5ad,
    write_sheet,
    write_table,
    write_tenx,
)
from scipy import sparse

from helpers.annotations.gmt import read_gmt
from helpers.datasets.own import load_own
from helpers.errors import HelpersError

MINUTES = float(os.environ.get("FILE_MINUTES", "0"))
EXAMPLES = 120
SECONDS = 60
"""After which the reading of one file counts as hung, and HDF5 as the reason."""

FILES = (
    "own.h5ad", "sparse.h5ad", "own.h5ad.gz", "matrix.csv", "matrix.tsv.gz", "german.csv",
    "sheet.csv", "10x/matrix.mtx.gz", "10x/features.tsv.gz", "10x/barcodes.tsv.gz", "sets.gmt",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    known = truth(with_entrez())
    tpm = known.named(values=UNITS["tpm"](known.values))
    write_h5ad(folder / "own.h5ad", known)
    write_h5ad(folder / "sparse.h5ad", known, sparse.csr_matrix)
    write_h5ad(folder / "own.h5ad.gz", known, sparse.csc_matrix)
    write_table(folder / "matrix.csv", tpm)
    write_table(folder / "matrix.tsv.gz", tpm, Dress(delimiter="\t", packed=True))
    write_table(folder / "german.csv", tpm, Dress(delimiter=";", decimal=",", by_gene=False))
    write_sheet(folder / "sheet.csv", known)
    write_tenx(folder / "10x", known, packed=True, suffix="")
    (folder / "sets.gmt").write_text("A\tabout\tALB\tTP53\nB (GO:0000001)\t\tLYZ\n")
    return folder


def read(folder: Path, file: str) -> None:
    """Read the file, or what it is a part of."""
    if file == "sets.gmt":
        read_gmt(folder / file)
        return
    path = folder / ("10x" if "10x" in file else "matrix.csv" if "sheet" in file else file)
    options = {} if "h5ad" in file else {"sample_sheet": folder / "sheet.csv"}
    load_own(path, class_column="kind", **options)  # type: ignore[arg-type]


def fault(folder: Path, file: str) -> str:
    """Return the sentence in which reading ends; a point if it does not end so."""
    try:
        read(folder, file)
    except HelpersError as error:
        return str(error)
    return "."


def fault_apart(folder: Path, file: str) -> str:
    """Do the same in a process of its own: libhdf5 itself crashes or hangs on a few such files."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        said = "no sentence: "
        try:
            said = fault(folder, file)
        except BaseException as error:
            said += repr(error)
        os.write(writing, said.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return "." if os.WIFSIGNALED(status) else said


def cut(raw: bytes, place: float, _: bytes) -> bytes:
    return raw[: int(place * len(raw))]


def replaced(raw: bytes, place: float, other: bytes) -> bytes:
    start = int(place * len(raw))
    return raw[:start] + other + raw[start + len(other) :]


def inserted(raw: bytes, place: float, other: bytes) -> bytes:
    start = int(place * len(raw))
    return raw[:start] + other + raw[start:]


def lost(raw: bytes, place: float, other: bytes) -> bytes:
    start = int(place * len(raw))
    return raw[:start] + raw[start + 37 * len(other) :]


def zeros(raw: bytes, place: float, other: bytes) -> bytes:
    start = int(place * len(raw))
    return raw[:start] + bytes(100 * len(other)) + raw[start + 100 * len(other) :]


damage = st.tuples(
    st.sampled_from(FILES),
    st.sampled_from([cut, replaced, inserted, lost, zeros]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=8),
)
Damage = tuple[str, Callable[[bytes, float, bytes], bytes], float, bytes]


def test_every_file_is_read_when_it_is_whole(whole: Path) -> None:
    for file in FILES:
        read(whole, file)


def test_damage_is_said_in_one_sentence(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(whole, folder)

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        derandomize=not MINUTES,
        database=None,
    )
    @given(damage)
    def tried(drawn: Damage) -> None:
        file, change, place, other = drawn
        path = folder / file
        path.write_bytes(change((whole / file).read_bytes(), place, other))
        before = tree(folder)
        said = (fault_apart if "h5ad" in file else fault)(folder, file)
        assert tree(folder) == before
        path.write_bytes((whole / file).read_bytes())
        assert "\n" not in said
        assert said.endswith(".")

    end = time.monotonic() + 60 * MINUTES
    tried()
    while time.monotonic() < end:
        tried()
