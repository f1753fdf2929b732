"""What the numbers of a run say on a statement that is not reproduced.

Each paragraph has what was found, and evidence from the run's own tables. Where these say nothing,
we do not know why, and say so: that a run is smaller than the paper's study, say, is no reason
without a number that shows it. Nothing here excuses a result: it says where to look. The sentences
are in ``notebooks/15_claims.md.j2``, a macro for each kind of evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED
from helpers.claims.ledger import claims
from helpers.prose.evidence.pairs import pairs_outside
from helpers.prose.writing.templates import Facts
from helpers.stability.combinations import combination_names
from helpers.stability.consistency import relations
from helpers.stability.groups import PAPER_MEMBERS
from helpers.stability.saturation import TOLERANCE

Tables = Mapping[str, pd.DataFrame]
Evidence = Callable[[Tables], Facts | None]
"""Returns facts of a ``kind``, which the template has a macro for; None where there is nothing."""

TABLES = ("modes", "unoptimised", "effects", "saturation", "references_compared", "consistency",
          "expression", "specificity", "tissue_overlap", "cancer_shares")  # fmt: skip
"""Tables that evidence is taken from."""


def _median(table: pd.DataFrame, **chosen: Any) -> float:
    """Return the median value of the rows with these words; NaN where there are none."""
    for column, value in chosen.items():
        table = table[table[column] == value]
    known = table["value"].dropna()
    return float(known.median()) if len(known) else float("nan")


def _state_of_the_network(tables: Tables) -> Facts | None:
    modes = tables["modes"]
    within = modes[modes["metric"] == "spearman"]
    levels = {name: _median(within, mode=name) for name in ("dropout", "training")}
    if any(value != value for value in levels.values()):
        return None
    return {"kind": "state_of_the_network"} | levels


def _guided_grad_cam(tables: Tables) -> Facts | None:
    modes = tables["modes"]
    within = modes[modes["metric"] == "spearman"]
    own = within[within["explainer"] == "GuidedGradCam++"]
    rest = within[within["explainer"] != "GuidedGradCam++"]
    levels = {mode: _median(own, mode=mode) for mode in ("eval", "dropout", "training")}
    others = [_median(part) for _, part in rest[rest["mode"] == "training"].groupby("explainer")]
    if any(value != value for value in (*levels.values(), *others)) or not others:
        return None
    leads = levels["eval"] > max(others)
    return {"kind": "guided_grad_cam", "best": max(others), "leads": leads} | levels


def _within_and_between(tables: Tables) -> Facts | None:
    rows = tables["unoptimised"]
    mlp = rows[(rows["architecture"] == "mlp") & rows["reference"].isin(["none", "zero"])]
    levels: list[dict[str, Any]] = [
        {
            "metric": str(metric),
            "within": _median(mlp, metric=metric, design="intra_model"),
            "between": _median(mlp, metric=metric, design="inter_model"),
        }
        for metric in dict.fromkeys(mlp["metric"])
    ]
    if not levels:
        return None
    higher = all(level["within"] > level["between"] for level in levels)
    return {"kind": "within_and_between", "levels": levels, "higher": higher}


def _noise_and_repeats(tables: Tables) -> Facts | None:
    effects = tables["effects"]
    rows = effects[(effects["metric"] == "spearman")].drop_duplicates(
        ["architecture", "explainer", "optimisation"]
    )
    wide = rows.pivot(index=["architecture", "explainer"], columns="optimisation", values="after")
    if not {"smoothgrad", "repeats"} <= set(wide.columns):
        return None
    both = wide[["smoothgrad", "repeats"]].dropna()
    changes = rows.groupby("optimisation")["change"].median()
    return {
        "kind": "noise_and_repeats",
        "noise": float(changes["smoothgrad"]),
        "repeats": float(changes["repeats"]),
        "better": int((both["smoothgrad"] > both["repeats"]).sum()),
        "conditions": len(both),
    }


def _gain(architecture: str, optimisation: str, reference: str = "") -> Evidence:
    def evidence(tables: Tables) -> Facts | None:
        table = tables["saturation"]
        rows = table[
            (table["architecture"] == architecture)
            & (table["optimisation"] == optimisation)
            & (table["metric"] == "spearman")
        ]
        rows = rows[rows["reference"] == reference] if reference else rows
        if rows.empty:
            return None
        return {
            "kind": "gain",
            "explainers": rows["explainer"].nunique(),
            "first": float((rows["plateau"] - rows["gain"]).median()),
            "plateau": float(rows["plateau"].median()),
            "largest": float(rows["gain"].max()),
            "rises": bool(rows["gain"].max() > TOLERANCE),
        }

    return evidence


def _kinds_of_reference(architecture: str) -> Evidence:
    def evidence(tables: Tables) -> Facts | None:
        table = tables["references_compared"]
        rows = table[(table["architecture"] == architecture) & (table["metric"] == "spearman")]
        means = rows.groupby("reference")["value"].median().dropna().sort_values()
        if means.empty:
            return None
        return {
            "kind": "kinds_of_reference",
            "lowest": float(means.iloc[0]),
            "low": str(means.index[0]),
            "highest": float(means.iloc[-1]),
            "high": str(means.index[-1]),
        }

    return evidence


def _aggregated(tables: Tables) -> Facts | None:
    effects = tables["effects"]
    rows = effects[effects["optimisation"] == "aggregated"].drop_duplicates(
        ["architecture", "explainer", "metric"]
    )
    curves = [
        {
            "architecture": str(name),
            "metric": str(metric),
            "before": float(part["before"].median()),
            "after": float(part["after"].median()),
            "n": int(part["n_after"].max()),
        }
        for (name, metric), part in rows.groupby(["architecture", "metric"], sort=False)
    ]
    return {"kind": "aggregated", "curves": curves} if curves else None


def _shared_lists(*kinds: str) -> Evidence:
    def evidence(tables: Tables) -> Facts | None:
        found = relations(tables["consistency"])
        found = found[found["relation"].isin(kinds)]
        pairs = [
            {
                "title": str(title),
                "mean": float(part.mean()),
                "lowest": float(part.min()),
                "highest": float(part.max()),
            }
            for title, part in found.groupby("title", sort=False)["overlap"]
        ]
        return {"kind": "shared_lists", "pairs": pairs} if pairs else None

    return evidence


def _of_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the members of the paper's groups, with the column ``paper_group``."""
    named = table.assign(paper_group=combination_names(table).map(PAPER_MEMBERS))
    return named.dropna(subset=["paper_group"])


