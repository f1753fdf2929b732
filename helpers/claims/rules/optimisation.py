"""Rules on SmoothGrad, repeats and references (statements O1 to O12).

All are judged on Spearman's correlation between models, the measure of the paper's Figures
2A to 2C, over all tissues together. They come from the paper's wording, and were first fixed
before any curve was computed; the Methods say how they were changed since, and why.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.claims.judging import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    NotTestableError,
    Rule,
    Tables,
    Verdict,
    testable,
)
from helpers.claims.rules.curves import at_ends, concluded, curve_rows, resampled_medians
from helpers.stability.curves import REFERENCES_AND_REPEATS
from helpers.stability.paper import paper_saturation
from helpers.stability.saturation import TOLERANCE

REPEATS_CHAPTER = "03_smoothgrad_and_repeats"
REFERENCES_CHAPTER = "04_references"

NEAR, FAR = 1.5, 3.0
"""A number of estimates is near the paper's within this factor, and far off beyond the second."""

SAME = 0.02
"""Two curves coincide if they are nowhere further apart."""

FLOOR = 0.1
"""Below this median correlation models do not agree in anything that could be ranked."""

_SMOOTHGRAD_HELPS = {("mlp", "Saliency"), ("cnn", "GuidedBackprop")}
_REPEATS_DO_NOT_HELP = {("cnn", "Saliency"), ("cnn", "GuidedGradCam++")}


