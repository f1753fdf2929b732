"""Facts on choices, masks and group II."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.claims.judging import NOT_TESTABLE
from helpers.prose.writing.templates import Facts

MANY = 1.5
"""An explainer that averages more masks than this averages many."""


def what_changes(verdicts: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> Facts:
    """Return which verdicts change with which option.

    Parameters
    ----------
    verdicts
        ``sensitivity_verdicts.csv``.
    options
        (Choice, option) → its name.

    Returns
    -------
    dict
        How many ``verdicts`` were reached again under how many other ``options``, how many
        ``differ``; ``changed``: options with a verdict that differs (``option``, ``claims``:
        ``claim``, ``before``, ``after``).
    """
    others = _judged_again(verdicts)
    changed = others[~others["holds"]]
    return {
        "verdicts": len(others),
        "options": len(others.drop_duplicates(["choice", "option"])),
        "differ": len(changed),
        "changed": [
            {
                "option": options[str(choice), str(option)],
                "claims": [
                    {
                        "claim": row["claim"],
                        "before": row["default_verdict"],
                        "after": row["verdict"],
                    }
                    for row in rows.to_dict("records")
                ],
            }
            for (choice, option), rows in changed.groupby(["choice", "option"], sort=False)
        ],
    }


def _judged_again(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts under other options, without those that neither option can test."""
    words = verdicts[["verdict", "default_verdict"]]
    tested = (words != NOT_TESTABLE).any(axis=1)
    return verdicts[~verdicts["is_default"] & tested]


def decisive(verdicts: pd.DataFrame, titles: Mapping[str, str]) -> Facts:
    """Return which choices decide a verdict, and which none.

    Parameters
    ----------
    verdicts
        ``sensitivity_verdicts.csv``.
    titles
        Choice → its name.

    Returns
    -------
    dict
        ``choices``: ``name``, the statements ``judged`` again (which of the two options can test),
        and how many verdicts it ``changes``; ``untested``: names of those with no such statement.
    """
    others = _judged_again(verdicts)
    untested = [name for name in verdicts["choice"].unique() if name not in set(others["choice"])]
    return {
        "choices": [
            {
                "name": titles[str(name)],
                "judged": list(dict.fromkeys(own["claim"])),
                "changes": int((~own["holds"]).sum()),
            }
            for name, own in others.groupby("choice", sort=False)
        ],
        "untested": [titles[str(name)] for name in untested],
    }


