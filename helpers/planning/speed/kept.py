"""The outcome of the benchmark as it is kept with the book: written by a command, never by hand."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.errors import BadInputError, MissingInputError
from helpers.planning.speed.contest import COLUMNS
from helpers.planning.speed.methods import METHODS
from helpers.planning.speed.tasks import Sizes
from helpers.workspace import fingerprints, provenance

FILE = "speed.json"

FORMAT = 1
"""A file with another number was made by another version of this package."""

CHECK = "checksum"

BUSY = 0.5
"""Load for each core from which a machine is too busy for timings to be shown without a word."""

AGAIN = "make it again with `python -m helpers speed`"

PACKAGES = ("torch", "captum", "numpy", "numba", "shap")


@dataclass(frozen=True)
class Conditions:
    """What the benchmark ran on.

    Attributes
    ----------
    date, revision
        The day, and the code.
    machine, processor, cores
        Kind of system, name of its processor, and how many cores it has; one is used.
    load
        Processes that were at work when it began, on average over a minute.
    packages
        Versions, of Python too; a package that is not installed is left out.
    """

    date: str
    revision: str
    machine: str
    processor: str
    cores: int
    load: float
    packages: dict[str, str]

    @property
    def busy(self) -> bool:
        """Whether other work may have slowed it down."""
        return self.load > BUSY * self.cores


@dataclass(frozen=True)
class Stored:
    """A benchmark as it was kept: where, how large, and the table of `contest`."""

    conditions: Conditions
    sizes: Sizes
    table: pd.DataFrame


def conditions() -> Conditions:
    """Return what this machine is, before anything is measured."""
    return Conditions(
        date=provenance.today(),
        revision=provenance.code_revision(),
        machine=provenance.kind_of_machine(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
        packages={"python": platform.python_version(), **_versions()},
    )


def as_text(stored: Stored) -> str:
    """Return the text of the file: JSON, numbers to three digits, with a checksum."""
    rows = [
        {
            str(name): float(f"{value:.3g}") if isinstance(value, float) else value
            for name, value in row.items()
        }
        for row in stored.table.astype(object).where(stored.table.notna(), None).to_dict("records")
    ]
    found: dict[str, Any] = {
        "format": FORMAT,
        "conditions": asdict(stored.conditions),
        "sizes": asdict(stored.sizes),
        "rows": rows,
    }
    found[CHECK] = fingerprints.of_value(found)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def read_stored(path: Path) -> Stored:
    """Read what was kept, and make sure that nobody has edited it.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it is of another version, or was edited.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        whole = found.pop(CHECK) == fingerprints.of_value(found)
        if found["format"] != FORMAT or not whole:
            raise BadInputError(f"{path} was edited, or is of another version: {AGAIN}.")
        return Stored(
            Conditions(**found["conditions"]), Sizes(**found["sizes"]), _table(found["rows"])
        )
    except OSError:
        raise MissingInputError(f"There is no {path}: {AGAIN}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path} is not what was written ({error!r}): {AGAIN}.") from None


def _table(rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS)
    unknown = set(table["method"]) - set(METHODS)
    if unknown:
        raise ValueError(f"unknown methods {', '.join(sorted(unknown))}")
    return table.astype(dict.fromkeys(COLUMNS[2:], float))


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    """Return the name of the processor, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
