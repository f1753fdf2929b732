"""Real data set `rnaseqdb`: GTEx and TCGA samples, uniformly processed.

Source: Wang et al., "Unifying cancer and normal RNA sequencing data from different
sources", Scientific Data 5:180061 (2018); github.com/mskcc/RNAseqDB, folder
``data/normalized``: FPKM by RSEM, quantile-normalised and corrected for study with ComBat.

A file is called ``<name>-rsem-fpkm-<kind>.txt.gz``, where kind is ``gtex`` (GTEx normal),
``tcga`` (TCGA normal tissue adjacent to a tumour) or ``tcga-t`` (TCGA primary tumour).
It is a tab-separated table, one gene a line, with the columns ``Hugo_Symbol``,
``Entrez_Gene_Id`` and one per sample. Any subset of the files makes a data set.
"""

from __future__ import annotations

import codecs
import difflib
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.datasets.expression import (
    build_anndata,
    check_labels,
    check_matrix,
    combined_hash,
    donor_of,
    large_classes,
    to_tpm,
)
from helpers.errors import BadInputError, MissingInputError

SOURCE = "RNAseqDB (Wang et al., Scientific Data 2018), normalised FPKM converted to TPM"
PATTERN = re.compile(r"(?P<name>\w+)-rsem-fpkm-(?P<kind>gtex|tcga|tcga-t)\.txt\.gz")
GZIP_MAGIC = b"\x1f\x8b"
ID_COLUMNS = ("Hugo_Symbol", "Entrez_Gene_Id")

ORGANS = {
    # GTEx
    "bladder": "bladder",
    "breast": "breast",
    "cervix": "cervix",
    "colon": "colon",
    "esophagus_gas": "esophagus",
    "esophagus_muc": "esophagus",
    "esophagus_mus": "esophagus",
    "kidney": "kidney",
    "liver": "liver",
    "lung": "lung",
    "pancreatic": "pancreas",
    "prostate": "prostate",
    "salivary": "salivary_gland",
    "stomach": "stomach",
    "thyroid": "thyroid",
    "uterus": "uterus",
    # TCGA
    "blca": "bladder",
    "brca": "breast",
    "cesc": "cervix",
    # Cholangiocarcinoma arises within the liver: its adjacent normals are liver tissue (7 % of
    # their transcripts are ALB, as in lihc's), and RNAseqDB pairs both with GTEx liver
    "chol": "liver",
    "coad": "colon",
    "esca": "esophagus",
    "hnsc": "head_and_neck",
    "kich": "kidney",
    "kirc": "kidney",
    "kirp": "kidney",
    "lihc": "liver",
    "luad": "lung",
    "lusc": "lung",
    "paad": "pancreas",
    "prad": "prostate",
    "read": "rectum",
    "stad": "stomach",
    "thca": "thyroid",
    "ucec": "uterus",
    "ucs": "uterus",
}
"""Organ of each name in RNAseqDB (its ``tissue-conf.txt`` pairs GTEx with TCGA names)."""


@dataclass(frozen=True)
class ExpressionFile:
    """One file of RNAseqDB as read: FPKM ≥ 0, samples × genes, float32."""

    path: Path
    sha256: str
    genes: list[str]
    samples: list[str]
    fpkm: np.ndarray


def load_rnaseqdb(data: Path, *, min_class_size: int = 10) -> anndata.AnnData:
    """Load every RNAseqDB file of a folder as one data set.

    Normal samples of one organ, GTEx or adjacent to a tumour, are one class named by the
    organ; tumours are ``TCGA_<CODE>``. Genes are those that all files hold, sorted by
    symbol, so their order does not depend on the files. FPKM become TPM after the genes
    are chosen: each sample sums to 10⁶ over the genes that models see.

    Parameters
    ----------
    data
        Folder with ``*-rsem-fpkm-*.txt.gz``.
    min_class_size
        Classes with fewer samples are left out, which ``uns["notes"]`` says.

    Returns
    -------
    anndata.AnnData
        See `helpers.datasets.expression.build_anndata`.

    Raises
    ------
    MissingInputError
        If the folder, or any file of the pattern in it, is not there.
    BadInputError
        If a file is damaged or malformed, a sample or gene repeats, the files have no gene
        in common, or fewer than two classes are left.
    """
    paths = find_files(data)
    files = [read_file(path) for path in paths]
    _refuse_shared_samples(files)
    genes = _common_genes(files)
    obs = pd.concat([_describe_samples(file.path, file.samples) for file in files])
    notes = _notes_on_files(data, files, genes)
    keep, class_notes = large_classes(obs["tissue"], min_class_size, data)
    tpm = [to_tpm(_select_genes(file, genes), file.samples, file.path) for file in files]
    hashes = {file.path.name: file.sha256 for file in files}
    return build_anndata(
        np.concatenate(tpm)[keep],
        genes,
        obs[keep],
        source=SOURCE,
        provenance={"files": hashes, "min_class_size": min_class_size},
        sha256=combined_hash(hashes),
        simulated=False,
        notes=[*notes, *class_notes],
    )


