"""Steps: the ledgers of other runs, such as one on real samples, to be shown beside this run's."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.claims.ledger import COLUMNS, check_ledger
from helpers.errors import MissingInputError
from helpers.study.verdicts import claims
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step
from helpers.workspace import fingerprints
from helpers.workspace.formats import read_json
from helpers.workspace.identity import marked

BESIDE = "beside"
"""In the setting `compare_workspaces`: every workspace beside this one, of the same profile."""

SETTINGS = "settings"
"""In what sets a workspace apart: settings of one run of many; others are not shown beside it."""

_FILES = ("claims.json", "provenance.json", "records/claims.json.json",
          "records/tables/claims.csv.json")  # fmt: skip
_NUMBERS = ("observed", "ci_low", "ci_high", "n", "p_value", "met_by_nothing")

RUN_COLUMNS = ["folder", "dataset", "profile", "revision", "models", "left_out"]


@dataclass(frozen=True)
class StoredLedger:
    """The ledger of a workspace as it was left.

    Attributes
    ----------
    folder
        The workspace.
    ledger
        Columns as `helpers.claims.ledger.COLUMNS`.
    revision
        The revision of the code that made it.
    models
        Number of MLPs of that run.
    left_out
        Why it must not be set beside ledgers of this revision; empty if it may.
    """

    folder: Path
    ledger: pd.DataFrame
    revision: str
    models: int
    left_out: str

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self.ledger["dataset"].iloc[0])

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return str(self.ledger["profile"].iloc[0])


def read_stored(folder: Path) -> StoredLedger:
    """Read the ledger of a finished workspace, and find out whether it can be trusted.

    It can if its bytes are those that its run wrote, if the provenance is of the same run, and if
    its rules are those of this package. Whether its data files are still the same is not known.

    Raises
    ------
    MissingInputError
        If the folder is not the workspace of a finished run.
    UnknownNameError, BadInputError
        If the ledger holds an unknown id, verdict or column, or lacks one.
    """
    try:
        rows, provenance, record, judged = (read_json(folder / name) for name in _FILES)
        revision, models = str(provenance["git_revision"]), int(provenance["parameters"]["models"])
    except (OSError, ValueError, KeyError) as error:
        raise MissingInputError(
            f"{folder} is not the workspace of a finished run ({error}): run there first, or name "
            "another folder."
        ) from None
    table_key = fingerprints.of_value({"tables/claims.csv": judged.get("key")})
    ledger = check_ledger(pd.DataFrame(rows), folder / _FILES[0])[list(COLUMNS)]
    ledger = ledger.assign(**{name: pd.to_numeric(ledger[name]) for name in _NUMBERS})
    found = fingerprints.of_file(folder / _FILES[0])
    why = ""
    if found != record.get("sha256"):
        why = "its ledger was changed after the run"
    elif found != provenance.get("artefacts", {}).get(_FILES[0]):
        why = "its provenance is that of another run"
    elif record.get("made_from", {}).get("inputs", {}).get("tables/claims") != table_key:
        why = "its ledger is not that of its tables"
    elif judged.get("made_from", {}).get("code") != rules_fingerprint():
        why = "it was judged by the rules of another revision"
    return StoredLedger(folder, ledger, revision, models, why)


@functools.cache
def rules_fingerprint() -> str:
    """Return the fingerprint of the code that judges, which a ledger's record holds too."""
    return fingerprints.of_code([claims.__name__])


def beside(root: Path, profile: str, home: Path) -> tuple[str, ...]:
    """Return the finished workspaces of a profile that lie beside `root`, if it lies in `home`.

    Those on other tissues than the data set's own, with other classes, from another seed or with
    settings of one run of many are left out.
    """
    if root.parent != home:
        return ()
    found = set(home.glob(f"*-{profile}"))
    for folder, details in marked(home):
        usual = not {"tissues", "min_class_size", "seed", SETTINGS} & set(details.get("choice", ()))
        if details.get("profile") == profile and usual:
            found.add(folder)
    return tuple(
        str(folder)
        for folder in sorted(found)
        if folder != root and all((folder / name).is_file() for name in _FILES)
    )


def ledger_files(folders: list[str]) -> list[Path | str]:
    """Return the files that decide what is shown of other workspaces."""
    return [Path(folder) / name for folder in folders if folder != BESIDE for name in _FILES]


def _stored(context: Context) -> list[StoredLedger]:
    folders = context.settings.compare_workspaces
    return [read_stored(Path(folder)) for folder in folders if folder != BESIDE]


def make_other_runs(context: Context) -> pd.DataFrame:
    """List the other workspaces: what they hold, and why one is not shown."""
    rows: list[dict[str, Any]] = [
        {
            "folder": run.folder.name,
            "dataset": run.dataset,
            "profile": run.profile,
            "revision": run.revision,
            "models": run.models,
            "left_out": run.left_out,
        }
        for run in _stored(context)
    ]
    return pd.DataFrame(rows, columns=RUN_COLUMNS)


def make_other_claims(context: Context) -> pd.DataFrame:
    """Put the ledgers of the other workspaces together that may be shown."""
    parts = [
        run.ledger.assign(folder=run.folder.name) for run in _stored(context) if not run.left_out
    ]
    columns = ["folder", *COLUMNS]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


_OTHERS: dict[str, Any] = {"named_files": {"compare_workspaces": ledger_files}}

STEPS = (
    table_step("other_runs", make_other_runs, "Reading other ledgers", **_OTHERS),
    table_step(
        "other_claims",
        make_other_claims,
        "Reading other ledgers",
        text=("expected", "known_nothing"),
        **_OTHERS,
    ),
)
