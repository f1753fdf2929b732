"""Facts for the run on one page, in the shape that reviewers of reproductions know."""

from __future__ import annotations

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import CHAPTERS, claims, named
from helpers.config import Settings, settings
from helpers.explain.explainers import explainers
from helpers.prose.writing.templates import Facts
from helpers.study.designs.choices import ALL_CHOICES

FEW = 5
"""Statements that can be tested below which a section is not singled out."""

_NOT_SIZES = {"seed", "tissues", "compare_workspaces"}


def scope(title: str, classes: pd.DataFrame, genes: int, *, simulated: bool) -> Facts:
    """Return what is re-created, and on which samples.

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

    Returns
    -------
    dict
        The same, with ``statements``, ``sections``, ``samples`` and ``classes`` (how many).
    """
    return {
        "statements": len(claims()),
        "sections": len(CHAPTERS),
        "title": title,
        "samples": int(classes["samples"].sum()),
        "classes": len(classes),
        "genes": genes,
        "simulated": simulated,
    }


def method(accuracy: pd.DataFrame, explained: pd.DataFrame, cnn_samples: int) -> Facts:
    """Return which networks were trained and what was explained.

    Parameters
    ----------
    accuracy, explained
        The tables of these names.
    cnn_samples
        How many samples of a tissue are explained by CNNs too, at most.

    Returns
    -------
    dict
        ``architectures`` (``name``, ``models``, median ``accuracy``); ``samples`` of ``tissues``;
        ``by_cnns``, samples that CNNs explain too; explainers on MLPs (``mlp``) and CNNs
        (``cnn``).
    """
    test = accuracy[accuracy["split"] == "test"]
    return {
        "architectures": [
            {"name": str(name), "models": len(part), "accuracy": float(part.median())}
            for name, part in test.groupby("architecture", sort=False)["accuracy"]
        ],
        "samples": len(explained),
        "tissues": explained["tissue"].nunique(),
        "by_cnns": int(explained.groupby("tissue").size().clip(upper=cnn_samples).sum())
        if "cnn" in set(test["architecture"])
        else 0,
        "mlp": len(explainers("mlp")),
        "cnn": len(explainers("cnn")),
    }


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
                "which not": ", ".join(named(part.loc[part["verdict"] == NOT_REPRODUCED, "id"])),
            }
        )
    return pd.DataFrame(rows)


def easy(ledger: pd.DataFrame, accuracy: pd.DataFrame) -> Facts:
    """Return what a re-creation gets without effort: networks, and sections that hold best.

    Returns
    -------
    dict
        The ``lowest`` accuracy of a network; the sections of which the largest ``share`` of what
        can be tested holds at least partly (``best``: ``section``, ``tested``; empty where none
        has enough statements), and the ``few`` that are left aside, with less than ``least``.
    """
    test = accuracy[accuracy["split"] == "test"]
    table = results(ledger)
    tested = table["statements"] - table["untestable"]
    # A section of which hardly anything can be tested says little.
    share = ((table["reproduced"] + table["partly"]) / tested)[tested >= FEW]
    return {
        "lowest": float(test.groupby("architecture")["accuracy"].min().min()),
        "share": float(share.max()),
        "best": [
            {"section": table["section"][i], "tested": int(tested[i])}
            for i in share.index[share == share.max()]
        ],
        "least": FEW,
        "few": table["section"][tested < FEW].tolist(),
    }


def hard(ledger: pd.DataFrame, modes: pd.DataFrame) -> Facts:
    """Return where the text leaves room, and what depends on it.

    Parameters
    ----------
    ledger, modes
        The tables ``claims`` and ``modes``.

    Returns
    -------
    dict
        ``choices``, how many; agreement of replicates by one CNN with ``dropout`` on and with all
        layers in ``training`` mode (None where it is not known); ``statements`` that are not
        reproduced, and the sections (``worst``: ``section``, ``size``) with the ``most`` of them.
    """
    within = modes[modes["metric"] == "spearman"].groupby("mode")["value"].median()
    table = results(ledger)
    total, most = int(table["not"].sum()), int(table["not"].max())
    worst = table[table["not"] == most] if total else table.iloc[:0]
    return {
        "choices": len(ALL_CHOICES),
        "dropout": within.get("dropout"),
        "training": within.get("training"),
        "statements": total,
        "most": most,
        "worst": [
            {"section": row["section"], "size": int(row["statements"])}
            for row in worst.to_dict("records")
        ],
    }


def changed(chosen: Settings) -> pd.DataFrame:
    """Return the settings in which this run differs from profile ``paper``.

    Returns
    -------
    DataFrame
        ``setting``, ``profile paper``, ``here``, ``meaning``. Not all values of the profile are the
        paper's: where the paper states none, it has our own.
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
    return pd.DataFrame(rows, columns=["setting", "profile paper", "here", "meaning"])


def _written(value: object) -> str:
    if isinstance(value, tuple):
        numbers = [str(x) for x in value]
        return (
            ", ".join(numbers)
            if len(numbers) < 4
            else f"{numbers[0]} … {numbers[-1]} ({len(numbers)} values)"
        )
    return str(value)
