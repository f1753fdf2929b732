"""Kill, starve and disturb runs, and see that their results are those of a run in peace.

`make torture` takes about 20 minutes and is not a part of the tests. Each disturbance gets a new
workspace; afterwards the same command runs in peace, and every table, figure and network has to
have the bytes of the undisturbed run's, with nothing left over and no process still there. What a
machine cannot do (mount a small disk, as only root may) is skipped, with its reason.

    python scripts/torture.py --only "full disk" --seed 3
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 900
"""Seconds after which a run counts as hung."""

FOLDERS = ("tables", "figures", "models", "protocols", "scores")
STUDY = ["--profile", "smoke", "--dataset", "tissues", "--no-book", "--only", "02"]
SETTINGS = ("top=15", "max_epochs=4", "batch_size=16", "models=4", "minimum_steps=20",
            "protocols=text", "cnn_models=0")  # fmt: skip
MEMORY = 4 * 1024**3


class Skipped(Exception):  # noqa: N818 (no fault)
    """A disturbance that the machine cannot do; the text says why."""


class Failed(Exception):  # noqa: N818 (a result)
    """What should not have happened."""


@dataclass
class Arena:
    """Where runs are disturbed.

    Attributes
    ----------
    folder
        For workspaces.
    chance
        Decides when.
    seconds
        What the undisturbed run took.
    expected
        Its results: path → bytes.
    kills, ends
        How often a run was killed; how the disturbed runs ended.
    """

    folder: Path
    chance: random.Random
    seconds: float = 0.0
    expected: dict[str, bytes] = field(default_factory=dict)
    kills: int = 0
    ends: list[str] = field(default_factory=list)

    def moment(self) -> float:
        """Return a random moment of a run, in seconds from its beginning."""
        return self.chance.uniform(0.05, 0.95) * self.seconds

    def workspace(self) -> Path:
        """Return a folder for a new workspace."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / "ws"


