"""Read a research object, and make sure that nobody has edited it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from helpers.errors import BadInputError, MissingInputError
from helpers.publish.crate.contents import Origin
from helpers.publish.crate.writing import CHECKSUM, METADATA, seal
from helpers.workspace import fingerprints

AGAIN = "get it again, or make it with `python -m helpers run`"
_EXECUTED = "#execute-"


@dataclass(frozen=True)
class Crate(Origin):
    """A research object as it was read.

    Attributes
    ----------
    chapters
        Chapters that were executed.
    results
        SHA-256 of each file that came out, by path.
    """

    chapters: tuple[str, ...]
    results: dict[str, str]


def read_crate(place: Path) -> Crate:
    """Read a crate that a run wrote: a workspace, an unpacked crate, or one packed with zip.

    Raises
    ------
    MissingInputError
        If there is none.
    BadInputError
        If it is none of ours, or a file of it was changed, or is missing.
    """
    with _folder(place) as folder:
        found = _metadata(folder, place)
        entities = {str(each["@id"]): each for each in found["@graph"]}
        if entities.get(CHECKSUM, {}).get("value") != _checksum(found):
            raise BadInputError(
                f"{METADATA} of {place} was edited after the crate was made (its checksum "
                f"differs): {AGAIN}."
            )
        root = folder.resolve()
        for name, sha256 in _files(entities).items():
            path = folder / name
            if root not in path.resolve().parents:
                raise BadInputError(f"The crate {place} lists {name}, which is outside of it.")
            if not path.is_file():
                raise BadInputError(f"The crate {place} lacks {name}: {AGAIN}.")
            if fingerprints.of_file(path) != sha256:
                raise BadInputError(
                    f"{name} of {place} was changed after the crate was made (its checksum differs "
                    f"from that in {METADATA}): {AGAIN}."
                )
    try:
        return _crate(entities)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInputError(
            f"{METADATA} of {place} does not describe a run of this book ({error!r}): {AGAIN}."
        ) from None


def _crate(entities: dict[str, Any]) -> Crate:
    workflow = entities[entities["./"]["mainEntity"]["@id"]]
    own = {name for name, each in entities.items() if each.get("@type") != "File"}
    files = {name: sha256 for name, sha256 in _files(entities).items() if name not in own}
    packages = [e for n, e in entities.items() if n.startswith("#package-")]
    data = [e for n, e in entities.items() if n.startswith("#data-")]
    return Crate(
        dataset=str(entities["#dataset"]["value"]),
        profile=str(entities["#profile"]["value"]),
        settings=dict(json.loads(entities["#settings"]["value"])),
        data={each["name"]: each["sha256"] for each in data},
        revision=str(workflow["version"]),
        packages={each["name"]: each["softwareVersion"] for each in packages},
        chapters=tuple(n.removeprefix(_EXECUTED) for n in entities if n.startswith(_EXECUTED)),
        results={name: sha256 for name, sha256 in files.items() if name != "codecheck.yml"},
    )


def _files(entities: dict[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each file that a crate lists."""
    kinds = {name: each.get("@type", "") for name, each in entities.items()}
    return {
        name: str(entities[name].get("sha256", ""))
        for name, kind in kinds.items()
        if kind == "File" or (isinstance(kind, list) and "File" in kind)
    }


def _checksum(found: dict[str, Any]) -> str:
    sealed = {each["@id"]: each for each in seal(found)["@graph"]}
    return str(sealed.get(CHECKSUM, {}).get("value", "none"))


def _metadata(folder: Path, place: Path) -> dict[str, Any]:
    path = folder / METADATA
    if not path.is_file():
        raise MissingInputError(
            f"{place} is not a crate: it has no {METADATA}. A run writes one into its workspace."
        )
    try:
        found = json.loads(path.read_text("utf-8"))
        whole = all(isinstance(each["@id"], str) for each in found["@graph"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInputError(f"{METADATA} of {place} cannot be read ({error}): {AGAIN}.") from None
    if not whole:
        raise BadInputError(f"{METADATA} of {place} has entities without a name: {AGAIN}.")
    return dict(found)


@contextmanager
def _folder(place: Path) -> Iterator[Path]:
    """Yield the folder of a crate; one that is packed is unpacked for the time of the context."""
    if not place.exists():
        raise MissingInputError(f"There is no crate {place}: name a workspace, or a crate.zip.")
    if place.is_dir():
        yield place
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(place) as packed:
                packed.extractall(folder)
        except (
            zipfile.BadZipFile,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise BadInputError(f"{place} cannot be unpacked ({error}): {AGAIN}.") from None
        yield folder
