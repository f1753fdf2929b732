"""Sentences about SmoothGrad, repeats, references and aggregation."""

from __future__ import annotations

import pandas as pd

from helpers.prose.wording import counted, listed, percent
from helpers.stability.saturation import TOLERANCE


def metric_word(metric: str) -> str:
    """Return a metric's name as in a sentence: ``top100`` as ``top-100 overlap``."""
    if metric.startswith("top"):
        return f"top-{metric.removeprefix('top')} overlap"
    return "Spearman correlation"


_GAIN = ["explainer", "smoothgrad_gain"]

COUNTED = {
    "smoothgrad": "noisy copy",
    "repeats": "repeat",
    "references": "reference",
    "aggregated": "model",
}
"""What n is the number of."""


def smoothgrad(
    effects: pd.DataFrame, ours: pd.DataFrame | None = None, metric: str = "spearman"
) -> str:
    """Say what SmoothGrad does to agreement between models.

    Parameters
    ----------
    effects
        What `helpers.stability.effect` gave against ``"none"``.
    ours
        What `helpers.stability.optimum` gave by that metric: sets SmoothGrad against as many
        repeats without noise.
    metric
        The metric spoken of.
    """
    part = effects[(effects["optimisation"] == "smoothgrad") & (effects["metric"] == metric)]
    sentences = []
    for architecture, rows in part.groupby("architecture", sort=False):
        sentences.append(
            f"{str(architecture).upper()}: the mean over "
            f"{counted(int(rows['n_after'].max()), 'noisy copy')}, against one estimate without "
            f"noise, {_directions(rows)} (median {metric_word(metric)} between models)."
        )
        if ours is not None:
            sentences.append(_noise_alone(ours[ours["architecture"] == architecture]))
    return " ".join(filter(None, sentences))


def _noise_alone(ours: pd.DataFrame) -> str:
    """Say what noise adds to as many repeats, by the tolerance of saturation."""
    known = ours.dropna(subset="smoothgrad_gain").sort_values("smoothgrad_gain")
    if known.empty:
        return ""
    gain = known["smoothgrad_gain"]
    parts = [
        f"{verb} {listed(named)}{how}"
        for verb, how, chosen in (
            ("raises", "", known[gain > TOLERANCE]),
            ("lowers", "", known[gain < -TOLERANCE]),
            ("moves", f" by at most {TOLERANCE:g}", known[gain.abs() <= TOLERANCE]),
        )
        if (named := [f"{a} ({b:+.3f})" for a, b in chosen[_GAIN].itertuples(index=False)])
    ]
    return f"Against as many repeats, that is by noise alone, it {listed(parts)}."


def places(points: pd.DataFrame, curves: pd.DataFrame) -> pd.Series:
    """Write where each curve saturates.

    Parameters
    ----------
    points
        Rows of what `helpers.stability.saturation` gave, a row a curve.
    curves
        Rows of ``curves.csv`` of the same curves.

    Returns
    -------
    pandas.Series
        The number of estimates; ``"> 40"`` where a curve still rises from there to its end, and
        ``"–"`` where it gains nothing.
    """
    keys = ["architecture", "explainer", "optimisation", "metric"]
    before = curves.groupby(keys)["n"].agg(lambda n: sorted(set(n))[-2:][0]).rename("before")
    found = points.join(before, on=keys)
    text = found["n_saturated"].astype(str)
    text = text.where(found["saturated"].astype(bool), "> " + found["before"].astype(str))
    return text.where(found["gain"] > found["tolerance"], "–")


def samples_of(curves: pd.DataFrame) -> str:
    """Write how many samples curves rest on: ``12 samples for MLPs and 4 for CNNs``."""
    counts = curves.groupby("architecture")["sample"].nunique()
    named = [(name, int(counts[name])) for name in ("mlp", "cnn") if name in counts]
    return listed(
        [
            f"{counted(n, 'sample') if place == 0 else n} for {name.upper()}s"
            for place, (name, n) in enumerate(named)
        ]
    )


