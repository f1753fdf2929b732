"""Two chapters on machines and accounts of all kinds: the same pages, figures and tables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from own_files import tree
from small_studies import counts

from helpers.workspace.store import project_root

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="there are no such limits"),
]

GIT = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
OPTIONS = ["--profile", "smoke", "--class-column", "kind", "--workers", "1", "--no-book",
           "--only", "00", "--only", "01"]  # fmt: skip
OPTIONS += [part for setting in ("protocols=text", "top=12") for part in ("--set", setting)]
LOUD = "text.usetex: True\naxes.grid: True\nlines.linewidth: 6\nbackend: tkagg\nfont.size: 30\n"
START = "import matplotlib\nmatplotlib.rcParams['lines.linewidth'] = 9\nraise SystemExit('mine')\n"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
KINDS = ("figures/", "tables/")
LEAST = ("PATH", "VIRTUAL_ENV")
FEW_FILES = 64
# What the administrator may do anyway; without it, this is any account.
POWERS = "--bounding-set=-dac_override,-dac_read_search,-sys_resource"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have a copy of the project in a repository of somebody else's, beside a file of their own."""
    folder = tmp_path_factory.mktemp("machine")
    for name in ("helpers", "notebooks", "book"):
        shutil.copytree(
            project_root() / name, folder / "project" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )  # fmt: skip
    shutil.copy(project_root() / "_config.yml", folder / "project")
    counts(folder / "own.h5ad", {"肝臓": 14, "b_$x$": 15}, 130, 2e4)
    for command in (["init", "-q"], ["add", "own.h5ad"], ["commit", "-q", "-m", "theirs"]):
        subprocess.run(["git", "-C", str(folder), *GIT, *command], check=True)
    return folder


def results(place: Path, *before: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Run the chapters; return the hash of each figure and table, and what pages hold."""
    workspace = place / "ws"
    # Results have the same place each time, since pages hold it.
    shutil.rmtree(workspace, ignore_errors=True)
    command = [sys.executable, "-m", "helpers", "run", "--dataset", str(place / "own.h5ad")]
    done = subprocess.run(
        [*before, *command, "--workspace", str(workspace), *OPTIONS],
        capture_output=True, check=False, cwd=place / "project",
        env={"OMP_NUM_THREADS": "1", **environment, "PYTHONPATH": str(place / "project")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stderr
    provenance = json.loads((workspace / "provenance.json").read_text("utf-8"))
    assert provenance["git_revision"] == "unknown"
    found = {name: text for name, text in tree(workspace).items() if name.startswith(KINDS)}
    # Papermill gives the cell that it adds a random name.
    for page in (workspace / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(page, 4)
        cells = [(cell.source, cell.get("outputs")) for cell in notebook.cells]
        found[page.stem] = json.dumps([notebook.metadata, cells])
    return found


def loud_account(folder: Path) -> dict[str, str]:
    """Return the variables of an account with settings of its own for everything."""
    files = {
        "mpl/matplotlibrc": LOUD,
        "ipython/profile_default/startup/00.py": START,
        "home/.ipython/profile_default/startup/00.py": START,
        "home/.config/matplotlib/matplotlibrc": LOUD,
        "jupyter/jupyter_config.json": '{"KernelManager": {"autorestart": "?"}}',
        "start.py": START,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    long = folder / ("d" * (100 - len(str(folder))))
    long.mkdir()
    assert len(str(long)) == 101
    return {
        "MPLCONFIGDIR": str(folder / "mpl"), "MATPLOTLIBRC": str(folder / "mpl" / "matplotlibrc"),
        "MPLBACKEND": "tkagg", "IPYTHONDIR": str(folder / "ipython"), "HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "PYTHONSTARTUP": str(folder / "start.py"),
        "PYTHONWARNINGS": "error", "DOCUTILSCONFIG": str(folder / "start.py"),
        "PYTHONOPTIMIZE": "2", "COLUMNS": "20", "PYTHONIOENCODING": "latin-1", "TMPDIR": str(long),
        "GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder),
    }  # fmt: skip


def any_account() -> list[str]:
    """Return what starts a command without an administrator's powers, and with few files."""
    limit = [sys.executable, "-c", (
        "import os, resource, sys; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({FEW_FILES}, {FEW_FILES})); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )]  # fmt: skip
    setpriv = shutil.which("setpriv")
    # An administrator without setpriv(1) keeps all powers: there kernels run after all.
    return [setpriv, POWERS, *limit] if setpriv and os.geteuid() == 0 else limit


def bare(place: Path) -> dict[str, str]:
    """Run as an account that may write nothing of the project, knows no letters and has little."""
    least = {name: os.environ[name] for name in LEAST if name in os.environ}
    sources = [place / "project", *(place / "project").rglob("*")]
    for path in sources:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        return results(place, *any_account(), environment={**least, **ASCII})
    finally:
        for path in sources:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_an_account_with_settings_for_everything_and_a_bare_one_make_the_same(
    place: Path, tmp_path: Path
) -> None:
    """Nothing that one of them has is known to the other, so that neither has an effect."""
    loud = loud_account(tmp_path)
    shutil.copytree(place / ".git", tmp_path / ".git")
    found = results(place, environment={**os.environ, **loud})
    assert {"00_data", "01_training", "tables/accuracy.csv"} <= set(found)
    # Where no kernel can run, pages are made in another way; they are the same.
    assert bare(place) == found
