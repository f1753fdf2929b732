"""The run on one page, in the shape that reviewers of reproductions know."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import CHAPTERS, claims
from helpers.config import Settings, settings
from helpers.explain.explainers import explainers
from helpers.prose.writing.markdown import as_written
from helpers.prose.writing.wording import counted, listed, percent
from helpers.study.designs.choices import ALL_CHOICES

FEW = 5
"""Statements that can be tested below which a section is not singled out."""

_WORDS = {6: "six", 8: "eight"}

_NOT_SIZES = {"seed", "tissues", "compare_workspaces"}


def scope(title: str, classes: pd.DataFrame, genes: int, *, simulated: bool) -> str:
    """Say what is re-created, and on which samples.

    Parameters
    ----------
    title
        Title of the data set.
    classes
        The table ``classes``.
    genes
        Genes measured.
    simulated
        Whether samples are simulated.
    """
    samples = int(classes["samples"].sum())
    kind = "simulated samples, drawn around published medians" if simulated else "real samples"
    return (
        f"All {counted(len(claims()), 'checkable statement')} of the paper, in "
        f"{counted(len(CHAPTERS), 'section')}, from the accuracy of its networks to cancer. Data: "
        f"{as_written(title)}: {samples:,} {kind} of {counted(len(classes), 'class')}, {genes:,} "
        "genes. The paper has 27,417 samples of 82 classes and 19,241 genes."
    )


def method(accuracy: pd.DataFrame, explained: pd.DataFrame, cnn_samples: int) -> str:
    """Say which networks were trained and what was explained.

    Parameters
    ----------
    accuracy, explained
        The tables of these names.
    cnn_samples
        How many samples of a tissue are explained by CNNs too, at most.
    """
    test = accuracy[accuracy["split"] == "test"]
    parts = [
        f"{len(part)} {str(name).upper()}s (median test accuracy "
        f"{percent(part['accuracy'].median())})"
        for name, part in test.groupby("architecture", sort=False)
    ]
    tissues = counted(explained["tissue"].nunique(), "tissue")
    mlp, cnn = (_explainers(name) for name in ("mlp", "cnn"))
    too = int(explained.groupby("tissue").size().clip(upper=cnn_samples).sum())
    which = "all" if too == len(explained) else f"{too:,}"
    return (
        f"{listed(parts)} were trained and {counted(len(explained), 'sample')} of {tissues} "
        f"explained by {mlp} explainers on MLPs, {which} of them by {cnn} on CNNs, once and with "
        "the paper's optimisations. Every statement has a statistic and a rule, the same for every "
        "data set; the rule gives the verdict, and resampling gives an interval. Rules were fixed "
        "before values were looked at, but some were changed since: see "
        "[Methods](../methods.html#verdict-rules)."
    )


def _explainers(architecture: str) -> str:
    number = len(explainers(architecture))
    return _WORDS.get(number, str(number))


def results(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each section: how many statements hold, and which do not.

    Parameters
    ----------
    ledger
        The table ``claims``.
    """
    rows = []
    for letter, section in CHAPTERS.items():
        part = ledger[ledger["id"].str[0] == letter]
        counts = part["verdict"].value_counts()
        rows.append(
            {
                "section": section,
                "statements": len(part),
                "reproduced": int(counts.get(REPRODUCED, 0)),
                "partly": int(counts.get(PARTLY, 0)),
                "not": int(counts.get(NOT_REPRODUCED, 0)),
                "untestable": int(counts.get(NOT_TESTABLE, 0)),
                "which not": ", ".join(part.loc[part["verdict"] == NOT_REPRODUCED, "id"]),
            }
        )
    return pd.DataFrame(rows)


def easy(ledger: pd.DataFrame, accuracy: pd.DataFrame) -> str:
    """Say what a re-creation gets without effort: networks, and the sections that hold best."""
    test = accuracy[accuracy["split"] == "test"]
    lowest = test.groupby("architecture")["accuracy"].min().min()
    return (
        "The networks are described well enough to be built from the text alone: in the sizes of "
        f"this run (below) even the least accurate one names {percent(lowest)} of the test "
        f"samples' classes rightly. {_best_sections(results(ledger))}"
    ).strip()


