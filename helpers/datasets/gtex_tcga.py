"""The paper's own data, `gtex-tcga`: GTEx version 8, and TCGA's primary tumours from recount3.

GTEx's TPM are used as its portal gives them. TCGA's are made from recount3's coverage, in place of
recount2's R objects that the paper used. Both count the genes of GENCODE 26. Models see the
protein-coding ones; TPM are shares among all genes, so those of a sample add up to less than 10⁶.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.expression import (
    OBS_COLUMNS,
    check_labels,
    combined_hash,
    donor_of,
    large_classes,
    log2_tpm,
)
from helpers.datasets.gct import GctValues, read_gct, read_gct_header
from helpers.datasets.gene_annotation import protein_coding, read_annotation
from helpers.datasets.gene_sums import read_sums_header, read_tpm
from helpers.datasets.gtex_tcga_classes import gtex_class, gtex_organ, tcga_class, tcga_organ
from helpers.datasets.gtex_tcga_files import SourceFiles, find_source_files
from helpers.datasets.missing import is_missing
from helpers.datasets.sample_tables import read_sample_table
from helpers.datasets.store import StreamedExpression, write_store
from helpers.errors import BadInputError

SOURCE = "GTEx v8 (gene TPM) and TCGA primary tumours (recount3, GENCODE 26)"
GTEX = "GTEx"
PRIMARY = "Primary "
"""What TCGA's sample types of primary tumours start with: "Primary Tumor", and "Primary Blood
Derived Cancer - Peripheral Blood" of acute myeloid leukaemia."""
SAMPLE_TYPE = "gdc_cases.samples.sample_type"
BARCODE = "tcga_barcode"
BLOCK = 256
"""Samples that are written at once."""


def load_gtex_tcga(data: Path, *, min_class_size: int = 30) -> StreamedExpression:
    """Find and check the files of a folder; they are read when the data set is written.

    Any part of the data set will do: GTEx, some projects of TCGA, or both. Genes are the
    protein-coding ones of GENCODE 26 that are in all parts, sorted by symbol.

    Parameters
    ----------
    data
        Folder with the files; see `helpers.datasets.gtex_tcga_files`.
    min_class_size
        Classes with fewer samples are left out, which ``uns["notes"]`` says. With 22 to 36, these
        are the five tissues of GTEx that the paper leaves out, and 82 classes stay.

    Returns
    -------
    StreamedExpression
        Written, it has what `helpers.datasets.expression.build_anndata` describes.

    Raises
    ------
    MissingInputError
        If the folder, or a file in it that another needs, is not there.
    BadInputError
        If a file is damaged or malformed, no sample is known to its table, or fewer than two
        classes are left. What is wrong with expression values is found in writing.
    """
    files = find_source_files(data)
    annotation = read_annotation(files.annotation)
    obs, notes = describe_samples(files)
    keep, class_notes = large_classes(obs["tissue"], min_class_size, data)
    hashes = fingerprint_files(files)
    uns = {
        "source": SOURCE,
        "provenance": {"files": hashes, "min_class_size": min_class_size},
        "sha256": combined_hash(hashes),
        "simulated": False,
    }
    write = functools.partial(
        _write,
        files=files,
        annotation=annotation,
        obs=obs[keep],
        uns=uns,
        notes=[*notes, *class_notes],
    )
    return StreamedExpression(write)


def describe_gtex_tcga(data: Path, *, min_class_size: int = 30) -> pd.DataFrame:
    """Return ``obs`` of the samples that `load_gtex_tcga` would write; no values are read.

    Raises
    ------
    MissingInputError, BadInputError
        As `load_gtex_tcga` does.
    """
    obs, _ = describe_samples(find_source_files(data))
    keep, _ = large_classes(obs["tissue"], min_class_size, data)
    return obs[keep]


def genes_of_gtex_tcga(data: Path) -> pd.DataFrame:
    """Return the ``var`` of `load_gtex_tcga`, from the annotation alone.

    The few genes that a file of GTEx lacks are among them.

    Raises
    ------
    MissingInputError, BadInputError
        If there is no annotation, or it is none.
    """
    return _var(protein_coding(read_annotation(find_source_files(data).annotation)))


def _var(genes: pd.DataFrame) -> pd.DataFrame:
    symbols = pd.Index(genes["symbol"], name="symbol")
    return pd.DataFrame({"ensembl_id": genes.index.to_numpy()}, index=symbols)


def fingerprint_gtex_tcga(data: Path) -> dict[str, str]:
    """Return file name → SHA-256 of every file that `load_gtex_tcga` would read."""
    return fingerprint_files(find_source_files(data))


