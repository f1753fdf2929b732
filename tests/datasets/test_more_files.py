"""Further files as people have them: each is read as it was meant, or refused in one sentence."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from own_files import (
    NAMES,
    Dress,
    Truth,
    to_anndata,
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

KNOWN = truth(with_entrez())
SAMPLES = len(KNOWN.samples)


def written(folder: Path, change: Callable[[anndata.AnnData], object]) -> Path:
    """Write an AnnData after a change, in place or as a new one."""
    adata = to_anndata(KNOWN)
    found = change(adata)
    path = folder / "own.h5ad"
    (found if isinstance(found, anndata.AnnData) else adata).write_h5ad(path)
    return path


def with_classes(values: Any) -> Callable[[Path], Path]:
    return lambda folder: written(folder, lambda a: a.obs.__setitem__("kind", values))


def matrix(value: Any) -> Callable[[Path], Path]:
    obs, var = KNOWN.obs(), pd.DataFrame(index=list(KNOWN.genes))
    return lambda folder: written(folder, lambda a: anndata.AnnData(value, obs=obs, var=var))


def unsorted() -> sparse.csr_matrix:
    """Return the counts with the columns of each row from last to first, as some tools store."""
    found = sparse.csr_matrix(KNOWN.values.astype(np.float32))
    for start, end in zip(found.indptr, found.indptr[1:], strict=False):
        found.indices[start:end] = found.indices[start:end][::-1].copy()
        found.data[start:end] = found.data[start:end][::-1].copy()
    found.has_sorted_indices = False
    return found


def with_zeros() -> sparse.csr_matrix:
    """Return the counts with zeros that are stored."""
    found = sparse.csr_matrix(KNOWN.values.astype(np.float32) + 1)
    found.data -= 1
    return found


def called(folder: Path, name: str) -> Path:
    return write_h5ad(folder / "own.h5ad", KNOWN).rename(folder / name)


def packed(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(write_h5ad(folder / "own.h5ad", KNOWN).read_bytes()))
    return path


def genes(names: Callable[[Truth], Any]) -> Callable[[Path], Path]:
    return lambda folder: write_h5ad(folder / "own.h5ad", KNOWN.named(genes=tuple(names(KNOWN))))


ENSEMBL = NAMES["ensembl"](KNOWN.genes)
ANNDATA: dict[str, tuple[Callable[[Path], Path], set[str], int]] = {
    "a category that no sample has": (
        with_classes(pd.Categorical(KNOWN.classes, ["B cell", "none of them", "T cell"])),
        {"B cell", "T cell"}, SAMPLES,
    ),
    "ordered numbers": (
        with_classes(pd.Categorical([1] * 11 + [2] * 13, [2, 1], ordered=True)),
        {"1", "2"}, SAMPLES,
    ),
    "truth values, one missing": (
        with_classes(pd.array([True] * 11 + [False] * 12 + [pd.NA], dtype="boolean")),
        {"True", "False"}, SAMPLES - 1,
    ),
    "numbers, one missing": (with_classes([1.0] * 11 + [2.0] * 12 + [np.nan]), {"1", "2"}, 23),
    "spaces at the end": (with_classes(["a", "a "] * 6 + [" b"] * 12), {"a", "b"}, SAMPLES),
    "paths": (with_classes(["a/b"] * 11 + ["../c"] * 13), {"a/b", "../c"}, SAMPLES),
    "lines and tabs": (with_classes(["a\nb"] * 11 + ["c\td"] * 13), {"a\nb", "c\td"}, SAMPLES),
    "times": (
        with_classes(["2020-01-01T10:00"] * 11 + ["2020-01-02T10:00"] * 13),
        {"2020-01-01T10:00", "2020-01-02T10:00"}, SAMPLES,
    ),
    "columns that are not in order": (matrix(unsorted()), {"B cell", "T cell"}, SAMPLES),
    "zeros that are stored": (matrix(with_zeros()), {"B cell", "T cell"}, SAMPLES),
    "an odd name": (
        lambda folder: called(folder, "my data #1 %s 'x' é肝.h5ad"), {"B cell", "T cell"}, SAMPLES
    ),
    "capitals, packed": (lambda f: packed(f, "OWN.H5AD.GZ"), {"B cell", "T cell"}, SAMPLES),
    "a store without its ending": (
        lambda folder: write_h5ad(folder / "own.zarr", KNOWN).rename(folder / "store"),
        {"B cell", "T cell"}, SAMPLES,
    ),
    "versions and PAR_Y": (
        genes(lambda known: [f"{ENSEMBL[0]}.3_PAR_Y", *(f"{gene}.2" for gene in ENSEMBL[1:])]),
        {"B cell", "T cell"}, SAMPLES,
    ),
    "ids and symbols": (
        genes(lambda known: [f"{a}.1|{b}" for a, b in zip(ENSEMBL, known.genes, strict=True)]),
        {"B cell", "T cell"}, SAMPLES,
    ),
    "headers of GENCODE": (
        genes(lambda known: [
            f"ENST{k:011d}.1|{a}.1|OTTHUMG|-|{b}-201|{b}|900|protein_coding|"
            for k, (a, b) in enumerate(zip(ENSEMBL, known.genes, strict=True))
        ]),
        {"B cell", "T cell"}, SAMPLES,
    ),
}  # fmt: skip
"""How a file is written, the classes that it has, and how many samples."""


@pytest.mark.parametrize("what", ANNDATA)
def test_an_anndata_is_read(what: str, tmp_path: Path) -> None:
    write, classes, count = ANNDATA[what]
    adata = load_own(write(tmp_path), class_column="kind")
    assert set(map(str, adata.obs["tissue"])) == classes
    order = [list(adata.var_names).index(gene) for gene in KNOWN.genes]
    np.testing.assert_allclose(np.asarray(adata.X)[:, order], KNOWN.expected[:count], atol=2e-4)


def text() -> str:
    rows = [",".join(["gene", *KNOWN.samples])]
    for gene, values in zip(KNOWN.genes, KNOWN.values.T, strict=True):
        rows.append(",".join([gene, *(f"{value:g}" for value in values)]))
    return "\n".join(rows) + "\n"


def described(line: str, cell: int) -> str:
    return line.replace(",", f",some text {cell},", 1)


TABS = text().replace(",", "\t")
DESCRIBED = [described(line, k) for k, line in enumerate(text().splitlines())]
GCT = [
    "#1.3",
    f"{len(KNOWN.genes)}\t{SAMPLES}\t1\t2",
    "\t".join(["id", "about", *KNOWN.samples]),
    "\t".join(["batch", "na", *["b"] * SAMPLES]),
    "\t".join(["tissue", "na", *KNOWN.classes]),
    *(line.replace(",", "\t") for line in DESCRIBED[1:]),
]
TEXTS: dict[str, tuple[str, bytes]] = {
    "empty lines": ("m.csv", text().replace("\n", "\n\n").encode()),
    "spaces at the ends of lines": ("m.tsv", TABS.replace("\n", "  \n").encode()),
    "two kinds of ends of lines": ("m.csv", text().replace("\n", "\r\n", 20).encode()),
    "powers of ten": ("m.csv", text().replace(",1234", ",1.234E+03").encode()),
    "packed in two parts": ("m.csv.gz", gzip.compress(text()[:900].encode())
                            + gzip.compress(text()[900:].encode())),
    "packed, and not called so": ("m.csv", gzip.compress(text().encode())),
    "called packed, and not so": ("m.csv.gz", text().encode()),
    "a description of each gene": ("m.csv", "\n".join(DESCRIBED).encode()),
    "cBioPortal's two names": (
        "data_mrna_seq_v2_rsem.txt",
        "\n".join(
            line.replace("gene", "Hugo_Symbol\tEntrez_Gene_Id", 1) if not k
            else line.replace("\t", f"\t{entrez}\t", 1)
            for k, (line, entrez) in enumerate(zip(
                TABS.splitlines(), ["", *NAMES["entrez"](KNOWN.genes)],
                strict=True,
            ))
        ).encode(),
    ),
    "a total of each line": (
        "m.csv", "\n".join(f"{line},{'total' if not k else 99}"
                           for k, line in enumerate(text().splitlines())).encode(),
    ),
    "GCT with lines that describe samples": ("m.gct", "\n".join(GCT).encode()),
}  # fmt: skip
"""Name and bytes of a table."""


@pytest.mark.parametrize("what", TEXTS)
def test_a_table_is_read(what: str, tmp_path: Path) -> None:
    name, raw = TEXTS[what]
    (tmp_path / name).write_bytes(raw)
    adata = load_own(tmp_path / name, sample_sheet=write_sheet(tmp_path / "sheet.csv", KNOWN))
    order = [list(adata.var_names).index(gene) for gene in KNOWN.genes]
    np.testing.assert_allclose(np.asarray(adata.X)[:, order], KNOWN.expected, atol=2e-4)


@pytest.mark.parametrize(
    "name", ["TCGA-{}-01", "{}", "0{}", "x {}"], ids=["hyphens", "plain", "zero", "space"]
)
def test_names_of_samples_that_look_like_others(name: str, tmp_path: Path) -> None:
    """Numbers, names with zeros in front, and those that R has changed in the table alone."""
    samples = tuple(name.format(k) for k in range(SAMPLES))
    known = KNOWN.named(samples=samples)
    changed = known.named(samples=tuple(sample.replace("-", ".") for sample in samples))
    for by_gene in (True, False):
        path = write_table(tmp_path / "m.csv", changed, Dress(by_gene=by_gene))
        adata = load_own(path, sample_sheet=write_sheet(tmp_path / "sheet.csv", known))
        assert list(adata.obs_names) == list(changed.samples)
        assert adata.obs["tissue"].tolist() == list(KNOWN.classes)


def scaled(adata: anndata.AnnData) -> None:
    adata.layers["counts"] = adata.X.copy()
    adata.X = (adata.X - adata.X.mean(axis=0)) / (adata.X.std(axis=0) + 1)


def zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "m.zip", "w") as archive:
        archive.writestr("m.csv", text())
    return folder / "m.zip"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "m.csv")
    return folder / "m.csv"


def table(raw: str | bytes, name: str = "m.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return folder / name

    return write


def tenx(change: Callable[[Path], object]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = write_tenx(folder / "10x", KNOWN, suffix="")
        change(made)
        return made

    return write


def files_of_one_sample(folder: Path) -> Path:
    for sample in KNOWN.samples:
        (folder / "counts" / f"{sample}.txt").parent.mkdir(exist_ok=True)
        (folder / "counts" / f"{sample}.txt").write_text("ALB\t3\n")
    return folder / "counts"


def halved(folder: Path) -> Path:
    path = write_h5ad(folder / "own.h5ad", KNOWN)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def made_of(pattern: str) -> Callable[[Path], Path]:
    return genes(lambda known: [pattern.format(k) for k in range(len(known.genes))])


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "scaled values beside counts": (lambda f: written(f, scaled), r"choose .* --layer: counts\."),
    "half a file": (halved, r"is truncated: copy or download it again\."),
    "packed twice": (
        lambda f: table(gzip.compress(packed(f, "x.gz").read_bytes()), "own.h5ad.gz")(f),
        "what is packed in it is gzip",
    ),
    "an archive": (zipped, "unpack it and name what is inside"),
    "a pipe": (pipe, "is a pipe or a device, which is read once: write it to a file"),
    "a folder called .h5ad": (
        lambda f: shutil.copytree(files_of_one_sample(f), f / "x.h5ad"), "is a folder without"
    ),
    "a file for each sample": (files_of_one_sample, r"\(it holds S00\.txt, .*joined into one"),
    "rat": (made_of("ENSRNOG{:011d}"), "look like those of rat"),
    "fruit fly": (made_of("FBgn{:07d}"), "look like those of fruit fly"),
    "transcripts": (made_of("ENST{:011d}.2"), "look like transcripts, not genes"),
    "probes": (made_of("{}_at"), "look like probes of an Affymetrix array, not genes"),
    "regions": (made_of("chr1:{0}-{0}9"), "look like regions of the genome, not genes"),
    "numbers of lines": (made_of("{}"), "they look like numbers of lines, not genes"),
    "a class for each sample": (
        with_classes([f"c{k}" for k in range(SAMPLES)]), "fewer than two classes of at least 10"
    ),
    "a number as the class": (with_classes(np.linspace(0, 1, 24)), "fewer than two classes"),
    "less than": (table(text().replace(",1234", ",<0.01")), "'<0.01' is not a number"),
    "per cent": (table(text().replace(",1234", ",12%")), "'12%' is not a number"),
    "a field too many": (
        table(text().replace("\n" + KNOWN.genes[9], ",5\n" + KNOWN.genes[9])),
        "line 10, has 26 fields where the others have 25",
    ),
    "zero bytes": (table(text().replace(",1234", ",12\0")), "is no text, as its name says"),
    "classes in a line": (
        table(text().replace("\n", "\ntissue," + ",".join(KNOWN.classes) + "\n", 1)),
        "'B cell' is not a number.*leave .* the line out",
    ),
    "no names of samples": (table(text().split("\n", 1)[1]), "No sample of .*begins with"),
    "one column": (table("gene\n" + "\n".join(KNOWN.genes)), "has one column, where a table has"),
    "a web page": (table("<!DOCTYPE html><html>404</html>\n"), "is a web page, not the file"),
    "two matrices in a folder": (
        tenx(lambda f: shutil.copy(f / "matrix.mtx", f / "B_matrix.mtx")), "has 2 files of matrix"
    ),
    "a matrix that is not sparse": (
        tenx(lambda f: (f / "matrix.mtx").write_text(
            "%%MatrixMarket matrix array real general\n1 1\n3\n")),
        "not a plain sparse matrix",
    ),
    "the matrix in place of its folder": (
        lambda f: tenx(lambda made: None)(f) / "matrix.mtx", "name the folder that holds it"
    ),
    "a barcode twice": (
        tenx(lambda f: (f / "barcodes.tsv").write_text("S00\n" * 2 + "\n".join(KNOWN.samples[2:]))),
        "sample 'S00' is there twice",
    ),
}  # fmt: skip
"""How a file is written, and what is said of it."""


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_said_in_one_sentence(what: str, tmp_path: Path) -> None:
    write, said = REFUSED[what]
    path = write(tmp_path)
    sheet = None if path.suffix == ".h5ad" or ".h5ad" in path.name else tmp_path / "sheet.csv"
    if sheet is not None:
        write_sheet(sheet, KNOWN)
    before = {} if path.is_fifo() else tree(tmp_path)
    with pytest.raises(HelpersError, match=said) as found:
        load_own(path, class_column="kind", sample_sheet=sheet or "")
    assert found.value.exit_code == 2
    assert "\n" not in str(found.value)
    assert str(found.value).endswith(".")
    assert before == ({} if path.is_fifo() else tree(tmp_path))


def test_a_sheet_of_names_alone_is_no_sheet(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(text())
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sample\n" + "\n".join(KNOWN.samples))
    with pytest.raises(HelpersError, match=r"sheet\.csv has one column, where a table has one"):
        load_own(tmp_path / "m.csv", sample_sheet=sheet)


SETS: dict[str, bytes] = {
    "weights of Enrichr": b"A\t\tALB,1.0\tTP53,0.5\n",
    "UTF-16": "A\tx\tALB\tTP53\n".encode("utf-16"),
    "lines as an old Mac ends them": b"A\tx\tALB\tTP53\r",
    "spaces around": b" A \t x \t ALB \t TP53 \t\t\n",
    "ends of lines of Unicode": "A\tx\u2028\x85y\x0c\tALB\tTP53\n".encode(),
    "packed, zero bytes behind": gzip.compress(b"A\tx\tALB\tTP53\n") + b"\0" * 512,
}


@pytest.mark.parametrize("what", SETS)
@pytest.mark.parametrize("name", ["s.gmt", "S.GMT", "s.gmt.txt"])
def test_gene_sets_are_read(what: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(SETS[what])
    (found,) = read_gmt(tmp_path / name)
    assert (found.name, found.genes) == ("A", ("ALB", "TP53"))
