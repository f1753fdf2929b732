"""The run on one page, in the shape that reviewers of reproductions know."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import CHAPTERS, claims
from helpers.config import Settings, settings
from helpers.prose.wording import counted, listed, percent

CHOICES = (
    "mode",
    "combine",
    "deepliftshap",
    "gradcampp_target",
    "reference_cut",
    "reference_samples",
    "training_noise",
    "split",
)
"""Settings in which the paper's text, its scripts and good practice part."""

FEW = 5
"""Statements that can be tested below which a section is not singled out."""

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
        f"{title}: {samples:,} {kind} of {counted(len(classes), 'class')}, {genes:,} genes. The "
        "paper has 27,417 samples of 82 classes and 19,241 genes."
    )


def method(accuracy: pd.DataFrame, explained: pd.DataFrame) -> str:
    """Say which networks were trained and what was explained.

    Parameters
    ----------
    accuracy, explained
        The tables of these names.
    """
    test = accuracy[accuracy["split"] == "test"]
    parts = [
        f"{len(part)} {str(name).upper()}s (median test accuracy "
        f"{percent(part['accuracy'].median())})"
        for name, part in test.groupby("architecture", sort=False)
    ]
    tissues = explained["tissue"].nunique()
    return (
        f"{listed(parts)} were trained and {counted(len(explained), 'sample')} of "
        f"{counted(tissues, 'tissue')} explained by six explainers (eight on CNNs), once and with "
        "the paper's optimisations. Every statement has a statistic and a rule that was fixed "
        "before its value was looked at (five were made stricter after a control on shuffled "
        "labels); the rule gives the verdict, and resampling gives an interval."
    )


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
    table = results(ledger)
    tested = table["statements"] - table["untestable"]
    # A section of which hardly anything can be tested says little.
    share = (table["reproduced"] + table["partly"]) / tested.where(tested >= FEW)
    share = share.fillna(0)
    best = int(share.to_numpy().argmax())
    test = accuracy[accuracy["split"] == "test"]
    lowest = test.groupby("architecture")["accuracy"].min().min()
    return (
        "The networks are described well enough to be built from the text alone: in the sizes of "
        f"this run (below) even the least accurate one names {percent(lowest)} of the test "
        "samples' classes rightly. Most of what can be tested holds "
        f"at least partly in the section *{table['section'].iloc[best]}* "
        f"({percent(share.max(), 0)} of {int(tested.iloc[best])})."
    )


def hard(ledger: pd.DataFrame, modes: pd.DataFrame) -> str:
    """Say where the text leaves room, and what depends on it.

    Parameters
    ----------
    ledger, modes
        The tables ``claims`` and ``modes``.
    """
    table = results(ledger)
    worst = table.sort_values("not", kind="stable").iloc[-1]
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
        f"words such as low, similar or nearly. In {counted(len(CHOICES), 'choice')} the text, the "
        f"released scripts and good practice part.{state} Most statements that are not reproduced "
        f"are in the section *{worst['section']}* ({int(worst['not'])} of "
        f"{int(worst['statements'])})."
    )


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
        described = " ".join(str(field.description).split())
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