def fingerprint_files(files: SourceFiles) -> dict[str, str]:
    """Return file name → SHA-256."""
    paths = files.all()
    names = Counter(path.name for path in paths)
    return {
        path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}": _sha256(
            path, path.stat().st_mtime_ns
        )
        for path in paths
    }


@functools.lru_cache(maxsize=256)
def _sha256(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_samples(files: SourceFiles) -> tuple[pd.DataFrame, list[str]]:
    """List the samples that are in an expression file and known to its table.

    Returns
    -------
    tuple
        Samples with `OBS_COLUMNS`, ``part`` (GTEx or a project of TCGA), ``file`` (path of GTEx's)
        and ``position`` in its file; and notes on those that are left out.

    Raises
    ------
    MissingInputError, BadInputError
        If a file cannot be read, or no sample of it is in its table.
    """
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    if files.attributes is not None:
        obs, notes = _describe_gtex(files.matrices, files.attributes)
        parts.append(obs)
    if files.projects:
        obs, tcga_notes = _describe_tcga(files.projects)
        parts.append(obs)
        notes = [*notes, *tcga_notes]
    return pd.concat(parts), notes


def _describe_gtex(matrices: tuple[Path, ...], attributes: Path) -> tuple[pd.DataFrame, list[str]]:
    table = read_sample_table(attributes, "SAMPID", ["SMTSD"])
    of_sample = table["SMTSD"].str.strip()
    of_sample = of_sample[~of_sample.map(is_missing)]
    places = [
        {"sample": sample, "file": str(path), "position": position}
        for path in matrices
        for position, sample in enumerate(read_gct_header(path).samples)
    ]
    found = pd.DataFrame(places)
    _refuse_twice(found)
    known = found[found["sample"].isin(of_sample.index)]
    if known.empty:
        raise BadInputError(
            f"None of the {len(found):,} samples of {matrices[0]} has a tissue in {attributes} "
            f"(columns SAMPID and SMTSD; the first sample is {found['sample'][0]!r}): fetch the "
            "files of one release."
        )
    tissue = of_sample[known["sample"]]
    classes, organs = (
        {name: call(name) for name in tissue.unique()} for call in (gtex_class, gtex_organ)
    )
    obs = pd.DataFrame(
        {
            "tissue": tissue.map(classes).to_numpy(),
            "organ": tissue.map(organs).to_numpy(),
            "study": GTEX,
            "status": "normal",
            "donor": [donor_of(sample) for sample in known["sample"]],
            "part": GTEX,
            "file": known["file"].to_numpy(),
            "position": known["position"].to_numpy(),
        },
        index=pd.Index(known["sample"], name="sample"),
    )
    only_described = len(table.index.difference(found["sample"].tolist()))
    return obs, _notes(
        {
            "samples of GTEx have values and no tissue, and are left out": len(found) - len(obs),
            "rows of GTEx's attributes are of samples without values here": only_described,
        }
    )


def _refuse_twice(found: pd.DataFrame) -> None:
    """Refuse a sample that two of GTEx's files hold."""
    again = found[found["sample"].duplicated()]
    if len(again):
        sample = again["sample"].iloc[0]
        first = found.loc[found["sample"] == sample, "file"].iloc[0]
        raise BadInputError(
            f"Sample {sample!r} is in both {first} and {again['file'].iloc[0]}: keep one of these "
            "files in the folder."
        )


def _describe_tcga(projects: dict[str, tuple[Path, Path]]) -> tuple[pd.DataFrame, list[str]]:
    parts, unknown, only_described = [], 0, 0
    others: dict[str, int] = {}
    for project, (sums, metadata) in projects.items():
        samples = read_sums_header(sums).samples
        table = read_sample_table(metadata, "external_id", [BARCODE, SAMPLE_TYPE])
        found = table.reindex(samples)
        kinds = found[SAMPLE_TYPE]
        if kinds.isna().all():
            raise BadInputError(
                f"None of the {len(samples):,} samples of {sums} is in {metadata} (column "
                f"external_id; the first sample is {samples[0]!r}): fetch both files again."
            )
        unknown += int(kinds.isna().sum())
        only_described += len(table.index.difference(samples))
        primary = kinds.fillna("").str.startswith(PRIMARY).to_numpy()
        for kind, count in kinds[~primary].dropna().value_counts().items():
            others[str(kind) or "unknown"] = others.get(str(kind) or "unknown", 0) + int(count)
        chosen = found[primary]
        barcodes = chosen[BARCODE].where(chosen[BARCODE] != "", chosen.index.to_series())
        parts.append(
            pd.DataFrame(
                {
                    "tissue": tcga_class(project),
                    "organ": tcga_organ(project),
                    "study": "TCGA",
                    "status": "cancer",
                    "donor": [donor_of(barcode) for barcode in barcodes],
                    "part": project,
                    "position": np.flatnonzero(primary),
                },
                index=pd.Index(barcodes, name="sample"),
            )
        )
    everything = pd.concat(parts)
    obs = everything[~everything.index.duplicated()]
    kinds_left = ", ".join(f"{kind} {count:,}" for kind, count in sorted(others.items()))
    return obs, _notes(
        {
            "samples of TCGA have values and no metadata, and are left out": unknown,
            "rows of TCGA's metadata are of samples without values here": only_described,
            f"samples of TCGA are no primary tumours and are left out ({kinds_left})": sum(
                others.values()
            ),
            "samples of TCGA have the barcode of another, and are left out": len(everything)
            - len(obs),
        }
    )


def _notes(counts: dict[str, int]) -> list[str]:
    return [f"{count:,} {what}." for what, count in counts.items() if count]


def _write(
    path: Path,
    *,
    files: SourceFiles,
    annotation: pd.DataFrame,
    obs: pd.DataFrame,
    uns: dict[str, object],
    notes: list[str],
) -> None:
    """Read the expression files and write the data set."""
    samples = [str(name) for name in obs.index]
    check_labels(samples, "sample", SOURCE)
    genes = protein_coding(annotation)
    gene_notes = [
        f"{len(annotation):,} genes are annotated; {len(genes):,} of them code for proteins."
    ]
    gtex = _read_gtex(files.matrices, frozenset(genes.index), obs[obs["part"] == GTEX])
    if gtex is not None:
        gene_notes += [
            *gtex.notes,
            f"{len(genes) - len(gtex.genes):,} of these are not in GTEx's "
            f"{'file' if len(files.matrices) == 1 else 'files'} and are left out.",
        ]
        if not gtex.genes:
            raise BadInputError(
                f"{files.matrices[0]} has none of the {len(genes):,} protein-coding genes of "
                f"{files.annotation}: its column Name must hold Ensembl genes."
            )
        genes = genes[genes.index.isin(gtex.genes)]
    var = _var(genes)

    def blocks() -> Iterator[np.ndarray]:
        if gtex is not None:
            order = pd.Index(gtex.genes).get_indexer(genes.index)
            for row in range(0, len(gtex.values), BLOCK):
                tpm = gtex.values[row : row + BLOCK, order]
                _refuse_empty(tpm, obs.iloc[row : row + BLOCK])
                yield log2_tpm(tpm)
        lengths = dict(zip(annotation.index, annotation["length"], strict=True))
        columns = {gene: column for column, gene in enumerate(genes.index)}
        for project, chosen in obs[obs["part"] != GTEX].groupby("part", sort=False):
            sums, _ = files.projects[str(project)]
            yield log2_tpm(read_tpm(sums, lengths, columns, chosen["position"].to_numpy()))

    write_store(
        path,
        blocks(),
        obs=obs[list(OBS_COLUMNS)],
        var=var,
        uns=uns | {"notes": [*gene_notes, *notes]},
    )


def _read_gtex(
    matrices: tuple[Path, ...], wanted: frozenset[str], obs: pd.DataFrame
) -> GctValues | None:
    """Read the samples of all of GTEx's files, and the genes that these share."""
    parts: list[GctValues] = []
    for path in matrices:
        chosen = obs.loc[obs["file"] == str(path), "position"].to_numpy()
        if len(chosen):
            parts.append(read_gct(path, wanted, chosen.astype(int)))
    if not parts:
        return None
    notes = [note for part in parts for note in part.notes]
    if len(parts) == 1:
        return GctValues(parts[0].values, parts[0].genes, notes)
    shared = set(parts[0].genes).intersection(*(part.genes for part in parts[1:]))
    genes = [gene for gene in parts[0].genes if gene in shared]
    values = [part.values[:, pd.Index(part.genes).get_indexer(pd.Index(genes))] for part in parts]
    return GctValues(np.concatenate(values), genes, notes)


def _refuse_empty(tpm: np.ndarray, obs: pd.DataFrame) -> None:
    expressed = tpm.any(axis=1)
    if not expressed.all():
        row = int(np.argmin(expressed))
        raise BadInputError(
            f"{obs['file'].iloc[row]}: sample {obs.index[row]!r} is zero in all {tpm.shape[1]:,} "
            "genes that are used; delete its column."
        )
