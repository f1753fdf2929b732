"""Verdicts on lists of genes and on accuracy derived once more, by plain pandas code."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from derived_agreement import (
    GROUP_I,
    GROUP_II,
    OF,
    WORDS,
    Found,
    Tables,
    grade,
    group,
)


def correlations(t: Tables, name: str) -> pd.DataFrame:
    rows = group(t["expression"], name)
    return rows.groupby(["tissue", "explainer"])["spearman_absolute"].mean().unstack()


def e1(t: Tables) -> Found:
    means = pd.concat([correlations(t, name).mean() for name in ("II", "III")]).abs()
    odd = means.index == "InputXGradient"
    holds = np.where(odd, means >= 0.3, means < 0.3)
    return grade(bool(holds.all()), holds.mean() > 0.5), means[~odd].max()


def e2(t: Tables) -> Found:
    means = correlations(t, "I").drop(columns="GuidedBackprop").mean()
    return grade(bool((means >= 0.5).all()), (means >= 0.5).mean() >= 0.5), means.min()


def e3(t: Tables) -> Found:
    values = correlations(t, "I")["GuidedBackprop"]
    return grade(bool((values < 0).all()), values.mean() < 0), values.mean()


def in_liver(t: Tables, table: str, chosen: str, name: str) -> pd.Series:
    rows = group(t[table], name)
    # The table of expression has one set, and does not name it.
    rows = rows[(rows["tissue"] == "liver") & (rows.get("set", chosen) == chosen)]
    return (rows["hits"] / rows["size"]).groupby(rows["explainer"]).mean()


def e4(t: Tables) -> Found:
    share = in_liver(t, "expression", "top_expressed", "II").mean()
    return grade(abs(share - 0.5) <= 0.1, abs(share - 0.5) <= 0.2), share


def few(t: Tables, table: str, chosen: str) -> Found:
    shares = pd.concat([in_liver(t, table, chosen, name) for name in ("I", "III")])
    return grade(bool((shares < 0.1).all()), (shares < 0.1).mean() > 0.5), shares.max()


def e7(t: Tables) -> Found:
    lists = t["top_lists"].merge(t["own_specificity"], on=["gene", "tissue"])
    means = {}
    for name in OF:
        medians = group(lists, name).groupby(["tissue", "explainer"])["specificity"].median()
        means[name] = medians.groupby("tissue").mean().mean()
    lead = means["II"] - max(means["I"], means["III"])
    return grade(lead > 0.1, lead > 0), lead


def e8(t: Tables) -> Found:
    sizes = {name: group(t["distinct_genes"], name)["distinct"].mean() for name in OF}
    ratio = sizes["III"] / min(sizes["I"], sizes["II"])
    return grade(ratio < 2 / 3, ratio < 0.9), ratio


def e9(t: Tables) -> Found:
    means = {}
    for name in OF:
        pairs = group(t["tissue_overlap"], name).groupby(["a", "b"])["overlap"].mean()
        means[name] = pairs.mean()
    lead = means["III"] - max(means["I"], means["II"])
    apart = means["III"] >= 0.5 and max(means["I"], means["II"]) < 0.5
    return grade(apart, lead > 0.1), lead


def e10(t: Tables) -> Found:
    share = in_liver(t, "specificity", "enhanced", "II").mean()
    return grade(abs(share - 0.7) <= 0.1, abs(share - 0.7) <= 0.2), share


def housekeeping(t: Tables) -> pd.DataFrame:
    h = t["housekeeping"]
    size = h.groupby("set")["set_size"].max()
    own = h[h["set"] == ("paper" if size["paper"] >= 100 else "eisenberg")]
    return own.assign(share=own["hits"] / own["size"])


def e13(t: Tables) -> Found:
    own = housekeeping(t)
    own = own[(own["architecture"] == "cnn") & own["explainer"].isin(GROUP_I)]
    means = own.groupby(["aggregated", "tissue", "explainer"])["share"].mean()
    first, last = means[False].mean(), means[True].mean()
    return WORDS[int(0.1 <= first <= 0.2) + int(last < first)], first


def e14(t: Tables) -> Found:
    rows = pd.concat([group(housekeeping(t), name) for name in ("II", "III")])
    means = rows.groupby("explainer")["share"].mean()
    others = means.drop("InputXGradient")
    none = bool((others <= 0.01).all()) and means["InputXGradient"] > 0.01
    return grade(none, bool((others <= 0.05).all())), others.max()


def enriched(t: Tables, name: str) -> pd.DataFrame:
    rows = group(t["go"], name)
    return rows[rows["fdr"] <= 0.05]


def g1(t: Tables) -> Found:
    lists = group(t["top_genes"], "I")[["explainer", "tissue"]].drop_duplicates()
    some = enriched(t, "I")[["explainer", "tissue"]].drop_duplicates()
    with_terms = set(some.itertuples(index=False, name=None))
    none = [pair not in with_terms for pair in lists.itertuples(index=False, name=None)]
    share = pd.Series(none, lists["tissue"]).groupby(level=0).mean().mean()
    return grade(share == 1, share > 0.5), share


def g5(t: Tables) -> Found:
    terms = enriched(t, "III")
    tissues = list(group(t["top_genes"], "III")["tissue"].unique())
    values: dict[tuple[str, str], list[float]] = {}
    for (_, _), own in group(t["go"], "III").groupby(["explainer", "ontology"]):
        for a, b in itertools.combinations(list(own["tissue"].unique()), 2):
            sets = [
                set(own[(own["tissue"] == x) & (own["fdr"] <= 0.05)]["term_id"]) for x in (a, b)
            ]
            if sets[0] | sets[1]:
                share = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
                values.setdefault((a, b), []).append(share)
    mean = float(np.mean([np.mean(v) for v in values.values()]))
    words = ("ccr7", "neuropeptide hormone", "neuropeptide receptor", "transcription activator")
    counts = [
        terms[terms["term"].str.lower().str.contains(word)]["tissue"].nunique() for word in words
    ]
    everywhere = all(count == len(tissues) for count in counts)
    some = float(np.mean(counts)) > len(tissues) / 2
    return grade(mean >= 0.5 and everywhere, mean >= 0.5 or some), mean


def regulators(t: Tables, chosen: str, name: str) -> pd.DataFrame:
    rows = group(t["regulators"], name)
    return rows[rows["set"] == chosen].assign(share=lambda r: r["hits"] / r["size"])


def g6(t: Tables) -> Found:
    rows = regulators(t, "transcription_factors", "III")
    means = rows.groupby("tissue")[["fold", "share"]].mean().mean()
    twice, about = means["fold"] > 2, 15 <= 100 * means["share"] <= 25
    return grade(twice and about, twice or about), means["fold"]


def g8(t: Tables) -> Found:
    rows = regulators(t, "transcription_factors", "II")
    fold = rows[rows["tissue"] == "ovary"]["fold"].mean()
    return grade(1.125 <= fold <= 1.875, fold > 1), fold


def g10(t: Tables) -> Found:
    parts = {name: regulators(t, "cofactors", name) for name in OF}
    shares = {name: rows.groupby("tissue")["share"].mean().mean() for name, rows in parts.items()}
    more = any(((rows["fold"] > 1) & (rows["fdr"] <= 0.05)).any() for rows in parts.values())
    small = max(shares.values()) < 0.1
    return grade(small and not more, small), max(shares.values())


def pairs(t: Tables, name: str) -> pd.DataFrame:
    rows = group(t["cancer_shares"], name)
    rows = rows[rows["tissue"] == rows["normal"]]
    return rows.groupby(["normal", "cancer"])[["share", "fold"]].mean()


def of_pairs(holds: pd.Series) -> Found:
    share = holds.mean()
    return grade(share == 1, share > 0.5), share


def k1(t: Tables) -> Found:
    found = pairs(t, "II")["share"]
    return of_pairs(found.between(0.4, 0.8))


def k2(t: Tables) -> Found:
    return of_pairs(pairs(t, "II")["fold"].between(1.5, 2.5))


def k3(t: Tables) -> Found:
    found = pairs(t, "III")
    return of_pairs(found["share"].between(0.3, 0.6) & found["fold"].between(1.125, 1.875))


def k4(t: Tables) -> Found:
    s = group(t["segregation"], "II")
    s = s[s["direction"] != "none"]
    counts = s.groupby(["normal", "cancer", "group", "direction"]).size()
    wide = counts.unstack("direction", fill_value=0).unstack("group", fill_value=0)
    ways = [("down", "up", "normal_only"), ("up", "down", "cancer_only")]
    every = all((wide[a, g] > wide[b, g]).all() for a, b, g in ways)
    total = wide.sum()
    together = all(total[a, g] > total[b, g] for a, b, g in ways)
    up = {g: total["up", g] / (total["up", g] + total["down", g])
          for g in ("cancer_only", "normal_only")}  # fmt: skip
    observed = up["cancer_only"] - up["normal_only"]
    return grade(every, together), observed


def k5(t: Tables) -> Found:
    m = t["marker_ranks"]
    m = m[(m["gene"] == "GPC3") & m["explainer"].isin(GROUP_II)]
    ranks = m.pivot(index="explainer", columns="tissue", values="rank")
    k = t["top_genes"]["rank"].max()
    cancer, liver = ranks["TCGA_LIHC"], ranks["liver"]
    both = ((cancer <= k) & (liver > k)).mean()
    first = (cancer <= k).mean() > 0.5 or bool((cancer < liver).all())
    return grade(both > 0.5, first), cancer.median()


def k7(t: Tables) -> Found:
    count = t["shared_cancer_genes"]["gene"].nunique()
    ratio = count / 1179
    return grade(0.75 <= ratio <= 1.25, 0.5 <= ratio <= 2), count


def k9(t: Tables) -> Found:
    s = t["shared_cancer_genes"]
    known = s[s["role"] != "none"].groupby("gene")["types"].first()
    several, some = (known >= 3).sum(), (known <= 2).sum()
    example = s[s["gene"] == "SFRP2"]["cancer"].nunique()
    both = several > 0 and some > 0
    return grade(both and example > 1, both), several / len(known)


def median_accuracy(t: Tables, architecture: str, paper: float) -> Found:
    a = t["accuracy"]
    own = a[(a["architecture"] == architecture) & (a["split"] == "test")]["accuracy"]
    gap = abs(own.median() - paper)
    return grade(gap <= 0.015, gap <= 0.03), own.median()


def t5(t: Tables) -> Found:
    own = t["accuracy"][t["accuracy"]["split"] == "test"]["accuracy"]
    spread = own.std() / (1 - own.median())
    return grade(spread <= 0.5, spread <= 1), spread