def _by_group(values: pd.Series) -> list[Facts]:
    return [{"name": str(name), "share": float(value)} for name, value in values.items()]


def _highly_expressed(tables: Tables) -> Facts | None:
    table = tables["expression"]
    if table.empty:
        return None
    shares = table.assign(share=table["hits"] / table["size"])
    means = _of_groups(shares).groupby("paper_group")["share"].mean()
    cnn = shares[shares["architecture"] == "cnn"].groupby("aggregated")["share"].mean()
    return {
        "kind": "highly_expressed",
        "groups": _by_group(means),
        "on_cnns": [{"aggregated": bool(key), "share": float(value)} for key, value in cnn.items()],
    }


def _correlated(tables: Tables) -> Facts | None:
    table = tables["expression"]
    rows = table[table["aggregated"].astype(bool)]
    parts = [
        {
            "name": str(name),
            "median": float(part["spearman"].median()),
            "lowest": float(part["spearman"].min()),
            "highest": float(part["spearman"].max()),
        }
        for name, part in rows.groupby("architecture", sort=False)
    ]
    return {"kind": "correlated", "architectures": parts} if parts else None


def _specific(tables: Tables, tissue: str = "") -> Facts | None:
    table = tables["specificity"]
    rows = _of_groups(table.assign(share=table["hits"] / table["size"]))
    rows = rows[rows["tissue"] == tissue] if tissue else rows
    if rows.empty:
        return None
    sets = {
        name: _by_group(rows[rows["set"] == name].groupby("paper_group")["share"].mean())
        for name in ("enhanced", "tissue_specific", "tissue_enhanced")
    }
    return {"kind": "specific", "tissue": tissue or None} | sets


def _specific_in_liver(tables: Tables) -> Facts | None:
    return _specific(tables, "liver")


