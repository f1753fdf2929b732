"""What scripts share that derive an embedded file from a package of one exact version."""

from __future__ import annotations

import argparse
import importlib.metadata
import lzma
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pinned_file(package: str, version: str, member: str) -> Path:
    """Return the path of a file in an installed package, which is not imported.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If the package is not installed.
    ValueError
        If another version is installed: what it holds is not known.
    """
    found = importlib.metadata.distribution(package)
    if found.version != version:
        raise ValueError(f"{package} {version} is needed, but {found.version} is installed.")
    return Path(str(found.locate_file(member)))


def asked_output(description: str | None, default: str) -> Path:
    """Return the file to write that the command line names, or the one in the project."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / default, help="file to write")
    return Path(parser.parse_args().output)


def packed(content: bytes) -> bytes:
    """Compress as well as xz can; the same content gives the same bytes."""
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
