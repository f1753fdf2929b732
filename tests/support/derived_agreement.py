"""Verdicts on reproducibility and consistency derived once more, by plain pandas code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

Tables = dict[str, pd.DataFrame]
Found = tuple[str, float]

WORDS = ("not_reproduced", "partly", "reproduced")
GROUP_I = ["DeepLift", "DeepLiftShap", "GuidedBackprop", "InputXGradient", "IntegratedGradients"]
GROUP_II = ["DeepLift", "DeepLiftShap", "InputXGradient", "IntegratedGradients"]
GROUP_III = ["GuidedBackprop", "Saliency"]
OF = {"I": ("cnn", GROUP_I), "II": ("mlp", GROUP_II), "III": ("mlp", GROUP_III)}


def grade(whole: bool, part: bool) -> str:
    return WORDS[2 if whole else 1 if part else 0]


def group(table: pd.DataFrame, name: str) -> pd.DataFrame:
    architecture, explainers = OF[name]
    return table[
        (table["architecture"] == architecture)
        & table["explainer"].isin(explainers)
        & table["aggregated"]
    ]


def levels(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Pairs to samples, samples to tissues: medians. A row a tissue."""
    samples = table.groupby(["tissue", "sample", *by])["value"].median().unstack(by).dropna()
    return samples.groupby("tissue").median()


def unoptimised(t: Tables, architecture: str, design: str, metric: str) -> pd.DataFrame:
    u = t["unoptimised"]
    u = u[(u["architecture"] == architecture) & (u["optimisation"] == "none")]
    u = u[u["reference"].isin(["none", "zero"]) & (u["design"] == design)]
    # Where an explainer's scores of a sample are all equal, the sample says nothing on any of them.
    spearman = u[u["metric"] == "spearman"]
    equal = spearman.groupby("sample")["value"].apply(lambda values: values.isna().any())
    u = u[(u["metric"] == metric) & ~u["sample"].isin(equal.index[equal])]
    return levels(u, ["explainer"])


def top(t: Tables) -> str:
    names = t["unoptimised"]["metric"].unique()
    return next(str(name) for name in names if name != "spearman")


def low_within(t: Tables, metric: str) -> Found:
    means = unoptimised(t, "cnn", "intra_model", metric).mean()
    share = (means < 0.5).mean()
    return grade(share > 0.5, share > 0), means.median()


def b3(t: Tables) -> Found:
    both = pd.DataFrame(
        {m: unoptimised(t, "mlp", "intra_model", m).mean() for m in ("spearman", top(t))}
    )
    low = both < 0.5
    return (
        grade(low.all(axis=1).mean() > 0.5, low.any(axis=1).mean() > 0.5),
        float(np.median(both.to_numpy())),
    )


def b4(t: Tables) -> Found:
    leads = []
    for metric in ("spearman", top(t)):
        means = unoptimised(t, "cnn", "intra_model", metric).mean()
        leads.append(means["GuidedGradCam++"] - means.drop("GuidedGradCam++").max())
    return grade(min(leads) > 0, max(leads) > 0), min(leads)


def b7(t: Tables) -> Found:
    gaps, similar, low = [], [], []
    for metric in ("spearman", top(t)):
        intra, inter = (
            unoptimised(t, "mlp", d, metric).mean() for d in ("intra_model", "inter_model")
        )
        gaps.append(intra - inter)
        similar.append((intra - inter).abs() <= 0.1)
        low.append((intra < 0.5) & (inter < 0.5))
    alike = (similar[0] & similar[1]).mean() > 0.5
    few = (low[0] & low[1]).mean() > 0.5
    return grade(alike and few, alike or few), float(np.median(np.concatenate(gaps)))


def ends(t: Tables, architecture: str, how: str) -> tuple[pd.Series, pd.Series]:
    """Agreement at the smallest and the largest n of each explainer's curve."""
    c = t["curves"]
    c = c[(c["architecture"] == architecture) & (c["optimisation"] == how)]
    c = c[(c["metric"] == "spearman") & (c["design"] != "intra_model")]
    first, last = {}, {}
    for explainer, own in c.groupby("explainer"):
        kinds = [k for k in ("none", "zero", "normal", "universal", "specific")
                 if k in set(own["reference"])]  # fmt: skip
        own = own[own["reference"] == kinds[0]]
        wide = own.set_index(["tissue", "sample", "n"])["value"].unstack("n")
        tissues = wide.groupby("tissue").median().mean()
        first[explainer], last[explainer] = tissues.iloc[0], tissues.iloc[-1]
    return pd.Series(first), pd.Series(last)


def o4(t: Tables) -> Found:
    exceptions = {("cnn", "Saliency"), ("cnn", "GuidedGradCam++")}
    holds = []
    for architecture in ("mlp", "cnn"):
        before, after = ends(t, architecture, "repeats")
        for name in before.index:
            if max(before[name], after[name]) < 0.1:
                continue
            gain = after[name] - before[name]
            holds.append(gain <= 0.01 if (architecture, name) in exceptions else gain > 0.01)
    share = float(np.mean(holds))
    return grade(share == 1, share > 0.5), share


def saturates(t: Tables, architecture: str, how: str, paper: int, names: list[str] | None = None,
              reference: str = "", enough: bool = False) -> Found:  # fmt: skip
    s = t["saturation"]
    s = s[(s["architecture"] == architecture) & (s["optimisation"] == how)]
    s = s[(s["metric"] == "spearman") & ((s["reference"] == reference) | (not reference))]
    s = s[s["explainer"].isin(names or s["explainer"])].drop_duplicates("explainer")
    s = s[s["plateau"] >= 0.1]
    rising = s[s["gain"] > 0.01]["n_saturated"]
    if rising.empty:
        return WORDS[0], 1.0
    near = np.maximum(rising / paper, paper / rising) <= 1.5
    middle = rising.median()
    far = max(middle / paper, paper / middle) <= 3 or (enough and middle < paper)
    return grade(near.sum() > len(s) / 2, far), middle