def saturation(table: pd.DataFrame, paper: pd.DataFrame, metric: str = "spearman") -> str:
    """Say where curves saturate, beside the paper's values.

    Parameters
    ----------
    table
        What `helpers.stability.saturation` gave, of one optimisation, with one kind of reference
        an explainer.
    paper
        What `helpers.stability.paper_saturation` gives.
    metric
        The metric spoken of.
    """
    part = table[table["metric"] == metric]
    sentences = []
    for (architecture, optimisation), rows in part.groupby(
        ["architecture", "optimisation"], sort=False
    ):
        text = f"{str(architecture).upper()}: {_points(rows, COUNTED[str(optimisation)])}"
        stated = paper[
            (paper["architecture"] == architecture) & (paper["optimisation"] == optimisation)
        ]
        stated = stated[stated["explainer"].isin(rows["explainer"])]
        for n, of in stated.groupby("n", sort=False):
            whose = f" for {of['explainer'].iloc[0]}" if len(of) == 1 else ""
            text += f" The paper gives {n}{whose}."
        sentences.append(text)
    rule = f"the smallest n within {part['tolerance'].iloc[0]:g} of the level at the largest n"
    return " ".join([f"Saturation is {rule} ({metric_word(metric)}).", *sentences])


def references(compared: pd.DataFrame, metric: str = "spearman") -> str:
    """Say which kind of reference is best, and by how much.

    Parameters
    ----------
    compared
        What `helpers.stability.compare_references` gave.
    metric
        The metric spoken of.
    """
    how = {
        "none": "a single reference",
        "references": "many references",
        "references_and_repeats": "many references, each repeated",
    }
    part = compared[compared["metric"] == metric]
    sentences = []
    for (architecture, optimisation), kinds in part.groupby(
        ["architecture", "optimisation"], sort=False
    ):
        rows, numbers = kinds[kinds["rank"] == 1], kinds["estimates"].unique()
        each = (
            f"{counted(int(numbers[0]), 'estimate')} of each kind"
            if len(numbers) == 1
            else "each kind at its largest number of estimates"
        )
        found = [
            f"{row['reference']} for {row['explainer']} ({row['value']:.2f}, "
            f"{row['margin']:+.2f} to the next{'' if row['ci_low'] > 0 else ', not certain'})"
            for _, row in rows.iterrows()
        ]
        sentences.append(
            f"{str(architecture).upper()}, {how[str(optimisation)]} ({each}): the highest "
            f"median {metric_word(metric)} is that of {listed(found)}."
        )
    return " ".join(sentences)


def aggregation(effects: pd.DataFrame, apart: pd.DataFrame) -> str:
    """Say what aggregating models brings in both metrics, with and without common models.

    Parameters
    ----------
    effects
        What `helpers.stability.effect` gave against ``"first"``, in the paper's design.
    apart
        The same for averages without a model in common.
    """
    part = effects[effects["optimisation"] == "aggregated"]
    sentences = []
    for (architecture, metric), rows in part.groupby(["architecture", "metric"], sort=False):
        ordered = rows.sort_values("after")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        models = counted(int(rows["n_after"].max()), "model")
        word = metric_word(str(metric))
        sentences.append(
            f"{str(architecture).upper()}: means over {models} have a median {word} from "
            f"{low['after']:.2f} ({low['explainer']}) to {high['after']:.2f} "
            f"({high['explainer']}), single models from {rows['before'].min():.2f} to "
            f"{rows['before'].max():.2f}; aggregation {_directions(rows)}. "
            f"{_apart(apart, str(architecture), str(metric))}".rstrip()
        )
    return " ".join(sentences)


def _apart(apart: pd.DataFrame, architecture: str, metric: str) -> str:
    """Say what is left of it between averages without a model in common."""
    rows = apart[(apart["architecture"] == architecture) & (apart["metric"] == metric)]
    rows = rows[rows["n_after"] > rows["n_before"]].sort_values("change")
    if rows.empty:
        return ""
    least, most = rows.iloc[0], rows.iloc[-1]
    return (
        f"Without a model in common, means over {counted(int(rows['n_after'].max()), 'model')} "
        f"reach {rows['after'].min():.2f} to {rows['after'].max():.2f} and gain "
        f"{least['change']:+.3f} ({least['explainer']}) to {most['change']:+.3f} "
        f"({most['explainer']})."
    )


