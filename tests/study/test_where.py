"""Default workspaces of studies: never shared, and nothing is made twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers import config
from helpers.datasets.registry import DATASETS, find_dataset
from helpers.errors import WorkspaceError
from helpers.study import open_study, opening
from helpers.study.where import identity_of
from helpers.workflow.step import Context, Step
from helpers.workflow.study import Study
from helpers.workspace import identity
from helpers.workspace.formats import JSON

made: list[str] = []


def make_model(context: Context) -> int:
    made.append("model")
    return context.settings.seed


def make_list(context: Context) -> list[str]:
    made.append("list")
    return [*context.settings.tissues, str(context["model"])]


STEPS = {
    step.name: step
    for step in (
        Step("model", "models/m.bin", JSON, make_model, "Model", settings=("seed",)),
        Step(
            "list", "tables/l.json", JSON, make_list, "List", inputs=("model",),
            settings=("tissues",),
        ),
    )
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (identity, opening):
        monkeypatch.setattr(module, "home", lambda: tmp_path / "home")
    made.clear()
    return tmp_path / "home"


def opened(**more: Any) -> Study:
    """Open a study by the rules of `open_study`, with a small table of steps."""
    found = open_study("smoke", **more)
    return Study("smoke", found.dataset.argument, found.settings, found.data, found.workspace,
                 lambda: STEPS)  # fmt: skip


def own(path: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame({"kind": ["a", "b"] * 12, "sort": ["c"] * 12 + ["d"] * 12},
                       index=[f"s{i}" for i in range(24)])  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    genes = pd.DataFrame(index=["ALB", "INS", "TP53"])
    counts = rng.poisson(5.0, (24, 3)).astype(np.float32)
    anndata.AnnData(counts, obs=obs, var=genes).write_h5ad(path)
    return path


def test_opening_makes_nothing(home: Path) -> None:
    assert opened().workspace.root == home / "reference-smoke"
    assert not home.exists()


def test_other_tissues_get_a_workspace_of_their_own_and_the_models_of_the_first(
    home: Path,
) -> None:
    usual = opened()
    assert usual.get("list") == ["0"]
    before = usual.workspace.path("tables/l.json").read_bytes()
    other = opened(tissues="liver,kidney")
    assert other.workspace.root != usual.workspace.root
    assert other.states("model") == {"models/m.bin": "fresh"}
    assert not other.workspace.root.exists()
    assert list(other.outdated(["list"])) == ["list"]
    assert other.get("list") == ["liver", "kidney", "0"]
    assert sorted(made) == ["list", "list", "model"]
    assert other.workspace.record("models/m.bin") is not None
    assert usual.workspace.path("tables/l.json").read_bytes() == before
    assert usual.states("list") == {"tables/l.json": "fresh"}


def test_what_is_taken_over_does_not_depend_on_the_lender(home: Path) -> None:
    usual = opened()
    usual.get("list")
    other = opened(tissues="liver")
    other.ensure("list")
    usual.workspace.path("models/m.bin").unlink()
    assert opened(tissues="liver").get("model") == 0
    assert sorted(made) == ["list", "list", "model"]


def test_other_settings_do_not_move_a_run(home: Path) -> None:
    assert opened(models=5).workspace.root == home / "reference-smoke"


def test_the_usual_tissues_by_name_are_the_usual_run(home: Path) -> None:
    usual = DATASETS["reference"].explained_tissues[: config.settings("smoke").own_tissues]
    assert opened(tissues=",".join(usual)).workspace.root == home / "reference-smoke"


def test_a_workspace_that_is_named_is_the_one(tmp_path: Path) -> None:
    study = opened(workspace=tmp_path / "mine", tissues="liver")
    assert study.workspace.root == tmp_path / "mine"


def test_files_of_one_name_never_share(tmp_path: Path, home: Path) -> None:
    files = [own(tmp_path / name / "reference.h5ad", number) for number, name in enumerate("ab")]
    roots = {
        opened(dataset=str(path), class_column=column).workspace.root
        for path in files
        for column in ("kind", "sort")
    }
    assert len(roots) == 4
    assert {root.parent for root in roots} == {home}
    assert all(root.name.startswith("reference-smoke-") for root in roots)
    again = opened(dataset=str(files[0]), class_column="kind").workspace.root
    assert again in roots
    own(files[0], 9)
    assert opened(dataset=str(files[0]), class_column="kind").workspace.root not in roots


def test_other_files_of_a_data_set_get_another_workspace(tiny_data: Path, tmp_path: Path) -> None:
    some = tmp_path / "some"
    some.mkdir()
    for path in sorted(tiny_data.iterdir())[2:]:
        (some / path.name).symlink_to(path)
    first = opened(dataset="rnaseqdb", data=tiny_data)
    first.get("list")
    assert first.workspace.root.name == "rnaseqdb-smoke"
    assert opened(dataset="rnaseqdb", data=some).workspace.root.name != "rnaseqdb-smoke"
    assert opened(dataset="rnaseqdb", data=tiny_data).workspace.root == first.workspace.root


def test_identity_ignores_what_does_not_matter_to_a_data_set() -> None:
    settings = config.settings("smoke", min_class_size=12)
    assert identity_of(find_dataset("reference", settings), settings, "smoke").choice == {}
    known = replace(DATASETS["rnaseqdb"])
    assert identity_of(known, settings, "smoke").choice == {"min_class_size": 12}


@pytest.mark.parametrize("inner", ["", "data"])
def test_a_file_that_is_read_is_never_in_the_workspace(tmp_path: Path, inner: str) -> None:
    path = own(tmp_path / "project" / "data" / "expression.h5ad", 1)
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match=r"would be written, but .*expression\.h5ad is read"):
        opened(dataset=str(path), class_column="kind", workspace=tmp_path / "project" / inner)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.rglob("*")] == ["project", "data", "expression.h5ad"]