def best_reference(t: Tables, architecture: str, kind: str) -> Found:
    r = t["references_compared"]
    r = r[(r["architecture"] == architecture) & (r["optimisation"] == "references")]
    n = r[r["metric"] == "spearman"].drop_duplicates("reference").set_index("reference")["n"]
    c = t["curves"]
    c = c[(c["architecture"] == architecture) & (c["optimisation"] == "references")]
    c = c[(c["metric"] == "spearman") & (c["n"] == c["reference"].map(n))]
    table = levels(c, ["explainer", "reference"])

    def margins(rows: pd.DataFrame) -> pd.Series:
        means = rows.mean().unstack("reference")
        return means[kind] - means.drop(columns=kind).max(axis=1)

    high = table.mean().unstack("reference").max(axis=1) >= 0.1
    margin = margins(table)[high]
    n = len(table)
    left_out = pd.DataFrame({i: margins(table.drop(index=i)) for i in table.index})[high]
    error = ((n - 1) / n * left_out.sub(left_out.mean(axis=1), axis=0).pow(2).sum(axis=1)) ** 0.5
    half = error.where(error > 1e-12, 0.0) * (stats.t.ppf(0.975, n - 1) if n > 1 else 0)
    first = n >= 3 and bool((margin - half > 0).all())
    return grade(first, (margin >= -0.01).mean() > 0.5), margin.median()


def aggregated(t: Tables, architecture: str, metric: str, when: str) -> pd.Series:
    d = t["disjoint"]
    d = d[(d["architecture"] == architecture) & (d["metric"] == metric)]
    n = d["n"].min() if when == "before" else d["n"].max()
    return levels(d[d["n"] == n], ["explainer"]).mean()


def o13(t: Tables) -> Found:
    four = ["DeepLift", "DeepLiftShap", "IntegratedGradients", "Saliency"]
    after = aggregated(t, "mlp", "spearman", "after")[four]
    share = (after >= 0.95).mean()
    return grade(share == 1, share >= 0.5), after.min()


def o14(t: Tables) -> Found:
    gains = pd.concat(
        [
            aggregated(t, a, m, "after") - aggregated(t, a, m, "before")
            for a in ("mlp", "cnn")
            for m in ("spearman", "top100")
        ]
    )
    share = (gains > 0.01).mean()
    return grade(share == 1, share > 0.5), share


def o16(t: Tables) -> Found:
    high = [aggregated(t, "mlp", m, "after") > 0.9 for m in ("spearman", "top100")]
    both = (high[0] & high[1]).mean()
    return grade(both > 0.5, max(h.mean() for h in high) > 0.5), both


def kinds(t: Tables, wanted: Callable[[list[str], list[str]], bool], column: str) -> pd.Series:
    """Mean by tissue of the pairs of combinations of a kind, whichever way round they stand."""
    c = t["consistency"]
    rows = [
        wanted(a.split(":"), b.split(":")) or wanted(b.split(":"), a.split(":"))
        for a, b in zip(c["a"], c["b"], strict=True)
    ]
    return c[rows].groupby("tissue")[column].mean()


def c1(t: Tables) -> Found:
    gains = []
    for name in ("cnn", "mlp"):
        with_, without = (
            kinds(t, lambda a, b, n=name, h=how: a[0] == b[0] == n and a[2] == b[2] == h, column)
            for how, column in (("aggregated", "overlap"), ("single", "same_model"))
        )
        gains.append((with_ - without).mean())
    return WORDS[sum(gain > 0 for gain in gains)], min(gains)


def near_chance(t: Tables, overlap: float) -> Found:
    chance = (t["expression"]["size"] / t["expression"]["genes"]).iloc[0]
    return grade(overlap - chance <= 0.05, overlap - chance <= 0.1), overlap


def c2(t: Tables) -> Found:
    found = kinds(
        t, lambda a, b: a[0] == "cnn" and a[2] == "aggregated" and b[0] == "mlp", "overlap"
    )
    return near_chance(t, found.mean())


def c3(t: Tables) -> Found:
    h = t["held_out"]
    own = h[h["architecture"] == "cnn"]
    places = own.groupby(["tissue", "explainer", "other"])["overlap"].mean()
    return near_chance(t, places.groupby("tissue").mean().mean())


def c4(t: Tables) -> Found:
    means = {}
    for explainer in [*GROUP_II, *GROUP_III]:
        means[explainer] = kinds(
            t, lambda a, b, e=explainer: a[:2] == b[:2] == ["mlp", e], "overlap"
        ).mean()
    level = pd.Series(means)
    return grade(bool((level >= 0.5).all()), (level >= 0.5).mean() > 0.5), level.mean()


def c5(t: Tables) -> Found:
    s = t["shared_genes"]
    s = s.assign(value=s["overlap"].where(s["genes"] > 0, 0.0))
    rising, gain = {}, {}
    for name, own in s.groupby("architecture"):
        wide = levels(own[own["shared_by"].isin([1, 2])], ["shared_by", "explainer"])
        gain[name] = wide[2].mean() - wide[1].mean()
        rising[name] = (gain[name] > 0.05).mean() > 0.5
    return WORDS[int(rising["mlp"]) + int(not rising["cnn"])], gain["mlp"].median()
