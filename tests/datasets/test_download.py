from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers import datasets
from helpers.cli import main
from helpers.datasets import download, transfer
from helpers.datasets.catalogue import RemoteFile
from helpers.datasets.download import Download, missing, require_space, wanted
from helpers.errors import (
    BadInputError,
    HelpersError,
    MissingInputError,
    UnknownNameError,
    WorkspaceError,
)
from helpers.workspace.ownership import MARKER
from tests.datasets.mischief import Mischief, serving

TINY = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"
KIDNEY = "kidney-rsem-fpkm-gtex.txt.gz"
LIVER = "lihc-rsem-fpkm-tcga.txt.gz"
BREAST = "breast-rsem-fpkm-gtex.txt.gz"
KIDNEY_SHA = hashlib.sha256((TINY / KIDNEY).read_bytes()).hexdigest()
KIDNEY_SIZE = (TINY / KIDNEY).stat().st_size


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mischief]:
    """The served kidney file's hash is known beforehand, the others' are not."""
    root = tmp_path / "served"
    shutil.copytree(TINY, root)
    monkeypatch.setattr(transfer, "PAUSE", 0.001)
    with serving(root) as running:
        entry = replace(
            datasets.DATASETS["rnaseqdb"],
            base_url=running.url,
            fetch_files={KIDNEY: KIDNEY_SHA, LIVER: None, BREAST: None},
            file_sizes={KIDNEY: KIDNEY_SIZE},
        )
        monkeypatch.setitem(datasets.DATASETS, "rnaseqdb", entry)
        yield running


def chosen(*names: str) -> list[RemoteFile]:
    return wanted("rnaseqdb", files=names)


def fetch(files: list[RemoteFile], folder: Path, **more: Any) -> list[Path]:
    return download.fetch(files, folder, "rnaseqdb", **more)


def names(folder: Path) -> set[str]:
    """Name what lies in a folder of downloads, besides its marker."""
    if not folder.exists():
        return set()
    assert (folder / MARKER).is_file()
    return {path.name for path in folder.iterdir() if path.name != MARKER}


def got(server: Mischief) -> list[str]:
    return [path for method, path, _ in server.requests if method == "GET"]


