from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.errors import HelpersError, WorkspaceError
from helpers.workspace.atomic import unfinished_name
from helpers.workspace.ownership import (
    FORMAT,
    MARKER,
    Kind,
    Marker,
    check,
    claim,
    keep_apart,
    read_marker,
    write_marker,
)
from helpers.workspace.store import project_root


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("kind", ["workspace", "html", "downloads"])
def test_a_new_or_empty_folder_is_claimed_and_used_again(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").write_text("")
    (tmp_path / "empty" / unfinished_name(MARKER, 1)).write_text("")
    for folder in (tmp_path / "new" / "deep", tmp_path / "empty"):
        before = tree(tmp_path)
        assert check(folder, kind) is None
        assert tree(tmp_path) == before
        claimed, made = claim(folder, kind, "a test", {"x": 1})
        assert made == ([folder, folder.parent] if "deep" in folder.name else [])
        assert claimed == read_marker(folder) == Marker(kind, "a test", {"x": 1})
        assert claim(folder, kind, "another test") == (claimed, [])
        assert json.loads((folder / MARKER).read_text())["made_by"] == "a test"


def foreign(folder: Path) -> None:
    (folder / "CNAME").write_text("mine")


def hidden(folder: Path) -> None:
    (folder / ".git").mkdir()


def another_marker(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / MARKER).write_text(text)

    return write


def a_link_to_a_marker(folder: Path) -> None:
    write_marker(folder.parent, Marker("html", "a test"))
    (folder / MARKER).symlink_to(folder.parent / MARKER)


def of_another_kind(folder: Path) -> None:
    write_marker(folder, Marker("workspace", "a test"))


def of_a_later_version(folder: Path) -> None:
    text = json.dumps({"format": FORMAT + 1, "kind": "html", "made_by": "", "details": {},
                       "files": {}})  # fmt: skip
    (folder / MARKER).write_text(text)


def that_leads_out(folder: Path) -> None:
    write_marker(folder, Marker("html", "a test", files={"../mine": ["0"]}))


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (foreign, r"did not make \(CNAME\): name a new or empty folder with --html"),
        (hidden, r"did not make \(\.git\)"),
        (another_marker("{"), "did not make"),
        (another_marker("[]"), "did not make"),
        (another_marker(""), "did not make"),
        (a_link_to_a_marker, "did not make"),
        (that_leads_out, "did not make"),
        (of_another_kind, "is a workspace that this book made, not a rendered book"),
        (of_a_later_version, "by a later version of this book"),
    ],
)
def test_anybody_elses_folder_is_refused_and_stays(
    tmp_path: Path, fill: Callable[[Path], None], said: str
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    fill(folder)
    before = tree(tmp_path)
    with pytest.raises(WorkspaceError, match=said):
        claim(folder, "html", "a test")
    assert tree(tmp_path) == before


def test_a_file_or_a_broken_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, said in {
        "file": "is a file", "file/ws": "is a file", "link": "leads nowhere",
    }.items():  # fmt: skip
        with pytest.raises(WorkspaceError, match=rf"{said}.*--workspace"):
            claim(tmp_path / name, "workspace", "a test")
    assert tree(tmp_path) == ["file", "link"]


def test_what_no_folder_can_be_called_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for name in ("n" * 300, "x\0y", "a", "a/ws"):
        for refuse in (check, keep_apart):
            with pytest.raises(HelpersError, match="cannot be the path of anything"):
                refuse(tmp_path / name, "workspace")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(WorkspaceError, match="is not writable"):
        check(tmp_path / "ws", "workspace")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("kind", ["workspace", "html"])
def test_folders_of_an_earlier_version_are_known_and_refused(tmp_path: Path, kind: Kind) -> None:
    for name in ("records", "index.html", "made_from.txt"):
        (tmp_path / name).write_text("")
    with pytest.raises(WorkspaceError, match=r"earlier version.*rename or delete it"):
        check(tmp_path, kind)


@pytest.mark.parametrize(
    "name", ["", "book", "book/new", "notebooks", "helpers/x", "tests", "..", "../..", ".git/x"]
)
def test_the_project_is_never_written(name: str) -> None:
    with pytest.raises(
        WorkspaceError, match=r"the project's own files|lies in the folder of a git"
    ):
        keep_apart(project_root() / name, "html", project=project_root())


def test_beside_the_sources_results_may_lie() -> None:
    for name in ("_build/html", "eval_mode"):
        keep_apart(project_root() / name, "html", project=project_root())


@pytest.mark.parametrize("folder", ["project", "project/data", "project/link", "big.zarr/x"])
def test_no_input_lies_in_what_is_written(tmp_path: Path, folder: str) -> None:
    (tmp_path / "project" / "data").mkdir(parents=True)
    (tmp_path / "big.zarr").mkdir()
    (tmp_path / "project" / "link").symlink_to(tmp_path / "project" / "data")
    given = tmp_path / "project" / "data" / "own.h5ad"
    given.write_text("mine")
    with pytest.raises(WorkspaceError, match=r"would be written, but .* is read"):
        keep_apart(tmp_path / folder, "workspace", inputs=[given, tmp_path / "big.zarr"])
    keep_apart(tmp_path / "project" / "ws", "workspace", inputs=[given, tmp_path / "project"])


def test_results_do_not_lie_in_each_other(tmp_path: Path) -> None:
    claim(tmp_path / "ws", "workspace", "a test")
    keep_apart(tmp_path / "ws" / "html", "html")
    for name, kind in (("tables", "html"), ("html/x", "html"), ("html", "workspace")):
        with pytest.raises(WorkspaceError, match="a workspace that this book made"):
            keep_apart(tmp_path / "ws" / name, kind)  # type: ignore[arg-type]
