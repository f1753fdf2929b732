"""Rules on SmoothGrad, repeats and numbers of references (statements O1 to O6, O11 and O12).

All are judged on Spearman's correlation between models, the measure of the paper's Figures
2A to 2C, over all tissues together. Where models agree below `FLOOR`, nothing can rise, fall or
saturate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from helpers.claims.defined import NotTestableError, defined
from helpers.claims.intervals import DIFFERENCE, mean_over_units, without_interval
from helpers.claims.judging import NOT_REPRODUCED, PARTLY, REPRODUCED, Rule, Tables, Verdict
from helpers.claims.rules.curves import FLOOR, Levels, at_ends, curve_rows, tissue_levels
from helpers.stability.paper import paper_saturation
from helpers.stability.saturation import TOLERANCE, saturation

REPEATS_CHAPTER = "03_smoothgrad_and_repeats"
REFERENCES_CHAPTER = "04_references"

NEAR, FAR = 1.5, 3.0
"""A number of estimates is near the paper's within this factor, and far off beyond the second."""

_SMOOTHGRAD_HELPS = {("mlp", "Saliency"), ("cnn", "GuidedBackprop")}
_REPEATS_DO_NOT_HELP = {("cnn", "Saliency"), ("cnn", "GuidedGradCam++")}


@dataclass(frozen=True)
class Changes:
    """How conditions (architecture, explainer) change: tissues × (architecture, explainer).

    Attributes
    ----------
    before, after
        Agreement, medians over samples.
    said
        Samples and tissues by architecture.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    said: str

    @property
    def change(self) -> pd.DataFrame:
        """Return what is gained."""
        return self.after - self.before

    def split(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the conditions in which models agree at all, and the others."""
        both = pd.DataFrame({"before": self.before.mean(), "after": self.after.mean()})
        high = defined(both, "agreement").max(axis=1) >= FLOOR
        return high.index[high].tolist(), high.index[~high].tolist()


def _changes(tables: Tables, optimisation: str, against_none: bool) -> Changes:
    """Return what changes, for every condition."""
    found: dict[str, Levels] = {}
    for architecture in ("mlp", "cnn"):
        rows = at_ends(curve_rows(tables, architecture, optimisation))
        if against_none:
            rows = _against_one_pass(tables, rows[rows["when"] == "after"])
        if len(rows):
            found[architecture] = tissue_levels(rows, ["when", "explainer"])
    if not found:
        raise NotTestableError(f"No curve of {optimisation} was computed in this run.")
    before, after = (
        pd.concat({name: levels.table[when] for name, levels in found.items()}, axis=1)
        for when in ("before", "after")
    )
    said = " and ".join(f"{name.upper()}: {levels.said}" for name, levels in found.items())
    return Changes(before, after, said)


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
    directions: dict[str, Callable[[float], bool]] = {
        "raises": lambda change: change > TOLERANCE,
        "lowers": lambda change: change < -TOLERANCE,
        "no gain": lambda change: change <= TOLERANCE,
    }

    def judge(tables: Tables) -> Verdict:
        found = _changes(tables, optimisation, against)
        kept, low = found.split()
        if not kept:
            raise NotTestableError(
                f"In none of {len(low)} conditions models agree by {FLOOR} or more, before or "
                f"after, so that nothing could rise or fall; {found.said}."
            )
        means = defined(found.change[kept].mean(), "the change of agreement")
        changes = dict(zip(kept, means.to_numpy(float).tolist(), strict=True))
        stated = {
            condition: directions[exception if condition in exceptions else rule](change)
            for condition, change in changes.items()
        }
        share = sum(stated.values()) / len(stated)
        verdict = REPRODUCED if share == 1 else PARTLY if share > 0.5 else NOT_REPRODUCED
        missing = {"mlp", "cnn"} - {architecture for architecture, _ in kept}
        if missing and verdict == REPRODUCED:
            verdict = PARTLY
        odd = [_named(name, changes[name]) for name, holds in stated.items() if not holds]
        reason = (
            f"{sum(stated.values())} of {len(stated)} conditions change as stated"
            + (f", but not {', '.join(odd)}" if odd else "")
            + _left_out(low)
            + "".join(f"; nothing of {name.upper()}s can be told" for name in sorted(missing))
            + f"; {_sure(found.change[kept])}; {found.said}"
        )
        why = "a share of conditions, which are all that there are, so no interval"
        return without_interval(share, len(stated), "conditions", why).verdict(verdict, reason)

    return judge


def _named(condition: tuple[str, str], change: float) -> str:
    architecture, explainer = condition
    return f"{explainer} ({architecture.upper()}) {change:+.2f}"


def _left_out(low: list[tuple[str, str]]) -> str:
    if not low:
        return ""
    names = ", ".join(f"{explainer} ({architecture.upper()})" for architecture, explainer in low)
    return f"; left out, since models agree below {FLOOR} before and after: {names}"