def sharing(curves: pd.DataFrame, disjoint: pd.DataFrame, metric: str = "spearman") -> str:
    """Say how much aggregates agree because they share models.

    Parameters
    ----------
    curves
        Rows of ``curves.csv`` of optimisation ``"aggregated"``.
    disjoint
        ``disjoint.csv``: pairs of aggregates without a model in common.
    metric
        The metric spoken of.
    """
    sentences = []
    for architecture, rows in curves[curves["metric"] == metric].groupby(
        "architecture", sort=False
    ):
        own = disjoint[(disjoint["architecture"] == architecture) & (disjoint["metric"] == metric)]
        n = int(own["n"].max())
        shared = rows[rows["n"] == n]
        if shared.empty:
            continue
        with_shared = shared.groupby("explainer")["value"].median()
        without = own[own["n"] == n].groupby("explainer")["value"].median()
        sentences.append(
            f"{str(architecture).upper()}: averages over {counted(n, 'model')} have a median "
            f"{metric_word(metric)}, over explainers, of {without.median():.2f} without a model in "
            f"common, and of {with_shared.median():.2f} when all pairs count, which share "
            f"{percent(shared['shared'].mean(), 0)} of their models on average."
        )
    return " ".join(sentences)


def optimum(ours: pd.DataFrame, paper: pd.DataFrame, by_overlap: pd.DataFrame | None = None) -> str:
    """Set the conditions that our curves choose beside the paper's.

    Parameters
    ----------
    ours, paper
        What `helpers.stability.optimum` gave, and `helpers.stability.paper_optimum` gives.
    by_overlap
        What the former gave with the overlap of top genes as the metric.
    """
    keys = ["architecture", "explainer"]
    untold = ours.loc[ours["level"].isna(), "explainer"].unique().tolist()
    ours = ours[ours["level"].notna()]
    both = ours.merge(paper, on=keys, suffixes=("", "_paper"))
    found = [
        f"{row['explainer']} ({row['architecture'].upper()}) {_conditions(row, '')}, the paper "
        f"{_conditions(row, '_paper')}"
        for _, row in both.iterrows()
    ]
    text = f"Chosen by our curves: {'; '.join(found) or 'nothing'}."
    if untold:
        text += (
            f" For {listed(untold)} scores were all equal, so that no curve tells; the paper's "
            "conditions stand in."
        )
    if by_overlap is None:
        return text
    other = ours.merge(by_overlap, on=keys, suffixes=("", "_overlap"))
    other = other[other["reference"] != other["reference_overlap"]]
    kinds = [
        f"{overlap} in place of {kind} for {listed(of['explainer'].tolist())} "
        f"({str(architecture).upper()})"
        for (architecture, overlap, kind), of in other.groupby(
            ["architecture", "reference_overlap", "reference"], sort=False
        )
    ]
    if not kinds:
        return f"{text} The overlap of top genes would choose the same kinds of reference."
    return f"{text} By the overlap of top genes the kind would be {listed(kinds)}."


def _conditions(row: pd.Series, suffix: str) -> str:
    noise = " with noise" if row[f"smoothgrad{suffix}"] else ""
    if row[f"reference{suffix}"] == "none":
        return f"{row[f'repeats{suffix}']} ×{noise}"
    return f"{row[f'references{suffix}']} × {row[f'reference{suffix}']}{noise}"


def _directions(rows: pd.DataFrame) -> str:
    """List which explainers an optimisation raises, lowers, or leaves as they are."""
    words = {"raises": "raises", "lowers": "lowers", "unclear": "leaves unclear"}
    parts = []
    for direction, word in words.items():
        chosen = rows[rows["direction"] == direction].sort_values("change")
        if len(chosen):
            named = [
                f"{name} ({change:+.2f})"
                for name, change in zip(chosen["explainer"], chosen["change"], strict=True)
            ]
            parts.append(f"{word} {listed(named)}")
    return listed(parts)


def _points(rows: pd.DataFrame, noun: str) -> str:
    rising = rows[rows["gain"] > rows["tolerance"]]
    parts = []
    for n, of in rising[rising["saturated"]].sort_values("n_saturated").groupby("n_saturated"):
        parts.append(f"{listed(of['explainer'].tolist())} at {counted(int(str(n)), noun)}")
    late = rising[~rising["saturated"]]
    if len(late):
        parts.append(
            f"{listed(late['explainer'].tolist())} not within "
            f"{counted(int(late['n_largest'].max()), noun)}"
        )
    flat = rows[rows["gain"] <= rows["tolerance"]]
    if len(flat):
        parts.append(f"{listed(flat['explainer'].tolist())} without a gain")
    return "; ".join(parts) + "."
