from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import WorkspaceError
from helpers.workspace import publication
from helpers.workspace.cleaning import in_build, remove_made, remove_roof
from helpers.workspace.formats import BYTES
from helpers.workspace.ownership import MARKER
from helpers.workspace.publication import publish, published_key, refuse_changed
from helpers.workspace.store import Workspace


def fill(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def content(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in files}
    found.pop(MARKER, None)
    return found


FIRST = {"index.html": "1", "old/page.html": "1", "a/b/c.js": "1"}
SECOND = {"index.html": "2", "new/page.html": "2", "a/b/c.js": "1"}


@pytest.fixture
def html(tmp_path: Path) -> Path:
    publish(fill(tmp_path / "first", FIRST), tmp_path / "html", key="one", made_by="a test")
    return tmp_path / "html"


def again(html: Path) -> None:
    publish(fill(html.parent / "second", SECOND), html, key="two", made_by="a test")


def test_a_book_takes_the_place_of_the_one_before(html: Path) -> None:
    assert content(html) == FIRST
    assert published_key(html) == "one"
    again(html)
    assert content(html) == SECOND
    assert published_key(html) == "two"
    assert not (html / "old").exists()


def test_what_a_person_adds_stays(html: Path) -> None:
    mine = {"CNAME": "mine", ".nojekyll": "", "old/notes.txt": "mine"}
    fill(html, mine)
    (html / "empty").mkdir()
    again(html)
    assert content(html) == SECOND | mine
    assert (html / "empty").is_dir()


@pytest.mark.parametrize("name", ["index.html", "new/page.html", "new"])
def test_a_file_in_the_way_is_refused_and_nothing_changes(html: Path, name: str) -> None:
    before = content(fill(html, {name: "mine"}))
    with pytest.raises(WorkspaceError, match="is in the way of the book"):
        again(html)
    assert content(html) == before
    assert published_key(html) == "one"


def test_a_changed_page_is_found_before_the_long_work(html: Path) -> None:
    refuse_changed(html)
    fill(html, {"old/page.html": "mine", "CNAME": "mine"})
    with pytest.raises(WorkspaceError, match=r"page\.html is in the way"):
        refuse_changed(html)


def test_a_link_is_not_followed_out_of_the_folder(html: Path) -> None:
    away = fill(html.parent / "away", {"mine": "mine"})
    (html / "new").symlink_to(away)
    with pytest.raises(WorkspaceError, match="is in the way"):
        again(html)
    assert content(away) == {"mine": "mine"}


def test_a_file_of_mine_that_is_the_same_stays_mine(html: Path) -> None:
    fill(html, {"new/page.html": "2"})
    again(html)
    assert remove_made(html) == ["new/page.html"]
    assert content(html) == {"new/page.html": "2"}


@pytest.mark.parametrize("moment", range(1, 7))
def test_killed_at_any_moment_the_next_run_finishes(
    html: Path, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = moment

    def killed(self: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return original(self, target)

    original = Path.replace
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        try:
            again(html)
        except KeyboardInterrupt:
            assert published_key(html) in {"one", ""}
        else:
            assert moment > 5
    refuse_changed(html)
    again(html)
    assert content(html) == SECOND
    assert remove_made(html) == []


NAMES = st.sampled_from(["a", "b", "c", "d/a", "d/b", "d/e/a"])
TEXTS = st.sampled_from(["1", "2", "3"])
TREES = st.dictionaries(NAMES, TEXTS, max_size=4)
ACTIONS = st.lists(st.tuples(st.sampled_from(["publish", "mine", "clean"]), TREES), max_size=8)


@given(ACTIONS)
def test_nothing_of_a_person_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, dict[str, str]]]
) -> None:
    """Whatever is published, added, changed and cleaned in whatever order."""
    folder = tmp_path_factory.mktemp("any") / "html"
    mine: dict[str, str] = {}
    for number, (what, files) in enumerate(actions):
        if what == "mine":
            if folder.exists():
                written = {name: f"mine {text}" for name, text in files.items()}
                fill(folder, written)
                mine |= written
            continue
        try:
            if what == "publish":
                made = fill(folder.parent / f"made-{number}", files)
                made.mkdir(exist_ok=True)
                publish(made, folder, key="k", made_by="a test")
            else:
                remove_made(folder)
        except WorkspaceError:
            pass
        found = content(folder) if folder.exists() else {}
        assert mine.items() <= found.items()


def test_cleaning_leaves_what_the_book_did_not_make(tmp_path: Path) -> None:
    home = tmp_path / "_build" / "workspace"
    workspace = Workspace(home / "reference-quick")
    for name in ("tables/a.csv", "tables/b.csv", "models/m"):
        workspace.write(name, b"made", BYTES, key="k")
    publish(fill(tmp_path / "made", FIRST), workspace.root / "html", key="k", made_by="a test")
    publish(tmp_path / "made", tmp_path / "_build" / "html", key="k", made_by="a test")
    mine = {"tables/b.csv": "changed", "tables/mine.csv": "mine", "html/CNAME": "mine"}
    fill(workspace.root, mine)
    fill(tmp_path / "_build", {"notes/mine.txt": "mine"})
    assert in_build(tmp_path) == [tmp_path / "_build" / "html", workspace.root]
    for folder in in_build(tmp_path):
        remove_made(folder)
    assert remove_roof(tmp_path) == [workspace.root, tmp_path / "_build" / "notes"]
    left = content(tmp_path / "_build")
    root = "workspace/reference-quick"
    expected = {f"{root}/{name}": text for name, text in mine.items()}
    expected["notes/mine.txt"] = "mine"
    assert {name: left[name] for name in expected} == expected
    known = {f"{root}/records/tables/b.csv.json", f"{root}/html/{MARKER}", f"{root}/{MARKER}"}
    assert set(left) - set(expected) == known


def test_all_of_it_goes_where_nobody_added_anything(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "_build" / "workspace" / "reference-quick")
    workspace.write("tables/a.csv", b"made", BYTES, key="k")
    publish(fill(tmp_path / "made", FIRST), workspace.root / "html", key="k", made_by="a test")
    for folder in in_build(tmp_path):
        assert remove_made(folder) == []
    assert remove_roof(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_folder_of_anybody_else_is_not_cleaned(tmp_path: Path) -> None:
    fill(tmp_path, {"index.html": "mine", "records/a.json": "{}"})
    with pytest.raises(WorkspaceError, match="nothing is removed"):
        remove_made(tmp_path)
    assert publication.published_key(tmp_path) == ""
