"""Whatever folders are named to the commands: nothing that the book did not make has changed.

Random trees, in which a clone of the project lies, and random commands. What takes long in them
(training, rendering, downloading) is replaced by something short that writes in the same way.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anndata
import hypothesis
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import datasets
from helpers.cli import main
from helpers.datasets import download, transfer
from helpers.errors import HelpersError
from helpers.publish import book
from helpers.publish import run as running
from helpers.publish.display import show_figure
from helpers.study import Study, open_study
from helpers.workflow import processes
from helpers.workspace.fingerprints import of_file
from helpers.workspace.formats import BYTES, JSON
from helpers.workspace.ownership import MARKER, Marker, write_marker

ROOT = Path(__file__).resolve().parents[1]
DOWNLOAD = "liver-rsem-fpkm-gtex.txt.gz"

USUAL = {"ws": "workspace", "docs": "html", "project/data": "downloads"}
"""Folders that are named most often, and what for."""
FOLDERS = [
    ".", "docs", "project", "project/data", "project/tables", "ws", "ws/html", "ws/tables",
    "ws/records/tables", "clone", "clone/book", "clone/notebooks", "clone/.git", "clone/_build",
    "clone/_build/html", "clone/_build/workspace/reference-smoke", "empty", "new", "new/deeper",
]  # fmt: skip
FILES = [
    "CNAME", ".nojekyll", "index.html", "made_from.txt", "notes.txt", "split.csv", "split.csv.json",
    "line.svg", "line.csv", "provenance.json", "claims.json", "book", "kept", "objects.inv",
    DOWNLOAD, f"{DOWNLOAD}.part", f"{DOWNLOAD}.part.json", "checksums.json",
    ".unfinished-host-1-split.csv", ".unfinished-1-0123456789ab-split.csv", "own.h5ad",
]  # fmt: skip
IN_THE_WAY = [
    "ws/tables/split.csv", "ws/records/tables/split.csv.json", "ws/figures/line.csv",
    "ws/claims.json", "ws/provenance.json", "ws/html/index.html", "docs/index.html",
    "docs/tables/split.csv", "docs/tables", "docs/book.html/mine", f"project/data/{DOWNLOAD}",
    f"project/data/{DOWNLOAD}.part", f"project/data/{DOWNLOAD}.part.json",
    "project/data/checksums.json",
]  # fmt: skip
LINKS = ["link", "tables"]
"""What links are called: one is where a folder of a workspace or a book would be."""
TEXTS = ["", "mine", "{}", "[]", json.dumps({DOWNLOAD: "0" * 64})]

folder = st.one_of(st.sampled_from(list(USUAL)), st.sampled_from(FOLDERS))
file = st.one_of(
    st.sampled_from(IN_THE_WAY), st.tuples(folder, st.sampled_from(FILES)).map("/".join)
)
marker = st.one_of(
    st.sampled_from(list(USUAL.items())), st.tuples(folder, st.sampled_from(list(USUAL.values())))
)


@dataclass(frozen=True)
class Tree:
    """Files of a person's, folders that bear a marker (perhaps copied), links and empty folders."""

    files: dict[str, str] = field(default_factory=dict)
    markers: list[tuple[tuple[str, str], bool]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def grow(self, root: Path, input_file: Path) -> None:
        data = input_file.read_bytes()
        for name in ("_config.yml", "book/_toc.yml", "book/intro.md", "notebooks/00_data.ipynb"):
            (root / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / "clone" / name)
        for place in self.empty:
            (root / place).mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            path = root / name
            above = [path.parent, *path.parent.parents]
            if not path.is_dir() and not any(folder.is_file() for folder in above):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data if name.endswith(".h5ad") else text.encode())
        for (place, kind), lists in self.markers:
            where = root / place
            if any(folder.is_file() for folder in (where, *where.parents)):
                continue
            where.mkdir(parents=True, exist_ok=True)
            listed = {path.name: ["0" * 64] for path in where.iterdir()} if lists else {}
            write_marker(where, Marker(kind, "a copied marker", files=listed))
        for name, (place, target) in zip(LINKS, self.links, strict=False):
            if (root / place).is_dir() and not (root / place / name).exists():
                (root / place / name).symlink_to(root / target)


trees = st.builds(
    Tree,
    st.dictionaries(file, st.sampled_from(TEXTS), max_size=8),
    st.lists(st.tuples(marker, st.booleans()), max_size=3),
    st.lists(st.tuples(folder, folder), max_size=2),
    st.lists(st.sampled_from(FOLDERS), max_size=2),
)
places = st.one_of(folder, st.tuples(folder, st.sampled_from([*LINKS, *FILES])).map("/".join))
commands = st.one_of(
    st.sampled_from(
        [
            ("run", "ws", "docs"),
            ("run", "ws", None),
            ("run on a file", "project", "docs"),
            ("notebook", "ws", None),
            ("fetch", "project/data", None),
            ("clean", "ws", None),
        ]
    ),
    st.tuples(st.just("run"), places, places),
    st.tuples(st.just("run on a file"), places, places),
    st.tuples(st.just("run"), st.none(), places),
    st.tuples(st.just("dry run"), places, places),
    st.tuples(st.just("status"), places, st.none()),
    st.tuples(st.just("notebook"), places, st.none()),
    st.tuples(st.just("fetch"), places, st.none()),
    st.tuples(st.just("clean"), places, st.none()),
    st.tuples(st.just("clean"), st.none(), st.none()),
)


def short_run(study: Study, root: Path, progress: Any, **more: Any) -> running.Made:
    """Write as a run does: artefacts of steps, figures of pages, and the provenance."""
    study.workspace.write("tables/split.csv", b"made", BYTES, key="k")
    study.workspace.write("claims.json", [], JSON, key="k")
    show_figure(study, "line", plt.figure(), pd.DataFrame({"x": [1]}), caption="A.", alt="B")
    study.workspace.write("provenance.json", {}, JSON, key="k")
    return running.Made(3, 1)


