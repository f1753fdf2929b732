"""Steps: bundles of results that are kept with the book, to be shown beside this run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.claims.over_seeds import OVER_COLUMNS, over_seeds
from helpers.errors import WorkspaceError
from helpers.results.bundle import ABOUT, Bundle, files_of, read_bundle
from helpers.results.main_tables import MAIN_TABLES
from helpers.workflow.step import Context
from helpers.workflow.tables import table_step
from helpers.workspace.store import project_root

BUNDLE_COLUMNS = ["bundle", "dataset", "title", "simulated", "profile", "seeds", "models",
                  "cnn_models", "revision", "date", "machine", "hours", "outdated"]  # fmt: skip


def _files(names: Iterable[str]) -> list[Path | str]:
    try:
        root = project_root()
    except WorkspaceError:
        return []
    return list(files_of(names, root))


def _bundles(context: Context) -> dict[str, Bundle]:
    """Read the bundles, by the names of their folders."""
    files = [path for path in _files(context.settings.bundles) if isinstance(path, Path)]
    folders = [path.parent for path in files if path.name == ABOUT]
    return {folder.name: read_bundle(folder) for folder in folders}


def make_bundles(context: Context) -> pd.DataFrame:
    """List the bundles: of what each is, and whether rules have changed since."""
    rows: list[dict[str, Any]] = [
        {
            "bundle": name,
            "dataset": found.about.dataset,
            "title": found.about.title,
            "simulated": int(found.about.simulated),
            "profile": found.about.profile,
            "seeds": len(found.about.seeds),
            "models": found.about.models,
            "cnn_models": found.about.cnn_models,
            "revision": found.about.revision,
            "date": found.about.date,
            "machine": found.about.machine,
            "hours": sum(found.about.wall_seconds.values()) / 3600,
            "outdated": int(found.outdated),
        }
        for name, found in _bundles(context).items()
    ]
    return pd.DataFrame(rows, columns=BUNDLE_COLUMNS)


def make_claims(context: Context) -> pd.DataFrame:
    """Put together what each bundle says of every statement, over its seeds."""
    parts = [
        over_seeds(found.ledger).assign(bundle=name) for name, found in _bundles(context).items()
    ]
    columns = ["bundle", *OVER_COLUMNS]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns].astype({"fragile": int})


def make_main_table(name: str, context: Context) -> pd.DataFrame:
    """Put one main table of all bundles together, each with the name of its bundle."""
    found = _bundles(context)
    parts = [each.tables[name].assign(bundle=title) for title, each in found.items()
             if name in each.tables]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["bundle"])


_BUNDLES: dict[str, Any] = {"named_files": {"bundles": _files}}
_TEXT = ("bundle", "date", "machine", "measure", "model")

STEPS = (
    table_step("bundles", make_bundles, "Reading published results", text=_TEXT, **_BUNDLES),
    table_step("bundle_claims", make_claims, "Reading published results", text=_TEXT, **_BUNDLES),
    *(
        table_step(
            f"bundle_{name}",
            partial(make_main_table, name),
            "Reading published results",
            text=_TEXT,
            **_BUNDLES,
        )
        for name in MAIN_TABLES
    ),
)
