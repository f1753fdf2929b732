"""Sentences on choices, masks, group II and the control."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.claims.judging import NOT_TESTABLE, SIMILAR
from helpers.prose.claims import control as outcome
from helpers.prose.writing.wording import agreement, counted, listed, percent

VERDICT_WORDS = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not_reproduced": "not reproduced",
    "not_testable": "not testable",
}
CONTROL_STATISTICS = {
    "E4": "top genes among the highest expressed, liver",
    "E10": "top genes that are tissue-enhanced, liver",
    "G2": "enriched terms of one tissue only",
    "K1": "top genes that differ in cancer",
    "K4": "cancer's genes up minus normal tissue's genes up",
}
"""What the statements of the control rest on."""

MANY = 1.5
"""An explainer that averages more masks than this averages many."""


def what_changes(verdicts: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> str:
    """Say which verdicts change with which option.

    Parameters
    ----------
    verdicts
        ``sensitivity_verdicts.csv``.
    options
        (Choice, option) → its name.
    """
    others = _judged_again(verdicts)
    changed = others[~others["holds"]]
    text = (
        f"{counted(len(others), 'verdict')} {'was' if len(others) == 1 else 'were'} reached again "
        f"under {counted(len(others.drop_duplicates(['choice', 'option'])), 'other option')}. "
    )
    if changed.empty:
        return text + "None changes."
    parts = []
    for (choice, option), rows in changed.groupby(["choice", "option"], sort=False):
        said = [
            f"{row['claim']} ({VERDICT_WORDS[row['default_verdict']]} → "
            f"{VERDICT_WORDS[row['verdict']]})"
            for row in rows.to_dict("records")
        ]
        parts.append(f"- {options[str(choice), str(option)]}: {listed(said)}")
    verb = "differs" if len(changed) == 1 else "differ"
    return text + f"{len(changed)} {verb} from the default's:\n\n" + "\n".join(parts)


def _judged_again(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts under other options, without those that neither option can test."""
    words = verdicts[["verdict", "default_verdict"]]
    tested = (words != NOT_TESTABLE).any(axis=1)
    return verdicts[~verdicts["is_default"] & tested]


