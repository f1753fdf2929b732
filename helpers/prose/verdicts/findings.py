"""Facts for the landing page: the paper's five conclusions, and what contradicts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.claims.judging import NOT_REPRODUCED, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import claims, headline, protocols_of
from helpers.claims.rulebook import RULES
from helpers.correctness.comparison import BASELINE, TOGETHER
from helpers.prose.ground_truth import T_TEST
from helpers.prose.writing.templates import Facts
from helpers.prose.writing.wording import counted
from helpers.protocols import TITLES

HOLDS, IN_PART, HARDLY, FAILS, UNKNOWN = (
    "holds",
    "holds in part",
    "hardly holds",
    "does not hold",
    "cannot be tested",
)


@dataclass(frozen=True)
class Conclusion:
    """A main conclusion of the paper, and the statements that it rests on.

    Attributes
    ----------
    name
        For the template, which has a sentence for it.
    ids
        The statements.
    key
        The one whose number is shown.
    """

    name: str
    ids: tuple[str, ...]
    key: str


CONCLUSIONS = (
    Conclusion("unstable", ("B1", "B2", "B3", "B7"), "B3"),
    Conclusion("repaired", ("O13", "O14", "O16", "O17"), "O16"),
    Conclusion("groups", ("C1", "C2", "C6", "E9"), "C6"),
    Conclusion("tissue", ("E4", "E7", "E10", "G2"), "E10"),
    Conclusion("cancer", ("K1", "K2", "K4", "K5"), "K2"),
)

WEIGHTY = ("E9", "E7", "B3", "C6", "K6", "K4", "O13", "O16", "O14", "G2", "K1", "K2", "O8", "E8",
           "E4", "O1", "O4", "C1", "C2", "B7", "B4", "E10")  # fmt: skip
"""Statements in the order of what hangs on them in the paper's discussion: of those that are not
reproduced the first are the strongest contradictions."""


def held(verdicts: Mapping[str, str], ids: tuple[str, ...]) -> Facts:
    """Say how far some statements hold together.

    Parameters
    ----------
    verdicts
        By statement.
    ids
        The statements.

    Returns
    -------
    dict
        ``how`` (`HOLDS` if all that can be tested are reproduced, `HARDLY` if none is and less than
        half partly, `FAILS` if none even partly), and how many are ``reproduced``, ``partly`` and
        ``tested``.
    """
    found = [verdicts[name] for name in ids if verdicts.get(name, NOT_TESTABLE) != NOT_TESTABLE]
    reproduced, partly = found.count(REPRODUCED), found.count(PARTLY)
    if not found:
        how = UNKNOWN
    elif reproduced == len(found):
        how = HOLDS
    elif not reproduced + partly:
        how = FAILS
    else:
        how = IN_PART if reproduced or 2 * partly >= len(found) else HARDLY
    return {"how": how, "reproduced": reproduced, "partly": partly, "tested": len(found)}


def conclusions(ledger: pd.DataFrame, bundles: pd.DataFrame, over: pd.DataFrame) -> Facts:
    """Return how far each of the paper's conclusions holds, here and elsewhere.

    Parameters
    ----------
    ledger
        The table ``claims``, under all protocols.
    bundles, over
        The tables ``bundles`` and ``bundle_claims``.

    Returns
    -------
    dict
        ``conclusions``: for each its ``name``; how far it holds (see `held`) by the headline
        (``here``), by the other protocols (``others``, with their ``title``) and in each bundle
        (``bundles``, with ``dataset``, ``real`` and ``seeds``); its number (``observed``, None if
        there is none, ``statistic``) and the page that shows it (``page``, ``anchor``).
    """
    first, *others = protocols_of(ledger)
    own = headline(ledger).set_index("id")
    by_protocol: dict[str, dict[str, str]] = {
        str(name): dict(part[["id", "verdict"]].itertuples(index=False))
        for name, part in ledger.groupby("protocol", sort=False)
    }
    rows = []
    for each in CONCLUSIONS:
        row = own.loc[each.key]
        page, _, anchor = RULES[each.key].produced_by.partition("#")
        rows.append(
            {
                "name": each.name,
                "here": held(by_protocol[first], each.ids),
                "others": [
                    {"title": TITLES[name], **held(by_protocol[name], each.ids)} for name in others
                ],
                "bundles": [
                    {**about, **held(verdicts, each.ids)}
                    for about, verdicts in _of_bundles(bundles, over)
                ],
                "observed": None if pd.isna(row["observed"]) else float(row["observed"]),
                "statistic": str(row["statistic"]),
                "page": page,
                "anchor": anchor,
            }
        )
    return {"conclusions": rows}


def tally(found: Facts) -> Facts:
    """Count how far the paper's conclusions hold.

    Parameters
    ----------
    found
        What `conclusions` gave.

    Returns
    -------
    dict
        Of ``all`` conclusions those ``holding``, ``in_part``, ``failing`` (hardly or not at all)
        and ``untested``.
    """
    how = [row["here"]["how"] for row in found["conclusions"]]
    return {
        "all": len(how),
        "holding": how.count(HOLDS),
        "in_part": how.count(IN_PART),
        "failing": how.count(HARDLY) + how.count(FAILS),
        "untested": how.count(UNKNOWN),
    }


def _of_bundles(bundles: pd.DataFrame, over: pd.DataFrame) -> list[tuple[Facts, dict[str, str]]]:
    """Return what each bundle is, and the verdict of most seeds by its headline."""
    found: list[tuple[Facts, dict[str, str]]] = []
    for row in bundles.to_dict("records"):
        part = _headline_of(over, row["bundle"])
        about = {
            "dataset": str(row["dataset"]),
            "real": not row["simulated"],
            "seeds": int(row["seeds"]),
        }
        found.append((about, dict(part[["id", "verdict"]].itertuples(index=False))))
    return found


def _headline_of(over: pd.DataFrame, bundle: str) -> pd.DataFrame:
    """Return what a bundle says by its headline's protocol, a row a statement."""
    part = over[over["bundle"] == bundle]
    return part[part["protocol"] == part["protocol"].iloc[0]]