def fingerprint_rnaseqdb(data: Path) -> dict[str, str]:
    """Return file name → SHA-256 of every file that `load_rnaseqdb` would read."""
    return {path.name: hashlib.sha256(_read_bytes(path)).hexdigest() for path in find_files(data)}


def describe_rnaseqdb(data: Path, *, min_class_size: int = 10) -> pd.DataFrame:
    """Return ``obs`` of the samples that `load_rnaseqdb` would load, from the files' first lines.

    Raises
    ------
    MissingInputError, BadInputError
        If there are no files, a first line cannot be read, or fewer than two classes are left.
    """
    parts = []
    for path in find_files(data):
        try:
            with gzip.open(path, "rt", encoding="utf-8-sig") as file:
                columns = file.readline().rstrip("\r\n").split("\t")
        except (OSError, EOFError, ValueError, zlib.error):
            read_file(path)  # which says what is the matter
            raise
        parts.append(_describe_samples(path, _sample_columns(columns, path)))
    obs = pd.concat(parts)
    keep, _ = large_classes(obs["tissue"], min_class_size, data)
    return obs[keep]


def genes_of_rnaseqdb(data: Path) -> pd.DataFrame:
    """Return the ``var`` that `load_rnaseqdb` gives, from the first column of each file.

    Raises
    ------
    MissingInputError, BadInputError
        If there are no files, or one cannot be unpacked.
    """
    sets = []
    for path in find_files(data):
        lines = _decompress(_read_bytes(path), path).rstrip(b"\r\n").splitlines()[1:]
        sets.append({line.split(b"\t", 1)[0].decode() for line in lines})
    common = sorted(set.intersection(*sets))
    return pd.DataFrame({"ensembl_id": ""}, index=pd.Index(common, name="symbol"))


def find_files(data: Path) -> list[Path]:
    """List the RNAseqDB files of a folder, sorted by name.

    Raises
    ------
    MissingInputError
        If there is no such folder, or no such file in it.
    BadInputError
        If `data` is a file.
    """
    if not data.exists():
        raise MissingInputError(
            f"There is no folder {data}: fetch the files of data set 'rnaseqdb' into it, "
            "or name the folder that holds them."
        )
    if not data.is_dir():
        raise BadInputError(f"{data} is a file: name the folder that holds the RNAseqDB files.")
    paths = sorted(path for path in data.iterdir() if PATTERN.fullmatch(path.name))
    if not paths:
        unpacked = any(PATTERN.fullmatch(f"{path.name}.gz") for path in data.iterdir())
        mend = "compress its .txt files with gzip" if unpacked else "fetch them into it"
        raise MissingInputError(
            f"{data} holds no file named like 'liver-rsem-fpkm-gtex.txt.gz' "
            f"(<name>-rsem-fpkm-gtex, -tcga or -tcga-t): {mend}, or name another folder."
        )
    return paths


def read_file(path: Path) -> ExpressionFile:
    """Read and check one RNAseqDB file.

    Raises
    ------
    MissingInputError
        If the file is not there.
    BadInputError
        If it is not a complete gzip file, or its table is not as the module describes.
    """
    raw = _read_bytes(path)
    text = _decompress(raw, path)
    header, *lines = text.rstrip(b"\r\n").splitlines()
    columns = header.decode().split("\t")
    samples = _sample_columns(columns, path)
    _check_lines(lines, len(columns), path)
    genes, values = _parse(text, columns)
    check_labels(samples, "sample", path, place="column", first=1 + len(ID_COLUMNS))
    check_labels(genes, "gene", path, place="line", first=2)
    fpkm = check_matrix(values, genes, samples, path)
    return ExpressionFile(path, hashlib.sha256(raw).hexdigest(), genes, samples, fpkm)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingInputError(
            f"There is no file {path}: fetch it, or correct the name."
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read ({error.strerror}): make it a readable file."
        ) from None


