"""Downloading one file over HTTP so that a broken download can be taken up again.

What has arrived lies in a partial file, and beside it the server's mark of the version (its ETag
or the time of its last change). A later attempt asks for the rest of that same version (RFC 9110,
``Range`` with ``If-Range``). A server that has another version by then, or knows no ranges, sends
the whole file, and so it begins anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import requests
import urllib3

from helpers.errors import BadInputError, MissingInputError
from helpers.workspace.atomic import write_text

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""

TRIES = 4
"""Attempts in a row that bring nothing new before giving up."""

PAUSE = 1.0
"""Seconds before the second attempt; before each further one twice as many."""

CHUNK = 1 << 16

# "identity": a server that unpacks .gz files on the way would change their bytes.
HEADERS = {"Accept-Encoding": "identity"}

Told = Callable[[int, int], None]
"""Called with bytes so far and bytes in all (0 where the server does not say)."""


class _BrokenError(Exception):
    """An attempt that failed but may be repeated."""


def transfer(url: str, partial: Path, *, size: int | None = None, told: Told | None = None) -> None:
    """Download a file to `partial`, going on with what is there if it is of the same version.

    Parameters
    ----------
    url
        Address of the file.
    partial
        Where the bytes go; nobody else may read it before this returns. Bytes that have arrived
        stay there after an error.
    size
        Bytes that the file must have, if known.
    told
        Called while bytes arrive.

    Raises
    ------
    MissingInputError
        If the server does not have the file, cannot be reached, or breaks off again and again.
    BadInputError
        If the file on the server is not of the expected size, or is being downloaded already.
    OSError
        If the disk is full or cannot be written.
    """
    failures, furthest = 0, 0
    with _locked(partial) as file, requests.Session() as session:
        while True:
            try:
                _attempt(session, url, file, partial, size, told)
            except _BrokenError as broken:
                arrived = file.seek(0, 2)
                failures = 1 if arrived > furthest else failures + 1
                furthest = max(furthest, arrived)
                if failures >= TRIES:
                    raise _given_up(url, str(broken), arrived) from None
                time.sleep(PAUSE * 2 ** (failures - 1))
            else:
                file.flush()
                return


def discard(partial: Path) -> None:
    """Remove a partial file and what is noted beside it."""
    for path in (partial, note_of(partial)):
        path.unlink(missing_ok=True)


def size_on_server(url: str) -> int | None:
    """Ask how many bytes a file has; None if the server does not say.

    Raises
    ------
    MissingInputError
        If the server does not have the file or cannot be reached.
    """
    try:
        response = requests.head(url, headers=HEADERS, timeout=TIMEOUT, allow_redirects=True)
    except requests.RequestException as error:
        raise MissingInputError(
            f"{url} cannot be fetched ({_reason(error)}): check the address and the connection, "
            "then try again."
        ) from None
    if response.status_code in {404, 410}:
        raise _refused(url, response)
    length = response.headers.get("Content-Length", "")
    return int(length) if response.ok and length.isdigit() else None


@contextmanager
def _locked(partial: Path) -> Iterator[BinaryIO]:
    """Open the partial file for one command at a time."""
    with partial.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInputError(
                f"{partial} is being written by another command: wait for that one to end."
            ) from None
        except OSError:
            # A file system without locks.
            pass
        yield file


def _attempt(
    session: requests.Session,
    url: str,
    file: BinaryIO,
    partial: Path,
    size: int | None,
    told: Told | None,
) -> None:
    arrived = file.seek(0, 2)
    mark = _mark(partial, url) if arrived else None
    headers = dict(HEADERS)
    if mark:
        headers |= {"Range": f"bytes={arrived}-", "If-Range": mark}
    try:
        response = session.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise _BrokenError(_reason(error)) from None
    with response:
        if response.status_code == 416 and _total(response) == arrived:
            return
        begin = _begin(response, url, arrived, mark)
        if begin is None:
            file.truncate(0)
            raise _BrokenError("the server sends another part of the file than was asked for")
        total = _length(response, begin)
        if size is not None and total is not None and total != size:
            raise BadInputError(
                f"{url} has {total:,} bytes, not the {size:,} that it should: fetch it from "
                "another address."
            )
        file.truncate(begin)
        file.seek(begin)
        _note(partial, url, response)
        _receive(response, file, begin, total or 0, told)


def _begin(response: requests.Response, url: str, arrived: int, mark: str | None) -> int | None:
    """Return where the answer's bytes begin; None if they are of no use."""
    status = response.status_code
    if status == 200:
        return 0
    if status == 206 and mark:
        found = re.fullmatch(
            r"bytes (\d+)-\d+/(?:\d+|\*)", response.headers.get("Content-Range", "")
        )
        # A server that does not know If-Range may send the rest of another version.
        same = _mark_of(response) in {mark, None}
        return arrived if found and int(found[1]) == arrived and same else None
    if status in {206, 416}:
        return None
    if status >= 500 or status in {408, 429}:
        raise _BrokenError(_status(response))
    raise _refused(url, response)


