"""The options of the command line that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
        help="Data set: reference (simulated), rnaseqdb or gtex-tcga (real), or your own: .h5ad, "
        ".zarr, a table (.csv, .tsv) or a folder of 10x Genomics.",
    ),
]
Data = Annotated[Path | None, typer.Option(help="Folder with the data set's files.")]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option("--workspace", help="Folder for all results [_build/workspace/DATASET-PROFILE]."),
]
ClassColumn = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Your file: column of obs with the class.")
]
Layer = Annotated[
    str | None, typer.Option(help="Your file: layer with the expression, or raw [X].")
]
Unit = Annotated[
    str | None,
    typer.Option(
        metavar="UNIT",
        help="Your file: counts, tpm, log1p, log2, log10 or log2_0.001 [auto: found out].",
    ),
]
OrganColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs with the organ [the class]."),
]
StatusColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs, normal or cancer [all normal]."),
]
DonorColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of obs with the donor."),
]
GeneColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your file: column of var with symbols [found out]."),
]
Samples = Annotated[
    str | None,
    typer.Option(metavar="SHEET", help="Your table: sheet that says what each sample is."),
]
SampleColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Your sheet: column of sample names [found out]."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Replace one setting of the profile."),
]


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


def own_settings(*values: str | None) -> dict[str, str]:
    """Return the settings that describe a user's own file, those that were given."""
    from helpers.datasets.registry import OWN_SETTINGS

    return {
        name: value for name, value in zip(OWN_SETTINGS, values, strict=True) if value is not None
    }


def opened(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    setting: list[str] | None,
    own: dict[str, str],
    *,
    untouched: bool = False,
) -> Study:
    """Open the study that the options name."""
    from helpers.study import open_study

    values = {**own, **overrides_of(setting or [])}
    return open_study(profile, dataset, data, workspace, untouched=untouched, overrides=values)
