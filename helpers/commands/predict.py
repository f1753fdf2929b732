"""The command `predict`: what the networks of a workspace say of new samples."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers.commands.options import (
    Data,
    Dataset,
    Profile,
    WorkspaceDir,
    opened,
    ranked_whole,
    takes_settings,
)
from helpers.commands.terminal import console
from helpers.errors import BadInputError, MissingInputError

if TYPE_CHECKING:
    import pandas as pd

    from helpers.study import Study

NETWORKS = "models/mlp"
NEEDED = ("data/expression", "tables/split", NETWORKS)

MOST_SHOWN = 30
"""Samples that are printed; a file has all of them."""


@takes_settings
def predict(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New samples: counts, TPM or logs.")],
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Also write a table.")] = None,
    leave_out_unseen: Annotated[
        bool, typer.Option("--leave-out-unseen", help="Leave out genes the networks do not know.")
    ] = False,
    *,
    values: Mapping[str, str],
) -> None:
    """Name new samples by the networks that a run or rank has trained; nothing is trained.

    --profile, --dataset and --workspace say which networks. The distance is that to the nearest
    training sample: the root of the mean squared difference over genes, in log2 units. farther_than
    is the share of training samples that are nearer to their own nearest neighbour.
    """
    from helpers.api.new_samples import distance_to_training, predict_ensemble
    from helpers.datasets.unlabelled import load_unlabelled

    # Unit, layer and column of genes are those of the new file.
    of_file = {name: values[name] for name in ("unit", "layer", "gene_column") if name in values}
    others = {name: text for name, text in values.items() if name not in of_file}
    study = _trained(profile, dataset, data, workspace, others)
    if study.dataset.measure != "TPM":
        raise BadInputError(
            f"The networks of {study.dataset.name} learnt another unit ({study.dataset.values}), "
            f"which {file} cannot be brought to: predict with networks of a data set in TPM."
        )
    known = study.get("data/expression")
    new = load_unlabelled(
        file, known.var[["ensembl_id"]], leave_out_unseen=leave_out_unseen, **of_file
    )
    models = (study.member(NETWORKS, name) for name in study.members(NETWORKS))
    table = predict_ensemble(models, new.X, new.var_names, new.obs_names)
    sides = study.get("tables/split").set_index("sample")["split"]
    training = known.X[(sides.loc[known.obs_names] == "train").to_numpy()]
    far = distance_to_training(new.X, training).set_index(table.index)
    table = _with_distances(table, far)
    if to is not None:
        _write(to, table)
    _show(table, new.uns["unit"], len(study.members(NETWORKS)), study)
    if to is not None:
        print(f"Table: {to}")


def _with_distances(table: pd.DataFrame, far: pd.DataFrame) -> pd.DataFrame:
    """Put the distances before the probabilities of the single classes."""
    first = list(table.columns[:3])
    rest = [name for name in table.columns if name not in first]
    return table[first].join(far).join(table[rest], rsuffix=" (class)")


def _trained(
    profile: str,
    dataset: str,
    data: Path | None,
    workspace: Path | None,
    values: Mapping[str, str],
) -> Study:
    """Return the study whose networks are there: of `run`, or of `rank`."""
    for chosen in (values, ranked_whole(values)):
        study = opened(profile, dataset, data, workspace, chosen, untouched=True)
        states = [state for name in NEEDED for state in study.states(name).values()]
        if all(state == "fresh" for state in states):
            return study
    raise MissingInputError(
        f"There are no trained networks for {dataset} in {study.workspace.root}, or they are "
        f"stale: `python -m helpers rank --profile {profile} --dataset {dataset}` trains them."
    )


def _write(path: Path, table: pd.DataFrame) -> None:
    from helpers.workspace import atomic

    content = table.to_csv(lineterminator="\n").encode()
    if os.path.lexists(path) and (not path.is_file() or path.read_bytes() != content):
        raise BadInputError(f"{path} is there already, and is another file: name a new one.")
    with atomic.atomic_path(path.absolute()) as unfinished:
        unfinished.write_bytes(content)


def _show(table: pd.DataFrame, unit: str, models: int, study: Study) -> None:
    from helpers.api.new_samples import FAR

    shown = Table("sample", "named", "probability", "spread", "distance", "farther than")
    for name, row in table.head(MOST_SHOWN).iterrows():
        shown.add_row(
            str(name), str(row["named"]), f"{row['probability']:.3f}", f"{row['spread']:.3f}",
            f"{row['distance']:.2f}", f"{row['farther_than']:.0%}",
        )  # fmt: skip
    console().print(shown)
    if len(table) > MOST_SHOWN:
        print(f"and {len(table) - MOST_SHOWN} more samples; --to FILE.csv writes all of them.")
    far = int((table["farther_than"] >= FAR).sum())
    print(f"Values read as {unit}. {models} networks of {study.workspace.root}.")
    if far:
        print(
            f"{far} of {len(table)} samples are farther from every training sample than "
            f"{FAR:.0%} of those are from each other: the networks have not seen the like."
        )