def short_render(source: Path, work: Path, progress: Any) -> list[str]:
    for name in ("index.html", "objects.inv", "tables/split.csv", "book.html"):
        path = work / "_build" / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"rendered {name}")
    return []


def short_transfer(url: str, partial: Path, **more: Any) -> None:
    partial.write_bytes(b"downloaded")
    transfer.note_of(partial).write_text(json.dumps({"url": url, "mark": None}))


@pytest.fixture(scope="module")
def fast() -> Iterator[None]:
    entry = replace(datasets.DATASETS["rnaseqdb"], fetch_files={
        DOWNLOAD: "ed0b4ddb6bbe6c6ed5e0f1f8e6a5d2c3b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6"})  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "warm_up", lambda preload: None)
        patch.setattr(running, "run", short_run)
        patch.setattr(book, "_render", short_render)
        patch.setattr("helpers.cli._show_plan", lambda *arguments: None)
        patch.setattr(download, "transfer", short_transfer)
        patch.setattr(download, "size_on_server", lambda url: 10)
        patch.setattr(download, "_check", lambda path, *more: of_file(path))
        patch.setitem(datasets.DATASETS, "rnaseqdb", entry)
        patch.setenv("COLUMNS", "200")
        yield


@pytest.fixture(scope="module")
def input_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("input") / "own.h5ad"
    obs = pd.DataFrame({"kind": ["a", "b"] * 12}, index=[f"s{i}" for i in range(24)])
    anndata.AnnData(np.ones((24, 3), dtype=np.float32), obs=obs).write_h5ad(path)
    return path


def call(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", ["helpers", *arguments])
        main()
    return int(ended.value.code or 0)


def carry_out(root: Path, what: str, first: str | None, second: str | None) -> int:
    """Carry out a command on folders of the tree; return its exit code."""
    one, two = (str(root / name) for name in (first or "", second or ""))
    if what == "fetch":
        return call("fetch", "rnaseqdb", "--data", one, "--yes")
    if what == "clean":
        return call("clean", *([one] if first else []))
    named = ["--profile", "smoke", *(["--workspace", one] if first else [])]
    if what == "status":
        return call("status", *named)
    if what == "notebook":
        try:
            short_run(open_study("smoke", workspace=one), root, None)
        except HelpersError as error:
            return error.exit_code
        return 0
    if what == "run on a file":
        named += [
            "--dataset",
            str(root / "project" / "data" / "own.h5ad"),
            "--class-column",
            "kind",
        ]
    html = ["--html", two] if second else []
    return call("run", *named, *html, "--only", "00", *(["--dry-run"] if what == "dry run" else []))


def somebody_elses(place: Path) -> bool:
    """Tell whether a folder may not be written: it is a file, or neither empty nor marked."""
    if place.is_dir():
        return any(place.iterdir()) and not (place / MARKER).is_file()
    return place.exists() or place.is_symlink()


def snapshot(root: Path) -> dict[Path, object]:
    """Return what is in a tree: bytes of files, targets of links, folders; not the markers."""
    found: dict[Path, object] = {}
    for path in root.rglob("*"):
        if path.is_symlink():
            found[path] = path.readlink()
        elif path.name != MARKER:
            found[path] = path.read_bytes() if path.is_file() else "folder"
    return found


# Without shrinking: a failing example is small enough to read, and each takes a while.
@hypothesis.settings(max_examples=50, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
@hypothesis.example(
    Tree({"ws/tables/split.csv": "mine"}, [(("ws", "workspace"), False)]), [("run", "ws", "new")]
)
@hypothesis.example(
    Tree({"docs/index.html": "mine", "docs/CNAME": "mine"}, [(("docs", "html"), True)]),
    [("run", "new", "docs"), ("clean", "docs", None)],
)
@hypothesis.example(
    Tree(
        {"docs/split.csv": "mine"},
        [(("ws", "workspace"), False)],
        links=[("ws", "docs"), ("ws", "docs")],
    ),
    [("run", "ws", "new"), ("clean", "ws", None)],
)
@hypothesis.example(
    Tree({f"project/data/{DOWNLOAD}.part": "mine"}, [(("project/data", "downloads"), False)]),
    [("fetch", "project/data", None)],
)
@hypothesis.example(
    Tree({"project/tables/split.csv": "mine"}),
    [("run on a file", "project", None), ("notebook", "project", None)],
)
@given(tree=trees, wanted=st.lists(commands, min_size=1, max_size=3))
def test_nothing_that_the_book_did_not_make_has_changed(
    fast: None,
    input_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    tree: Tree,
    wanted: list[tuple[str, str | None, str | None]],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    tree.grow(root, input_file)
    (root / "project" / "data").mkdir(parents=True, exist_ok=True)
    shutil.copy(input_file, root / "project" / "data" / "own.h5ad")
    marked = {root / place for (place, _), _ in tree.markers}  # such a folder is not a person's
    before = {path: what for path, what in snapshot(root).items() if path not in marked}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "clone")
        for command in wanted:
            here = snapshot(root)
            what, *named = command
            taken = [somebody_elses(root / name) for name in named if name is not None]
            code = carry_out(root, *command)
            after = snapshot(root)
            assert code in {0, 2}, command
            changed = [path for path, what in before.items() if after.get(path) != what]
            assert not changed, (command, code)
            if any(taken) and what not in {"status", "fetch"}:
                assert code == 2, command
                assert set(after) == set(here), command
            if what in {"status", "dry run"}:
                assert set(after) == set(here), command
    shutil.rmtree(root)
