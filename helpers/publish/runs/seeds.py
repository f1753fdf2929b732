"""The same study with several seeds, and the bundle that is made of them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.claims.over_seeds import claims_by_seed
from helpers.config import beyond_profile
from helpers.errors import BadInputError
from helpers.publish import run as running
from helpers.results.bundle import About, write_bundle
from helpers.results.main_tables import main_tables, steps_of_main_tables
from helpers.results.rules import hash_of_rules
from helpers.study import Study
from helpers.study.where import inputs_of
from helpers.workspace import fingerprints, ownership, provenance
from helpers.workspace.identity import readable

LEDGER = "tables/claims"

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class Replicated:
    """What was made.

    Attributes
    ----------
    folder
        The bundle.
    by_seed
        The table ``claims_by_seed``.
    artefacts
        How many artefacts had to be made, over all seeds.
    """

    folder: Path
    by_seed: pd.DataFrame
    artefacts: int


def parse_seeds(text: str, option: str = "--seeds") -> tuple[int, ...]:
    """Read seeds such as ``0-4`` or ``0,2,7-9``.

    Parameters
    ----------
    text
        What was written.
    option
        Where it was written, for messages.

    Raises
    ------
    BadInputError
        If it is something else, or names a seed twice.
    """
    found: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise BadInputError(
                f"{option} {text!r}: {part.strip()!r} is no seed; write 0-4 or 0,2."
            )
        first = int(match[1])
        found.extend(range(first, int(match[2] or first) + 1))
    twice = sorted({seed for seed in found if found.count(seed) > 1})
    if twice or not found:
        what = f"seed {twice[0]} is given twice" if twice else "there is no seed in it"
        raise BadInputError(f"{option} {text!r}: {what}; write 0-4 or 0,2.")
    return tuple(found)


def replicate(
    of_seed: Callable[[int], Study],
    seeds: Sequence[int],
    root: Path,
    target: Path,
    progress: running.Progress,
    *,
    workers: int = 1,
    distribute: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
) -> Replicated:
    """Make the ledger with each seed, and a bundle of them; what is fresh is not made again.

    Parameters
    ----------
    of_seed
        Opens the study with a seed.
    seeds
        The seeds. The tables behind main figures are those of the first.
    root
        Folder of the project.
    target
        Folder for the bundle.
    progress, workers, distribute, say
        As in `helpers.publish.run.run`.

    Raises
    ------
    WorkspaceError
        If the bundle cannot be written where it should; nothing has been made then.
    BadInputError
        If a ledger has a gap.
    """
    first = of_seed(seeds[0])
    inputs = inputs_of(first.dataset, first.data, first.settings)
    ownership.keep_apart(target, "results", inputs=inputs, project=root)
    ownership.check(target, "results")
    ledgers: dict[int, pd.DataFrame] = {}
    wall: dict[str, float] = {}
    artefacts = 0
    for number, seed in enumerate(seeds):
        study = first if number == 0 else of_seed(seed)
        say(f"Seed {seed} ({number + 1} of {len(seeds)}), in {study.workspace.root}")
        steps = [*(steps_of_main_tables() if number == 0 else []), LEDGER, "claims"]
        made = running.run(
            study, root, progress, steps=steps, workers=workers, distribute=distribute, say=say
        )
        artefacts += made.artefacts
        ledgers[seed] = study.get(LEDGER)
        wall[str(seed)] = round(sum(r.seconds for r in study.workspace.records().values()))
    by_seed = claims_by_seed(ledgers)
    write_bundle(target, _about(first, seeds, wall), by_seed, main_tables(first.get))
    return Replicated(target, by_seed, artefacts)


def default_target(study: Study, root: Path) -> Path:
    """Return where a bundle goes if nothing is said: ``_build/results/<dataset>-<profile>``."""
    name = readable(Path(study.dataset.name).stem) or "data"
    return root / "_build" / "results" / f"{name}-{study.profile}"


def _about(study: Study, seeds: Sequence[int], wall: dict[str, float]) -> About:
    chosen, aside = study.settings, {"seed", "compare_workspaces"}
    changed = beyond_profile(chosen, study.profile)
    return About(
        dataset=study.dataset.name,
        title=study.dataset.title,
        simulated=study.dataset.simulated,
        profile=study.profile,
        seeds=tuple(seeds),
        models=chosen.models,
        cnn_models=chosen.cnn_models,
        settings={name: value for name, value in changed.items() if name not in aside},
        revision=provenance.code_revision(),
        date=provenance.today(),
        data=dict(study.data_fingerprint),
        packages={"python": platform.python_version(), **fingerprints.library_versions()},
        machine=f"{provenance.kind_of_machine()}, {os.cpu_count()} cores",
        wall_seconds=wall,
        rules=hash_of_rules(),
    )
