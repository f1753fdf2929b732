"""Downloads that are taken up again, against a server that breaks off, stalls and lies."""

from __future__ import annotations

import fcntl
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.datasets import transfer as module
from helpers.datasets.transfer import CHUNK, discard, size_on_server, transfer
from helpers.errors import BadInputError, MissingInputError
from tests.datasets.mischief import Mischief, serving

BODY = random.Random(0).randbytes(4 * CHUNK + 17)
OTHER = random.Random(1).randbytes(4 * CHUNK + 17)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)
    monkeypatch.setattr(module, "TIMEOUT", 0.3)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Mischief]:
    root = tmp_path / "served"
    root.mkdir()
    (root / "file").write_bytes(BODY)
    with serving(root) as running:
        yield running


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "file.part"


def ranges(server: Mischief) -> list[str | None]:
    return [asked for method, _, asked in server.requests if method == "GET"]


def broken_once(server: Mischief, partial: Path) -> int:
    """Let a download end half done; return how much has arrived."""
    server.faults = ["break", 503, 503, 503]
    with pytest.raises(MissingInputError, match="the same command goes on from there"):
        transfer(f"{server.url}/file", partial)
    server.requests.clear()
    arrived = partial.stat().st_size
    assert 0 < arrived < len(BODY)
    assert partial.read_bytes() == BODY[:arrived]
    return arrived


def test_a_whole_file_arrives_and_is_told_of(server: Mischief, partial: Path) -> None:
    heard: list[tuple[int, int]] = []
    transfer(f"{server.url}/file", partial, size=len(BODY), told=lambda *a: heard.append(a))
    assert partial.read_bytes() == BODY
    assert heard[-1] == (len(BODY), len(BODY))
    assert heard == sorted(heard)


@pytest.mark.parametrize("fault", ["break", "stall", 500, 503, 429])
def test_a_passing_fault_is_got_over(server: Mischief, partial: Path, fault: str | int) -> None:
    server.faults = [fault]
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == BODY
    assert len(ranges(server)) == 2
    assert (ranges(server)[1] is None) == isinstance(fault, int)


def test_a_connection_that_breaks_at_every_attempt_still_gets_on(
    server: Mischief, partial: Path
) -> None:
    server.faults = ["break"] * 8
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == BODY


def test_a_later_command_fetches_only_the_rest(server: Mischief, partial: Path) -> None:
    arrived = broken_once(server, partial)
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == BODY
    assert ranges(server) == [f"bytes={arrived}-"]


def test_a_file_that_has_changed_meanwhile_is_fetched_anew(server: Mischief, partial: Path) -> None:
    broken_once(server, partial)
    (server.root / "file").write_bytes(OTHER)
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == OTHER


def test_a_server_that_sends_the_rest_of_another_version_is_not_believed(
    server: Mischief, partial: Path
) -> None:
    broken_once(server, partial)
    (server.root / "file").write_bytes(OTHER)
    server.faults = ["rest"]
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == OTHER


@pytest.mark.parametrize(("ranges_known", "tagged"), [(False, True), (True, False)])
def test_without_ranges_or_versions_a_download_begins_anew(
    server: Mischief, partial: Path, ranges_known: bool, tagged: bool
) -> None:
    server.ranges, server.tagged = ranges_known, tagged
    broken_once(server, partial)
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == BODY


def test_a_mirror_does_not_complete_what_another_server_began(
    server: Mischief, partial: Path
) -> None:
    broken_once(server, partial)
    (server.root / "copy").write_bytes(OTHER)
    transfer(f"{server.url}/copy", partial)
    assert partial.read_bytes() == OTHER


def test_a_file_that_was_complete_already_is_not_sent_again(
    server: Mischief, partial: Path
) -> None:
    transfer(f"{server.url}/file", partial)
    transfer(f"{server.url}/file", partial)
    assert partial.read_bytes() == BODY
    assert ranges(server) == [None, f"bytes={len(BODY)}-"]


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ([404], "the server answers 404"),
        ([403], "the server answers 403"),
        ([500] * 4, "the server answers 500"),
        (["stall"] * 20, r"no byte within 0\.3 s"),
    ],
)
def test_a_lasting_fault_ends_in_one_sentence(
    server: Mischief, partial: Path, faults: list[str | int], message: str
) -> None:
    server.ranges = False
    server.faults = list(faults)
    with pytest.raises(MissingInputError, match=message) as error:
        transfer(f"{server.url}/file", partial)
    assert str(error.value).startswith(f"{server.url}/file cannot be fetched")
    assert "\n" not in str(error.value)


def test_a_wrong_size_is_found_before_anything_is_downloaded(
    server: Mischief, partial: Path
) -> None:
    with pytest.raises(BadInputError, match="has 262,161 bytes, not the 5 that it should"):
        transfer(f"{server.url}/file", partial, size=5)
    assert partial.stat().st_size == 0


def test_two_commands_do_not_write_one_file(server: Mischief, partial: Path) -> None:
    with partial.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BadInputError, match="being written by another command"):
            transfer(f"{server.url}/file", partial)


def test_no_server(partial: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as gone:
        pass
    with pytest.raises(MissingInputError, match=r"\(no connection\)"):
        transfer(f"{gone.url}/file", partial)
    with pytest.raises(MissingInputError, match=r"\(no connection\)"):
        size_on_server(f"{gone.url}/file")


def test_servers_tell_sizes(server: Mischief) -> None:
    assert size_on_server(f"{server.url}/file") == len(BODY)
    with pytest.raises(MissingInputError, match="the server answers 404"):
        size_on_server(f"{server.url}/none")


def test_discarding_leaves_nothing(server: Mischief, partial: Path) -> None:
    transfer(f"{server.url}/file", partial)
    discard(partial)
    assert {path.name for path in partial.parent.iterdir()} == {"served"}
