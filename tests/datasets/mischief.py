"""A server for tests: it knows ranges, and breaks off, stalls or lies when it is told to."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Mischief(ThreadingHTTPServer):
    """Serves the files of a folder.

    Attributes
    ----------
    requests
        Method, path and ``Range`` of every request so far.
    faults
        What to do to the next GET requests, first to last: ``"break"`` after half of what is left,
        ``"stall"`` likewise without closing, ``"rest"`` of another version although ``If-Range``
        does not fit, or the status of an error. None: nothing.
    ranges, tagged
        Whether ranges are known, and versions named by an ETag.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.requests: list[tuple[str, str, str | None]] = []
        self.faults: list[str | int | None] = []
        self.ranges = True
        self.tagged = True
        self.release = threading.Event()

    @property
    def url(self) -> str:
        """Address of the folder."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Mischief

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._note()
        self._send(head=True)

    def do_GET(self) -> None:
        self._note()
        fault = self.server.faults.pop(0) if self.server.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
            return
        self._send(fault=fault)

    def _note(self) -> None:
        self.server.requests.append((self.command, self.path, self.headers.get("Range")))

    def _send(self, *, head: bool = False, fault: str | None = None) -> None:
        path = self.server.root / self.path.rsplit("/", 1)[-1]
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        fits = self.headers.get("If-Range") == tag or fault == "rest"
        begin = int(asked[1]) if asked and fits and self.server.ranges else 0
        if begin and begin >= len(body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        if self.server.tagged:
            self.send_header("ETag", tag)
        rest = body[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if head:
            return
        if fault in {"break", "stall"}:
            self.wfile.write(rest[: len(rest) // 2])
            self.wfile.flush()
            if fault == "stall":
                self.server.release.wait(10)
            self.close_connection = True
        else:
            self.wfile.write(rest)


@contextmanager
def serving(root: Path) -> Iterator[Mischief]:
    """Serve a folder for the time of the context."""
    server = Mischief(root)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