def _receive(
    response: requests.Response, file: BinaryIO, begin: int, total: int, told: Told | None
) -> None:
    done = begin
    try:
        while chunk := response.raw.read(CHUNK, decode_content=False):
            file.write(chunk)
            done += len(chunk)
            if told is not None:
                told(done, total)
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError):
        raise _BrokenError(f"no byte within {TIMEOUT:g} s") from None
    except urllib3.exceptions.HTTPError:
        raise _BrokenError("the connection broke off") from None
    if total and done != total:
        raise _BrokenError("the connection broke off")


def _length(response: requests.Response, begin: int) -> int | None:
    """Return the bytes of the whole file."""
    length = response.headers.get("Content-Length", "")
    return begin + int(length) if length.isdigit() else _total(response)


def _total(response: requests.Response) -> int | None:
    found = re.fullmatch(r"bytes .*/(\d+)", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _mark_of(response: requests.Response) -> str | None:
    """Return what names this version of a file; a weak ETag does not promise the same bytes."""
    tag = response.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    return response.headers.get("Last-Modified")


def note_of(partial: Path) -> Path:
    """Return where the server's mark of a partial file lies."""
    return partial.with_name(f"{partial.name}.json")


def _note(partial: Path, url: str, response: requests.Response) -> None:
    write_text(note_of(partial), json.dumps({"url": url, "mark": _mark_of(response)}))


def is_ours(partial: Path) -> bool:
    """Tell whether a partial file, or its note, is of a download by `transfer`.

    An empty file may have none yet.
    """
    note = note_of(partial)
    if os.path.lexists(note):
        return _note_is_ours(partial) and (partial.is_file() or not os.path.lexists(partial))
    return partial.is_file() and not partial.is_symlink() and not partial.stat().st_size


def _note_is_ours(partial: Path) -> bool:
    with suppress(OSError, ValueError):
        note = json.loads(note_of(partial).read_text("utf-8"))
        return isinstance(note, dict) and set(note) == {"url", "mark"}
    return False


def _mark(partial: Path, url: str) -> str | None:
    """Return the mark of the version that the partial file is the beginning of."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        note = json.loads(note_of(partial).read_text("utf-8"))
        if note["url"] == url and note["mark"]:
            return str(note["mark"])
    return None


def _refused(url: str, response: requests.Response) -> MissingInputError:
    return MissingInputError(
        f"{url} cannot be fetched ({_status(response)}): check the address and the connection, "
        "then try again."
    )


def _given_up(url: str, reason: str, arrived: int) -> MissingInputError:
    kept = f" {arrived:,} bytes are kept and the same command goes on from there" if arrived else ""
    return MissingInputError(
        f"{url} cannot be fetched ({reason}): check the address and the connection, then try "
        f"again{';' + kept if kept else ''}."
    )


def _status(response: requests.Response) -> str:
    return f"the server answers {response.status_code} {response.reason}"


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not valid"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
