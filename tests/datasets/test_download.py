from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from helpers import datasets
from helpers.datasets.download import fetch
from helpers.errors import BadInputError, MissingInputError, UnknownNameError, WorkspaceError

TINY = Path(__file__).resolve().parents[1] / "data" / "rnaseqdb"
KIDNEY = "kidney-rsem-fpkm-gtex.txt.gz"
LIVER = "lihc-rsem-fpkm-tcga.txt.gz"
BREAST = "breast-rsem-fpkm-gtex.txt.gz"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; names starting with "broken" end before their stated length."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        if not self.path.startswith("/broken/"):
            return super().do_GET()
        body = (TINY / KIDNEY).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        return None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    root = tmp_path / "served"
    shutil.copytree(TINY, root)
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    http.root = root  # type: ignore[attr-defined]
    http.paths = []  # type: ignore[attr-defined]
    http.url = f"http://127.0.0.1:{http.server_port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield http
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """The served kidney file's hash is known beforehand, the others' are not."""
    sha256 = hashlib.sha256((TINY / KIDNEY).read_bytes()).hexdigest()
    files: dict[str, str | None] = {KIDNEY: sha256, LIVER: None, BREAST: None}
    entry = replace(datasets.DATASETS["rnaseqdb"], fetch_files=files)
    monkeypatch.setitem(datasets.DATASETS, "rnaseqdb", entry)
    return files


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_known_files_are_fetched_once(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "new" / "data"
    seen: list[tuple[str, int, int]] = []
    for _ in range(2):
        paths = fetch(
            "rnaseqdb", target, base_url=server.url + "/", progress=lambda *a: seen.append(a)
        )
        assert paths == [target / KIDNEY]
    assert paths[0].read_bytes() == (TINY / KIDNEY).read_bytes()
    assert server.paths == [f"/{KIDNEY}"]
    assert names(target) == {KIDNEY}
    size = (TINY / KIDNEY).stat().st_size
    assert seen[-1] == (KIDNEY, size, size)


def test_hash_of_other_files_is_recorded_and_enforced(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "data"
    fetch("rnaseqdb", target, files=[LIVER], base_url=server.url)
    recorded = json.loads((target / "checksums.json").read_text())
    assert recorded == {LIVER: hashlib.sha256((TINY / LIVER).read_bytes()).hexdigest()}
    (target / LIVER).unlink()
    (server.root / LIVER).write_bytes(gzip.compress(b"other"))
    with pytest.raises(BadInputError, match=r"^http://.* is not the expected file"):
        fetch("rnaseqdb", target, files=[LIVER], base_url=server.url)
    assert names(target) == {"checksums.json"}


def test_a_changed_local_file_is_named_and_kept(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / KIDNEY).write_bytes(b"mine")
    with pytest.raises(BadInputError) as error:
        fetch("rnaseqdb", tmp_path, base_url=server.url)
    assert str(error.value).startswith(f"{tmp_path / KIDNEY} is not the expected file")
    assert "delete it and fetch it again" in str(error.value)
    assert (tmp_path / KIDNEY).read_bytes() == b"mine"


def test_wrong_content_leaves_nothing(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "data"
    raw = (TINY / LIVER).read_bytes()
    (server.root / KIDNEY).write_bytes(raw)
    with pytest.raises(BadInputError, match=r"is not the expected file \(its SHA-256 is"):
        fetch("rnaseqdb", target, base_url=server.url)
    for wrong in (raw[:-1], b"", b"<html>", raw + b"tail"):
        (server.root / LIVER).write_bytes(wrong)
        with pytest.raises(BadInputError, match="is not a whole gzip file"):
            fetch("rnaseqdb", target, files=[LIVER], base_url=server.url)
    assert names(target) == set()


def test_a_missing_file_and_a_broken_connection(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "data"
    with pytest.raises(
        MissingInputError, match=rf"/{BREAST} cannot be fetched \(the server .* 404"
    ):
        fetch("rnaseqdb", target, files=[BREAST], base_url=server.url)
    with pytest.raises(MissingInputError, match="the connection broke off"):
        fetch("rnaseqdb", target, base_url=server.url + "/broken")
    assert names(target) == set()


def test_no_server(catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    closed = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    closed.server_close()
    url = f"http://127.0.0.1:{closed.server_port}"
    with pytest.raises(MissingInputError, match="no connection") as error:
        fetch("rnaseqdb", tmp_path, base_url=url)
    assert "\n" not in str(error.value)


def test_files_before_a_fault_stay(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "data"
    with pytest.raises(MissingInputError):
        fetch("rnaseqdb", target, files=[LIVER, BREAST, KIDNEY], base_url=server.url)
    assert names(target) == {LIVER, "checksums.json"}
    with pytest.raises(MissingInputError):
        fetch("rnaseqdb", target, files=[LIVER, BREAST], base_url=server.url)
    assert server.paths.count(f"/{LIVER}") == 1


def test_unknown_names_and_nothing_to_fetch(tmp_path: Path) -> None:
    assert fetch("reference", tmp_path / "none") == []
    assert not (tmp_path / "none").exists()
    with pytest.raises(UnknownNameError, match="did you mean 'rnaseqdb'"):
        fetch("rnaseqbd", tmp_path)
    with pytest.raises(UnknownNameError, match=r"did you mean 'liver-rsem-fpkm-gtex.txt.gz'"):
        fetch("rnaseqdb", tmp_path, files=["liver-rsem-fpkm.txt.gz"])


def test_a_folder_that_cannot_be_made_and_a_bad_record(server, catalogue, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(WorkspaceError, match=r"cannot be written .* --data"):
        fetch("rnaseqdb", blocked / "data", base_url=server.url)
    (tmp_path / "checksums.json").write_text("not json")
    with pytest.raises(BadInputError, match=r"checksums.json is not a JSON table"):
        fetch("rnaseqdb", tmp_path, base_url=server.url)
