"""The revision of a run is that of this project, whatever lies around it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.workspace.provenance import git_revision

NOBODY = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def git(folder: Path, *command: str) -> str:
    run = subprocess.run(
        ["git", "-C", str(folder), *NOBODY, *command], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def repository(folder: Path) -> str:
    """Make a repository with one file; return its revision."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    (folder / "file").write_text(folder.name)
    git(folder, "add", "file")
    git(folder, "commit", "--quiet", "-m", folder.name)
    return git(folder, "rev-parse", "HEAD")


def test_the_revision_tells_whether_files_differ(tmp_path: Path) -> None:
    revision = repository(tmp_path / "project")
    assert git_revision(tmp_path / "project") == revision
    git(tmp_path / "project", "tag", "-a", "v1", "-m", "v1")
    assert git_revision(tmp_path / "project") == revision
    (tmp_path / "project" / "file").write_text("other")
    assert git_revision(tmp_path / "project") == f"{revision}+changes"


def test_an_outer_repository_is_another_project(tmp_path: Path) -> None:
    repository(tmp_path / "outer")
    inner = tmp_path / "outer" / "project"
    inner.mkdir()
    assert git_revision(inner) == "unknown"
    revision = repository(inner)
    assert git_revision(inner) == revision
    (tmp_path / "bare").mkdir()
    assert git_revision(tmp_path / "bare") == "unknown"
    assert git_revision(tmp_path / "absent") == "unknown"


def test_variables_of_git_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, revision = repository(tmp_path / "other"), repository(tmp_path / "project")
    assert other != revision
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert git_revision(tmp_path / "project") == revision


def test_a_worktree_and_a_link_are_the_project(tmp_path: Path) -> None:
    revision = repository(tmp_path / "project")
    git(tmp_path / "project", "worktree", "add", "--quiet", str(tmp_path / "tree"))
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    assert git_revision(tmp_path / "tree") == git_revision(tmp_path / "link") == revision


def test_without_git_the_revision_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path / "project")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_revision(tmp_path / "project") == "unknown"
