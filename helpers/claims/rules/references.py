"""Rules on kinds of reference, and on zero references as repeats (statements O7 to O10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import DIFFERENCE, POSITIVE
from helpers.claims.judging import NOT_REPRODUCED, PARTLY, REPRODUCED, Rule, Tables, Verdict
from helpers.claims.rules.curves import FLOOR, Levels, curve_rows, tissue_levels, with_ranks
from helpers.stability.curves import REFERENCES_AND_REPEATS
from helpers.stability.saturation import TOLERANCE

CHAPTER = "04_references"

SAME = 0.02
"""Two curves coincide if they are no further apart on average over their points."""


def _best_reference(architecture: str, kind: str, optimisation: str) -> Callable[[Tables], Verdict]:
    """Judge whether one kind of reference is first for every explainer that needs one.

    Explainers on which models agree in nothing, whatever the reference, are left out: between
    levels near 0 a rank says nothing.
    """

    def judge(tables: Tables) -> Verdict:
        table = tables["references_compared"]
        rows = table[
            (table["architecture"] == architecture)
            & (table["optimisation"] == optimisation)
            & (table["metric"] == "spearman")
        ]
        kinds = set(rows["reference"])
        if kind not in kinds or len(kinds) < 4:
            raise NotTestableError(
                f"Not all four kinds of reference were compared on {architecture.upper()}s."
            )
        found = tissue_levels(_ends(with_ranks(tables["curves"]), rows), ["explainer", "reference"])
        levels = defined(pd.DataFrame(found.means.unstack("reference")), "agreement")
        best = levels.max(axis=1)
        if (best < FLOOR).all():
            raise NotTestableError(
                "No kind of reference makes models agree: between "
                f"{levels.min().min():.2f} and {levels.max().max():.2f} over "
                f"{len(levels)} explainers and {len(kinds)} kinds, all below "
                f"{FLOOR}, so that a rank would say nothing; {_counts(rows)}, {found.said}."
            )
        left_out = best.index[best < FLOOR].tolist()
        levels = levels[best >= FLOOR]
        margins = _margins(levels, kind)
        level = margins >= -TOLERANCE
        # A lead that is smaller than its own error is none.
        first = pd.Series(
            [
                found.estimate(partial(_margin, kind, name), DIFFERENCE).surely_above > 0
                for name in levels.index
            ]
        )
        verdict = REPRODUCED if first.all() else PARTLY if level.mean() > 0.5 else NOT_REPRODUCED
        ranks = levels.rank(axis=1, ascending=False, method="min")[kind]
        said = ", ".join(
            f"{name} {ranks[name]:.0f} ({levels.loc[name, kind]:.2f}, {margins[name]:+.3f} to the "
            "best other)"
            for name in levels.index
        )
        reason = (
            f"Rank of {kind} and its level: {said}"
            + (f"; {', '.join(left_out)} left out, all kinds below {FLOOR}" * bool(left_out))
            + f"; observed: {kind} minus the best other kind, median over explainers; "
            f"{_counts(rows)}, {found.said}"
        )
        estimate = found.estimate(
            lambda means: _margins(means.unstack("reference").loc[levels.index], kind).median(),
            DIFFERENCE,
        )
        return estimate.verdict(verdict, reason)

    return judge


def _ends(curves: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the points of the curves at which kinds of reference are compared.

    Zero references with repeats are as many zero references, where they have no curve of their own.
    """
    table = curves[(curves["metric"] == "spearman") & (curves["design"] != "intra_model")]
    keys = ["architecture", "explainer", "optimisation", "reference"]
    own = rows[[*keys, "n"]].merge(table, on=[*keys, "n"])
    present = pd.MultiIndex.from_frame(own[keys].drop_duplicates())
    rest = rows[~pd.MultiIndex.from_frame(rows[keys]).isin(present)]
    rest = rest[[*keys, "estimates"]].rename(columns={"estimates": "n"})
    stand_in = rest.assign(optimisation="references").merge(table, on=[*keys, "n"])
    columns = ["explainer", "reference", "tissue", "sample", "value"]
    return pd.concat([own[columns], stand_in[columns]], ignore_index=True)


