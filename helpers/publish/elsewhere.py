"""Figures of published results on real samples, beside those of the run that made the page."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from helpers.publish.display import Shown, show_figure
from helpers.study import Study


def show_elsewhere(
    study: Study,
    name: str,
    table: pd.DataFrame,
    bundles: pd.DataFrame,
    draw: Callable[[pd.DataFrame], Figure],
    *,
    caption: str,
) -> Shown:
    """Show a main figure again, on the real samples of a published run; nothing if there is none.

    Parameters
    ----------
    study
        The study whose page it is; its own data set is not shown once more.
    name
        Name of the figure of this run.
    table
        What it shows in each bundle: the table ``bundle_<figure>``.
    bundles
        The table of that name.
    draw
        Draws the rows of one bundle.
    caption
        What a reader has to know to read it; where it comes from is said behind it.
    """
    real = bundles[(bundles["simulated"] == 0) & (bundles["dataset"] != study.dataset.name)]
    real = real[real["bundle"].isin(table["bundle"])]
    if real.empty:
        return Shown("")
    about = real.iloc[0]
    part = table[table["bundle"] == about["bundle"]].dropna(axis="columns", how="all")
    old = " Judged by rules that have changed since." if about["outdated"] else ""
    where = (
        f"<b>Real samples</b>, and not of this run: {about['title']}, profile {about['profile']}, "
        f"{int(about['models'])} MLPs and {int(about['cnn_models'])} CNNs, published results of "
        f"{about['date']}, revision {str(about['revision'])[:8]}.{old}"
    )
    return show_figure(
        study,
        f"{name}_real",
        draw(part),
        part,
        caption=f"{caption} {where}",
        alt=f"The figure above, drawn from published results on real samples ({about['dataset']}).",
        simulated=False,
        made_by=[f"tables/{_step(name)}", "tables/bundles"],
    )


def _step(name: str) -> str:
    """Name the table of a figure: ``figure_1b`` is drawn from that of ``figure_1``."""
    return "bundle_figure_1" if name.startswith("figure_1") else f"bundle_{name}"