def decisive(verdicts: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Say which choices decide a verdict, and which none.

    Parameters
    ----------
    verdicts
        ``sensitivity_verdicts.csv``.
    titles
        Choice → its name.
    """
    others = _judged_again(verdicts)
    counts = (~others["holds"]).groupby(others["choice"], sort=False).sum()
    some = [f"{titles[str(name)]} ({count})" for name, count in counts.items() if count]
    none = [titles[str(name)] for name, count in counts.items() if not count]
    texts = []
    if some:
        texts.append(f"Verdicts depend on: {listed(some)}.")
    if none:
        texts.append(f"No verdict depends on: {listed(none)}.")
    return " ".join(texts)


def unchanged_lists(table: pd.DataFrame, options: Mapping[tuple[str, str], str]) -> str:
    """Say how many top genes stay, option by option.

    Parameters
    ----------
    table
        ``choices.csv``.
    options
        (Choice, option) → its name.
    """
    rows = table[(table["statistic"] == "overlap_with_default") & ~table["is_default"]]
    parts = []
    for (choice, option), own in rows.groupby(["choice", "option"], sort=False):
        low, high = percent(own["value"].min(), 0), percent(own["value"].max(), 0)
        span = low if low == high else f"{low} to {high}"
        parts.append(f"- {options[str(choice), str(option)]}: {span}")
    return (
        "Share of the default's top genes that stay (smallest and largest of the explainers "
        "concerned):\n\n" + "\n".join(parts)
    )


def masks(
    effective: pd.DataFrame,
    ranking: Mapping[str, float],
    levels: pd.DataFrame,
    run: pd.DataFrame,
    measure: str,
) -> str:
    """Answer whether the ranking of explainers is more than their number of masks.

    Parameters
    ----------
    effective
        ``effective_masks.csv``.
    ranking, levels, run
        What `helpers.stability.masks.ranking`, `at_equal_masks` and `as_run` gave.
    measure
        Name of the measure of agreement.
    """
    many = effective[effective["expected"] > MANY]
    alone = effective[effective["expected"] <= MANY]
    texts = [
        f"{row['explainer']} draws {row['rows']} masks for one estimate, which by their weights "
        f"could count like {row['expected']:.1f} equal ones at most; its replicates scatter like "
        f"means of {row['measured']:.1f}."
        for row in many.to_dict("records")
    ]
    if (many["measured"] < many["expected"]).any():
        texts.append(
            "The weights give an upper limit: gates of the network open and close along a path, so "
            "that one mask for a whole path, with which it is compared, already averages a little."
        )
    low, high = alone["measured"].min(), alone["measured"].max()
    texts.append(
        f"The other {counted(len(alone), 'explainer')} average one (measured: {low:.2f} to "
        f"{high:.2f}), DeepLift and DeepLiftShap too: they draw a second mask for the reference, "
        "but the gradient never passes it."
    )
    one = levels[levels.columns.min()]
    for name in many["explainer"]:
        texts.append(
            f"As run, {name} is at place {_place(run['value'], name)} of {len(run)} with a "
            f"{measure} of {run.loc[name, 'value']:.2f}; with one mask, at place "
            f"{_place(one, name)} with {one[name]:.2f}, where DeepLift has {one['DeepLift']:.2f}."
        )
    texts.append(
        f"What remains: with one mask each, explainers still spread over "
        f"{ranking['spread_at_one']:.2f}, from {one.idxmin()} ({one.min():.2f}) to "
        f"{one.idxmax()} ({one.max():.2f}); as run, over {ranking['spread_as_run']:.2f}. Of all "
        f"differences between explainers and numbers of masks, the number explains "
        f"{percent(ranking['share_masks'], 0)} and the explainer "
        f"{percent(ranking['share_explainers'], 0)}."
    )
    return " ".join(texts)


def _place(values: pd.Series, name: str) -> int:
    """Return the place of an explainer; those that are equal share the better one."""
    return 1 + int((values > values[name] + 1e-6).sum())


def group_two(collapsed: pd.DataFrame, expected: pd.DataFrame) -> str:
    """Answer whether group II is more than an identity.

    Parameters
    ----------
    collapsed
        ``collapsed_groups.csv``.
    expected
        ``expected_overlap.csv``.
    """
    every, one = (
        collapsed[collapsed["kept"] == kept].to_dict("records")[0] for kept in ("all", "one")
    )
    means = expected.groupby(["a", "b"])["overlap"].mean()

    def between(a: str, b: str) -> float:
        return float(means[(a, b)] if (a, b) in means.index else means[(b, a)])

    universal = between("DeepLift, universal", "InputXGradient")
    zero = between("DeepLift, zero", "InputXGradient")
    together = "one cluster" if one["together"] else "two clusters"
    alone = " and nothing else is in it" if one["together"] and not one["others"] else ""
    more = "more" if one["inside"] > one["outside"] else "no more"
    return (
        f"With all its members, group II overlaps by {percent(every['inside'], 0)} within itself, "
        "but three of its six pairs are equal by algebra. With one for the three that are equal, "
        "two members are left, DeepLift and InputXGradient. They share "
        f"{percent(one['inside'], 0)} of their top genes, which is {more} than the "
        f"{percent(one['outside'], 0)} that one of them shares with the nearest aggregated "
        f"combination outside, and are in {together}{alone} "
        f"(mean silhouette {every['silhouette']:.2f} with copies, {one['silhouette']:.2f} "
        f"without). The two differ in the reference: with every mask averaged, InputXGradient "
        f"shares {percent(universal, 0)} of its top genes with DeepLift on universal references "
        f"and {percent(zero, 0)} with DeepLift on a reference of zeros."
    )


def released(table: pd.DataFrame, fixed: pd.DataFrame) -> str:
    """Answer whether DeepLiftShap as released differs from DeepLift.

    Parameters
    ----------
    table
        ``released_deepliftshap.csv``.
    fixed
        ``fixed_masks.csv``.
    """
    copied = fixed[fixed["a"].str.contains("copied")]["max_relative_difference"].max()
    rows = table[(table["metric"] == "spearman") & (table["design"] == "intra_model")]
    medians = rows.groupby("variant")["value"].median()
    size = int(table["n"].max())
    names = ("DeepLift, one estimate", "DeepLift, one reference, repeated",
             "DeepLiftShap as released", "DeepLiftShap")  # fmt: skip
    one, repeated, scripts, real = (float(medians[name]) for name in names)
    return (
        f"With the same mask and reference the two differ by at most {copied:.1g} of the largest "
        "score, which is rounding: as released, DeepLiftShap is DeepLift. But every copy of the "
        f"reference comes with a mask of its own. With {size} copies, replicates agree by "
        f"{scripts:.2f} (median Spearman correlation within a model), as those of DeepLift do "
        f"that is repeated {size} times on one reference ({repeated:.2f}); a single estimate of "
        f"DeepLift reaches {one:.2f}. With {size} references in place of one it is {real:.2f}."
    )


def donors(simulated: bool, split: pd.DataFrame) -> str:
    """Say whether the choice of the split could be tried.

    Parameters
    ----------
    simulated
        Whether every simulated sample has a donor of its own.
    split
        ``donor_split.csv``.
    """
    if simulated:
        return (
            "The split by donor could not be tried here: in these simulated data each sample has "
            "a donor of its own, so that the two splits are the same rule."
        )
    reason = str(split["reason"].iloc[0]) if split["reason"].notna().any() else ""
    if reason:
        return f"A split by donor is not possible for these data, so none was tried: {reason}"
    return (
        f"{len(split):,} samples come from {counted(int(split['donors'].iloc[0]), 'donor')}; "
        "with the split by donor none of them is on two sides."
    )


def target(table: pd.DataFrame) -> str:
    """Say how often the predicted class is not the sample's own.

    Parameters
    ----------
    table
        ``sensitivity_gradcampp.csv``.
    """
    wrong = table.drop_duplicates("sample")["other_class"]
    text = (
        f"The explained samples are predicted as another class in {percent(wrong.mean())} of "
        f"cases (models × {counted(len(wrong), 'sample')})"
    )
    if wrong.max() == 0:
        return text + ": both targets are the same here, and nothing can change."
    return text + "; only there can the target of GuidedGradCam++ change anything."


def smoothed_factors(
    table: pd.DataFrame,
    verdicts: pd.DataFrame,
    optimum: pd.DataFrame,
    options: Mapping[str, str],
) -> str:
    """Say what moves when SmoothGrad smooths the two factors of Guided Grad-CAM apart.

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
    """
    rows = table[table["choice"] == "cam_smoothing"]
    names = [str(name) for name in dict.fromkeys(rows["explainer"])]
    own = verdicts[verdicts["choice"] == "cam_smoothing"].set_index("option")
    verdict, observed = own["verdict"].to_dict(), own["observed"].to_dict()
    before, after = (VERDICT_WORDS[verdict[name]] for name in options)
    shares = [percent(observed[name], 0) for name in options]
    first, second = options.values()
    held = "stays" if before == after else "changes"
    used = optimum[optimum["smoothgrad"] & (optimum["architecture"] == "cnn")]["explainer"]
    on = [name for name in names if name in set(used)]
    return "\n\n".join(
        [
            *(_ways(name, rows[rows["explainer"] == name], options) for name in names),
            "Of the ledger's statements only O1 speaks of SmoothGrad of these explainers. Its "
            f"verdict {held}: {before} ({shares[0]} of the conditions change as stated) with "
            f"{first}, {after} ({shares[1]}) with {second}.",
            f"SmoothGrad is on under the best conditions of {listed(on)} in this run, so that "
            "their top genes and all that is said of them in later chapters depend on it as well, "
            "which is not judged again here."
            if on
            else f"Under the best conditions of {listed(names)} SmoothGrad is off in this run, so "
            "that no list of top genes depends on it.",
        ]
    )


def _ways(explainer: str, rows: pd.DataFrame, options: Mapping[str, str]) -> str:
    """Say how two ways to smooth agree, and what replicates and models agree by under each."""
    values = rows.set_index(["statistic", "option"])["value"]
    names = rows["statistic"].unique()
    top = {name.rsplit("_", 1)[0]: name for name in names if not name.endswith("_spearman")}

    def both(statistic: str) -> list[float]:
        return [float(values[statistic, option]) for option in options]

    last = list(options)[-1]
    agree = agreement(float(values["between_options_spearman", last]))
    shared = percent(float(values[top["between_options"], last]), 0)
    intra, inter = (
        [agreement(value) for value in both(f"{design}_spearman")] for design in ("intra", "inter")
    )
    lists = [percent(value, 0) for value in both(top["intra"])]
    first, second = options.values()
    return (
        f"{explainer}: on the same noisy copies the two ways agree by {agree} (median Spearman "
        f"correlation) and share {shared} of their top genes. Replicates by one model agree by "
        f"{intra[0]} with {first} and {intra[1]} with {second}, and share {lists[0]} and "
        f"{lists[1]} of their top genes; different models agree by {inter[0]} and {inter[1]}."
    )


def control(table: pd.DataFrame, accuracy: pd.DataFrame) -> str:
    """Say what networks with shuffled labels come to, and whether the control held.

    Parameters
    ----------
    table
        ``control.csv``.
    accuracy
        ``sensitivity_accuracy.csv``.
    """
    own = accuracy[(accuracy["member"] == "shuffled") & (accuracy["split"] == "test")]["accuracy"]
    shuffled = table[table["labels"] == "shuffled"].set_index("claim")
    true = table[(table["labels"] == "true") & (table["verdict"] == "reproduced")]["claim"].tolist()
    parts = [
        f"Networks that learnt shuffled labels name {percent(own.median())} of the test samples "
        f"correctly (median of {counted(len(own), 'model')}).",
        outcome(table),
        _margins(shuffled),
    ]
    plain = shuffled.index[shuffled["plain_verdict"] == "reproduced"].tolist()
    if plain:
        parts.append(
            f"Without the comparison with the level, {listed(plain)} would be reproduced on "
            "shuffled labels: such a score multiplies by the gene's expression, or by its "
            "difference from a reference, and names genes of the tissue whatever the network has "
            "learnt."
        )
    if true:
        verb = "is" if len(true) == 1 else "are"
        parts.append(
            f"With the true labels, on as many networks, {listed(true)} {verb} reproduced."
        )
    else:
        parts.append("With the true labels, on as many networks, none of them is reproduced.")
    return " ".join(part for part in parts if part)


def _margins(shuffled: pd.DataFrame) -> str:
    """Say how far the judged networks are from the level, by which the control is decided."""
    above = (shuffled["observed"] - shuffled["level"]).dropna()
    if above.empty:
        return ""
    return (
        "The level comes from one shuffle, and other networks, which learnt another, are judged. "
        f"They differ from the level by {above.min():+.2f} ({above.idxmin()}) to "
        f"{above.max():+.2f} ({above.idxmax()}); with more than {SIMILAR:+.2f}, a statement that "
        "is reproduced without the level stays so, and the control has failed."
    )