def _margins(levels: pd.DataFrame, kind: str) -> pd.Series:
    """Return how far one kind of reference is above the best other, by explainer."""
    return pd.Series(levels[kind] - levels.drop(columns=kind).max(axis=1))


def _margin(kind: str, explainer: str, means: pd.Series) -> float:
    """Return how far one kind of reference is above the best other for one explainer."""
    return float(_margins(means.unstack("reference").loc[[explainer]], kind).iloc[0])


def _counts(rows: pd.DataFrame) -> str:
    """Say how many estimates of each kind of reference were compared."""
    numbers = rows.drop_duplicates("reference").set_index("reference")["estimates"]
    return (
        f"{numbers.iloc[0]} estimates of each kind"
        if numbers.nunique() == 1
        else ", ".join(f"{number} estimates of {name}" for name, number in numbers.items())
    )


def _zero_references_are_repeats(tables: Tables) -> Verdict:
    parts, said = [], []
    for architecture in ("mlp", "cnn"):
        many = curve_rows(tables, architecture, "references")
        repeats = curve_rows(tables, architecture, "repeats")
        both = pd.concat([part[part["reference"] == "zero"] for part in (many, repeats)])
        points = both.groupby(["explainer", "n"])["optimisation"]
        both = both[points.transform("nunique") == 2]
        if both.empty:
            continue
        found = tissue_levels(both, ["optimisation", "explainer", "n"])
        gap = pd.DataFrame(found.table["references"] - found.table["repeats"])
        parts.append(pd.concat({architecture: gap}, axis=1))
        said.append(f"{architecture.upper()}: {found.said}")
    if not parts:
        raise NotTestableError("Zero references and repeats with zero have no n in common.")
    gaps = Levels(pd.concat(parts, axis=1), 0, 0)
    largest = defined(_distance(gaps.means), "the distance of the curves")
    verdict = REPRODUCED if largest <= SAME else PARTLY if largest <= 0.05 else NOT_REPRODUCED
    reason = (
        "Distance of the two curves, mean over n, of the explainer with the largest; "
        f"{' and '.join(said)}"
    )
    return gaps.estimate(_distance, POSITIVE).verdict(verdict, reason)


def _distance(gaps: pd.Series) -> float:
    """Return the mean distance over the points of a curve, of the explainer with the largest.

    The largest of many points grows with their number where curves differ by chance only.
    """
    # The levels of the index: architecture, explainer, n.
    return float(gaps.abs().groupby(level=[0, 1]).mean().max())


def _reference_rule(architecture: str, kind: str, optimisation: str, figure: str) -> Rule:
    return Rule(
        statistic=f"Spearman correlation with reference {kind} minus the best other kind's",
        expected=f"above 0 with its interval for every explainer with a kind of at least {FLOOR} "
        f"(partly: ≥ −{TOLERANCE} for more than half)",
        fair="Best means surely first for each of the explainers; a tie within the tolerance is no "
        "loss.",
        tables=("references_compared", "curves"),
        produced_by=f"{CHAPTER}#{figure}",
        judge=_best_reference(architecture, kind, optimisation),
        networks=(architecture,),
    )


REFERENCE_RULES: dict[str, Rule] = {
    "O7": _reference_rule("cnn", "zero", "references", "figure_s4_cnn"),
    "O8": _reference_rule("mlp", "universal", "references", "figure_s4_mlp"),
    "O9": Rule(
        statistic="distance between the curves of zero references and of repeats with zero, mean "
        "over n, largest of the explainers",
        expected=f"at most {SAME} (partly: 0.05)",
        fair="Equivalent curves differ by chance only; the paper gives no number.",
        tables=("curves",),
        produced_by=f"{CHAPTER}#zero_references_and_repeats",
        judge=_zero_references_are_repeats,
        networks=("mlp", "cnn"),
    ),
    "O10": _reference_rule("cnn", "zero", REFERENCES_AND_REPEATS, "figure_s5"),
}
