"""Write the lock files: the exact version of every package, and the hashes of its files.

Run it as `make lock` after changing the dependencies in pyproject.toml and installing
them into .venv. It also carries the pins over to environment.yml. The hashes come from the package
index, by way of uv, which has to be there: `pip install uv`.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]

RUN, TEST, TORCH = "requirements.lock", "requirements-test.lock", "requirements-torch.lock"
HEADERS = {
    RUN: "What reading and running need, written by `make lock`. Install with pip --no-deps.",
    TEST: "What tests need besides, written by `make lock`. Install with pip --no-deps.",
    TORCH: "PyTorch has no hash: which file it is depends on the build (CPU or CUDA), see README.",
}

BUILD = ("setuptools", "wheel")
"""What installs the package itself."""


def normalised(name: str) -> str:
    """Return the name of a package as lock files write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, importlib.metadata.Distribution]:
    """Return the packages of this environment by their normalised names."""
    found = importlib.metadata.distributions()
    return {normalised(each.metadata["Name"]): each for each in found}


def needed(wanted: Iterable[str]) -> set[str]:
    """Return the packages of this environment that some requirements lead to.

    What is not installed is left out: some packages ask for more than what is used of them needs.
    """
    have = installed()
    found: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        asked = waiting.pop()
        name, extras = normalised(asked.name), tuple(sorted(asked.extras))
        if name not in have or (name, extras) in found:
            continue
        found.add((name, extras))
        for line in have[name].requires or []:
            more = Requirement(line)
            if more.marker is None or any(
                more.marker.evaluate({"extra": extra}) for extra in (*extras, "")
            ):
                waiting.append(more)
    return {name for name, _ in found}


def pins() -> dict[str, list[str]]:
    """Return the pins of each lock file, such as ``numpy==2.4.6``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    running = needed([*project["dependencies"], *extras["dask"], *BUILD])
    testing = needed(extras["test"]) - running
    # A local version such as +cpu names a build, which other machines need not have.
    versions = {name: each.version.split("+")[0] for name, each in installed().items()}
    names = {RUN: running - {"torch"}, TEST: testing, TORCH: {"torch"}}
    return {file: [f"{n}=={versions[n]}" for n in sorted(chosen)] for file, chosen in names.items()}


def hashed(lines: list[str]) -> str:
    """Return pins with the SHA-256 of every file that the index has of them."""
    command = ["uv", "pip", "compile", "-", "--no-deps", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11.7", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run(
        command, input="\n".join(lines), capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        sys.exit(f"uv could not find the hashes: {done.stderr.strip()}")
    return done.stdout


def environment(lines: list[str]) -> str:
    """Return an environment file for conda users with the same pins, installed by pip."""
    head = [
        "# For conda users. The pins are those of the lock files, but for tests (a test keeps them "
        "equal).",
        "name: helpers",
        "channels: [conda-forge]",
        "dependencies:",
        "  - python=3.11",
        "  - pip",
        "  - pip:",
    ]
    return "\n".join([*head, *(f"      - {line}" for line in lines)]) + "\n"


def main() -> None:
    """Write all files."""
    found = pins()
    for file, lines in found.items():
        text = "\n".join(lines) + "\n" if file == TORCH else hashed(lines)
        (ROOT / file).write_text(f"# {HEADERS[file]}\n{text}", encoding="utf-8")
    both = sorted([*found[RUN], *found[TORCH]])
    (ROOT / "environment.yml").write_text(environment(both), encoding="utf-8")


if __name__ == "__main__":
    main()
