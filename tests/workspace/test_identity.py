from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.errors import WorkspaceError
from helpers.workspace import identity as module
from helpers.workspace.formats import BYTES
from helpers.workspace.identity import (
    Identity,
    default_workspace,
    lenders,
    marked,
    stored_workspace,
)
from helpers.workspace.store import Workspace

PLAIN = Identity("reference", "quick")
FILE = Identity("reference.h5ad", "quick", content="abc", file=True)
TISSUES = replace(PLAIN, choice={"tissues": ["liver", "kidney"]}, words=("liver", "kidney"))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "home", lambda: tmp_path / "home")
    return tmp_path / "home"


def run(identity: Identity, **files: bytes) -> Workspace:
    """Make the workspace of a run, as `open_study` does."""
    workspace = Workspace(default_workspace(identity), details=identity.details())
    workspace.claim()
    for name, content in files.items():
        workspace.write(name, content, BYTES, key=content.decode())
    return workspace


def test_the_plain_run_has_the_plain_name() -> None:
    assert default_workspace(PLAIN).name == "reference-quick"


@pytest.mark.parametrize(
    "other",
    [
        FILE,
        TISSUES,
        replace(FILE, content="abd"),
        replace(FILE, choice={"class_column": "kind"}),
        replace(FILE, choice={"class_column": "sort"}),
        replace(TISSUES, choice={"tissues": ["liver"]}),
        replace(PLAIN, profile="smoke"),
    ],
)
def test_no_two_runs_share_a_folder(other: Identity) -> None:
    folders = {default_workspace(PLAIN), default_workspace(other)}
    assert len(folders) == 2
    assert {run(PLAIN).root, run(other).root} == folders
    assert {default_workspace(PLAIN), default_workspace(other)} == folders


def test_a_folder_says_what_it_is_about() -> None:
    name = default_workspace(TISSUES).name
    assert name == f"reference-quick-liver-kidney-{TISSUES.digest[:8]}"
    odd = replace(FILE, name="../Mein Datensatz (2)|肝.h5ad", words=())
    assert default_workspace(odd).name == f"Mein-Datensatz-2-肝-quick-{odd.digest[:8]}"
    assert default_workspace(replace(FILE, name=".h5ad")).name.startswith("h5ad-quick-")


def test_other_data_of_the_same_name_get_another_folder_and_keep_it() -> None:
    first, second = (Identity("rnaseqdb", "quick", content=content) for content in ("a", "b"))
    assert run(first).root.name == "rnaseqdb-quick"
    assert run(second).root.name == f"rnaseqdb-quick-{second.digest[:8]}"
    assert default_workspace(first).name == "rnaseqdb-quick"
    shutil.rmtree(default_workspace(first))
    assert default_workspace(second).name == f"rnaseqdb-quick-{second.digest[:8]}"


def test_hashes_that_agree_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DIGITS", (0, 16, 64))
    first, second = FILE, replace(FILE, content="abd")
    assert run(first).root != run(second).root


def test_a_run_without_its_data_is_found_if_it_is_the_only_one() -> None:
    asked = Identity("rnaseqdb", "quick")
    assert stored_workspace(asked).name == "rnaseqdb-quick"
    only = run(replace(asked, content="a"))
    assert stored_workspace(asked) == only.root
    run(replace(asked, content="b"))
    with pytest.raises(WorkspaceError, match=r"Several runs of rnaseqdb are there.*--workspace"):
        stored_workspace(asked)


def test_somebody_elses_folder_is_not_taken_for_another(place: Path) -> None:
    (place / "reference-quick").mkdir(parents=True)
    (place / "reference-quick" / "mine").write_text("mine")
    assert default_workspace(PLAIN) == place / "reference-quick"
    assert marked(place) == []


def test_workspaces_beside_each_other_lend(place: Path, tmp_path: Path) -> None:
    plain, other = run(PLAIN, model=b"trained"), run(TISSUES)
    assert [lender.root for lender in lenders(other.root)] == [plain.root]
    assert lenders(other.root)[0].state("model", "trained") == "fresh"
    assert lenders(tmp_path / "elsewhere") == []
