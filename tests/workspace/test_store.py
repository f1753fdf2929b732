from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import WorkspaceError
from helpers.workspace.formats import TABLE
from helpers.workspace.store import Workspace, default_workspace, project_root

TABLE_FILE = "tables/t.csv"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path / "ws")
    found.write(TABLE_FILE, pd.DataFrame({"a": [1, 2]}), TABLE, key="k", made_from={"x": 1})
    return found


def test_an_artefact_is_fresh_for_its_key_only(workspace: Workspace) -> None:
    assert workspace.state(TABLE_FILE, "k") == "fresh"
    assert workspace.state(TABLE_FILE, "other") == "stale"
    assert workspace.state("tables/u.csv", "k") == "missing"


def test_a_changed_file_is_stale_even_if_its_size_is_the_same(workspace: Workspace) -> None:
    path = workspace.path(TABLE_FILE)
    path.write_bytes(path.read_bytes().replace(b"2", b"3"))
    os.utime(path, ns=(1, 1))
    assert workspace.state(TABLE_FILE, "k") == "stale"


def test_a_file_that_was_only_touched_stays_fresh(workspace: Workspace) -> None:
    os.utime(workspace.path(TABLE_FILE), ns=(1, 1))
    assert workspace.state(TABLE_FILE, "k") == "fresh"


def test_a_file_cut_short_is_stale(workspace: Workspace) -> None:
    path = workspace.path(TABLE_FILE)
    path.write_bytes(path.read_bytes()[:-2])
    assert workspace.state(TABLE_FILE, "k") == "stale"


def test_killed_between_content_and_record_the_artefact_is_stale(workspace: Workspace) -> None:
    TABLE.write(workspace.path(TABLE_FILE), pd.DataFrame({"a": [9]}))
    assert workspace.state(TABLE_FILE, "k") == "stale"


@pytest.mark.parametrize("damage", ["", "{", '{"key": "k"}', "[]"])
def test_a_damaged_record_makes_the_artefact_stale(workspace: Workspace, damage: str) -> None:
    (workspace.root / "records" / f"{TABLE_FILE}.json").write_text(damage)
    assert workspace.state(TABLE_FILE, "k") == "stale"


def test_tables_read_back_as_they_were(workspace: Workspace) -> None:
    table = pd.DataFrame(
        {"gene": ["NA", "NAN", "null", "TP53"], "x": [0.1, 1 / 3, float("nan"), 1e-300]}
    )
    workspace.write("tables/v.csv", table, TABLE, key="k")
    pd.testing.assert_frame_equal(TABLE.read(workspace.path("tables/v.csv")), table)


def test_records_name_every_artefact(workspace: Workspace) -> None:
    assert list(workspace.records()) == [TABLE_FILE]
    assert workspace.records()[TABLE_FILE].made_from == {"x": 1}


def test_a_workspace_below_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        Workspace(tmp_path / "file" / "ws")


def test_the_default_workspace_is_named_after_data_set_and_profile() -> None:
    assert default_workspace("reference", "quick").name == "reference-quick"
    assert (project_root() / "_config.yml").is_file()
