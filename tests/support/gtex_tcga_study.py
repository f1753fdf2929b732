"""Small files in the formats of GTEx and recount3, numbers invented."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MATRIX = "GTEx_Analysis_2017-06-05_v8_RNASeQCv1.1.9_gene_tpm.gct.gz"
ATTRIBUTES = "GTEx_Analysis_v8_Annotations_SampleAttributesDS.txt"
ANNOTATION = "human.gene_sums.G026.gtf.gz"
TISSUES = {"Liver": 6, "Lung": 6, "Ovary": 6, "Pancreas": 6, "Brain - Cortex": 3}
PROJECTS = {"LIHC": 7, "OV": 6}


@dataclass
class Study:
    """What was written, to compare with what is read."""

    folder: Path
    genes: list[str]
    """Ensembl genes with versions, in the order of the files."""
    symbols: list[str]
    kinds: list[str]
    lengths: np.ndarray
    tpm: np.ndarray
    """GTEx: genes × samples, as the text says."""
    samples: list[str]
    tissues: list[str]
    coverage: dict[str, np.ndarray] = field(default_factory=dict)
    """TCGA project → genes × samples."""
    barcodes: dict[str, list[str]] = field(default_factory=dict)
    types: dict[str, list[str]] = field(default_factory=dict)

    @property
    def matrix(self) -> Path:
        return self.folder / MATRIX

    @property
    def attributes(self) -> Path:
        return self.folder / ATTRIBUTES

    @property
    def annotation(self) -> Path:
        return self.folder / ANNOTATION

    def sums(self, project: str) -> Path:
        return self.folder / f"tcga.gene_sums.{project}.G026.gz"

    def metadata(self, project: str) -> Path:
        return self.folder / f"tcga.tcga.{project}.MD.gz"


def pack(path: Path, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data, 1, mtime=0) if path.suffix == ".gz" else data)


def unpack(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def edit(path: Path, old: str, new: str) -> None:
    text = unpack(path)
    assert old in text
    pack(path, text.replace(old, new, 1))


def make_study(
    folder: Path,
    *,
    genes: int = 40,
    tissues: Mapping[str, int] = TISSUES,
    projects: Mapping[str, int] = PROJECTS,
    marked: int = 0,
    named: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Study:
    """Write all files: every fifth gene is not protein-coding, each class has `marked` of its own.

    `named`: Ensembl gene → symbol, at least `genes` of them; default: invented.

    Beside the tumours, each project has a normal sample and one without metadata; the tables of
    samples have rows without values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    ids = [f"ENSG{k + 1:011d}.{k % 9 + 1}" for k in range(genes)]
    names = [f"GENE{(k * 7919) % 100_000:05d}" for k in range(genes)]
    if named is not None:
        ids, names = [f"{gene}.1" for gene in list(named)[:genes]], list(named.values())[:genes]
    kinds = ["lincRNA" if k % 5 == 4 else "protein_coding" for k in range(genes)]
    lengths = rng.integers(200, 9000, genes)
    base = rng.gamma(0.4, 60, genes)
    levels = _levels(base, [*tissues, *projects], marked)
    columns = [tissue for tissue, count in tissues.items() for _ in range(count)]
    samples = [f"GTEX-{k:04d}-0{k % 9}26-SM-{k:05d}" for k in range(len(columns))]
    tpm = _scatter(rng, np.array([levels[t] for t in columns]).reshape(-1, genes).T)
    study = Study(folder, ids, names, kinds, lengths, np.empty(0), samples, columns)
    _write_annotation(study)
    if tissues:
        study.tpm = _write_matrix(study, tpm)
        _write_attributes(study)
    for project, count in projects.items():
        level = np.repeat(levels[project][:, None], count + 2, axis=1)
        _write_project(study, project, np.rint(_scatter(rng, level) * lengths[:, None]))
    return study


def _levels(base: np.ndarray, classes: list[str], marked: int) -> dict[str, np.ndarray]:
    levels = {}
    for number, name in enumerate(classes):
        levels[name] = base.copy()
        levels[name][number * marked : (number + 1) * marked] += 500
    return levels


def _scatter(rng: np.random.Generator, level: np.ndarray) -> np.ndarray:
    values = level * rng.lognormal(0, 0.5, level.shape)
    values[rng.random(level.shape) < 0.1] = 0
    return values


def _write_annotation(study: Study) -> None:
    lines = ["##format: gtf", "##provider: GENCODE"]
    for k, gene in enumerate(study.genes):
        told = f'gene_id "{gene}"; gene_type "{study.kinds[k]}"; gene_name "{study.symbols[k]}";'
        cells = ["chr1", "HAVANA", "gene", "1", "99999", str(study.lengths[k]), "+", ".", told]
        lines.append("\t".join(cells))
    pack(study.annotation, "\n".join(lines) + "\n")


def _write_matrix(study: Study, tpm: np.ndarray) -> np.ndarray:
    texts = [["0" if v == 0 else f"{v:.4g}" for v in row] for row in tpm]
    lines = [f"#1.2\n{tpm.shape[0]}\t{tpm.shape[1]}"]
    lines.append("\t".join(["Name", "Description", *study.samples]))
    for gene, symbol, row in zip(study.genes, study.symbols, texts, strict=True):
        lines.append("\t".join([gene, symbol, *row]))
    pack(study.matrix, "\n".join(lines) + "\n")
    return np.array(texts, float).astype(np.float32)


def _write_attributes(study: Study) -> None:
    lines = ["SAMPID\tSMATSSCR\tSMPTHNTS\tSMTS\tSMTSD"]
    for sample, tissue in zip(study.samples, study.tissues, strict=True):
        part = tissue.partition(" - ")[0]
        lines.append(f'{sample}\t1\t2 pieces, "clean"\t{part}\t{tissue}')
    lines.append("GTEX-ZZZZ-0003-SM-NOSEQ\t\t\tBlood\tWhole Blood")
    pack(study.attributes, "\n".join(lines) + "\n")


def _write_project(study: Study, project: str, coverage: np.ndarray) -> None:
    count = coverage.shape[1]
    names = [f"{project.lower()}-{k:04d}-4e5f" for k in range(count)]
    lines = ["##annotation=G026", "##date.generated=2020-05-12 01:01:49.411644"]
    lines.append("\t".join(["gene_id", *names]))
    for gene, row in zip(study.genes, coverage, strict=True):
        lines.append("\t".join([gene, *(f"{v:.0f}" for v in row)]))
    pack(study.sums(project), "\n".join(lines) + "\n")
    types = ["Primary Tumor"] * (count - 2) + ["Solid Tissue Normal"]
    codes = ["01A"] * (count - 2) + ["11A"]
    barcodes = [f"TCGA-{project[:2]}-{k:04d}-{code}-11R-A29S-07" for k, code in enumerate(codes)]
    told = ["rail_id\texternal_id\tstudy\ttcga_barcode\tgdc_cases.samples.sample_type"]
    for name, barcode, kind in zip(names, barcodes, types, strict=False):
        told.append(f"1\t{name}\t{project}\t{barcode}\t{kind}")
    told.append(f"1\tno-values\t{project}\tTCGA-{project[:2]}-9999-01A-11R-A29S-07\tPrimary Tumor")
    pack(study.metadata(project), "\n".join(told) + "\n")
    study.coverage[project], study.barcodes[project] = coverage, barcodes
    study.types[project] = types