def unchanged_lists(table: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> Facts:
    """Return how many top genes stay, option by option.

    Parameters
    ----------
    table
        ``choices.csv``.
    options
        (Choice, option) → its name.

    Returns
    -------
    dict
        For each of ``options`` its ``name``, the ``lowest`` and ``highest`` share that stays.
    """
    rows = table[(table["statistic"] == "overlap_with_default") & ~table["is_default"]]
    return {
        "options": [
            {
                "name": options[str(choice), str(option)],
                "lowest": float(own["value"].min()),
                "highest": float(own["value"].max()),
            }
            for (choice, option), own in rows.groupby(["choice", "option"], sort=False)
        ]
    }


def masks(
    effective: pd.DataFrame,
    ranking: Mapping[str, float],
    levels: pd.DataFrame,
    run: pd.DataFrame,
    measure: str,
) -> Facts:
    """Return whether the ranking of explainers is more than their number of masks.

    Parameters
    ----------
    effective
        ``effective_masks.csv``.
    ranking, levels, run
        What `helpers.stability.masks.ranking`, `at_equal_masks` and `as_run` gave.
    measure
        Name of the measure of agreement.

    Returns
    -------
    dict
        ``measure``; explainers that average ``many`` masks (``explainer``; ``rows`` through the
        network, masks ``expected`` at most and ``measured``; its place and level as run
        (``place``, ``level``) and with one mask (``place_at_one``, ``level_at_one``)); whether for
        one of them ``fewer`` are measured than expected; the ``others``, how many, and the lowest
        and highest number measured; ``explainers``, how many; what DeepLift has with one mask
        (``deep_lift``); the lowest and highest explainer with one mask (``lowest``, ``highest``:
        ``explainer``, ``level``); `ranking`.
    """
    many = effective[effective["expected"] > MANY]
    alone = effective[effective["expected"] <= MANY]
    one = levels[levels.columns.min()]
    return {
        "measure": measure,
        "many": [
            {
                "explainer": row["explainer"],
                "rows": int(row["rows"]),
                "expected": float(row["expected"]),
                "measured": float(row["measured"]),
                "place": _place(run["value"], row["explainer"]),
                "level": float(run["value"][row["explainer"]]),
                "place_at_one": _place(one, row["explainer"]),
                "level_at_one": float(one[row["explainer"]]),
            }
            for row in many.to_dict("records")
        ],
        "fewer": bool((many["measured"] < many["expected"]).any()),
        "others": len(alone),
        "others_lowest": float(alone["measured"].min()),
        "others_highest": float(alone["measured"].max()),
        "explainers": len(run),
        "deep_lift": float(one["DeepLift"]),
        "lowest": {"explainer": str(one.idxmin()), "level": float(one.min())},
        "highest": {"explainer": str(one.idxmax()), "level": float(one.max())},
        "ranking": dict(ranking),
    }


def _place(values: pd.Series, name: str) -> int:
    """Return the place of an explainer; those that are equal share the better one."""
    return 1 + int((values > values[name] + 1e-6).sum())


def group_two(collapsed: pd.DataFrame, expected: pd.DataFrame) -> Facts:
    """Return whether group II is more than an identity.

    Parameters
    ----------
    collapsed
        ``collapsed_groups.csv``.
    expected
        ``expected_overlap.csv``.

    Returns
    -------
    dict
        With all members (``every``) and with one for those that are equal (``one``): overlap
        ``inside`` and with the nearest ``outside``, ``silhouette``, whether members are
        ``together`` in one cluster, and how many ``others`` are in it; what InputXGradient shares
        with DeepLift on ``universal`` references and on ``zero``, with every mask averaged.
    """
    every, one = (
        collapsed[collapsed["kept"] == kept].to_dict("records")[0] for kept in ("all", "one")
    )
    means = expected.groupby(["a", "b"])["overlap"].mean()

    def between(a: str, b: str) -> float:
        return float(means[(a, b)] if (a, b) in means.index else means[(b, a)])

    return {
        "every": {str(key): value for key, value in every.items()},
        "one": {str(key): value for key, value in one.items()},
        "universal": between("DeepLift, universal", "InputXGradient"),
        "zero": between("DeepLift, zero", "InputXGradient"),
    }


def released(table: pd.DataFrame, fixed: pd.DataFrame) -> Facts:
    """Return whether DeepLiftShap as released differs from DeepLift.

    Parameters
    ----------
    table
        ``released_deepliftshap.csv``.
    fixed
        ``fixed_masks.csv``.

    Returns
    -------
    dict
        ``difference``, of the largest score, with one mask and reference; ``copies``; agreement of
        replicates of ``one`` estimate of DeepLift, of DeepLift ``repeated`` on one reference, of
        DeepLiftShap as the ``scripts`` have it, and with as many references (``real``).
    """
    copied = fixed.loc[fixed["a"].str.contains("copied"), "max_relative_difference"].max()
    rows = table[(table["metric"] == "spearman") & (table["design"] == "intra_model")]
    medians = rows.groupby("variant")["value"].median()
    names = {
        "one": "DeepLift, one estimate",
        "repeated": "DeepLift, one reference, repeated",
        "scripts": "DeepLiftShap as released",
        "real": "DeepLiftShap",
    }
    levels = {key: float(medians[name]) for key, name in names.items()}
    return {"difference": float(copied), "copies": int(table["n"].max())} | levels


def donors(simulated: bool, split: pd.DataFrame) -> Facts:
    """Return whether the choice of the split could be tried.

    Parameters
    ----------
    simulated
        Whether every simulated sample has a donor of its own.
    split
        ``donor_split.csv``.

    Returns
    -------
    dict
        ``simulated``, ``samples``, ``donors``, and the ``reason`` why it is not possible, or None.
    """
    reasons = split["reason"].dropna()
    return {
        "simulated": simulated,
        "samples": len(split),
        "donors": int(split["donors"].iloc[0]),
        "reason": str(reasons.iloc[0]) if len(reasons) else None,
    }


def target(table: pd.DataFrame) -> Facts:
    """Return how often the predicted class is not the sample's own.

    Parameters
    ----------
    table
        ``sensitivity_gradcampp.csv``.

    Returns
    -------
    dict
        ``samples``; the ``share`` of models × samples in which it is another.
    """
    wrong = pd.to_numeric(table.drop_duplicates("sample")["other_class"])
    return {"cam_samples": len(wrong), "share": float(wrong.mean())}


def smoothed_factors(
    table: pd.DataFrame,
    verdicts: pd.DataFrame,
    optimum: pd.DataFrame,
    options: Mapping[str, str],
) -> Facts:
    """Return what moves when SmoothGrad smooths the two factors of Guided Grad-CAM apart.

    Parameters
    ----------
    table
        ``choices.csv``.
    verdicts
        ``sensitivity_verdicts.csv``.
    optimum
        ``optimum.csv``.
    options
        Option → its name, the default first.

    Returns
    -------
    dict
        For each of ``explainers`` what `_ways` gives. Where there are any ``options``, the names
        of both; the ``verdicts`` on O1 under both (``verdict``, ``share``); the explainers that
        are smoothed (``on``) under the best conditions of this run.
    """
    rows = table[table["choice"] == "cam_smoothing"]
    names = [str(name) for name in dict.fromkeys(rows["explainer"])]
    if not names:
        return {"explainers": []}
    own = verdicts[verdicts["choice"] == "cam_smoothing"].set_index("option")
    verdict, observed = own["verdict"].to_dict(), own["observed"].to_dict()
    used = optimum[optimum["smoothgrad"].astype(bool) & (optimum["architecture"] == "cnn")]
    return {
        "options": list(options.values()),
        "explainers": [_ways(name, rows[rows["explainer"] == name], options) for name in names],
        "verdicts": [{"verdict": verdict[option], "share": observed[option]} for option in options],
        "on": [name for name in names if name in set(used["explainer"])],
    }


def _ways(explainer: str, rows: pd.DataFrame, options: Mapping[str, str]) -> Facts:
    """Return how two ways to smooth agree, and what replicates and models agree by under each.

    Returns
    -------
    dict
        ``name``; by how much the two ways ``agree``, and which share of top genes they have in
        common (``shared``); under each option agreement of replicates (``intra``) and of models
        (``inter``), and top genes that replicates share (``lists``).
    """
    values = rows.set_index(["statistic", "option"])["value"]
    names = rows["statistic"].unique()
    top = {name.rsplit("_", 1)[0]: name for name in names if not name.endswith("_spearman")}

    def both(statistic: str) -> list[float]:
        return [float(values[statistic, option]) for option in options]

    last = list(options)[-1]
    return {
        "name": explainer,
        "agree": float(values["between_options_spearman", last]),
        "shared": float(values[top["between_options"], last]),
        "intra": both("intra_spearman"),
        "inter": both("inter_spearman"),
        "lists": both(top["intra"]),
    }
