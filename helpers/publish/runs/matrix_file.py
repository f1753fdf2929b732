"""The file of a matrix: which data sets, tissues, seeds and settings are crossed."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helpers import config
from helpers.datasets.registry import DATASETS
from helpers.errors import BadInputError, HelpersError, MissingInputError, shortened
from helpers.publish.runs.seeds import parse_seeds
from helpers.study.checks import FILES

KEYS = ("profile", "datasets", "tissues", "seeds", "settings", "variants")
"""What a file may hold; `datasets` it must."""

USUAL = "usual"
"""In place of tissues: those that the data set has explained if nothing is said."""

ALIASES = {"samples": "sample_sheet", "markers": "marker_file"}
"""Settings that the command line calls otherwise."""

OF_ENTRY = ("dataset", "data", "name", "tissues")
"""What an entry of `datasets` holds beside settings."""

NOT_HERE = {"seed": "seeds", "tissues": "tissues"}
"""Settings that have a key of their own."""

MOST = 500
"""Cells of a matrix."""


@dataclass(frozen=True)
class Cell:
    """One run of a matrix.

    Attributes
    ----------
    dataset, tissues, variant, seed
        What sets it apart from others, as a reader sees it.
    profile, source, data
        As `helpers.study.open_study` takes them.
    overrides
        Single settings by name, with the tissues and the seed.
    """

    dataset: str
    tissues: str
    variant: str
    seed: int
    profile: str
    source: str
    data: Path | None
    overrides: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name in messages and tables."""
        more = [] if self.tissues == USUAL else [self.tissues]
        more += [self.variant] if self.variant else []
        return ", ".join([self.dataset, *more, f"seed {self.seed}"])


@dataclass(frozen=True)
class Matrix:
    """A matrix as it was read.

    Attributes
    ----------
    path
        Its file.
    profile
        The profile of all cells.
    cells
        In the order of their names, whatever the order in the file.
    """

    path: Path
    profile: str
    cells: tuple[Cell, ...]


def read_matrix(path: Path) -> Matrix:
    """Read which runs a file asks for: every data set with all tissues, variants and seeds.

    Parameters
    ----------
    path
        A YAML file with `KEYS`. Paths in it are seen from its folder.

    Raises
    ------
    MissingInputError
        If there is no such file.
    BadInputError
        If it does not say what it should; the sentence names file, line and key.
    """
    found, lines = _read(path)

    def place(key: str, more: str = "") -> str:
        line = f", line {lines[key]}" if key in lines else ""
        return f"{path}{line}: {key}{more}"

    _known(found, KEYS, str(path))
    if "datasets" not in found:
        raise BadInputError(f"{path} names no data sets: add datasets: [reference].")
    profile = found.get("profile", "quick")
    common = _settings(found.get("settings", {}), place("settings"), path.parent)
    _check(str(profile), common, place("settings"))
    datasets = [
        _entry(entry, place("datasets", f", entry {number}"), path.parent)
        for number, entry in enumerate(_listed(found["datasets"], place("datasets")), 1)
    ]
    tissues = _tissues(found.get("tissues", [USUAL]), place("tissues"))
    seeds = _seeds(found.get("seeds"), place("seeds"))
    variants = _variants(found.get("variants", {}), place("variants"), path.parent)
    cells = [
        _cell(str(profile), entry, explained, (name, {**common, **variant}), seed)
        for entry in datasets
        for explained, (name, variant), seed in itertools.product(
            entry["tissues"] or tissues, variants.items(), seeds
        )
    ]
    _refuse_cells(path, cells)
    for cell in cells:
        _check(cell.profile, cell.overrides, f"{path}, {cell.name}")
    return Matrix(path, str(profile), tuple(sorted(cells, key=lambda cell: cell.name)))


class _Loader(yaml.SafeLoader):
    """Reads plain YAML, in which a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if key.value in keys[:number]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
        return super().construct_mapping(node, deep=deep)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Read a mapping, and the line of each of its keys."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
        # A loader that constructs nothing but numbers, text, lists and mappings.
        found = yaml.load(text, Loader=_Loader)
    except FileNotFoundError:
        raise MissingInputError(f"There is no {path}: name the YAML file of a matrix.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise BadInputError(
            f"{path}{line} is no YAML ({shortened(str(error.problem))}): correct it there."
        ) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadInputError(f"{path} cannot be read as YAML: {shortened(str(error))}.") from None
    if not isinstance(found, dict) or not isinstance(root, yaml.MappingNode):
        raise BadInputError(
            f"{path} must hold keys with values, such as datasets: [reference], and it holds "
            f"{_kind(found)}."
        )
    return found, {str(key.value): key.start_mark.line + 1 for key, _ in root.value}


def _known(found: Mapping[Any, Any], keys: tuple[str, ...], place: str) -> None:
    for key in found:
        if key not in keys:
            raise BadInputError(f"{place} has the key {key!r}: it may have {', '.join(keys)}.")


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    return names.get(type(value), f"{value!r}")


def _listed(value: Any, place: str) -> list[Any]:
    """Return a list; what is no list is the only one of it."""
    found = value if isinstance(value, list) else [value]
    if not found or found == [None]:
        raise BadInputError(f"{place} is empty: name at least one, or leave the key out.")
    return found


def _check(profile: str, settings: Mapping[str, Any], place: str) -> None:
    """Refuse a profile or settings that there are not, and say where."""
    try:
        config.settings(profile, **settings)
    except HelpersError as error:
        raise BadInputError(f"{place}: {error}") from None


def _settings(value: Any, place: str, folder: Path) -> dict[str, Any]:
    """Return settings by name, those of files with full paths."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInputError(
            f"{place} must hold settings by name, such as models: 5, and it holds {_kind(value)}."
        )
    found = {}
    for key, given in value.items():
        name = ALIASES.get(key, key) if isinstance(key, str) else str(key)
        if name in NOT_HERE:
            raise BadInputError(
                f"{place} sets {name}, which has a key of its own: move it to {NOT_HERE[name]}."
            )
        if name not in config.Settings.model_fields:
            _check("quick", {name: 0}, place)
        path = name in FILES and isinstance(given, str) and given
        found[name] = str((folder / given).absolute()) if path else given
    return found