def _between_tissues(tables: Tables) -> Facts | None:
    rows = _of_groups(tables["tissue_overlap"])
    if rows.empty:
        return None
    means = rows.groupby("paper_group")["overlap"].mean()
    return {"kind": "between_tissues", "groups": _by_group(means)}


EVIDENCE: dict[str, tuple[Evidence, ...]] = {
    "B1": (_state_of_the_network,),
    "B2": (_state_of_the_network,),
    "B3": (_within_and_between, _state_of_the_network),
    "B4": (_guided_grad_cam,),
    "B7": (_within_and_between,),
    "O1": (_noise_and_repeats,),
    "O2": (_gain("mlp", "smoothgrad"),),
    "O3": (_gain("cnn", "smoothgrad"),),
    "O4": (_noise_and_repeats,),
    "O5": (_gain("cnn", "repeats"),),
    "O6": (_gain("mlp", "repeats"),),
    "O7": (_kinds_of_reference("cnn"),),
    "O8": (_kinds_of_reference("mlp"),),
    "O10": (_kinds_of_reference("cnn"),),
    "O11": (_gain("cnn", "references", "zero"),),
    "O12": (_gain("mlp", "references", "universal"),),
    "O13": (_aggregated,),
    "O14": (_aggregated,),
    "O15": (_aggregated,),
    "O16": (_aggregated,),
    "O17": (_aggregated,),
    "C1": (_shared_lists("cnn_same_model", "cnn_aggregated", "mlp_same_model", "mlp_aggregated"),),
    "C2": (_shared_lists("cnn_aggregated_mlp", "cnn_aggregated"), _highly_expressed),
    "C3": (_shared_lists("cnn_same_explainer", "cnn_other_explainer", "cnn_single"),),
    "C4": (_shared_lists("mlp_same_explainer", "mlp_single", "mlp_aggregated"),),
    "C6": (_shared_lists("cnn_aggregated", "mlp_aggregated", "cnn_aggregated_mlp"),),
    "E1": (_correlated,),
    "E2": (_correlated,),
    "E3": (_correlated,),
    "E4": (_highly_expressed,),
    "E5": (_highly_expressed,),
    "E6": (_highly_expressed,),
    "E7": (_specific,),
    "E8": (_between_tissues,),
    "E9": (_between_tissues,),
    "E10": (_specific_in_liver,),
    "E11": (_specific_in_liver,),
    "E12": (_specific,),
    "G1": (_highly_expressed,),
    "G5": (_between_tissues,),
    "G6": (_specific, _between_tissues),
    "G9": (_highly_expressed,),
    "K1": (pairs_outside("II", shares=True, fold=False),),
    "K2": (pairs_outside("II", shares=False, fold=True),),
    "K3": (pairs_outside("III", shares=True, fold=True),),
    "K6": (_between_tissues,),
}
"""Where evidence on a statement is found; of the others is said that we do not know."""


def explanation(row: Mapping[str, Any], tables: Tables) -> Facts:
    """Return what there is to say on one statement that is not reproduced.

    Parameters
    ----------
    row
        Its row of the ledger.
    tables
        The tables of `TABLES`.

    Returns
    -------
    dict
        ``id``, ``statement``; the ``statistic``, what was ``expected`` and ``observed``, its
        interval (``low``, ``high``; NaN where there is none), ``n``, ``unit``; the ``evidence``,
        facts of a ``kind`` each, none where the tables say nothing.
    """
    name = str(row["id"])
    found = (evidence(tables) for evidence in EVIDENCE.get(name, ()))
    return {
        "id": name,
        "statement": claims()[name].statement,
        "statistic": str(row["statistic"]),
        "expected": str(row["expected"]),
        "observed": float(row["observed"]),
        "low": float(row["ci_low"]),
        "high": float(row["ci_high"]),
        "n": int(row["n"]),
        "unit": str(row["unit"]),
        "evidence": [facts for facts in found if facts is not None],
    }


def explanations(ledger: pd.DataFrame, tables: Tables) -> Facts:
    """Return what there is to say on each of the ``statements`` that are not reproduced.

    See `explanation` for what each has.
    """
    rows = ledger[ledger["verdict"] == NOT_REPRODUCED].to_dict("records")
    return {
        "statements": [explanation({str(k): v for k, v in row.items()}, tables) for row in rows]
    }