def _sure(changes: pd.DataFrame) -> str:
    """Say for how many conditions the interval of the change excludes none at all."""
    found = [mean_over_units(changes[name].dropna(), "tissues", DIFFERENCE) for name in changes]
    sure = sum(one.low > 0 or one.high < 0 for one in found)
    return f"{sure} of {len(found)} changes have an interval over tissues without 0"


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

    An explainer that gains nothing has no place where it saturates, and so does not agree. One on
    which models do not agree at all is left out.
    """

    def judge(tables: Tables) -> Verdict:
        stated = _stated(claim)
        paper = int(stated["n"].iloc[0])
        rows = _points(tables["saturation"], stated)
        if rows["n_largest"].max() < paper:
            raise NotTestableError(
                f"The curves end at {rows['n_largest'].max()} estimates, below the paper's {paper}."
            )
        low = rows["plateau"] < FLOOR
        if low.all():
            raise NotTestableError(
                f"No curve reaches {FLOOR} (the highest ends at {rows['plateau'].max():.2f}): "
                "where models do not agree, nothing saturates."
            )
        left_out = ", ".join(rows.loc[low, "explainer"])
        rows = rows[~low]
        rising, samples = rows[rows["gain"] > TOLERANCE], int(rows["samples"].max())
        if rising.empty:
            gain = f"{rows['gain'].max():+.3f}"
            reason = f"There is no gain to saturate: at most {gain}, so no interval."
            return Verdict(NOT_REPRODUCED, 1.0, reason=reason, n=samples, unit="samples")
        observed = float(rising["n_saturated"].median())
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
            f"{near} of {len(rows)} explainers within a factor of {NEAR} of {paper}"
            + (f"; left out, since models agree below {FLOOR}: {left_out}" * bool(left_out))
            + f"; observed: median of the {len(rising)} that gain; {samples} samples; "
            f"{_without_a_tissue(tables['curves'], rising)}a place on a curve of few points, so no "
            "interval."
        )
        return Verdict(verdict, observed, reason=reason, n=samples, unit="samples")

    return judge


def _points(table: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the curves that a statement is about."""
    keys = ["architecture", "explainer", "optimisation"]
    rows = table[table["metric"] == "spearman"].merge(stated[keys], on=keys)
    reference = stated["reference"].iloc[0]
    if reference != "any":
        rows = rows[rows["reference"] == reference]
    rows = rows.drop_duplicates("explainer")
    if rows.empty:
        architecture, optimisation = stated[["architecture", "optimisation"]].iloc[0]
        raise NotTestableError(
            f"No curve of {optimisation} on {architecture.upper()}s was computed in this run."
        )
    return rows


def _without_a_tissue(curves: pd.DataFrame, rising: pd.DataFrame) -> str:
    """Say between which values the median place lies if each tissue in turn is left out."""
    keys = ["architecture", "explainer", "optimisation", "reference", "metric", "design"]
    own = curves.merge(rising[[name for name in keys if name in rising]])
    tissues = list(dict.fromkeys(own["tissue"]))
    if not tissues:
        raise NotTestableError(
            "The curves whose saturation is told are not among those of this run."
        )
    if len(tissues) < 2:
        return ""
    places = []
    for tissue in tissues:
        found = saturation(own[own["tissue"] != tissue], resamples=0)
        place = float(found.drop_duplicates("explainer")["n_saturated"].median())
        places.append(defined(place, f"the place where curves saturate without {tissue}"))
    return f"{min(places):g} to {max(places):g} where one of {len(tissues)} tissues is left out; "


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
        f"{FAR:g}{less}), among explainers whose curve ends at {FLOOR} or more",
        fair=_BY_EYE,
        tables=("saturation", "curves"),
        produced_by=f"{_chapter(claim)}#{figure}",
        judge=_saturates(claim, enough),
        networks=(str(_stated(claim)["architecture"].iloc[0]),),
    )


OPTIMISATION_RULES: dict[str, Rule] = {
    "O1": Rule(
        statistic="share of conditions (explainer, architecture) that SmoothGrad changes as stated",
        expected="all (partly: more than half): lower than one estimate without noise by more than "
        f"{TOLERANCE}, but higher for Saliency on MLPs and GuidedBackprop on CNNs; conditions with "
        f"at least {FLOOR} before or after count",
        fair="The paper sets SmoothGrad against explaining in one pass, and names the exceptions.",
        tables=("curves",),
        produced_by=f"{REPEATS_CHAPTER}#figure_2a",
        judge=_signs("smoothgrad", _SMOOTHGRAD_HELPS, "lowers", "raises", against=True),
        networks=("mlp", "cnn"),
    ),
    "O2": _saturation_rule("O2", "figure_2a"),
    "O3": _saturation_rule("O3", "figure_2a"),
    "O4": Rule(
        statistic="share of conditions (explainer, architecture) that repeats change as stated",
        expected="all (partly: more than half): higher than one estimate by more than "
        f"{TOLERANCE}, but not for Saliency and GuidedGradCam++ on CNNs; conditions with at least "
        f"{FLOOR} before or after count",
        fair="Both the gains and the two exceptions are stated, so both count.",
        tables=("curves",),
        produced_by=f"{REPEATS_CHAPTER}#figure_2b",
        judge=_signs("repeats", _REPEATS_DO_NOT_HELP, "raises", "no gain", against=False),
        networks=("mlp", "cnn"),
    ),
    "O5": _saturation_rule("O5", "figure_2b"),
    "O6": _saturation_rule("O6", "figure_2b"),
    "O11": _saturation_rule("O11", "figure_2c", enough=True),
    "O12": _saturation_rule("O12", "figure_2c", enough=True),
}