def _entry(value: Any, place: str, folder: Path) -> dict[str, Any]:
    """Return an entry of `datasets`: name, source, data, tissues and settings."""
    entry = value if isinstance(value, dict) else {"dataset": value}
    source = entry.get("dataset")
    if not isinstance(source, str | int | float) or isinstance(source, bool) or not str(source):
        raise BadInputError(
            f"{place} names no data set: write its name, or dataset: with a name or a file."
        )
    source = str(source)
    data = entry.get("data")
    if data is not None and not isinstance(data, str):
        raise BadInputError(f"{place}: data must be a folder, and it is {_kind(data)}.")
    if source not in DATASETS and not (folder / source).exists():
        _refuse_source(source, place, folder)
    own = {key: given for key, given in entry.items() if key not in OF_ENTRY}
    named = entry.get("tissues")
    return {
        "name": str(entry.get("name", source if source in DATASETS else Path(source).name)),
        "source": source if source in DATASETS else str((folder / source).absolute()),
        "data": (folder / data).absolute() if data else None,
        "tissues": _tissues(named, f"{place}, tissues") if named is not None else [],
        "settings": _settings(own, place, folder),
    }


def _refuse_source(source: str, place: str, folder: Path) -> None:
    raise MissingInputError(
        f"{place}: {source!r} is no data set and no file in {folder.absolute()}: write one of "
        f"{', '.join(DATASETS)}, or the path of a file seen from there."
    )


def _tissues(value: Any, place: str) -> list[tuple[str, ...]]:
    """Return the choices of tissues: none for the usual ones."""
    choices: list[tuple[str, ...]] = []
    for choice in _listed(value, place):
        names = choice if isinstance(choice, list) else [choice]
        if not names or not all(isinstance(name, str) for name in names):
            raise BadInputError(
                f"{place} must be a list, each item a tissue or a list of tissues that are "
                f"explained together, and one is {choice!r}: write names, in quotation marks where "
                "they look like something else."
            )
        choices.append(() if names == [USUAL] else tuple(names))
    return choices


def _seeds(value: Any, place: str) -> tuple[int, ...]:
    """Return the seeds: a number, a list of them, or text such as 0-4."""
    if value is None:
        return (config.Settings.model_fields["seed"].default,)
    whole = value if isinstance(value, list) else [value]
    for seed in whole:
        if isinstance(seed, bool) or not isinstance(seed, int | str):
            raise BadInputError(f"{place}: {seed!r} is no seed; write 0-4 or [0, 2].")
    return parse_seeds(",".join(map(str, whole)), place)


def _variants(value: Any, place: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Return named settings; one without a name or any if there are none."""
    if not isinstance(value, dict):
        raise BadInputError(
            f"{place} must hold names with settings, such as few: {{models: 5}}, and it holds "
            f"{_kind(value)}."
        )
    found = {
        str(name): _settings(settings, f"{place}, {name}", folder)
        for name, settings in value.items()
    }
    return found or {"": {}}


def _cell(
    profile: str,
    entry: Mapping[str, Any],
    tissues: tuple[str, ...],
    variant: tuple[str, Mapping[str, Any]],
    seed: int,
) -> Cell:
    overrides = {**entry["settings"], **variant[1], "seed": seed}
    if tissues:
        overrides["tissues"] = list(tissues)
    return Cell(
        dataset=entry["name"],
        tissues=" and ".join(tissues) or USUAL,
        variant=variant[0],
        seed=seed,
        profile=profile,
        source=entry["source"],
        data=entry["data"],
        overrides=overrides,
    )


def _refuse_cells(path: Path, cells: list[Cell]) -> None:
    if len(cells) > MOST:
        raise BadInputError(
            f"{path} asks for {len(cells):,} runs, more than {MOST}: cut it into several files."
        )
    names = [cell.name for cell in cells]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise BadInputError(
                f"{path} asks for {name} twice: leave one out, or give a data set another name "
                "with name:."
            )
