"""A run does the same on every account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import pytest

from helpers.workflow import processes
from helpers.workspace import surroundings
from helpers.workspace.surroundings import clean_environment, socket_folder


@pytest.fixture
def long_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / ("d" * (100 - len(str(tmp_path))))
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_sockets_lie_where_paths_are_short(long_folder: Path) -> None:
    assert len(str(long_folder)) == 101
    found = socket_folder()
    assert found is not None
    assert found != str(long_folder)
    assert len(found) < surroundings.SOCKET_ROOM
    with surroundings.short_temporary_folders():
        assert tempfile.gettempdir() == found
    assert tempfile.gettempdir() == str(long_folder)


@pytest.mark.usefixtures("long_folder")
def test_without_a_short_folder_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "_SHORT", ())
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert socket_folder() is None
    assert not processes.can_fork()


def test_settings_of_the_user_do_not_reach_notebooks() -> None:
    given = dict.fromkeys(surroundings._UNWANTED, "x") | {"PATH": "/bin", "MPLCONFIGDIR": "/x"}
    kept = clean_environment(given | {"DOCUTILSCONFIG": "mine.conf"})
    assert {name for name in given if name in kept} == {"PATH", "MPLCONFIGDIR", "MATPLOTLIBRC"}
    # Docutils reads nothing there, nor the files in the user's home that it would read otherwise.
    assert kept["DOCUTILSCONFIG"] == os.devnull
    assert Path(kept["MATPLOTLIBRC"]) == Path(mpl.get_data_path()) / "matplotlibrc"
    assert kept["PYTHONUTF8"] == "1"


SEEN = """
import json, os, sys, warnings
from helpers.workspace.surroundings import start_clean
start_clean()
import matplotlib
print(json.dumps([
    sys.getfilesystemencoding(), matplotlib.matplotlib_fname(), matplotlib.get_backend(),
    os.environ.get("MPLBACKEND"), bool(sys.warnoptions), sys.argv[1],
]))
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere text is UTF-8 anyway")
@pytest.mark.parametrize(
    "loud",
    [
        {},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONWARNINGS": "error", "MPLBACKEND": "nonsense", "MATPLOTLIBRC": "/nowhere"},
    ],
)
def test_a_command_starts_clean(loud: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("backend: tkagg\nlines.linewidth: 9\n")
    (tmp_path / "seen.py").write_text(SEEN)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "seen.py"), "細胞"],
        capture_output=True, encoding="utf-8", check=True, cwd="/",
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path), "PYTHONPATH": os.getcwd()} | loud,  # noqa: PTH109
    )  # fmt: skip
    encoding, look, backend, asked, errors, argument = json.loads(done.stdout)
    assert encoding == "utf-8"
    assert Path(look) == Path(mpl.get_data_path()) / "matplotlibrc"
    assert backend.lower() != "tkagg"
    assert (asked, errors, argument) == (None, False, "細胞")


FILES = """
import resource, sys
from helpers.workspace.surroundings import OPEN_FILES, allow_open_files, kernel_can_run
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
allow_open_files()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= OPEN_FILES, kernel_can_run())
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit")
def test_more_files_may_be_open_where_the_account_may_allow_it() -> None:
    def run(soft: int, hard: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", FILES, str(soft), str(hard)],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    assert run(64, 512) == "True True\n"
    # An administrator may raise the hard limit; others go on without a kernel.
    assert run(64, 64) in {"True True\n", "False False\n"}
