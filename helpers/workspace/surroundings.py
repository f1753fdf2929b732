"""What a run must not take from the machine and the account that it happens to run in."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import resource
except ImportError:  # on Windows, where there is no such limit
    resource = None  # type: ignore[assignment]

OPEN_FILES = 128
"""Files, sockets and pipes that the kernel of a notebook has open at once: about 70, and some of
its own that a step may need."""

_PLENTY = 1024

SOCKET_ROOM = 70
"""Bytes of a folder's path that leave room for the name of a socket: 104 are allowed in all."""

_SHORT = ("/tmp", "/var/tmp", "/dev/shm")
_UNWANTED = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_CONFIG_PATH",
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "PYTHONBREAKPOINT",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
"""Variables by which the user's own Python, IPython and matplotlib are set up."""


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a program does the same on every account."""
    kept = {name: value for name, value in environment.items() if name not in _UNWANTED}
    # Text is UTF-8, whatever the terminal shows.
    kept["PYTHONUTF8"] = "1"
    # In place of ~/.docutils and others, which would change or stop the rendering of pages.
    kept["DOCUTILSCONFIG"] = os.devnull
    look = _plain_look()
    return kept | ({"MATPLOTLIBRC": look} if look else {})


def page_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a notebook: what it prints is as wide in every terminal."""
    return clean_environment(environment) | {"COLUMNS": "80", "LINES": "24"}


def _plain_look() -> str:
    """Return the path of matplotlib's own settings, which count before those of the user."""
    found = importlib.util.find_spec("matplotlib")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "mpl-data" / "matplotlibrc"
        if path.is_file():
            return str(path)
    return ""


def start_clean() -> None:
    """Clean this process's environment; start it again if Python has already read from that.

    Whether text is UTF-8, which warnings are errors, and whether docstrings are there is settled
    when Python starts.
    """
    read = any(os.environ.get(name) for name in ("PYTHONWARNINGS", "PYTHONOPTIMIZE"))
    settled = read or sys.getfilesystemencoding() != "utf-8"
    environment = clean_environment(os.environ)
    if settled and os.name == "posix":
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
    os.environ.clear()
    os.environ.update(environment)


def allow_open_files() -> None:
    """Raise the number of files that may be open at once, as far as this account may."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(_PLENTY, soft)
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES:
        with suppress(ValueError, OSError):  # only for those who may do anything
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def kernel_can_run() -> bool:
    """Tell whether enough files may be open at once for a kernel."""
    if resource is None:
        return True
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return bool(allowed == resource.RLIM_INFINITY or allowed >= OPEN_FILES)


def socket_folder() -> str | None:
    """Return a folder whose path is short enough for sockets, or None if there is none."""
    for name in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), *_SHORT):
        if name and len(os.fsencode(name)) <= SOCKET_ROOM and _writable(Path(name)):
            return name
    return None


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def short_temporary_folders() -> Iterator[None]:
    """Let temporary folders lie where their paths are short, within this context."""
    before = tempfile.tempdir
    tempfile.tempdir = socket_folder() or before
    try:
        yield
    finally:
        tempfile.tempdir = before
