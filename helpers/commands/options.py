"""The options of the command line that several commands share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpers import config
from helpers.errors import BadInputError

if TYPE_CHECKING:
    from helpers.study import Study

Profile = Annotated[str, typer.Option(help="How large a run: " + ", ".join(config.PROFILES) + ".")]
Dataset = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="Data set: reference (simulated), tissues, rnaseqdb or gtex-tcga (real), or your own: "
        ".h5ad, .zarr, a table (.csv, .tsv) or a folder of 10x Genomics.",
    ),
]
Data = Annotated[Path | None, typer.Option(help="Folder with the data set's files.")]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option("--workspace", help="Folder for all results [_build/workspace/DATASET-PROFILE]."),
]


def _column(text: str, metavar: str = "COLUMN") -> Any:
    return Annotated[str | None, typer.Option(metavar=metavar, help=text)]


OWN: dict[str, Any] = {
    "class_column": _column("Your file: column of obs with the class."),
    "layer": _column("Your file: layer with the expression, or raw [X].", "TEXT"),
    "unit": _column(
        "Your file: counts, tpm, log1p, log2, log10 or log2_0.001 [auto: found out].", "UNIT"
    ),
    "organ_column": _column("Your file: column of obs with the organ [the class]."),
    "status_column": _column("Your file: column of obs, normal or cancer [all normal]."),
    "donor_column": _column("Your file: column of obs with the donor."),
    "gene_column": _column("Your file: column of var with symbols [found out]."),
    "samples": _column("Your table: sheet that says what each sample is.", "SHEET"),
    "markers": _column("Your marker genes: a table of class and gene, or a list.", "FILE"),
    "sample_column": _column("Your sheet: column of sample names [found out]."),
}
"""Options that describe a file of the user's own."""

SETTINGS = {"samples": "sample_sheet", "markers": "marker_file"}
"""The setting behind an option, where it is called otherwise."""

Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler to send work to.")
]
Workers = Annotated[
    int, typer.Option(min=0, help="Processes to compute with; 0: as many as there are cores.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Replace one setting of the profile."),
]


def takes_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options `OWN` and ``--set`` in place of its parameter ``values``.

    The command gets what was given, by the name of the setting.
    """
    signature = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in [*OWN.items(), ("setting", Set)]
    ]
    kept = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        if name != "values"
    ]

    @functools.wraps(command)
    def called(**given: Any) -> None:
        own = {name: given.pop(name) for name in OWN}
        values = {SETTINGS.get(name, name): text for name, text in own.items() if text is not None}
        values |= overrides_of(given.pop("setting") or [])
        command(**given, values=values)

    called.__signature__ = signature.replace(parameters=[*kept, *options])  # type: ignore[attr-defined]
    return called


def ranked_whole(values: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a ranking: all classes of a user's file, and MLPs alone."""
    chosen = {"cnn_models": "0", **values}
    if not {"tissues", "own_tissues"} & set(values):
        chosen["own_tissues"] = "1000"
    return chosen


def cores() -> int:
    """Return how many processors there are to compute with."""
    import joblib

    return int(joblib.cpu_count())


def overrides_of(pairs: list[str]) -> dict[str, str]:
    """Return the settings behind ``--set NAME=VALUE``, by name.

    Raises
    ------
    BadInputError
        If a pair has no value.
    """
    for pair in pairs:
        if "=" not in pair:
            raise BadInputError(f"--set {pair!r} has no value: write --set NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in pairs)


def opened(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    values: Mapping[str, str],
    *,
    untouched: bool = False,
) -> Study:
    """Open the study that the options name."""
    from helpers.study import open_study

    return open_study(profile, dataset, data, workspace, untouched=untouched, overrides=values)
