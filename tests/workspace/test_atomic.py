from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.errors import WorkspaceError
from helpers.workspace.atomic import (
    atomic_path,
    is_unfinished,
    remove_unfinished,
    scratch_folder,
    unfinished_name,
    write_text,
)


def test_a_write_replaces_the_old_content_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "deep" / "table.csv"
    write_text(final, "old")
    write_text(final, "new")
    assert final.read_text() == "new"
    assert [p.name for p in final.parent.iterdir()] == ["table.csv"]


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    final = tmp_path / "table.csv"
    write_text(final, "old")
    with pytest.raises(ValueError, match="stop"), atomic_path(final) as path:
        path.write_text("half")
        raise ValueError("stop")
    assert final.read_text() == "old"
    assert list(tmp_path.iterdir()) == [final]


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    final = tmp_path / "html"
    final.mkdir()
    (final / "mine").write_text("mine")
    with pytest.raises(WorkspaceError, match="cannot be written"), atomic_path(final) as path:
        path.write_text("a file")
    with pytest.raises(OSError, match="not empty"), atomic_path(final) as path:
        path.mkdir()
    assert (final / "mine").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [final]


def test_a_scratch_folder_goes_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), scratch_folder(tmp_path, "book") as folder:
        (folder / "page").write_text("half")
        assert is_unfinished(folder.name)
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_explained(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(WorkspaceError, match=r"disk is full .*model.*--workspace"),
        atomic_path(tmp_path / "model") as path,
    ):
        path.write_text("half")
        raise OSError(number, os.strerror(number))
    assert list(tmp_path.iterdir()) == []


def test_a_file_larger_than_the_system_allows_is_explained(tmp_path: Path) -> None:
    """A real failing write: the process may write 1,000 bytes and tries 100,000."""
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from helpers.workspace.atomic import write_text\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_text(Path(sys.argv[1]), 'x' * 100_000)\n"
    )
    final = tmp_path / "table.csv"
    run = subprocess.run(
        [sys.executable, "-c", script, str(final)], capture_output=True, text=True, check=False
    )
    assert "WorkspaceError: The disk is full while writing" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        write_text(tmp_path / "models" / "x", "text")


def test_leavings_of_dead_processes_are_removed_and_of_living_ones_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with atomic_path(tmp_path / "b.csv") as living:
        living.write_text("half")
        (tmp_path / unfinished_name("a.csv", dead.pid)).write_text("half")
        (tmp_path / unfinished_name("folder", dead.pid)).mkdir()
        name = unfinished_name("a.csv", dead.pid)
        others = [
            tmp_path / other
            for other in (
                f".unfinished-another-{dead.pid}-a.csv",
                # Of a user, who happened to choose the same beginning:
                f".unfinished-{dead.pid}-notes.txt",
                name.replace("a.csv", "b.csv"),
                name.replace(f"-{dead.pid}-", f"-0{dead.pid}-"),
                ".unfinished-",
            )
        ]
        for other in others:
            other.write_text("half")
        remove_unfinished(tmp_path)
        assert set(tmp_path.iterdir()) == {living, *others}