def contradictions(
    ledger: pd.DataFrame, bundles: pd.DataFrame, over: pd.DataFrame, most: int = 3
) -> Facts:
    """Return the statements of most weight that are not reproduced, and not fragile.

    Parameters
    ----------
    ledger, bundles, over
        As in `conclusions`.
    most
        How many.

    Returns
    -------
    dict
        ``contradictions``: ``id``, ``short``, ``statement``, ``observed`` (None if there is none),
        ``statistic``, ``expected``, ``page``; titles of the protocols by which it is reproduced
        (``elsewhere``); data sets of the bundles that say the same (``same``) and another thing
        (``other``). ``tested``: whether any statement can be tested here.
    """
    own = headline(ledger).set_index("id")
    fragile = set(over.loc[over["fragile"].astype(bool), "id"]) if len(over) else set()
    failed = [
        name
        for name in WEIGHTY
        if own["verdict"].get(name) == NOT_REPRODUCED and name not in fragile
    ]
    first = protocols_of(ledger)[0]
    held_by = ledger[(ledger["protocol"] != first) & (ledger["verdict"] == REPRODUCED)]
    rows = []
    for name in failed[:most]:
        row = own.loc[name]
        said = [(about["dataset"], v.get(name)) for about, v in _of_bundles(bundles, over)]
        rows.append(
            {
                "id": name,
                "short": claims()[name].short,
                "statement": claims()[name].statement,
                "observed": None if pd.isna(row["observed"]) else float(row["observed"]),
                "statistic": str(row["statistic"]),
                "expected": str(row["expected"]),
                "page": RULES[name].produced_by.partition("#")[0],
                "elsewhere": [
                    TITLES[p] for p in held_by.loc[held_by["id"] == name, "protocol"].tolist()
                ],
                "same": [dataset for dataset, verdict in said if verdict == NOT_REPRODUCED],
                "other": [dataset for dataset, verdict in said if verdict in {REPRODUCED, PARTLY}],
            }
        )
    return {"contradictions": rows, "tested": bool((own["verdict"] != NOT_TESTABLE).any())}


def published(bundles: pd.DataFrame, over: pd.DataFrame) -> Facts:
    """Return what published runs with several seeds found.

    Returns
    -------
    dict
        ``bundles``: ``name``, ``dataset``, ``real``, ``profile``, ``seeds``, ``models``,
        ``cnn_models``, ``date``, ``revision``, whether it is ``outdated``; how many statements have
        which verdict by most seeds (``reproduced``, ``partly``, ``not_reproduced``,
        ``not_testable``) and those that are ``fragile``, of ``tested``.
    """
    rows = []
    for row in bundles.to_dict("records"):
        part = _headline_of(over, row["bundle"])
        counts = part["verdict"].value_counts()
        verdicts = (REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE)
        rows.append(
            {
                "name": str(row["bundle"]),
                "dataset": str(row["dataset"]),
                "real": not row["simulated"],
                "profile": str(row["profile"]),
                "date": str(row["date"]),
                "revision": str(row["revision"])[:8],
                "outdated": bool(row["outdated"]),
                **{key: int(row[key]) for key in ("seeds", "models", "cnn_models")},
                **{verdict: int(counts.get(verdict, 0)) for verdict in verdicts},
                "fragile": part.loc[part["fragile"].astype(bool), "id"].tolist(),
                "tested": int((part["verdict"] != NOT_TESTABLE).sum()),
            }
        )
    return {"bundles": rows}


