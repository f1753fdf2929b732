from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import WorkspaceError
from helpers.workspace import atomic
from helpers.workspace.cleaning import remove_made
from helpers.workspace.formats import BYTES, TABLE
from helpers.workspace.ownership import read_marker
from helpers.workspace.store import Workspace

TABLE_FILE = "tables/t.csv"
TABLE_OF_ONE = pd.DataFrame({"a": [1]})


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


def test_a_workspace_is_made_when_it_is_written(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "a" / "ws", details={"dataset": "reference"})
    assert list(tmp_path.iterdir()) == []
    workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="k")
    marker = read_marker(workspace.root)
    assert marker is not None
    assert (marker.kind, marker.details) == ("workspace", {"dataset": "reference"})
    workspace.undo_claim()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_undone_in_a_workspace_that_was_there(workspace: Workspace) -> None:
    again = Workspace(workspace.root)
    again.write("tables/u.csv", TABLE_OF_ONE, TABLE, key="k")
    again.undo_claim()
    assert again.state("tables/u.csv", "k") == "fresh"


def test_a_workspace_that_is_looked_at_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="only looked at"):
        Workspace(tmp_path, untouched=True).write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="k")
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_way_is_refused_and_stays(workspace: Workspace) -> None:
    foreign = workspace.path("tables/mine.csv")
    foreign.write_text("mine")
    with pytest.raises(WorkspaceError, match=r"mine\.csv is in the way.*--workspace"):
        workspace.write("tables/mine.csv", TABLE_OF_ONE, TABLE, key="k")
    assert foreign.read_text() == "mine"


def test_what_lies_behind_a_link_in_place_of_a_folder_stays(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A folder may be moved to another disk; a folder with somebody's own files is not ours."""
    elsewhere = tmp_path / "elsewhere"
    workspace.path("tables").rename(elsewhere)
    workspace.path("tables").symlink_to(elsewhere)
    workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="l")
    assert workspace.state(TABLE_FILE, "l") == "fresh"
    (elsewhere / "t.csv").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"t\.csv is in the way, and this book did not make"):
        workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="m")
    remove_made(workspace.root)
    assert (elsewhere / "t.csv").read_text() == "mine"


def test_what_was_changed_by_hand_is_kept_when_it_is_made_anew(workspace: Workspace) -> None:
    for text in ("first", "second"):
        workspace.path(TABLE_FILE).write_text(text)
        workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="k")
        assert workspace.state(TABLE_FILE, "k") == "fresh"
    assert workspace.kept() == ["kept/tables/t-2.csv", "kept/tables/t.csv"]
    texts = [workspace.path(name).read_text() for name in workspace.kept()]
    assert texts == ["second", "first"]


def test_killed_before_its_place_was_taken_the_old_file_is_still_ours(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of the new file is there, the file is the old one."""
    for key in ("k2", "k3"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(atomic, "_flush", stop_at(TABLE_FILE))
            workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key=key)
        assert workspace.state(TABLE_FILE, key) == "stale"
    workspace.write(TABLE_FILE, TABLE_OF_ONE, TABLE, key="k4")
    assert workspace.state(TABLE_FILE, "k4") == "fresh"
    assert workspace.kept() == []


def stop_at(relative: str) -> Callable[[Path], None]:
    def flush(path: Path) -> None:
        if path.name.endswith(Path(relative).name):
            raise KeyboardInterrupt

    return flush


@pytest.mark.parametrize("file", [TABLE_FILE, "models/m.bin"])
def test_an_artefact_is_taken_over_with_its_record(
    workspace: Workspace, tmp_path: Path, file: str
) -> None:
    workspace.write(file, b"abc", BYTES, key="k", made_from={"x": 2})
    other = Workspace(tmp_path / "other")
    other.borrow(file, workspace)
    assert other.state(file, "k") == "fresh"
    assert other.record(file).made_from == {"x": 2}
    other.write(file, b"new", BYTES, key="k2")
    assert workspace.state(file, "k") == "fresh"
    assert workspace.path(file).read_bytes() == b"abc"
