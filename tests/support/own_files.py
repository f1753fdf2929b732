"""One small data set in every dress that people's files come in, for tests of the readers."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import scipy.io
from scipy import sparse

from helpers.datasets.gene_names import annotation, entrez_symbols

SEED = 5
GENES = tuple(annotation().index[2000:2060])
SAMPLES = tuple(f"S{k:02d}" for k in range(24))
CLASSES = ("B cell",) * 11 + ("T cell",) * 13


@dataclass(frozen=True)
class Truth:
    """What a file says, whatever its dress: samples × genes, and the class of each sample."""

    values: np.ndarray
    genes: tuple[str, ...] = GENES
    samples: tuple[str, ...] = SAMPLES
    classes: tuple[Any, ...] = CLASSES
    more: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def named(self, **changes: Any) -> Truth:
        """Return the same under other names."""
        return replace(self, **changes)

    @property
    def expected(self) -> np.ndarray:
        """Return log2(CPM + 1) of counts."""
        totals = self.values.sum(axis=1, keepdims=True)
        return np.log2(self.values / totals * 1e6 + 1)

    def obs(self) -> pd.DataFrame:
        """Return the table of samples."""
        columns = {"kind": list(self.classes), **{name: list(v) for name, v in self.more.items()}}
        return pd.DataFrame(columns, index=pd.Index(self.samples))


def truth(genes: Sequence[str] = GENES, seed: int = SEED) -> Truth:
    """Make counts, a few of them zero."""
    values = np.random.default_rng(seed).poisson(30.0, size=(len(SAMPLES), len(genes)))
    values[:, 1] = 0
    values[0, 0] = 1234
    return Truth(values.astype(np.float64), tuple(genes))


# Units: what stands in the file, from counts.
UNITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "counts": lambda x: x,
    "tpm": lambda x: x / x.sum(axis=1, keepdims=True) * 1e6,
    "log1p": lambda x: np.log1p(x / x.sum(axis=1, keepdims=True) * 1e4),
    "log2": lambda x: np.log2(x / x.sum(axis=1, keepdims=True) * 1e6 + 1),
    "log2_0.001": lambda x: np.log2(x / x.sum(axis=1, keepdims=True) * 1e6 + 0.001),
}

# Names of genes: what stands in the file, from symbols.
NAMES: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "symbols": list,
    "ensembl": lambda genes: [str(annotation()[gene]) for gene in genes],
    "versioned": lambda genes: [
        f"{annotation()[gene]}.{k % 9 + 1}" for k, gene in enumerate(genes)
    ],
    "entrez": lambda genes: [_entrez()[gene] for gene in genes],
    "tcga": lambda genes: [f"{gene}|{_entrez()[gene]}" for gene in genes],
    "joined": lambda genes: [f"{annotation()[gene]}_{gene}" for gene in genes],
    "genome": lambda genes: [f"GRCh38_{gene}" for gene in genes],
}


def _entrez() -> dict[str, str]:
    return {symbol: number for number, symbol in entrez_symbols().items()}


def with_entrez(count: int = 60) -> tuple[str, ...]:
    """Return symbols that have an Entrez id and an Ensembl id."""
    known = _entrez()
    return tuple(g for g in annotation().index[3000:] if g in known and annotation()[g])[:count]


@dataclass(frozen=True)
class Dress:
    """How a table is written as text."""

    delimiter: str = ","
    by_gene: bool = True
    decimal: str = "."
    end: str = "\n"
    encoding: str = "utf-8"
    packed: bool = False
    quoted: bool = False
    header: str = "named"  # named, empty, shifted (R), trailing
    preamble: tuple[str, ...] = ()
    digits: int = 9


def write_table(path: Path, given: Truth, dress: Dress | None = None) -> Path:
    """Write expression as text."""
    dress = dress or Dress()
    values = given.values.T if dress.by_gene else given.values
    rows, columns = (given.genes, given.samples) if dress.by_gene else (given.samples, given.genes)
    mark = '"' if dress.quoted else ""

    def text(name: Any) -> str:
        return f"{mark}{name}{mark}"

    def number(value: float) -> str:
        written = f"{value:.{dress.digits}g}"
        return written.replace(".", dress.decimal)

    first = {"named": [text("gene")], "empty": [text("")], "shifted": [], "trailing": [text("g")]}
    end = dress.delimiter if dress.header == "trailing" else ""
    lines = [*dress.preamble, dress.delimiter.join([*first[dress.header], *map(text, columns)])]
    for name, row in zip(rows, values, strict=True):
        lines.append(dress.delimiter.join([text(name), *map(number, row)]) + end)
    raw = (dress.end.join(lines) + dress.end).encode(dress.encoding)
    path.write_bytes(gzip.compress(raw) if dress.packed else raw)
    return path


def write_sheet(
    path: Path, given: Truth, *, delimiter: str = ",", names: Sequence[str] | None = None
) -> Path:
    """Write the sheet of samples."""
    frame = given.obs()
    frame.insert(0, "sample", list(names or given.samples))
    frame.to_csv(path, index=False, sep=delimiter, lineterminator="\n")
    return path


def to_anndata(given: Truth, form: Callable[[np.ndarray], Any] = np.asarray) -> anndata.AnnData:
    """Make an AnnData."""
    var = pd.DataFrame(index=pd.Index(given.genes))
    return anndata.AnnData(form(given.values.astype(np.float32)), obs=given.obs(), var=var)


def write_h5ad(path: Path, given: Truth, form: Callable[[np.ndarray], Any] = np.asarray) -> Path:
    """Write an ``.h5ad``; packed if its name ends in ``.gz``, a folder if in ``.zarr``."""
    made = to_anndata(given, form)
    if path.name.casefold().endswith(".zarr"):
        made.write_zarr(path)
    elif path.name.endswith(".gz"):
        plain = path.with_name("plain.h5ad")
        made.write_h5ad(plain)
        path.write_bytes(gzip.compress(plain.read_bytes(), 1))
        plain.unlink()
    else:
        made.write_h5ad(path)
    return path


def write_tenx(
    folder: Path, given: Truth, *, packed: bool = False, old: bool = False, suffix: str = "-1"
) -> Path:
    """Write a folder of 10x Genomics: today's, or with ``genes.tsv`` as before version 3."""
    folder.mkdir(parents=True)
    ids = NAMES["ensembl"](given.genes)
    kind = "" if old else "\tGene Expression"
    parts = {
        "genes.tsv" if old else "features.tsv": "".join(
            f"{gene}\t{symbol}{kind}\n" for gene, symbol in zip(ids, given.genes, strict=True)
        ),
        "barcodes.tsv": "".join(f"{name}{suffix}\n" for name in given.samples),
    }
    matrix = folder / "matrix.mtx"
    scipy.io.mmwrite(matrix, sparse.coo_matrix(given.values.T.astype(int)))
    for name, text in parts.items():
        (folder / name).write_text(text)
    if packed:
        for path in list(folder.iterdir()):
            with path.open("rb") as source, gzip.open(f"{path}.gz", "wb") as target:
                shutil.copyfileobj(source, target)
            path.unlink()
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Return the hash of every file in a folder: what must not change."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
