"""The graph of steps on a made-up table of steps: what is made, reused and made again."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from helpers import config
from helpers.config import Settings
from helpers.errors import MissingInputError, UnknownNameError, WorkspaceError
from helpers.study.opening import open_study
from helpers.workflow.dependencies import CircleError
from helpers.workflow.step import Context, Step, UndeclaredError
from helpers.workflow.study import Study, make_artefact
from helpers.workspace.formats import JSON
from helpers.workspace.store import Workspace

made: list[str] = []


def make_source(context: Context) -> int:
    made.append("source")
    return 10 * context.settings.seed


def make_family(context: Context, member: str) -> int:
    made.append(f"family {member}")
    return context["source"] + int(member) + context.settings.repeats


def make_sum(context: Context) -> int:
    made.append("sum")
    return sum(value for _, value in context.each("family"))


def make_other(context: Context) -> int:
    made.append("other")
    return context["source"] + context.settings.top


def family_names(settings: Settings, dataset: Any) -> list[str]:
    return [str(number) for number in range(settings.models)]


TABLE = {
    step.name: step
    for step in (
        Step("source", "source.json", JSON, make_source, "Source", settings=("seed",)),
        Step(
            "family", "family-{member}.json", JSON, make_family, "Family",
            inputs=("source",), settings=("repeats",), members=family_names,
        ),
        Step("sum", "sum.json", JSON, make_sum, "Sum", inputs=("family",)),
        Step(
            "other", "other.json", JSON, make_other, "Other", inputs=("source",), settings=("top",)
        ),
    )
}  # fmt: skip


def study(folder: Path, steps: dict[str, Step] = TABLE, **overrides: Any) -> Study:
    made.clear()
    settings = config.settings("smoke", models=2, **overrides)
    return Study("smoke", "reference", settings, None, Workspace(folder), lambda: steps)


def run(folder: Path, **overrides: Any) -> list[str]:
    opened = study(folder, **overrides)
    for name in TABLE:
        opened.ensure(name)
    return list(made)


ALL = ["source", "family 0", "family 1", "sum", "other"]


def test_the_first_run_makes_everything_and_the_second_nothing(tmp_path: Path) -> None:
    assert run(tmp_path) == ALL
    assert run(tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"seed": 1}, ALL),
        ({"repeats": 9}, ["family 0", "family 1", "sum"]),
        ({"top": 7}, ["other"]),
        ({"max_epochs": 1}, []),
    ],
)
def test_a_changed_setting_makes_exactly_its_dependants_again(
    tmp_path: Path, changed: dict[str, int], expected: list[str]
) -> None:
    run(tmp_path)
    assert run(tmp_path, **changed) == expected


def test_a_larger_family_keeps_its_old_members(tmp_path: Path) -> None:
    run(tmp_path)
    opened = study(tmp_path)
    opened.settings = config.settings("smoke", models=3)
    assert opened.get("sum") == sum(5 + number for number in range(3))
    assert sorted(made) == ["family 2", "sum"]


def test_changed_code_makes_exactly_its_dependants_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path)
    monkeypatch.setattr(Study, "_code_of", lambda self, step: f"new {step.name == 'family'}")
    changed = run(tmp_path)
    assert changed == ALL  # the key scheme itself changed for all of them
    monkeypatch.setattr(
        Study, "_code_of", lambda self, step: "newer" if step.name == "other" else
        f"new {step.name == 'family'}",
    )  # fmt: skip
    assert run(tmp_path) == ["other"]


def test_a_deleted_or_damaged_artefact_alone_is_made_again(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "family-1.json").unlink()
    assert run(tmp_path) == ["family 1"]
    (tmp_path / "other.json").write_text("1")
    assert run(tmp_path) == ["other"]


def test_upstream_lists_needs_before_what_needs_them(tmp_path: Path) -> None:
    assert study(tmp_path).upstream("sum") == ["source", "family", "sum"]


def test_progress_counts_members(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    study(tmp_path).ensure("sum", lambda *event: heard.append(event))
    assert [event for event in heard if event[0] == "Family"] == [
        ("Family", 0, 2), ("Family", 1, 2), ("Family", 2, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "what", "entry"),
    [
        (replace(TABLE["other"], settings=()), "setting 'top'", "settings"),
        (replace(TABLE["other"], inputs=()), "artefact 'source'", "inputs"),
    ],
)
def test_what_a_step_does_not_declare_it_cannot_read(
    tmp_path: Path, step: Step, what: str, entry: str
) -> None:
    message = (
        rf"test_study\.py: the step 'other' reads the {what} without declaring it: "
        rf"add it to the step's '{entry}'"
    )
    with pytest.raises(UndeclaredError, match=message) as caught:
        study(tmp_path, TABLE | {"other": step}).get("other")
    assert caught.value.exit_code == 2


def test_declared_settings_can_be_sent_and_copied(tmp_path: Path) -> None:
    context = Context(study(tmp_path), TABLE["other"])
    assert pickle.loads(pickle.dumps(context.settings)).top == context.settings.top


def test_steps_in_a_circle_are_named_in_one_sentence(tmp_path: Path) -> None:
    steps = TABLE | {"source": replace(TABLE["source"], inputs=("sum",))}
    said = r"no order of work: 'source' needs 'sum' needs 'family' needs 'source'\. Take one"
    with pytest.raises(CircleError, match=said):
        study(tmp_path, steps).upstream("source")


def make_of(factor: int, context: Context) -> int:
    return factor * context.settings.seed


def test_a_step_with_some_arguments_given_has_the_code_of_its_function() -> None:
    step = Step("twice", "twice.json", JSON, partial(partial(make_of), 2), "Twice")
    assert step.module == __name__


def make_roles(context: Context) -> str:
    made.append("roles")
    return Path(context.settings.cancer_gene_file).read_text()


def files_of(value: str) -> list[Path | str]:
    return [Path(value)] if value.endswith(".tsv") else [value]


ROLES = Step(
    "roles", "roles.json", JSON, make_roles, "Roles", named_files={"cancer_gene_file": files_of}
)


def read_roles(folder: Path, path: Path) -> list[str]:
    opened = study(folder, TABLE | {"roles": ROLES}, cancer_gene_file=str(path))
    assert opened.get("roles") == path.read_text()
    return list(made)


def test_the_bytes_and_the_name_of_a_named_file_count_and_its_folder_does_not(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "a" / "genes.tsv", tmp_path / "b" / "genes.tsv"
    workspace = tmp_path / "ws"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("TP53")
    assert read_roles(workspace, first) == ["roles"]
    assert read_roles(workspace, second) == []
    second.write_text("KRAS")
    assert read_roles(workspace, second) == ["roles"]
    other = second.rename(second.with_name("other.tsv"))
    assert read_roles(workspace, other) == ["roles"]


def test_a_named_file_that_is_gone_is_named(tmp_path: Path) -> None:
    opened = study(tmp_path, TABLE | {"roles": ROLES}, cancer_gene_file=str(tmp_path / "x.tsv"))
    with pytest.raises(MissingInputError, match=r"x\.tsv, which a setting names, cannot be read"):
        opened.states("roles")


def test_a_name_that_is_no_file_stands_for_itself(tmp_path: Path) -> None:
    keys = {
        name: study(tmp_path, TABLE | {"roles": ROLES}, cancer_gene_file=name).key("roles")
        for name in ("one", "two")
    }
    assert keys["one"] != keys["two"]


def test_unknown_names_are_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'family'"):
        study(tmp_path).get("famly")
    with pytest.raises(UnknownNameError, match="did you mean 'quick'"):
        open_study("quikc", workspace=tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'reference'"):
        open_study(dataset="referense", workspace=tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'max_epochs'"):
        open_study(workspace=tmp_path, max_epoch=3)


def test_a_worker_with_other_code_or_data_makes_nothing(tmp_path: Path) -> None:
    opened = open_study("smoke", workspace=tmp_path)
    with pytest.raises(WorkspaceError, match=r"would make models/mlp-000.* start all workers anew"):
        make_artefact(opened.address(), "models/mlp", "000", "another key")
    assert not list(tmp_path.rglob("*.safetensors"))