def test_known_files_are_fetched_once(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "new" / "data"
    seen: list[tuple[str, int, int]] = []
    for _ in range(2):
        paths = fetch(wanted("rnaseqdb"), target, progress=lambda *a: seen.append(a))
        assert paths == [target / KIDNEY]
    assert paths[0].read_bytes() == (TINY / KIDNEY).read_bytes()
    assert got(server) == [f"/{KIDNEY}"]
    assert names(target) == {KIDNEY}
    assert seen[-1] == (KIDNEY, KIDNEY_SIZE, KIDNEY_SIZE)


def test_hash_of_other_files_is_recorded_and_enforced(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "data"
    fetch(chosen(LIVER), target)
    recorded = json.loads((target / "checksums.json").read_text())
    assert recorded == {LIVER: hashlib.sha256((TINY / LIVER).read_bytes()).hexdigest()}
    (target / LIVER).unlink()
    (server.root / LIVER).write_bytes(gzip.compress(b"other"))
    with pytest.raises(BadInputError, match=r"^http://.* is not the expected file"):
        fetch(chosen(LIVER), target)
    assert names(target) == {"checksums.json"}


def test_a_changed_local_file_is_named_and_kept(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "data"
    target.mkdir()
    (target / KIDNEY).write_bytes(b"mine")
    with pytest.raises(BadInputError) as error:
        fetch(chosen(KIDNEY), target)
    assert str(error.value).startswith(f"{target / KIDNEY} is not the expected file")
    assert "delete it and fetch it again" in str(error.value)
    assert (target / KIDNEY).read_bytes() == b"mine"


def test_a_folder_of_other_files_is_refused(server: Mischief, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"did not make \(notes\.txt, served\).*--data"):
        fetch(chosen(KIDNEY), tmp_path)
    assert got(server) == []


@pytest.mark.parametrize("name", [f"{KIDNEY}.part", f"{KIDNEY}.part.json", "checksums.json"])
def test_a_file_in_the_way_of_a_download_stays(server: Mischief, tmp_path: Path, name: str) -> None:
    """A browser's partial file has the same name; anyone may have a table of checksums."""
    target = tmp_path / "data"
    target.mkdir()
    for text in ("mine", json.dumps({KIDNEY: "d41d8cd98f00b204e9800998ecf8427e"})):
        (target / name).write_text(text)
        with pytest.raises(HelpersError, match=r"move it elsewhere|did not make"):
            fetch(chosen(KIDNEY), target)
        assert (target / name).read_text() == text
    assert got(server) == []


def test_a_link_that_leads_nowhere_stays(server: Mischief, tmp_path: Path) -> None:
    fetch(chosen(LIVER), tmp_path / "data")
    link = tmp_path / "data" / KIDNEY
    link.symlink_to(tmp_path / "disk" / KIDNEY)
    with pytest.raises(BadInputError, match="leads nowhere"):
        fetch(chosen(KIDNEY), tmp_path / "data")
    assert link.is_symlink()


def test_a_file_that_appears_during_its_download_stays(
    server: Mischief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "data"

    def somebody_else(*_: object) -> None:
        (target / KIDNEY).write_text("mine")

    with pytest.raises(BadInputError, match="has appeared during its download"):
        fetch(chosen(KIDNEY), target, progress=somebody_else)
    assert (target / KIDNEY).read_text() == "mine"


def test_a_download_that_brings_nothing_leaves_nothing(server: Mischief, tmp_path: Path) -> None:
    (server.root / KIDNEY).unlink()
    with pytest.raises(MissingInputError):
        fetch(chosen(KIDNEY), tmp_path / "new" / "data")
    assert not (tmp_path / "new").exists()


def test_wrong_content_leaves_nothing(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "data"
    raw = (TINY / KIDNEY).read_bytes()
    (server.root / KIDNEY).write_bytes(raw[:-1] + b"x")
    with pytest.raises(BadInputError, match=r"is not the expected file \(its SHA-256 is"):
        fetch(chosen(KIDNEY), target)
    for wrong in (raw[:-1], b"", b"<html>", raw + b"tail"):
        (server.root / LIVER).write_bytes(wrong)
        with pytest.raises(BadInputError, match="is not a whole gzip file"):
            fetch(chosen(LIVER), target)
    assert names(target) == set()


def test_a_broken_download_is_never_under_the_final_name_and_is_gone_on_with(
    server: Mischief, tmp_path: Path
) -> None:
    target = tmp_path / "data"
    server.faults = ["break", 500, 500, 500]
    with pytest.raises(MissingInputError, match="the same command goes on from there"):
        fetch(chosen(KIDNEY), target)
    assert names(target) == {f"{KIDNEY}.part", f"{KIDNEY}.part.json"}
    arrived = (target / f"{KIDNEY}.part").stat().st_size
    assert missing(chosen(KIDNEY), target) == [Download(chosen(KIDNEY)[0], KIDNEY_SIZE, arrived)]
    fetch(chosen(KIDNEY), target)
    assert names(target) == {KIDNEY}
    assert server.requests[-1] == ("GET", f"/{KIDNEY}", f"bytes={arrived}-")


def test_a_missing_file(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "data"
    with pytest.raises(
        MissingInputError, match=rf"/{BREAST} cannot be fetched \(the server .* 404"
    ):
        fetch(chosen(BREAST), target)
    with pytest.raises(
        MissingInputError, match=rf"/{BREAST} cannot be fetched \(the server .* 404"
    ):
        missing(chosen(BREAST), target)


def test_files_before_a_fault_stay(server: Mischief, tmp_path: Path) -> None:
    target = tmp_path / "data"
    for _ in range(2):
        with pytest.raises(MissingInputError):
            fetch(chosen(LIVER, BREAST, KIDNEY), target)
        assert {LIVER, "checksums.json"} <= names(target)
        assert KIDNEY not in names(target)
    assert got(server).count(f"/{LIVER}") == 1


def test_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = wanted("rnaseqdb", everything=True)
    usual = wanted("rnaseqdb")
    assert (len(everything), len(usual)) == (52, 16)
    assert all(file.sha256 and file.size for file in usual)
    mirrored = wanted("rnaseqdb", base_url="http://mirror/x/")
    assert mirrored[0].url == f"http://mirror/x/{mirrored[0].name}"
    assert wanted("reference") == []
    entry = replace(
        datasets.DATASETS["rnaseqdb"], file_urls={usual[0].name: "http://elsewhere/y.gz"},
        fetch_known_only=False,
    )  # fmt: skip
    monkeypatch.setitem(datasets.DATASETS, "rnaseqdb", entry)
    found = wanted("rnaseqdb")
    assert (len(found), found[0].url) == (52, "http://elsewhere/y.gz")
    with pytest.raises(UnknownNameError, match="did you mean 'rnaseqdb'"):
        wanted("rnaseqbd")
    with pytest.raises(UnknownNameError, match=r"did you mean 'liver-rsem-fpkm-gtex.txt.gz'"):
        wanted("rnaseqdb", files=["liver-rsem-fpkm.txt.gz"])


def test_nothing_to_fetch(tmp_path: Path) -> None:
    assert fetch([], tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_sizes_are_known_or_asked_for(server: Mischief, tmp_path: Path) -> None:
    found = missing(chosen(KIDNEY, LIVER), tmp_path / "data")
    assert [each.size for each in found] == [KIDNEY_SIZE, (TINY / LIVER).stat().st_size]
    assert [method for method, _, _ in server.requests] == ["HEAD"]
    assert not (tmp_path / "data").exists()


def test_a_disk_without_room_is_found_before_the_download(tmp_path: Path) -> None:
    large = Download(RemoteFile("a", "http://a"), 10**18, 0)
    with pytest.raises(WorkspaceError, match=r"need 1000000000\.0 GB, but the disk of .* free"):
        require_space([large], tmp_path / "new" / "data")


def test_a_folder_that_cannot_be_made_and_a_bad_record(server: Mischief, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(WorkspaceError, match=r"cannot be written .* --data"):
        fetch(chosen(KIDNEY), blocked / "data")
    fetch(chosen(KIDNEY), tmp_path / "data")
    (tmp_path / "data" / "checksums.json").write_text("not json")
    with pytest.raises(BadInputError, match=r"checksums.json is not a JSON table"):
        fetch(chosen(KIDNEY), tmp_path / "data")


def test_a_disk_that_fills_up_ends_in_one_sentence(
    server: Mischief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "_receive", full)
    with pytest.raises(WorkspaceError, match=r"cannot be written \(No space left on device\)"):
        fetch(chosen(KIDNEY), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def command(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> int:
    monkeypatch.setattr(sys, "argv", ["helpers", "fetch", *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_says_what_it_will_do_and_asks(
    server: Mischief,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["rnaseqdb", "--data", str(tmp_path / "data")]
    assert command(monkeypatch, arguments) == 2
    said = capsys.readouterr()
    assert KIDNEY in said.out
    assert server.url in said.out
    assert "1 file, " in said.out
    assert "add --yes" in said.err
    assert got(server) == []
    assert not (tmp_path / "data").exists()
    assert command(monkeypatch, [*arguments, "--yes"]) == 0
    assert names(tmp_path / "data") == {KIDNEY}
    assert command(monkeypatch, arguments) == 0  # nothing to download: nothing to ask
    assert "1 file in" in capsys.readouterr().out


def test_gtex_tcga_is_fetched_too(
    server: Mischief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = datasets.DATASETS["gtex-tcga"]
    every = wanted("gtex-tcga")
    assert [file.name for file in every] == list(entry.fetch_files)
    assert all(file.url.startswith("https://") for file in every)
    table, counts = every[1].name, every[3].name
    (server.root / table).write_text("SAMPID\tSMTSD\n")
    (server.root / counts).write_bytes(gzip.compress(b"gene_id\n"))
    arguments = ["gtex-tcga", "--data", str(tmp_path / "data"), "--from", server.url, "--yes"]
    assert command(monkeypatch, [*arguments, "--file", table, "--file", counts]) == 0
    recorded = json.loads((tmp_path / "data" / "checksums.json").read_text())
    assert set(recorded) == {table, counts}
    (tmp_path / "data" / table).write_text("SAMPID\tOTHER\n")
    assert command(monkeypatch, [*arguments, "--file", table]) == 2
