"""The command `rank`: all genes of one's own samples, beside differential expression."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from helpers.commands.options import (
    Data,
    Dataset,
    Profile,
    Workers,
    WorkspaceDir,
    cores,
    opened,
    ranked_whole,
    takes_settings,
)
from helpers.commands.terminal import at_work, console

if TYPE_CHECKING:
    import pandas as pd

    from helpers.study import Study

EXPLAINER = "DeepLift"
"""The explainer that is printed: of the group whose genes the paper finds most specific."""


@takes_settings
def rank(
    profile: Profile = "quick",
    dataset: Dataset = "reference",
    data: Data = None,
    workspace: WorkspaceDir = None,
    workers: Workers = 0,
    show: Annotated[int, typer.Option(min=0, help="Genes of each class that are printed.")] = 10,
    *,
    values: Mapping[str, str],
) -> None:
    """Rank all genes of every class, beside differential expression; no pages, no book.

    Makes tables/rankings.parquet: a row for each gene, class and explainer. All classes of a file
    of yours are explained. Networks are MLPs unless --set cnn_models=N asks for CNNs, too.
    """
    from helpers.publish import run as running
    from helpers.study.top_genes.every_gene import MARKERS, RANKINGS
    from helpers.workspace.store import project_root
    from helpers.workspace.surroundings import allow_open_files

    allow_open_files()
    study = opened(profile, dataset, data, workspace, ranked_whole(values))
    running.refuse_places(study, None)
    steps = [RANKINGS, MARKERS, "tables/accuracy"]
    with at_work() as bars:
        running.run(
            study, project_root(), bars, steps=steps, workers=workers or cores(), say=bars.say
        )
    _show(study, study.get(RANKINGS), show)
    drawn = _draw_markers(study, study.get(MARKERS))
    print(f"Rankings: {study.workspace.path('tables/rankings.parquet')}")
    if drawn:
        print(f"Markers: {study.workspace.path('tables/markers.csv')} and {drawn}")


def _show(study: Study, rankings: pd.DataFrame, show: int) -> None:
    """Print the first genes of every class by the networks, and by differential expression."""
    accuracy = study.get("tables/accuracy")
    tested = accuracy[accuracy["split"] == "test"]["accuracy"].median()
    print(f"Test accuracy, median of {accuracy['model'].nunique()} networks: {tested:.1%}")
    own = rankings[(rankings["architecture"] == "mlp") & (rankings["explainer"] == EXPLAINER)]
    table = Table("class", f"{EXPLAINER}, {show} of {own['gene'].nunique():,} genes", "Wilcoxon")
    for name, part in own.groupby("class", observed=True, sort=False):
        columns = (
            ", ".join(part.nsmallest(show, column)["gene"].astype(str))
            for column in ("rank", "differential_rank")
        )
        table.add_row(str(name), *columns)
    if show:
        console().print(table)


def _draw_markers(study: Study, markers: pd.DataFrame) -> Path | None:
    """Draw where the user's markers come; None without any."""
    if markers.empty:
        return None
    from helpers.figures.own_markers import own_markers
    from helpers.publish.display import OF_A_PAGE, drawing
    from helpers.stability.overlap import list_length
    from helpers.workspace.formats import BYTES

    genes = study.get("data/expression").n_vars
    figure = own_markers(markers, list_length(study.settings.top, genes))
    study.workspace.write("figures/own_markers.svg", drawing(figure), BYTES, key=OF_A_PAGE)
    return Path(study.workspace.path("figures/own_markers.svg"))