def _decompress(raw: bytes, path: Path) -> bytes:
    again = "fetch it again"
    if not raw:
        raise BadInputError(f"{path} is empty: {again}.")
    if not raw.startswith(GZIP_MAGIC[: len(raw)]):
        raise BadInputError(f"{path} is not a gzip file: compress it with gzip, or {again}.")
    try:
        if len(raw) < len(GZIP_MAGIC):
            raise EOFError
        text = gzip.decompress(raw).removeprefix(codecs.BOM_UTF8)
    except EOFError:
        raise BadInputError(f"{path} is truncated (the gzip stream ends early): {again}.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise BadInputError(f"{path} is damaged (the gzip checks fail): {again}.") from None
    if not text.strip():
        raise BadInputError(f"{path} holds no text once unpacked: {again}.")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{path}, line {line}, is not UTF-8 text: {again}.") from None
    return text


def _sample_columns(columns: Sequence[str], path: Path) -> list[str]:
    for position, expected in enumerate(ID_COLUMNS):
        if len(columns) > position and columns[position] == expected:
            continue
        place = f"column {position + 1}"
        if expected in columns:
            mend = f"move it there from column {columns.index(expected) + 1}"
        else:
            close = difflib.get_close_matches(expected, columns, n=1, cutoff=0.4)
            found = f"the nearest is {close[0]!r}: rename it" if close else "add it"
            mend = f"{found}, or separate the columns with tabs" if len(columns) == 1 else found
        raise BadInputError(f"{path} has no {expected!r} as {place}; {mend}.")
    samples = list(columns[len(ID_COLUMNS) :])
    if not samples:
        raise BadInputError(
            f"{path} has no samples, only {' and '.join(ID_COLUMNS)}: fetch it again, or delete it."
        )
    return samples


def _check_lines(lines: Sequence[bytes], columns: int, path: Path) -> None:
    if not lines:
        raise BadInputError(f"{path} has no genes, only a header: fetch it again, or delete it.")
    for number, line in enumerate(lines, start=2):
        if (found := line.count(b"\t") + 1) != columns:
            raise BadInputError(
                f"{path}, line {number}, has {found} tab-separated fields where the header has "
                f"{columns}: mend the line, or fetch the file again."
            )


def _parse(text: bytes, columns: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return gene symbols and samples × genes; strings if any value is not a number."""
    ids = len(ID_COLUMNS)

    def read(dtype: type) -> pd.DataFrame:
        kinds = {i: str if i < ids else dtype for i in range(len(columns))}
        return pd.read_csv(
            io.BytesIO(text),
            sep="\t",
            header=None,
            skiprows=1,
            names=list(range(len(columns))),
            index_col=False,
            dtype=kinds,
            quoting=3,
            na_filter=False,
        )

    try:
        with np.errstate(over="ignore"):  # beyond float32 becomes infinite, which is refused later
            table = read(np.float32)
    except ValueError:
        table = read(str)
    return table[0].tolist(), table.iloc[:, ids:].to_numpy().T


def _refuse_shared_samples(files: Sequence[ExpressionFile]) -> None:
    owner: dict[str, Path] = {}
    for file in files:
        for sample in file.samples:
            if sample in owner:
                raise BadInputError(
                    f"Sample {sample!r} is in both {owner[sample]} and {file.path.name}: "
                    "delete one of the files, or the sample's column in one."
                )
            owner[sample] = file.path


def _common_genes(files: Sequence[ExpressionFile]) -> list[str]:
    sets = [set(file.genes) for file in files]
    common = sorted(set.intersection(*sets))
    if common:
        return common
    shared = [
        len(own & set().union(*(other for other in sets if other is not own))) for own in sets
    ]
    odd = files[int(np.argmin(shared))]
    raise BadInputError(
        f"The {len(files)} files have no gene in common: {odd.path} shares the fewest "
        f"({min(shared):,}) with the others; delete it, or give its genes HGNC symbols."
    )


def _select_genes(file: ExpressionFile, genes: Sequence[str]) -> np.ndarray:
    return file.fpkm[:, pd.Index(file.genes).get_indexer(pd.Index(genes))]


def _name_and_kind(path: Path) -> tuple[str, str]:
    match = PATTERN.fullmatch(path.name)
    if match is None:
        raise BadInputError(f"{path} is not named <name>-rsem-fpkm-<gtex, tcga or tcga-t>.txt.gz.")
    return match["name"].lower(), match["kind"]


def _describe_samples(path: Path, samples: Sequence[str]) -> pd.DataFrame:
    name, kind = _name_and_kind(path)
    organ = ORGANS.get(name, name)
    tumour = kind == "tcga-t"
    return pd.DataFrame(
        {
            "tissue": f"TCGA_{name.upper()}" if tumour else organ,
            "organ": organ,
            "study": "GTEx" if kind == "gtex" else "TCGA",
            "status": "cancer" if tumour else "normal",
            "donor": [donor_of(sample) for sample in samples],
        },
        index=pd.Index(samples, name="sample"),
    )


def _notes_on_files(data: Path, files: Sequence[ExpressionFile], genes: Sequence[str]) -> list[str]:
    everything = set().union(*(file.genes for file in files))
    notes = [
        f"{len(genes):,} genes are in all {len(files)} files; "
        f"{len(everything) - len(genes):,} that some files lack are left out."
    ]
    for file in files:
        name, _ = _name_and_kind(file.path)
        if name not in ORGANS:
            notes.append(f"{file.path.name}: RNAseqDB has no {name!r}, taken as an organ's name.")
    read = {file.path.name for file in files}
    aside = sorted(p.name for p in data.glob("*.gz") if p.name not in read)
    if aside:
        notes.append(f"Not read, as their names are not RNAseqDB's: {', '.join(aside)}.")
    return notes