def by_seed(bundles: pd.DataFrame, over: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each statement: what most seeds of each published run say of it.

    Returns
    -------
    DataFrame
        ``id``, ``statement`` (in a few words); for each bundle the verdict with the share of seeds
        that have it and the observed value over these; ``fragile`` names the bundles in which it
        changes with the seed.
    """
    table = pd.DataFrame(
        [(claim.id, claim.short) for claim in claims().values()], columns=["id", "statement"]
    )
    changes: dict[str, list[str]] = {name: [] for name in table["id"]}
    for row in bundles.to_dict("records"):
        part = _headline_of(over, row["bundle"]).set_index("id")
        kind = "simulated" if row["simulated"] else "real"
        table[f"{row['dataset']} ({kind}, {counted(int(row['seeds']), 'seed')})"] = [
            _said(part.loc[name]) if name in part.index else "" for name in table["id"]
        ]
        for name in part.index[part["fragile"].astype(bool)]:
            changes[str(name)].append(str(row["dataset"]))
    table["fragile"] = [", ".join(changes[name]) for name in table["id"]]
    return table


def _said(row: pd.Series) -> str:
    """Write the verdict of most seeds, how many they are, and the observed value over all."""
    verdict = str(row["verdict"]).replace("_", " ")
    share = f", {round(row['share'] * row['seeds'])} of {int(row['seeds'])}"
    if pd.isna(row["median"]):
        return verdict + share
    value = f"{row['median']:.2f}"
    if f"{row['lowest']:.2f}" != f"{row['highest']:.2f}":
        value += f" ({row['lowest']:.2f} to {row['highest']:.2f})"
    return f"{verdict}{share}: {value}"


REPEATS, SPECIFIC, RIGHT = "repeats", "specific", "right"
"""Panels of the picture on the landing page."""


def story(
    staged: pd.DataFrame,
    specificity: Mapping[str, pd.DataFrame],
    compared: pd.DataFrame,
    definition: str,
) -> pd.DataFrame:
    """Return what the picture on the landing page shows, of MLPs.

    Parameters
    ----------
    staged
        What `helpers.stability.stages` gives.
    specificity
        The table of that name by the paper's text (``before``) and by its scripts (``after``,
        which may be missing).
    compared
        The table ``right_compared``.
    definition
        Which of the sets in `specificity` counts.

    Returns
    -------
    DataFrame
        ``panel``, ``explainer``, ``before``, ``after``: medians over samples of the overlap of top
        genes between networks, one explanation each and aggregated (`REPEATS`); mean share of
        tissue-specific genes in aggregated lists, by text and scripts (`SPECIFIC`); mean average
        precision on planted genes, one network and all (`RIGHT`).
    """
    overlap = staged[(staged["architecture"] == "mlp") & (staged["metric"] != "spearman")]
    stages = list(dict.fromkeys(staged["stage"]))
    levels = overlap.groupby(["explainer", "stage"], sort=False)["value"].median().unstack()
    parts = [_panel(REPEATS, levels.get(stages[0]), levels.get(stages[-1]))] if stages else []
    shares = {}
    for name, table in specificity.items():
        own = table[(table["architecture"] == "mlp") & table["aggregated"].astype(bool)]
        own = own[own["set"] == definition]
        shares[name] = (own["hits"] / own["size"]).groupby(own["explainer"]).mean()
    parts.append(_panel(SPECIFIC, shares.get("before"), shares.get("after")))
    right = compared[compared["architecture"] == "mlp"]
    means = right.groupby(["kind", "explainer"])["auprc"].mean()
    kinds = set(means.index.get_level_values("kind"))
    single, together = (
        means.xs(kind, level="kind") if kind in kinds else None for kind in ("single", TOGETHER)
    )
    parts.append(_panel(RIGHT, single, together))
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else parts[0].iloc[:0]


def _panel(name: str, before: pd.Series | None, after: pd.Series | None) -> pd.DataFrame:
    columns = {"before": before, "after": after}
    known = {key: value for key, value in columns.items() if value is not None}
    table = pd.DataFrame(known).reindex(columns=list(columns)).rename_axis("explainer")
    return table.reset_index().assign(panel=name)[["panel", "explainer", *columns]]


def told(picture: pd.DataFrame, compared: pd.DataFrame) -> Facts:
    """Return what the picture on the landing page says.

    Parameters
    ----------
    picture
        What `story` gave.
    compared
        The table ``right_compared``.

    Returns
    -------
    dict
        Medians over explainers of overlap (``before``, ``after``) and average precision
        (``right_before``, ``right_after``); the explainers whose share of tissue-specific genes
        changes ``most`` (two); the ``t_test`` (NaN if unknown). Of what is not known the level is
        None.
    """
    medians = picture.groupby("panel")[["before", "after"]].median()

    def level(column: str, panel: str) -> float | None:
        known = panel in medians.index and pd.notna(medians[column][panel])
        return float(medians[column][panel]) if known else None

    shares = picture[picture["panel"] == SPECIFIC].set_index("explainer")
    moved = (shares["after"] - shares["before"]).abs().dropna().sort_values(ascending=False)
    plain = compared[(compared["kind"] == BASELINE) & (compared["explainer"] == T_TEST)]
    return {
        "before": level("before", REPEATS),
        "after": level("after", REPEATS),
        "most": moved.index[:2].tolist(),
        "right_before": level("before", RIGHT),
        "right_after": level("after", RIGHT),
        "t_test": float(plain["auprc"].mean()),
    }
