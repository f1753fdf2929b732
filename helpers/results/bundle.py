"""A bundle: the ledger of runs by seed and protocol, main tables, and what made them.

It is small enough to be kept with the book, and made by a command, never by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import claims
from helpers.claims.over_seeds import SEED_COLUMNS
from helpers.errors import BadInputError, MissingInputError, one_of
from helpers.protocols import NAMES
from helpers.results.rules import hash_of_rules
from helpers.workspace import fingerprints, ownership, publication
from helpers.workspace.atomic import scratch_folder
from helpers.workspace.formats import read_table

FORMAT = 1
"""A bundle with another number was made by another version of this package."""

ABOUT, LEDGER, TABLES = "bundle.json", "claims_by_seed.csv", "tables"

CHECK = "checksum"
"""In `ABOUT`: fingerprint of all that stands beside it."""

LARGEST = 300_000
"""Bytes that a bundle may have in all."""

DIGITS = "%.4g"
"""How numbers are rounded."""

PUBLISHED = "published"
"""In place of a folder: all bundles that are kept with the book."""

AGAIN = "make it again with `python -m helpers replicate`"


@dataclass(frozen=True)
class About:
    """What a bundle is of, and what made it.

    Attributes
    ----------
    dataset, title, simulated
        The data set, and whether its samples are simulated.
    profile
        The profile.
    seeds
        Seeds of its runs.
    models, cnn_models
        Networks of each run.
    settings
        Settings that differ from the profile's, by name.
    revision, date
        Of the code that made it, and the day.
    data
        SHA-256 of each file of data, by name.
    packages, machine
        Versions of the computing libraries and of Python, and the kind of machine.
    wall_seconds
        By seed, what the steps of its run took, added up.
    rules
        Fingerprint of the rules that it was judged by.
    """

    dataset: str
    title: str
    simulated: bool
    profile: str
    seeds: tuple[int, ...]
    models: int
    cnn_models: int
    settings: dict[str, Any]
    revision: str
    date: str
    data: dict[str, str]
    packages: dict[str, str]
    machine: str
    wall_seconds: dict[str, float]
    rules: str

    @property
    def name(self) -> str:
        """Name of the bundle."""
        return f"{self.dataset}-{self.profile}"


@dataclass(frozen=True)
class Bundle:
    """A bundle as it was read.

    Attributes
    ----------
    about
        What it is of.
    ledger
        Columns as `helpers.claims.over_seeds.SEED_COLUMNS`.
    tables
        The tables behind main figures, by name.
    """

    about: About
    ledger: pd.DataFrame
    tables: dict[str, pd.DataFrame]

    @property
    def outdated(self) -> bool:
        """Whether rules have changed since."""
        return self.about.rules != hash_of_rules()


def write_bundle(
    folder: Path, about: About, ledger: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> None:
    """Write a bundle, in place of the one that was written there before.

    Parameters
    ----------
    folder
        Where; new, empty, or a bundle.
    about, ledger, tables
        As in `Bundle`.

    Raises
    ------
    WorkspaceError
        If the folder is somebody else's.
    BadInputError
        If the bundle would be larger than `LARGEST`.
    """
    with scratch_folder(folder.parent, folder.name) as made:
        (made / TABLES).mkdir()
        named = {LEDGER: ledger, **{f"{TABLES}/{name}.csv": t for name, t in tables.items()}}
        for name, table in named.items():
            table.to_csv(made / name, index=False, float_format=DIGITS, lineterminator="\n")
        size = sum((made / name).stat().st_size for name in named)
        if size > LARGEST:
            raise BadInputError(
                f"The bundle {about.name} would have {size:,} bytes, more than {LARGEST:,}: give "
                "it fewer seeds, or smaller tables in helpers/results/main_tables.py."
            )
        files = {name: fingerprints.of_file(made / name) for name in sorted(named)}
        found = {"format": FORMAT, **asdict(about), "files": files}
        found = json.loads(json.dumps(found))
        found[CHECK] = fingerprints.of_value(found)
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        (made / ABOUT).write_text(text, encoding="utf-8")
        publication.publish(
            made, folder, key=found[CHECK], made_by="helpers replicate", kind="results"
        )


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle, and make sure that nobody has edited it.

    Raises
    ------
    MissingInputError
        If there is none.
    BadInputError, UnknownNameError
        If it is of another version, was edited, or holds an unknown statement, verdict or protocol.
    """
    path = folder / ABOUT
    try:
        found = json.loads(path.read_text("utf-8"))
        whole = found.pop(CHECK) == fingerprints.of_value(found)
        version, files = found.pop("format"), dict(found.pop("files"))
    except OSError:
        raise MissingInputError(
            f"{folder} is not a bundle of results: it has no {ABOUT}."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path} is not what was written ({error!r}): {AGAIN}.") from None
    if version != FORMAT:
        raise BadInputError(
            f"{folder} is a bundle of version {version}, and this package reads {FORMAT}: {AGAIN}."
        )
    if not whole:
        raise BadInputError(
            f"{path} was edited after the bundle was made (its checksum differs): restore it, or "
            f"{AGAIN}."
        )
    _check_files(folder, files)
    try:
        about = About(**{**found, "seeds": tuple(found["seeds"])})
    except (KeyError, TypeError):
        names = {field.name for field in fields(About)}
        wrong = ", ".join(sorted(names ^ set(found)))
        raise BadInputError(
            f"{path} lacks or has too much: {wrong}. {AGAIN.capitalize()}."
        ) from None
    ledger = _ledger(folder / LEDGER)
    others = [name for name in files if name != LEDGER]
    tables = {Path(name).stem: read_table(folder / name) for name in others}
    return Bundle(about, ledger, tables)


def bundles_in(folder: Path) -> list[Path]:
    """Return the bundles in a folder, by name; none if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path.parent for path in folder.glob(f"*/{ABOUT}"))


def files_of(names: Iterable[str], project: Path) -> list[Path]:
    """Return every file of some bundles: folders, or `PUBLISHED` for those kept with the book."""
    folders: list[Path] = []
    for name in names:
        folders += published(project) if name == PUBLISHED else [Path(name)]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def published(project: Path) -> list[Path]:
    """Return the bundles that are kept with the book of a project."""
    return bundles_in(project / ownership.RESULTS)


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse a bundle of which a file is missing, edited, or of a place outside of it."""
    for name, sha256 in {LEDGER: "", **files}.items():
        path = folder / name
        if not path.is_file() or folder.resolve() not in path.resolve().parents:
            raise BadInputError(f"The bundle {folder} lacks {name}: {AGAIN}.")
        if fingerprints.of_file(path) != sha256:
            raise BadInputError(
                f"{path} was edited after the bundle was made (its checksum differs from that in "
                f"{ABOUT}): restore it, or {AGAIN}."
            )


def _ledger(path: Path) -> pd.DataFrame:
    table = read_table(path)
    missing = [name for name in SEED_COLUMNS if name not in table.columns]
    if missing:
        raise BadInputError(f"{path} has no column {', '.join(missing)}: {AGAIN}.")
    for name in table["id"].unique():
        one_of(f"statement ({path})", str(name), claims())
    for name in table["verdict"].unique():
        one_of(f"verdict ({path})", str(name), VERDICTS)
    for name in table["protocol"].unique():
        one_of(f"protocol ({path})", str(name), NAMES)
    return table[list(SEED_COLUMNS)].assign(unit=table["unit"].fillna(""))
