"""Finding the files of GTEx and TCGA in a folder, flat or laid out as recount3 lays them out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from helpers.errors import BadInputError, MissingInputError

NAME = "gtex-tcga"
MATRIX = re.compile(r".*gene_tpm.*\.gct(\.gz)?")
ATTRIBUTES = re.compile(r".*SampleAttributesDS\.txt(\.gz)?")
ANNOTATION = re.compile(r"human\.gene_sums\.G026\.gtf\.gz")
SUMS = re.compile(r"tcga\.gene_sums\.(?P<project>\w+)\.G026\.gz")
METADATA = re.compile(r"tcga\.tcga\.(?P<project>\w+)\.MD\.gz")


@dataclass(frozen=True)
class SourceFiles:
    """The files of the data set that a folder holds.

    Attributes
    ----------
    annotation
        recount3's genes and their lengths.
    matrices, attributes
        GTEx's expression, in one file or one for each tissue, and the table of its samples; both
        or neither.
    projects
        TCGA project → its gene sums and the table of its samples.
    """

    annotation: Path
    matrices: tuple[Path, ...]
    attributes: Path | None
    projects: dict[str, tuple[Path, Path]]

    def all(self) -> list[Path]:
        """Return every file, sorted by name."""
        pairs = [path for pair in self.projects.values() for path in pair]
        table = [] if self.attributes is None else [self.attributes]
        found = [self.annotation, *self.matrices, *table, *pairs]
        return sorted(found, key=lambda path: path.name)


def find_source_files(data: Path) -> SourceFiles:
    """Find the files in a folder and the folders below it.

    Any part of the data set will do: GTEx, some projects of TCGA, or both.

    Raises
    ------
    MissingInputError
        If there is no folder, no expression in it, or a file lacks its fellow.
    BadInputError
        If `data` is a file, or holds a file twice.
    """
    if not data.exists():
        raise MissingInputError(
            f"There is no folder {data}: fetch the files of data set {NAME!r} into it, or name "
            "the folder that holds them."
        )
    if not data.is_dir():
        raise BadInputError(f"{data} is a file: name the folder that holds the files of {NAME!r}.")
    paths = sorted(path for path in data.rglob("*") if path.is_file() and not _is_hidden(path))
    matrices = tuple(path for path in paths if MATRIX.fullmatch(path.name))
    attributes = _one(paths, ATTRIBUTES)
    sums, metadata = _projects(paths, SUMS), _projects(paths, METADATA)
    if not matrices and not sums:
        raise MissingInputError(
            f"{data} holds neither GTEx's gene_tpm.gct.gz nor a file named like "
            "'tcga.gene_sums.LIHC.G026.gz': fetch them into it, or name another folder."
        )
    if matrices and attributes is None:
        _raise_lacking(data, matrices[0], "GTEx's SampleAttributesDS.txt")
    for project, path in sums.items():
        if project not in metadata:
            _raise_lacking(data, path, f"tcga.tcga.{project}.MD.gz")
    annotation = _one(paths, ANNOTATION)
    if annotation is None:
        _raise_lacking(data, [*matrices, *sums.values()][0], "human.gene_sums.G026.gtf.gz")
    return SourceFiles(
        annotation,
        matrices,
        attributes if matrices else None,
        {project: (path, metadata[project]) for project, path in sorted(sums.items())},
    )


def _is_hidden(path: Path) -> bool:
    """Tell whether a file is what a Mac leaves beside others (``._name``), or hidden otherwise."""
    return path.name.startswith(".") or "__MACOSX" in path.parts


def _one(paths: list[Path], pattern: re.Pattern[str]) -> Path | None:
    found = [path for path in paths if pattern.fullmatch(path.name)]
    if len(found) > 1:
        raise BadInputError(
            f"{found[0]} and {found[1]} are both taken for the same part of data set {NAME!r}: "
            "keep one of them in the folder."
        )
    return found[0] if found else None


def _projects(paths: list[Path], pattern: re.Pattern[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        match = pattern.fullmatch(path.name)
        if match is None:
            continue
        project = match["project"]
        if project in found:
            raise BadInputError(
                f"{found[project]} and {path} are both project {project}: keep one of them."
            )
        found[project] = path
    return found


def _raise_lacking(data: Path, path: Path, lacking: str) -> NoReturn:
    raise MissingInputError(
        f"{path} is of no use without {lacking}, which {data} does not hold: fetch that too."
    )