def _changes(
    tables: Tables, optimisation: str, against_none: bool
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Return what changes, for every (architecture, explainer).

    First the change, with resamples; then the levels ``before`` and ``after``; then the number of
    samples by architecture.
    """
    parts, levels, samples = [], [], {}
    for architecture in ("mlp", "cnn"):
        rows = at_ends(curve_rows(tables, architecture, optimisation))
        if against_none:
            rows = _against_one_pass(tables, rows[rows["when"] == "after"])
        if rows.empty:
            continue
        found = resampled_medians(rows, ["explainer", "when"])
        medians = found.medians
        change = medians.xs("after", axis=1, level="when") - medians.xs(
            "before", axis=1, level="when"
        )
        parts.append(pd.concat({architecture: pd.DataFrame(change)}, axis=1))
        levels.append(medians.iloc[0].unstack("when"))
        samples[architecture] = found.samples
    if not parts:
        raise NotTestableError(f"No curve of {optimisation} was computed in this run.")
    return pd.concat(parts, axis=1), pd.concat(levels), samples


def _of_both(samples: dict[str, int]) -> str:
    """Write the number of samples by architecture, as ``12 (MLP) and 4 (CNN) samples``."""
    return " and ".join(f"{n} ({name.upper()})" for name, n in samples.items()) + " samples"


def _levels(levels: pd.DataFrame) -> str:
    """Say how high the curves lie, and how many too low for a change to mean much."""
    low = int((levels.max(axis=1) < FLOOR).sum())
    ranges = [
        f"from {levels[when].min():.2f} to {levels[when].max():.2f} {when}"
        for when in ("before", "after")
    ]
    return f"medians {' and '.join(ranges)}, {low} of {len(levels)} below {FLOOR} in both"


def _against_one_pass(tables: Tables, after: pd.DataFrame) -> pd.DataFrame:
    """Put before curves' ends one estimate without noise, of the same reference and design.

    That is optimisation none or, where it was not run so, the first point of repeats.
    """
    table = tables["curves"]
    keys = ["architecture", "explainer", "reference", "design", "metric"]
    plain = table.merge(after[keys].drop_duplicates(), on=keys)
    plain = plain[plain["optimisation"].isin(["none", "repeats"]) & (plain["n"] == 1)]
    best = plain.groupby(keys)["optimisation"].transform("min")  # "none" is before "repeats"
    before = plain[plain["optimisation"] == best].assign(when="before")
    both = pd.concat([before, after])
    return both[both.groupby("explainer")["when"].transform("nunique") == 2]


def _signs(
    optimisation: str, exceptions: set[tuple[str, str]], rule: str, exception: str, against: bool
) -> Callable[[Tables], Verdict]:
    """Judge how many conditions change as stated: `rule`, and `exception` for the exceptions."""
    directions: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "raises": lambda change: change > TOLERANCE,
        "lowers": lambda change: change < -TOLERANCE,
        "no gain": lambda change: change <= TOLERANCE,
    }

    def judge(tables: Tables) -> Verdict:
        changes, levels, samples = _changes(tables, optimisation, against)
        odd = [condition in exceptions for condition in changes.columns]
        as_stated = directions[rule](changes)
        as_stated.loc[:, odd] = directions[exception](changes.loc[:, odd])
        share = as_stated.mean(axis=1)
        verdict = REPRODUCED if share[0] == 1 else PARTLY if share[0] > 0.5 else NOT_REPRODUCED
        missing = {"mlp", "cnn"} - set(changes.columns.get_level_values(0))
        if missing and verdict == REPRODUCED:
            verdict = PARTLY
        off = changes.iloc[0][~as_stated.iloc[0]].reset_index().to_numpy().tolist()
        named = [f"{b} ({a.upper()}) {change:+.2f}" for a, b, change in off]
        reason = (
            f"{int(as_stated.iloc[0].sum())} of {changes.shape[1]} conditions change as stated"
            + (f", but not {', '.join(named)}" if named else "")
            + "".join(f"; no {name.upper()} was explained" for name in sorted(missing))
            + f"; {_levels(levels)}; {_of_both(samples)}"
        )
        return concluded(verdict, share, reason, max(samples.values()))

    return testable(judge)


def _stated(claim: str) -> pd.DataFrame:
    points = paper_saturation()
    return points[points["claim"] == claim]


def _factor(found: float, paper: float) -> float:
    return max(found / paper, paper / found)


def _places(rows: pd.DataFrame) -> str:
    """List where each explainer's curve saturates, if it does."""
    places = rows["n_saturated"].astype(str).mask(rows["gain"] <= TOLERANCE, "no gain")
    late = (rows["gain"] > TOLERANCE) & ~rows["saturated"].astype(bool)
    return ", ".join(rows["explainer"] + " " + places.mask(late, places + " (still rising)"))


def _saturates(claim: str, enough: bool = False) -> Callable[[Tables], Verdict]:
    """Judge where curves saturate: most explainers near the paper's n, or else their median.

    An explainer that gains nothing has no place where it saturates, and so does not agree.
    """

    def judge(tables: Tables) -> Verdict:
        stated = _stated(claim)
        table, paper = tables["saturation"], int(stated["n"].iloc[0])
        keys = ["architecture", "explainer", "optimisation"]
        rows = table[table["metric"] == "spearman"].merge(stated[keys], on=keys)
        reference = stated["reference"].iloc[0]
        if reference != "any":
            rows = rows[rows["reference"] == reference]
        rows = rows.drop_duplicates("explainer")
        if rows.empty:
            architecture, optimisation = (
                stated["architecture"].iloc[0],
                stated["optimisation"].iloc[0],
            )
            raise NotTestableError(
                f"No curve of {optimisation} on {architecture.upper()}s was computed in this run."
            )
        if rows["n_largest"].max() < paper:
            raise NotTestableError(
                f"The curves end at {rows['n_largest'].max()} estimates, below the paper's {paper}."
            )
        rising, samples = rows[rows["gain"] > TOLERANCE], int(rows["samples"].max())
        if rising.empty:
            gain = f"{rows['gain'].max():+.3f}"
            return Verdict(
                NOT_REPRODUCED,
                1.0,
                reason=f"There is no gain to saturate: at most {gain}, so no interval.",
                n=samples,
                unit="samples",
            )
        observed = float(rising["n_saturated"].median())
        low, high = float(rising["n_low"].median()), float(rising["n_high"].median())
        near = sum(_factor(float(n), paper) <= NEAR for n in rising["n_saturated"])
        verdict = (
            REPRODUCED
            if near > len(rows) / 2
            else PARTLY
            if _factor(observed, paper) <= FAR or (enough and observed < paper)
            else NOT_REPRODUCED
        )
        reason = (
            f"Smallest n within {rising['tolerance'].iloc[0]:g} of the plateau: {_places(rows)}; "
            f"{near} of {len(rows)} explainers within a factor of {NEAR} of {paper}; observed: "
            f"median of the {len(rising)} that gain; {samples} samples; interval: median of the "
            "explainers' intervals over samples."
        )
        return Verdict(verdict, observed, low, high, reason, samples, "samples")

    return testable(judge)


def _best_reference(architecture: str, kind: str, optimisation: str) -> Callable[[Tables], Verdict]:
    """Judge whether one kind of reference is first for every explainer that needs one.

    Explainers on which models agree in nothing, whatever the reference, are left out: between
    medians near 0 a rank says nothing.
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
        best = rows.groupby("explainer")["value"].transform("max")
        if (best < FLOOR).all():
            raise NotTestableError(
                "No kind of reference makes models agree: medians between "
                f"{rows['value'].min():.2f} and {rows['value'].max():.2f} over "
                f"{rows['explainer'].nunique()} explainers and {len(kinds)} kinds, all below "
                f"{FLOOR}, so that a rank would say nothing; {_counts(rows)}."
            )
        left_out = rows.loc[best < FLOOR, "explainer"].unique()
        rows = rows[best >= FLOOR]
        own = rows[rows["reference"] == kind]
        first, level = own["margin"] > 0, own["margin"] >= -TOLERANCE
        verdict = REPRODUCED if first.all() else PARTLY if level.mean() > 0.5 else NOT_REPRODUCED
        ranks = ", ".join(
            f"{row.explainer} {row.rank} ({row.value:.2f}, {row.margin:+.3f} to the best other)"
            for row in own.itertuples()
        )
        reason = (
            f"Rank of {kind} and its median: {ranks}"
            + (f"; {', '.join(left_out)} left out, all kinds below {FLOOR}" * bool(len(left_out)))
            + f"; observed: {kind} minus the best other kind, median over explainers; "
            f"{_counts(rows)}; interval: median of the explainers' intervals over samples."
        )
        observed, low, high = (
            float(own[name].median()) for name in ("margin", "ci_low", "ci_high")
        )
        samples = int(own["samples"].max())
        return Verdict(verdict, observed, low, high, reason, samples, "samples")

    return testable(judge)


def _counts(rows: pd.DataFrame) -> str:
    """Say how many estimates of each kind of reference were compared, on how many samples."""
    numbers = rows.drop_duplicates("reference").set_index("reference")["estimates"]
    each = (
        f"{numbers.iloc[0]} estimates of each kind"
        if numbers.nunique() == 1
        else ", ".join(f"{number} estimates of {name}" for name, number in numbers.items())
    )
    return f"{each}, {int(rows['samples'].max())} samples"


@testable
def _zero_references_are_repeats(tables: Tables) -> Verdict:
    worst: list[pd.Series] = []
    samples: dict[str, int] = {}
    for architecture in ("mlp", "cnn"):
        many = curve_rows(tables, architecture, "references")
        repeats = curve_rows(tables, architecture, "repeats")
        both = pd.concat([part[part["reference"] == "zero"] for part in (many, repeats)])
        points = both.groupby(["explainer", "n"])["optimisation"]
        both = both[points.transform("nunique") == 2]
        if both.empty:
            continue
        found = resampled_medians(both, ["explainer", "n", "optimisation"])
        difference = found.medians.xs("references", axis=1, level=2) - found.medians.xs(
            "repeats", axis=1, level=2
        )
        worst.append(pd.DataFrame(difference).abs().max(axis=1))
        samples[architecture] = found.samples
    if not worst:
        raise NotTestableError("Zero references and repeats with zero have no n in common.")
    largest = pd.concat(worst, axis=1).max(axis=1)
    verdict = REPRODUCED if largest[0] <= SAME else PARTLY if largest[0] <= 0.05 else NOT_REPRODUCED
    reason = f"Largest distance of the two curves over explainers and n; {_of_both(samples)}"
    return concluded(verdict, largest, reason, max(samples.values()))


_BY_EYE = (
    f"The paper reads the point off a figure; a factor of {NEAR} allows for that and still tells "
    "its 20 from its 40."
)


def _chapter(claim: str) -> str:
    return REFERENCES_CHAPTER if claim in {"O11", "O12"} else REPEATS_CHAPTER


def _saturation_rule(claim: str, figure: str, enough: bool = False) -> Rule:
    n = int(_stated(claim)["n"].iloc[0])
    less = ", or fewer" if enough else ""
    return Rule(
        statistic=f"estimates after which the median Spearman correlation gains ≤ {TOLERANCE}",
        expected=f"{n} within a factor of {NEAR} for more than half of all explainers, those "
        f"without a gain of more than {TOLERANCE} not (partly: their median within a factor of "
        f"{FAR:g}{less})",
        fair=_BY_EYE,
        tables=("saturation",),
        produced_by=f"{_chapter(claim)}#{figure}",
        judge=_saturates(claim, enough),
    )


def _reference_rule(architecture: str, kind: str, optimisation: str, figure: str) -> Rule:
    return Rule(
        statistic=f"Spearman correlation with reference {kind} minus the best other kind's",
        expected=f"above 0 for every explainer with a kind of at least {FLOOR} (partly: ≥ "
        f"−{TOLERANCE} for more than half)",
        fair="Best means first for each of the explainers; a tie within the tolerance is no loss.",
        tables=("references_compared",),
        produced_by=f"{REFERENCES_CHAPTER}#{figure}",
        judge=_best_reference(architecture, kind, optimisation),
    )


OPTIMISATION_RULES: dict[str, Rule] = {
    "O1": Rule(
        statistic="share of conditions (explainer, architecture) that SmoothGrad changes as stated",
        expected="all (partly: more than half): lower than one estimate without noise by more than "
        f"{TOLERANCE}, but higher for Saliency on MLPs and GuidedBackprop on CNNs",
        fair="The paper sets SmoothGrad against explaining in one pass, and names the exceptions.",
        tables=("curves",),
        produced_by=f"{REPEATS_CHAPTER}#figure_2a",
        judge=_signs("smoothgrad", _SMOOTHGRAD_HELPS, "lowers", "raises", against=True),
    ),
    "O2": _saturation_rule("O2", "figure_2a"),
    "O3": _saturation_rule("O3", "figure_2a"),
    "O4": Rule(
        statistic="share of conditions (explainer, architecture) that repeats change as stated",
        expected="all (partly: more than half): higher than one estimate by more than "
        f"{TOLERANCE}, but not for Saliency and GuidedGradCam++ on CNNs",
        fair="Both the gains and the two exceptions are stated, so both count.",
        tables=("curves",),
        produced_by=f"{REPEATS_CHAPTER}#figure_2b",
        judge=_signs("repeats", _REPEATS_DO_NOT_HELP, "raises", "no gain", against=False),
    ),
    "O5": _saturation_rule("O5", "figure_2b"),
    "O6": _saturation_rule("O6", "figure_2b"),
    "O7": _reference_rule("cnn", "zero", "references", "figure_s4_cnn"),
    "O8": _reference_rule("mlp", "universal", "references", "figure_s4_mlp"),
    "O9": Rule(
        statistic="largest distance between the curves of zero references and of repeats with zero",
        expected=f"at most {SAME} (partly: 0.05)",
        fair="Equivalent curves differ by chance only; the paper gives no number.",
        tables=("curves",),
        produced_by=f"{REFERENCES_CHAPTER}#zero_references_and_repeats",
        judge=_zero_references_are_repeats,
    ),
    "O10": _reference_rule("cnn", "zero", REFERENCES_AND_REPEATS, "figure_s5"),
    "O11": _saturation_rule("O11", "figure_2c", enough=True),
    "O12": _saturation_rule("O12", "figure_2c", enough=True),
}