def start(workspace: Path, *more: str, limit: int = 0) -> subprocess.Popen[str]:
    """Start a run in a process group of its own."""
    command = [sys.executable, "-m", "helpers", "run", *STUDY, "--workspace", str(workspace)]
    command += [*(() if "--workers" in more else ("--workers", "1")), *more]
    command += [part for setting in SETTINGS for part in ("--set", setting)]
    narrow = (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) if limit else None
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=narrow, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a run; return its exit code and what it said.

    Raises
    ------
    Failed
        If it hangs, or leaves processes behind.
    """
    try:
        said = process.communicate(timeout=LIMIT)[1]
    except subprocess.TimeoutExpired:
        kill(process)
        raise Failed(f"a run hung for {LIMIT} s") from None
    if process.returncode >= 0 and _group(process.pid):
        time.sleep(2)
        if _group(process.pid):
            raise Failed("a run left processes behind")
    return process.returncode, said


def _group(leader: int) -> list[int]:
    """Return the living processes of a group."""
    found = []
    for each in psutil.process_iter(["pid", "status"]):
        try:
            if os.getpgid(each.pid) == leader and each.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(each.pid)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a run and all its processes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def killed_at(arena: Arena, workspace: Path, *more: str) -> bool:
    """Kill a run at a random moment; return whether it was still running."""
    process = start(workspace, *more)
    end = time.monotonic() + arena.moment()
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    running = process.poll() is None
    kill(process)
    arena.kills += running
    return running


def results(workspace: Path) -> dict[str, bytes]:
    """Return what a run made, by path: all but pages and what says when it was made."""
    files = [path for name in FOLDERS for path in (workspace / name).rglob("*") if path.is_file()]
    return {path.relative_to(workspace).as_posix(): path.read_bytes() for path in files}


def check(arena: Arena, workspace: Path) -> None:
    """Run in peace, and compare with the undisturbed run.

    Raises
    ------
    Failed
        If anything differs, or is left over.
    """
    code, said = ended(start(workspace))
    if code:
        raise Failed(f"the run in peace ended with {code}: {said[-300:]}")
    found = results(workspace)
    other = [n for n in {*found, *arena.expected} if found.get(n) != arena.expected.get(n)]
    if other:
        raise Failed(f"{len(other)} files differ, such as {sorted(other)[0]}")
    left = [p.name for p in workspace.rglob("*") if p.name.startswith(".unfinished")]
    if left or (workspace / "kept").exists():
        raise Failed(f"left over: {left or 'kept'}")


def said_in_a_sentence(code: int, said: str, word: str) -> None:
    """Require that a run ended with code 2 and one sentence with a word in it."""
    last = said.strip().splitlines()[-1] if said.strip() else ""
    if code != 2 or word not in said or "Traceback" in said:
        raise Failed(f"ended with {code} and {last!r} instead of a sentence on {word!r}")


# The disturbances -------------------------------------------------------------------------------


def killed(arena: Arena, kills: int = 50) -> None:
    """``kill -9`` of the whole process group at random moments, up to six times in a workspace."""
    before = arena.kills
    while arena.kills - before < kills:
        workspace = arena.workspace()
        workers = arena.chance.choice("12")
        for _ in range(arena.chance.randint(1, 6)):
            if arena.kills - before >= kills or not killed_at(
                arena, workspace, "--workers", workers
            ):
                break
        check(arena, workspace)
        shutil.rmtree(workspace.parent)


@contextmanager
def small_disk(arena: Arena, size: int) -> Iterator[Path]:
    """Mount a small disk in memory."""
    place = Path(tempfile.mkdtemp(dir=arena.folder))
    _mount("-t", "tmpfs", "-o", f"size={size}", "none", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=False)


def _mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Skipped("there is no command mount") from None
    if done.returncode:
        raise Skipped(f"nothing may be mounted here ({done.stderr.strip()})")


def full_disk(arena: Arena) -> None:
    """Fill the disk in the middle of a run."""
    whole = sum(map(len, arena.expected.values()))
    size = int(arena.chance.uniform(0.2, 0.7) * whole)
    with small_disk(arena, size) as place:
        code, said = ended(start(place / "ws"))
        said_in_a_sentence(code, said, "full")
        _mount("-o", f"remount,size={20 * whole + 100_000_000}", str(place))
        check(arena, place / "ws")


def read_only(arena: Arena) -> None:
    """Make the disk read-only after a run was killed."""
    with small_disk(arena, 1_000_000_000) as place:
        killed_at(arena, place / "ws")
        _mount("-o", "remount,ro", str(place))
        code, said = ended(start(place / "ws"))
        said_in_a_sentence(code, said, "writ")
        _mount("-o", "remount,rw", str(place))
        check(arena, place / "ws")


def worker_killed(arena: Arena) -> None:
    """Kill one of the processes that a run computes with."""
    workspace = arena.workspace()
    process = start(workspace, "--workers", "2")
    end = time.monotonic() + LIMIT / 3
    own: list[psutil.Process] = []
    while not (workspace / "tables").exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    try:
        own = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        own = []
    if own:
        arena.chance.choice(own).kill()
    code, said = ended(process)
    arena.ends.append(f"worker killed: code {code}")
    if "Traceback" in said:
        raise Failed(f"a traceback: {said[-300:]}")
    check(arena, workspace)


def dask_worker_killed(arena: Arena) -> None:
    """Kill one of two Dask workers: the other does its work."""
    workspace = arena.workspace()
    file = workspace.parent / "scheduler.json"
    program = [sys.executable, "-m", "dask"]
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": workspace.parent}
    started = [subprocess.Popen([*program, "scheduler", "--port", "0", *common], **quiet)]  # type: ignore[call-overload]
    try:
        end = time.monotonic() + 120
        while not file.exists():
            if time.monotonic() > end:
                raise Failed("no Dask scheduler came up")
            time.sleep(0.05)
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(workspace.parent)]
        for _ in range(2):
            started.append(subprocess.Popen([*program, "worker", *common, *options], **quiet))  # type: ignore[call-overload]
        address = json.loads(file.read_text())["address"]
        process = start(workspace, "--scheduler", address)
        while not list(workspace.glob("models/*")) and process.poll() is None:
            time.sleep(0.02)
        started[1].kill()
        code, said = ended(process)
        if code:
            raise Failed(f"the run ended with {code}: {said[-300:]}")
    finally:
        for each in reversed(started):
            each.kill()
            each.wait()
    check(arena, workspace)


def little_memory(arena: Arena) -> None:
    """Let a run have 4 GB of addresses: it ends well, or in a sentence."""
    workspace = arena.workspace()
    code, said = ended(start(workspace, limit=MEMORY))
    arena.ends.append(f"little memory: code {code}")
    if code and "Traceback" in said:
        raise Failed(f"a traceback: {said[-300:]}")
    check(arena, workspace)


def two_at_once(arena: Arena) -> None:
    """Two runs on one workspace at once."""
    workspace = arena.workspace()
    both = [start(workspace), start(workspace)]
    for process in both:
        code, said = ended(process)
        if code:
            raise Failed(f"one of two ended with {code}: {said[-300:]}")
    check(arena, workspace)


def clock_back(arena: Arena) -> None:
    """Set the clock back: what is there was made a year from now."""
    workspace = arena.workspace()
    killed_at(arena, workspace)
    later = time.time() + 365 * 86_400
    for path in [workspace, *workspace.rglob("*")]:
        if not path.is_symlink():
            os.utime(path, (later, later))
    check(arena, workspace)


def copied_elsewhere(arena: Arena) -> None:
    """Go on with a copy of a workspace in another place, the original gone."""
    workspace = arena.workspace()
    killed_at(arena, workspace)
    copy = arena.workspace().parent / "another name, with spaces"
    if workspace.exists():
        shutil.move(workspace, copy)
    check(arena, copy)


DISTURBANCES: dict[str, Callable[[Arena], None]] = {
    "killed": killed,
    "full disk": full_disk,
    "read-only": read_only,
    "worker killed": worker_killed,
    "Dask worker killed": dask_worker_killed,
    "little memory": little_memory,
    "two at once": two_at_once,
    "clock back": clock_back,
    "copied elsewhere": copied_elsewhere,
}


def main() -> int:
    """Disturb; print a line for each disturbance; return 1 if any result was another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=DISTURBANCES, help="may be repeated")
    parser.add_argument("--kills", type=int, default=50, help="of the first disturbance")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        arena = Arena(Path(name), random.Random(asked.seed))
        workspace, began = arena.workspace(), time.monotonic()
        code, said = ended(start(workspace))
        if code:
            sys.exit(f"The undisturbed run ended with {code}: {said[-500:]}")
        arena.seconds, arena.expected = time.monotonic() - began, results(workspace)
        print(f"undisturbed: {arena.seconds:.0f} s, {len(arena.expected)} files", flush=True)
        for title in asked.only or DISTURBANCES:
            began, kills = time.monotonic(), arena.kills
            try:
                if title == "killed":
                    killed(arena, asked.kills)
                else:
                    DISTURBANCES[title](arena)
                outcome = "the same bytes"
            except Skipped as reason:
                outcome = f"skipped: {reason}"
            except Failed as fault:
                failed, outcome = failed + 1, f"FAILED: {fault}"
            more = f", {arena.kills - kills} kills" if arena.kills > kills else ""
            print(f"{title}: {outcome} ({time.monotonic() - began:.0f} s{more})", flush=True)
    print("\n".join(arena.ends), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