def _best_sections(table: pd.DataFrame) -> str:
    """Name the sections of which the largest part holds; see `results`."""
    tested = table["statements"] - table["untestable"]
    # A section of which hardly anything can be tested says little.
    share = ((table["reproduced"] + table["partly"]) / tested)[tested >= FEW]
    if share.empty:
        return ""
    best = share.index[share == share.max()]
    names = listed([f"*{table['section'][i]}* (of {tested[i]})" for i in best])
    few = table["section"][tested < FEW].tolist()
    aside = f"; {listed(few)}, with fewer than {FEW}, is left aside" if len(few) == 1 else ""
    aside = (
        f"; {listed(few)}, with fewer than {FEW} each, are left aside" if len(few) > 1 else aside
    )
    return (
        "The largest part of what can be tested holds at least partly in the "
        f"{'section' if len(best) == 1 else 'sections'} {names}: {percent(share.max(), 0)}{aside}."
    )


def hard(ledger: pd.DataFrame, modes: pd.DataFrame) -> str:
    """Say where the text leaves room, and what depends on it.

    Parameters
    ----------
    ledger, modes
        The tables ``claims`` and ``modes``.
    """
    within = modes[modes["metric"] == "spearman"].groupby("mode")["value"].median()
    state = ""
    if {"dropout", "training"} <= set(within.index):
        state = (
            " One of them, the state of the network while it is explained, moves the median "
            f"correlation of replicates by one CNN from {within['dropout']:.2f} (dropout on, the "
            f"text) to {within['training']:.2f} (all layers in training mode, the scripts)."
        )
    return (
        "No numbers behind the paper's figures are published, so thresholds had to be read from "
        f"words such as low, similar or nearly. In {counted(len(ALL_CHOICES), 'choice')} the text, "
        'the released scripts and good practice part (the <a href="13_choices.html">audit</a> '
        f"lists them).{state} {_worst_sections(results(ledger))}"
    ).strip()


def _worst_sections(table: pd.DataFrame) -> str:
    """Say in which sections most of what is not reproduced is; see `results`."""
    total, most = int(table["not"].sum()), int(table["not"].max())
    if not total:
        return ""
    worst = table[table["not"] == most]
    names = listed([f"*{name}*" for name in worst["section"]])
    if len(worst) == 1:
        size = int(worst["statements"].iloc[0])
        where = f"{most} are in {names}, which has {size}, more than in any other section"
    else:
        where = f"{most} each are in {names}, more than in any other section"
    return f"Of the {counted(total, 'statement')} not reproduced, {where}."


def changed(chosen: Settings) -> pd.DataFrame:
    """Return the settings in which this run differs from the paper.

    Returns
    -------
    DataFrame
        ``setting``, ``paper``, ``here``, ``meaning``.
    """
    paper = settings("paper")
    rows, base = [], ""
    for name, field in type(chosen).model_fields.items():
        theirs, ours = getattr(paper, name), getattr(chosen, name)
        described = " ".join(str(field.description).replace("`", "").split())
        # "The same for CNNs" speaks of the setting before it.
        same = described.startswith("The same ")
        base = base if same else described
        meaning = f"{base} {described[9].upper()}{described[10:]}" if same else described
        if name in _NOT_SIZES or theirs == ours:
            continue
        rows.append((name, _written(theirs), _written(ours), meaning))
    return pd.DataFrame(rows, columns=["setting", "paper", "here", "meaning"])


def _written(value: object) -> str:
    if isinstance(value, tuple):
        numbers = [str(x) for x in value]
        return (
            ", ".join(numbers)
            if len(numbers) < 4
            else f"{numbers[0]} … {numbers[-1]} ({len(numbers)} values)"
        )
    return str(value)
