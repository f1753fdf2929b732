"""Variants of a study: protocols share what they would make alike, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import config
from helpers.config import Settings
from helpers.errors import UnknownNameError
from helpers.protocols import NAMES, RELEASED, STRICT, TEXT
from helpers.workflow.step import Context, Step
from helpers.workflow.study import Study, make_artefact
from helpers.workspace.formats import JSON
from helpers.workspace.store import Workspace

made: list[str] = []


def make_data(context: Context) -> int:
    made.append("data")
    return 100


def make_model(context: Context, member: str) -> str:
    made.append(f"model {member}")
    return f"{context['data']} noise {context.settings.training_noise} number {member}"


def make_score(context: Context, member: str) -> str:
    made.append(f"score {member}")
    return f"{context.member('model', member)} in {context.settings.mode}"


def make_table(context: Context) -> list[str]:
    made.append("table")
    return [value for _, value in context.each("score")]


def make_other(context: Context) -> str:
    made.append("other")
    whose = "the headline's" if context.borrows("model") else "its own"
    return f"{whose} models, ranked by {context.settings.rank_by}"


def make_ledger(context: Context) -> dict[str, Any]:
    made.append("ledger")
    return {name: context[f"{name}:table"] for name in context.settings.protocols}


def model_names(settings: Settings, dataset: Any) -> list[str]:
    return [str(number) for number in range(settings.models)]


STEPS = {
    step.name: step
    for step in (
        Step("data", "data.json", JSON, make_data, "Data"),
        Step("model", "model-{member}.json", JSON, make_model, "Models", inputs=("data",),
             settings=("training_noise",), members=model_names),
        Step("score", "score-{member}.json", JSON, make_score, "Scores", inputs=("model",),
             settings=("mode",), members=model_names),
        Step("table", "table.json", JSON, make_table, "Table", inputs=("score",)),
        Step("other", "other.json", JSON, make_other, "Other", inputs=("model",),
             settings=("rank_by",)),
        Step("ledger", "ledger.json", JSON, make_ledger, "Ledger", settings=("protocols",),
             more_inputs=lambda chosen: tuple(f"{name}:table" for name in chosen.protocols)),
    )
}  # fmt: skip


def catalogue() -> dict[str, Step]:
    return STEPS


def study(folder: Path, steps: dict[str, Step] | None = None, **overrides: Any) -> Study:
    made.clear()
    chosen = config.settings("smoke", **{"models": 2, **overrides})
    found = catalogue if steps is None else lambda: steps
    return Study("smoke", "reference", chosen, None, Workspace(folder), found)


def test_a_variant_shares_what_is_alike_and_keeps_the_rest_apart(tmp_path: Path) -> None:
    opened = study(tmp_path)
    assert opened.under(TEXT) is opened
    assert list(opened.files("strict:model")) == ["model-0.json", "model-1.json"]
    assert next(iter(opened.files("strict:score"))) == "protocols/strict/score-0.json"
    assert next(iter(opened.files("released:model"))) == "protocols/released/model-0.json"
    assert list(opened.files("released:data")) == ["data.json"]
    assert opened.upstream("strict:table") == ["data", "model", "strict:score", "strict:table"]


def test_one_run_makes_all_protocols_and_shared_work_once(tmp_path: Path) -> None:
    opened = study(tmp_path)
    opened.ensure("ledger")
    assert sorted(made) == sorted(
        ["data", "ledger", *["table"] * 3, *["model 0", "model 1"] * 2, *["score 0", "score 1"] * 3]
    )
    ledger = opened.get("ledger")
    assert [ledger[name][0].split(" in ")[1] for name in NAMES] == ["dropout", "training", "eval"]
    assert ledger[RELEASED][0].startswith("100 noise 0.8")
    assert ledger[STRICT][1].startswith("100 noise 0.0 number 1")
    assert study(tmp_path).ensure("ledger") == 0


def test_a_run_that_was_killed_makes_what_is_left(tmp_path: Path) -> None:
    study(tmp_path).ensure("released:score")
    opened = study(tmp_path)
    assert "released:score" not in opened.outdated(["ledger"])
    opened.ensure("ledger")
    assert not {"data"} & set(made)
    assert made.count("model 0") == 1  # the headline's


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"seed": 3}, set()),
        # The headline's own choice: the other protocols stay complete, and as they were.
        ({"mode": "eval"}, {"score 0", "score 1", "table", "ledger"}),
    ],
)
def test_a_changed_setting_makes_its_dependants_again(
    tmp_path: Path, changed: dict[str, Any], again: set[str]
) -> None:
    study(tmp_path).ensure("ledger")
    opened = study(tmp_path, **changed)
    opened.ensure("ledger")
    assert set(made) == again


def test_where_the_headline_takes_a_protocols_choice_they_share_its_artefacts(
    tmp_path: Path,
) -> None:
    opened = study(tmp_path, mode="eval")
    assert opened.upstream("strict:table") == ["data", "model", "score", "table"]
    assert opened.get("strict:table") == opened.get("table")


def test_fewer_members_of_a_variant_are_the_headlines(tmp_path: Path) -> None:
    opened = study(tmp_path, models=3, beside='{"models": 2}')
    assert opened.members("strict:model") == ["0", "1"]
    assert opened.upstream("strict:score") == ["data", "model", "strict:score"]
    opened.ensure("strict:score")
    assert made.count("score 0") == 1


def test_a_variant_never_has_more_members_than_the_headline(tmp_path: Path) -> None:
    opened = study(tmp_path, models=2, beside='{"models": 3}')
    assert opened.members("strict:model") == ["0", "1"]
    assert opened.upstream("strict:score") == ["data", "model", "strict:score"]


BORROWING = STEPS | {"model": replace(STEPS["model"], borrowed=lambda chosen: True)}


def test_a_borrowed_artefact_is_the_headlines_and_is_known_to_be(tmp_path: Path) -> None:
    opened = study(tmp_path, BORROWING)
    assert list(opened.files("released:model")) == ["model-0.json", "model-1.json"]
    assert opened.get("released:other").startswith("the headline's models")
    assert opened.get("other") == opened.get("strict:other")
    # Under `strict` models are trained alike, so that they are its own.
    assert opened.get("strict:other").startswith("its own models")
    assert opened.borrows("released:model")
    assert not opened.borrows("strict:model")


def test_what_is_common_is_the_headlines_and_makes_no_difference(tmp_path: Path) -> None:
    steps = STEPS | {"model": replace(STEPS["model"], common=True)}
    opened = study(tmp_path, steps)
    assert list(opened.files("released:model")) == ["model-0.json", "model-1.json"]
    assert list(opened.files("released:other")) == ["other.json"]
    assert not opened.borrows("released:model")


def test_a_worker_makes_a_variants_member(tmp_path: Path) -> None:
    opened = study(tmp_path)
    opened.ensure("released:model")
    key = opened.key("released:score", "1")
    make_artefact(opened.address(), "released:score", "1", key)
    assert opened.states("released:score")["protocols/released/score-1.json"] == "fresh"


def test_what_protocols_share_is_known_without_the_data(tmp_path: Path) -> None:
    chosen = config.settings("smoke", models=2)
    steps = STEPS | {"data": replace(STEPS["data"], data_settings=True)}
    opened = Study("smoke", "rnaseqdb", chosen, None, Workspace(tmp_path), lambda: steps)
    assert opened.upstream("strict:table") == ["data", "model", "strict:score", "strict:table"]


def test_an_unknown_protocol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'strict'"):
        study(tmp_path).get("strikt:table")
    with pytest.raises(UnknownNameError, match="did you mean 'table'"):
        study(tmp_path).get("strict:tables")


choices = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["dropout", "training", "eval"]),
        "training_noise": st.sampled_from([0.0, 0.8]),
        "rank_by": st.sampled_from(["absolute", "signed"]),
        "models": st.integers(2, 4),
    },
)


@given(choices, choices, st.sampled_from(NAMES))
def test_two_protocols_share_a_file_exactly_if_all_behind_it_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, Any],
    second: dict[str, Any],
    protocol: str,
) -> None:
    opened = study(tmp_path_factory.mktemp("variants"), **first)
    variant = opened.under(protocol)
    if variant is not opened:
        # Any settings will do: what is shared may not hang on the protocols that there are.
        variant.settings = variant.settings.model_copy(update=second)
        variant._steps = {name: step.under(variant.settings) for name, step in STEPS.items()}
    behind = {
        "data": (),
        "model": ("training_noise",),
        "score": ("training_noise", "mode", "models"),
    }
    for name, fields in behind.items():
        same = all(getattr(opened.settings, f) == getattr(variant.settings, f) for f in fields)
        both = set(opened.files(name)) & set(opened.files(f"{protocol}:{name}"))
        assert bool(both) == same, name
    same = same and opened.settings.models == variant.settings.models
    assert (opened.file("table") == opened.file(f"{protocol}:table")) == same
